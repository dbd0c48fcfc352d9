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
from mint.storage.files import atomic, write_bytes, writing
from mint.vision.faces import fingerprint
from mint.vision.images import to_png

STORE = "store"  # of a folder of crops


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


def file_of(name: str, pixels: np.ndarray) -> str:
    """Return where in a folder the picture of a crop lies.

    A run goes on by names, so another picture gets another one, and one that is there need not be written again.
    """
    return f"photos/{name}-{fingerprint(pixels)[:16]}.png"


def extract_crops(
    network: AuditedNetwork, panel: Panel, crops: Iterable[Crop], folder: Path, runtime: bool = True
) -> Store:
    """Extract what auditors read of crops.

    Args:
        network: under audit, or a control.
        panel: that will be fitted or score; may be untrained.
        crops: one at a time, so that memory need not hold all of them.
        folder: gets pictures, their list and the store; a run that was cut off goes on there.
        runtime: see ``ExtractionRecipe``.

    Returns:
        The store, whose rows are the crops in their order.

    Raises:
        BadInput: a crop is not square.
        CannotWrite: the disk is full or the folder read-only.
        StoreMismatch: the folder holds a store of another network, or of other features.
    """
    listed = io.StringIO()
    lines = csv.writer(listed, lineterminator="\n")
    lines.writerow(("path", "person"))
    count = 0
    # Once: the lock, and the search for what another process left, would take as long as the rest.
    with writing(folder):
        for crop in crops:
            file = file_of(crop.name, crop.pixels)
            if not (folder / file).is_file():
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                with atomic(folder / file) as part:
                    part.write_bytes(to_png(crop.pixels, effort=0))
            lines.writerow((file, crop.person))
            count += 1
    write_bytes(folder / "photos.csv", listed.getvalue().encode())
    recipe = ExtractionRecipe(
        network,
        aligned=True,
        controls=False,
        views=panel.views,
        maps=panel.maps,
        recall=RECALLED in panel.needs,
        runtime=runtime,
    )
    store = extract(recipe, {NON_MEMBERS: folder / "photos.csv"}, folder / STORE, vouched_for=True)
    if len(store.rows) != count:
        raise BadInput(f"{count - len(store.rows)} crops cannot be shown: they are not square.")
    return store
