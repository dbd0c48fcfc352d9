"""Locate a catalog network's files: ``weights/``, the user's folder, the cache, the Hub.

Whatever the place, a file counts only if its sha256 is the catalog's, and that is found out before it is opened.
"""

from __future__ import annotations

import os
from pathlib import Path

from mint.errors import HubRefused, WeightsCorrupt, WeightsMissing
from mint.networks.catalog import Entry, RemoteFile
from mint.storage.files import sha256_of
from mint.storage.licences import require
from mint.storage.paths import WEIGHTS

# A folder of the user's own copies, laid out as NAME/FILE (such as ~/.insightface/models) or just FILE; or deeper.
VARIABLE = "MINT_MODELS"
FOLDERS_DOWN = 3  # folders under that folder in which a file is looked for
SHIPPED, LOCAL, CACHED, ABSENT = "in weights/", f"in {VARIABLE}", "cached", "not here"


def find_file(entry: Entry, file: RemoteFile, download: bool = True, weights: Path = WEIGHTS) -> Path:
    """Return a checked file of a network, fetched if it is not on this machine.

    Args:
        entry: the network.
        file: one of ``entry.files``.
        download: whether the Hub may be asked.
        weights: the folder that ships.

    Raises:
        LicenceNotAccepted: it has to be downloaded, and its licence was not accepted yet.
        WeightsMissing: it is nowhere here, and must not be downloaded.
        WeightsCorrupt: a copy on the way has other bytes.
        HubUnreachable, HubRefused, CannotWrite: as ``mint.storage.hub.fetch``.
    """
    there = _on_this_machine(entry, file, weights)
    if there is not None:
        return there[1]
    if not download:
        raise WeightsMissing(
            f"{file.name} of {entry.name} is not on this machine. Get it: mint weights get {entry.name}"
        )
    require(entry.licence, entry.name)
    from mint.storage.hub import Promise, fetch  # 0.3 s, only where it is needed

    try:
        return fetch(entry.repository, file.path, entry.revision, Promise(file.sha256, file.bytes))
    except HubRefused as error:
        raise HubRefused(
            f"{error} Any copy with sha256 {file.sha256} will do: put it into a folder of yours as "
            f"{entry.name}/{file.name} and set {VARIABLE} to that folder."
        ) from error


def state(entry: Entry, weights: Path = WEIGHTS) -> str:
    """Return where a network's files are, without asking the Hub.

    This is the furthest of their places, or ``ABSENT`` if one is missing.
    """
    if not entry.files:
        return SHIPPED if (weights / entry.name / "bundle.json").is_file() else ABSENT
    found = [_on_this_machine(entry, file, weights) for file in entry.files]
    there = [place for place, _ in filter(None, found)]
    return ABSENT if len(there) < len(found) else max(there, key=(SHIPPED, LOCAL, CACHED).index)


def _on_this_machine(entry: Entry, file: RemoteFile, weights: Path) -> tuple[str, Path] | None:
    tried = [(SHIPPED, weights / entry.name / file.name)]
    if own := os.environ.get(VARIABLE):
        folder = Path(own).expanduser()
        tried += [(LOCAL, folder / entry.name / file.name), (LOCAL, folder / file.name)]
    for place, path in tried:
        if path.is_file():
            if sha256_of(path) != file.sha256:
                raise WeightsCorrupt(
                    f"{path} is not the {file.name} that the catalog knows: its sha256 is another. Remove it; "
                    "another network is audited by its path instead of its name."
                )
            return place, path
    for path in _deeper(file):
        if sha256_of(path) == file.sha256:
            return LOCAL, path
    from mint.storage.hub import cached

    path_there = cached(entry.repository, file.path, entry.revision, file.sha256)
    return None if path_there is None else (CACHED, path_there)


def _deeper(file: RemoteFile) -> list[Path]:
    """Return files of that name in folders of the user's folder: packs unpack into NAME/NAME, or lie in models/NAME.

    Raises:
        WeightsMissing: the user's folder is not there.
    """
    own = os.environ.get(VARIABLE)
    if not own:
        return []
    folder = Path(own).expanduser()
    if not folder.is_dir():
        raise WeightsMissing(
            f"{VARIABLE} is {own!r}, and there is no such folder. Set it to one that is there, or unset it."
        )
    return [
        path
        for depth in range(1, FOLDERS_DOWN + 1)
        for path in sorted(folder.glob("*/" * depth + file.name))
        if path.is_file()
    ]
