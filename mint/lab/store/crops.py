"""Crops that are at hand already as a store like everybody's: pictures in a folder, their list, and what a network shows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mint.auditors.features import RECALLED
from mint.auditors.panel import Panel
from mint.errors import BadInput
from mint.lab.store.extractor import ExtractionRecipe
from mint.lab.store.reader import NON_MEMBERS, Store
from mint.lab.store.run import extract
from mint.networks.base import AuditedNetwork
from mint.storage.files import write_bytes
from mint.vision.faces import fingerprint
from mint.vision.images import to_png


class Crop(NamedTuple):
    """An aligned crop.

    Attributes:
        name: a path in the folder, without an ending; no other crop has it.
        person: who is shown.
        pixels: (112, 112, 3) uint8 RGB.
    """

    name: str
    person: str
    pixels: np.ndarray


def extract_crops(network: AuditedNetwork, panel: Panel, crops: Iterable[Crop], folder: Path) -> Store:
    """Extract what auditors read of crops.

    Args:
        network: under audit, or a control.
        panel: that will be fitted or score; may be untrained.
        crops: one at a time, so that memory need not hold all of them.
        folder: gets pictures, their list and the store; a run that was cut off goes on there.

    Returns:
        The store, whose rows are the crops in their order.

    Raises:
        BadInput: a crop is not square.
        StoreMismatch: the folder holds a store of another network, or of other features.
    """
    listed = io.StringIO()
    lines = csv.writer(listed, lineterminator="\n")
    lines.writerow(("path", "person"))
    count = 0
    for crop in crops:
        # A run goes on by names, so another picture gets another one, and one that is there need not be written again.
        file = f"photos/{crop.name}-{fingerprint(crop.pixels)[:16]}.png"
        if not (folder / file).is_file():
            write_bytes(folder / file, to_png(crop.pixels))
        lines.writerow((file, crop.person))
        count += 1
    write_bytes(folder / "photos.csv", listed.getvalue().encode())
    recipe = ExtractionRecipe(
        network, aligned=True, controls=False, views=panel.views, maps=panel.maps, recall=RECALLED in panel.needs
    )
    store = extract(recipe, {NON_MEMBERS: folder / "photos.csv"}, folder / "store", vouched_for=True)
    if len(store.rows) != count:
        raise BadInput(f"{count - len(store.rows)} crops cannot be shown: they are not square.")
    return store
