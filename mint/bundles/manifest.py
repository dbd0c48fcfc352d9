"""``weights/manifest.json``: every shipped file with its bytes, sha256, licence and source."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ConfigDict

from mint.bundles.bounds import differences, recompute
from mint.bundles.files import AUDITORS, NETWORK, load_bundle
from mint.errors import MintError, WeightsCorrupt, WeightsMissing, brief
from mint.networks.onnx.checks import check_stored_graph
from mint.storage.bundle_index import BOUNDS, GRAPH
from mint.storage.files import read_json, sha256_of, write_json
from mint.storage.paths import MANIFEST, WEIGHTS
from mint.storage.schema import StrictModel, checked

CHECKPOINTS = "checkpoints"


def _within(file: str) -> str:
    if not is_inside(file):
        raise ValueError(f"it lists {file[:100]!r}, which cannot lie in weights/")
    return file


class Entry(StrictModel):
    """One shipped file.

    Attributes:
        name: what it belongs to.
        file: path inside ``weights/``.
        bytes: its length.
        sha256: of its bytes.
        licence: SPDX identifier.
        source: where it comes from, or the command that made it.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    file: Annotated[str, AfterValidator(_within)]
    bytes: int
    sha256: str
    licence: str
    source: str


class Manifest(StrictModel):
    """The list of all shipped files."""

    files: list[Entry]


def read_manifest(weights: Path = WEIGHTS) -> list[Entry]:
    """Read the manifest.

    Raises:
        WeightsMissing: it is not there.
        WeightsCorrupt: it is not a manifest.
    """
    path = weights / MANIFEST
    if not path.is_file():
        raise WeightsMissing(f"{path} is missing. Restore weights/ from the repository.")
    try:
        return checked(Manifest, read_json(path)).files
    except (OSError, ValueError) as error:
        raise WeightsCorrupt(
            f"{path} is not a manifest: {brief(error)}. Restore weights/ from the repository."
        ) from error


def is_inside(file: str) -> bool:
    """Return whether a path stays inside its folder, on any operating system."""
    parts = file.split("/")
    return file.isprintable() and "\\" not in file and ":" not in file and not {"", ".", ".."} & set(parts)


def write_manifest(sources: Mapping[str, tuple[str, str]], weights: Path = WEIGHTS) -> None:
    """Write the manifest of ``weights/``.

    Args:
        sources: folder or file name to (licence, source); every file must be covered.
        weights: the folder.
    """
    entries = []
    for path in sorted(p for p in weights.rglob("*") if p.is_file() and p.name != MANIFEST):
        file = path.relative_to(weights)
        licence, source = sources[file.parts[0]]
        entries.append(
            Entry(
                name=file.parts[0],
                file=file.as_posix(),
                bytes=path.stat().st_size,
                sha256=sha256_of(path),
                licence=licence,
                source=source,
            )
        )
    write_json(weights / MANIFEST, Manifest(files=entries).model_dump())


def relist(folder: Path) -> None:
    """Write the files of a shipped folder into its manifest anew; nothing for one that lies elsewhere.

    Args:
        folder: of a bundle, or of the cards, directly in a ``weights/`` with a manifest that lists it.

    Raises:
        WeightsCorrupt: there is a manifest, and it is not one.
        CannotWrite: it cannot be written.
    """
    folder = folder.resolve()
    weights = folder.parent
    if not (weights / MANIFEST).is_file():
        return
    entries = read_manifest(weights)
    mine = [entry for entry in entries if entry.name == folder.name]
    if not mine:
        return
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    listed = [
        Entry(
            name=folder.name,
            file=path.relative_to(weights).as_posix(),
            bytes=path.stat().st_size,
            sha256=sha256_of(path),
            licence=mine[0].licence,
            source=mine[0].source,
        )
        for path in paths
    ]
    every = sorted((*(entry for entry in entries if entry.name != folder.name), *listed), key=lambda entry: entry.file)
    write_json(weights / MANIFEST, Manifest(files=every).model_dump())


def problems(weights: Path = WEIGHTS) -> list[str]:
    """Return what is wrong with the shipped files, one line each; empty if nothing."""
    found = []
    entries = read_manifest(weights)
    for entry in entries:
        path = weights / entry.file
        if entry.name == CHECKPOINTS and not (weights / CHECKPOINTS).is_dir():
            continue  # an installed package leaves them out: nothing runs on them
        if weights.resolve() not in path.resolve().parents:
            found.append(f"{entry.file}: lies outside weights/")
        elif not path.is_file():
            found.append(f"{entry.file}: missing")
        elif path.stat().st_size != entry.bytes or sha256_of(path) != entry.sha256:
            found.append(f"{entry.file}: its bytes are not the promised ones")
    for folder in sorted({entry.name for entry in entries if entry.file == f"{entry.name}/bundle.json"}):
        found += bundle_problems(weights / folder)
    return found


def bundle_problems(folder: Path) -> list[str]:
    """Return what is wrong with a bundle, wherever it lies: its files against the hashes of its list, and what is computed anew."""
    found = []
    try:
        computed = load_bundle(folder).bound_tensors()
        if (graph := folder / GRAPH).is_file():  # loading it trusts what is listed here
            check_stored_graph(graph.read_bytes(), f"{folder.name}/{GRAPH}", (NETWORK, AUDITORS))
        stored = load_bundle(folder, graph=True).stored_bounds
        if stored is not None and (wrong := next(differences(stored, computed), None)):
            found.append(f"{folder.name}/{BOUNDS}: {wrong} is not what its scores say. {recompute(folder)}")
    except MintError as error:
        found.append(f"{folder.name}: {error}")
    return found
