"""What folders say: which of them is the person, and which are splits of a data set.

Both are decided by the first photo and held against every later one, so that nothing has to be listed twice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mint.errors import BadInput
from mint.lab.inputs.columns import listed

# The words by which Hugging Face datasets knows a split.
SPLITS = ("train", "training", "validation", "valid", "val", "dev", "test", "testing", "eval", "evaluation")
IN_A_NAME = re.compile(rf"(?:^|[-._ 0-9])({'|'.join(SPLITS)})(?:[-._ 0-9]|$)")
INNERMOST = -1  # a level: the folder that a photo lies in, however deep
SHARD = re.compile(r"(.+)-\d+-of-\d+\.\w+")  # as datasets names the files of a split


class Levels:
    """The folder that is the person.

    Args:
        level: 1 for the folder right under the given one, and so on, or ``INNERMOST``; the first if None.
    """

    def __init__(self, level: int | None) -> None:
        self._level = level
        self._first: tuple[Sequence[str], str] | None = None
        self._several = False  # folders right under the given one

    def person(self, folders: Sequence[str], name: str) -> str | None:
        """Return the person of a photo, or None where it lies in no folder.

        Args:
            folders: that it lies in, from the outermost.
            name: of the photo, for messages.

        Raises:
            BadInput: photos lie at different depths, and the user has not said what that means.
        """
        self._first = self._first or (folders, name)
        if self._level is not None:
            if len(folders) < max(1, self._level):
                raise BadInput(
                    f"{name} does not lie under {max(1, self._level)} folder(s), the last of which is the person (--person-level). "
                    "Move it, or give another level."
                )
            return folders[-1 if self._level == INNERMOST else self._level - 1]
        first, example = self._first
        if len(folders) != len(first):
            raise BadInput(
                f"{example} lies under {len(first)} folder(s) and {name} under {len(folders)}, so the person is not clear. "
                "Say which folder is the person: --person-level 1 is the first."
            )
        if folders and folders[0] != first[0]:
            self._several = True
        return folders[0] if folders else None

    @property
    def rule(self) -> str:
        """How people were told apart."""
        if self._first is None or not self._first[0]:
            return ""
        if self._level == INNERMOST:
            return "the folder that a photo lies in is the person"
        if self._level is not None:
            return f"folder {self._level} of a photo's path is the person (--person-level); one name is one person"
        depth = len(self._first[0])
        return (
            "the folder is the person"
            if depth == 1
            else f"the first of {depth} folders is the person (--person-level 1)"
        )

    def check(self, place: str) -> None:
        """Refuse, after the last photo, what only all of them show.

        Raises:
            BadInput: all lie in one folder with others in it, which may be a person or hold people.
        """
        if self._level is None and self._first is not None and len(self._first[0]) > 1 and not self._several:
            raise BadInput(
                f"All photos of {place} lie in its one folder {self._first[0][0]}. Say --person-level 2 if the folders in it "
                "are the people, or --person-level 1 if it is one person."
            )


class Splits:
    """The split of a data set that is read; several are never pooled.

    Args:
        chosen: as the user says.
    """

    def __init__(self, chosen: str | None) -> None:
        self._chosen = None if chosen is None else chosen.casefold()
        self._seen: dict[str, None] = {}

    def take(self, name: str) -> bool:
        """Return whether what lies in a split is read; "" is what lies in none."""
        self._seen[name] = None
        if self._chosen is not None:
            return self._is_chosen(name)
        return len(self._seen) == 1

    @property
    def rule(self) -> str:
        """What is read."""
        named = [name for name in self._seen if name and (self._chosen is None or self._is_chosen(name))]
        return f"of the split {named[0]}" if named else ""

    def check(self, place: str) -> None:
        """Ask for the split, after the last photo.

        Raises:
            BadInput: there are several and none was chosen, or the chosen one is not there.
        """
        named = [name for name in self._seen if name]
        taken = [name for name in named if self._is_chosen(name)]
        if self._chosen is None and len(self._seen) > 1:
            beside = " and photos beside them" if "" in self._seen else ""
            person = ", or --person-level 1 if these folders are people" if beside else ""
            raise BadInput(
                f"{place} has the split(s) {listed(named)}{beside}. Say which one is read with --split{person}."
            )
        if self._chosen is not None and not taken:
            there = f"It has {listed(named)}" if named else "It has no splits"
            raise BadInput(f"{place} has no split {self._chosen!r} (--split). {there}.")
        if self._chosen is not None and len(taken) > 1:
            raise BadInput(f"{place} has several splits of this name: {listed(taken)}. Give one in full to --split.")

    def _is_chosen(self, name: str) -> bool:
        return bool(name) and self._chosen in (name, name.rpartition("/")[2])


def split_of_photo(relative: str) -> tuple[str, str]:
    """Return the split that a photo's path begins with, or "", and the path below it."""
    folders = relative.split("/")
    for depth, folder in enumerate(folders[:-1][:2]):
        if folder.casefold() in SPLITS and (depth == 0 or folders[0] == "data"):
            return folder.casefold(), "/".join(folders[depth + 1 :])
    return "", relative


def split_of_file(relative: str) -> str:
    """Return the split that a table, list or tar belongs to by its path, or ""."""
    *folders, name = relative.casefold().split("/")
    for depth, folder in enumerate(folders):
        if folder in SPLITS:
            return _joined(folders[: depth + 1])
    shard = SHARD.fullmatch(name)
    if shard and shard[1] in ("data", "dataset"):  # of Dataset.save_to_disk: a folder each
        return _joined(folders)
    found = IN_A_NAME.search(name)
    word = found[1] if found else shard[1] if shard else ""
    return _joined([*folders, word]) if word else ""


def _joined(parts: Sequence[str]) -> str:
    return "/".join(part for part in parts if part != "data")
