"""Reopen the network that a bundle names, or say what is missing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from copy import copy
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mint.errors import BundleMismatch, TapSilent, WeightsCorrupt, WeightsMissing, brief
from mint.networks.base import AuditedNetwork, GraphReading, Tap
from mint.networks.catalog import CATALOG
from mint.networks.open import open_network
from mint.storage.bundle_index import INDEX, read_index
from mint.vision.detectors import alignment_of, realigned


def reference(network: AuditedNetwork, folder: Path) -> dict[str, Any]:
    """Return what ``bundle.json`` records of a network that the bundle does not hold."""
    found: dict[str, Any] = {"fingerprint": network.fingerprint, "key": network.key, "is": network.describe()}
    if network.source in CATALOG:
        found["catalog"] = network.source
    elif network.source:
        found["path"] = Path(os.path.relpath(Path(network.source).resolve(), folder.resolve())).as_posix()
    return found


def recorded_taps(folder: Path) -> list[Tap] | None:
    """Return the taps that a bundle records for a network it does not hold, or None.

    Raises:
        WeightsCorrupt: ``bundle.json`` is malformed, or its network has other taps.
        BundleMismatch: it has another format.
    """
    path = folder / INDEX
    try:
        about = read_index(path, folder.name).network.about if path.is_file() else None
        return None if about is None else [Tap(**tap) for tap in about["taps"]]
    except (KeyError, OSError, TypeError, ValueError) as error:
        raise WeightsCorrupt(f"{path} is not that of a bundle: {brief(error)}. Restore the folder.") from error


def recorded_reading(folder: Path) -> GraphReading:
    """Return how a bundle records that its graph is read; nothing for a network that is no graph.

    Raises as ``recorded_taps``.
    """
    path = folder / INDEX
    try:
        about = (read_index(path, folder.name).network.about if path.is_file() else None) or {}
        return GraphReading.recorded(about) if about.get("kind") == "onnx" else GraphReading()
    except (AttributeError, KeyError, OSError, TypeError, ValueError) as error:
        raise WeightsCorrupt(f"{path} does not describe a network: {brief(error)}. Restore the folder.") from error


def reopen(stored: Mapping[str, Any], folder: Path, network: AuditedNetwork | None = None) -> AuditedNetwork:
    """Reopen the network that a bundle was made for.

    Args:
        stored: what ``reference`` wrote.
        folder: of the bundle.
        network: the network, where somebody has it open already.

    Raises:
        BundleMismatch: this is another network, or it is looked at in another way.
        WeightsMissing: its file is not there, or it is a torch module, which only its owner can build.
        LicenceNotAccepted, HubUnreachable, HubRefused, CannotWrite: as ``open_network``, for a name of the catalog.
    """
    about = stored["is"]
    if network is None and about["kind"] != "onnx" and not {"catalog", "path"} & set(stored):
        raise WeightsMissing(
            f"{folder.name} audits {about['name']}, a torch module that no file holds. Build it in Python and hand it "
            "over: load_bundle(folder, network), or MembershipTest.load([folder], audited=[network])."
        )
    if network is None:
        try:
            network = open_network(
                _place(stored, folder),
                [Tap(**tap) for tap in about["taps"]],
                fingerprint=stored["fingerprint"],
                **(asdict(GraphReading.recorded(about)) if about["kind"] == "onnx" else {}),
                alignment=alignment_of(about["finder"]),
            )
        except (BundleMismatch, TapSilent) as error:
            raise BundleMismatch(
                f"{folder.name} was made for another network: {error} Put the right file where it was, or make a bundle."
            ) from error
        network.name = about["name"]
    network = aligning(network, about["finder"])
    if network.key != stored["key"]:
        now = network.describe()
        differs = [name for name in sorted({*about, *now} - {"name"}) if about.get(name) != now.get(name)]
        raise BundleMismatch(
            f"{folder.name} was made for another network than {network.name}: {', '.join(differs)} differ. "
            "Its auditors say nothing about this one: extract and train anew."
        )
    return network


def aligning(network: AuditedNetwork, finder: str) -> AuditedNetwork:
    """Return a network as a bundle or a store saw it: with its own detector, but the alignment of this finder's name."""
    again = realigned(network.finder, alignment_of(finder))
    if again.name == network.finder.name:
        return network
    other = copy(network)  # shares the weights; whoever handed it over goes on with theirs
    other.finder = again
    return other


def _place(stored: Mapping[str, Any], folder: Path) -> str | Path:
    """Return the catalog name or the path of a network.

    Looks at the recorded path, in the bundle, and beside it.
    """
    if stored.get("catalog") in CATALOG:
        return str(stored["catalog"])
    about = stored["is"]
    told = Path(stored.get("path", f"{about['name']}.onnx"))
    for place in (folder / told, folder / told.name, folder.parent / told.name):
        if place.exists():
            return place
    raise WeightsMissing(
        f"{folder.name} audits {told.name} (sha256 {about['fingerprint']}), which is not there, and bundles do not "
        f"hold networks of others. Put the file or the pack's folder, or a link to it, into {folder}."
    )
