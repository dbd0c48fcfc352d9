"""From what a bundle records of a network back to the network: the right file, or an error that says what is missing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mint.audited.base import AuditedNetwork, Tap
from mint.audited.onnx_file import read_onnx
from mint.audited.onnx_network import OnnxNetwork
from mint.errors import BundleMismatch, WeightsMissing


def reference(network: AuditedNetwork, folder: Path) -> dict[str, Any]:
    """What ``bundle.json`` in ``folder`` says of a network whose weights stay where they are."""
    found: dict[str, Any] = {"fingerprint": network.fingerprint, "key": network.key, "is": network.describe()}
    if isinstance(network, OnnxNetwork) and network.file is not None:
        found["file"] = Path(os.path.relpath(network.file.resolve(), folder.resolve())).as_posix()
    return found


def reopen(stored: Mapping[str, Any], folder: Path, network: AuditedNetwork | None = None) -> AuditedNetwork:
    """The network that a bundle was made for.

    Args:
        stored: what ``reference`` wrote.
        folder: of the bundle.
        network: the network, where somebody has it open already.

    Raises:
        BundleMismatch: this is another network, or it is looked at in another way.
        WeightsMissing: its file is not there, or it is a torch module, which only its owner can build.
    """
    about = stored["is"]
    if network is None and about["kind"] != "onnx":
        raise WeightsMissing(
            f"{folder.name} audits {about['name']}, a torch module that no file holds. Build it in Python and hand it "
            "over: load_bundle(folder, network), or MembershipTest.load([folder], audited=[network])."
        )
    network = _from_file(stored, folder) if network is None else network
    if network.key != stored["key"]:
        now = network.describe()
        differs = [name for name in sorted({*about, *now}) if about.get(name) != now.get(name)]
        raise BundleMismatch(
            f"{folder.name} was made for another network than {network.name}: {', '.join(differs)} differ. "
            "Its auditors say nothing about this one: extract and train anew."
        )
    return network


def _from_file(stored: Mapping[str, Any], folder: Path) -> AuditedNetwork:
    about = stored["is"]
    told = Path(stored.get("file", f"{about['name']}.onnx"))
    places = (folder / told, folder / told.name, folder.parent / told.name)
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        raise WeightsMissing(
            f"{folder.name} audits {told.name} (sha256 {about['fingerprint']}), which is not there, and bundles do not "
            f"hold networks of others. Put the file, or a link to it, into {folder}."
        )
    model, fingerprint = read_onnx(path)
    if fingerprint != about["fingerprint"]:
        raise BundleMismatch(
            f"{folder.name} was made for another {told.name}: the fingerprint of the file in {path.parent} differs."
        )
    taps = [Tap(**tap) for tap in about["taps"]]
    network = OnnxNetwork(about["name"], model, taps, fingerprint, about["mean"], about["scale"])
    network.file = path
    return network
