"""Find the bundles that the owner of a page lets visitors choose. Visitors name them; they never say where they lie."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mint.errors import BadInput, BundleMismatch, MintError, brief
from mint.i18n.labels import pair_of
from mint.storage.bundle_index import INDEX, read_index
from mint.storage.paths import WEIGHTS

_REPOSITORY = re.compile(r"([\w-][\w.-]*/[\w-][\w.-]*)(?:@([\w./-]+))?")


@dataclass(frozen=True, slots=True)
class Offered:
    """The bundles that visitors may choose, and those that were left out.

    Attributes:
        folders: name to the folder of its bundle, in the order in which they were named.
        left_out: a line for each that cannot be offered: which, and why.
    """

    folders: dict[str, Path] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def find_offered(places: Sequence[str]) -> Offered:
    """Find bundles, each by its own name. One that cannot be read keeps none of the others back.

    Args:
        places: a bundle's folder, a folder of such folders, or ``owner/name`` of the Hub with or without ``@revision``,
            which is fetched now.
    """
    found = Offered()
    for place in places:
        try:
            folders = [*_folders(place)]
        except MintError as error:
            found.left_out.append(f"{place}: {brief(error)}")
            continue
        for folder in folders:
            try:
                name = _name(folder)
            except MintError as error:
                found.left_out.append(f"{folder}: {brief(error)}")
                continue
            if found.folders.setdefault(name, folder) != folder:
                found.left_out.append(f"{folder}: another one is called {name} already. Give it a name of its own.")
    return found


def _folders(place: str) -> Iterator[Path]:
    """Yield the folders of bundles in a place, without those that ship with MINT, which are there anyway."""
    folder = Path(place).expanduser()
    if folder.is_dir():
        inner = [folder] if (folder / INDEX).is_file() else sorted(path.parent for path in folder.glob(f"*/{INDEX}"))
        if not inner:
            raise BadInput(f"There is no bundle in it: neither {INDEX} nor a folder with one.")
        yield from (each.resolve() for each in inner if not _ships(each))
    elif (named := _REPOSITORY.fullmatch(place)) is not None:
        from mint.bundles.share import snapshot  # asks the Hub: only where it is wanted

        yield snapshot(named[1], named[2])
    else:
        raise BadInput("This is neither a folder nor OWNER/NAME of the Hub.")


def _ships(folder: Path) -> bool:
    return folder.resolve().parent == WEIGHTS.resolve() and pair_of(folder.name) is not None


def _name(folder: Path) -> str:
    """Return what a bundle calls its network.

    Raises:
        BundleMismatch: its list cannot be read, or it takes the name of a network that ships with MINT, whose truth on the
            examples would be told of this one.
    """
    try:
        name = read_index(folder / INDEX, folder.name).name
    except (OSError, ValueError) as error:
        raise BundleMismatch(f"Its {INDEX} cannot be read ({brief(error)}). Get the whole folder again.") from error
    if pair_of(name) is not None:
        raise BundleMismatch(f"It is called {name}, as a network that ships with MINT. Give it a name of its own.")
    return name
