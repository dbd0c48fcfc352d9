"""What folders say: which of them is the person, and which are splits of a data set.

Both are decided by the first photo and held against every later one, so that nothing has to be listed twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from mint.errors import BadInput
from mint.lab.inputs.columns import SPLITS as SPLIT_COLUMNS
from mint.lab.inputs.columns import key, listed

# The words by which Hugging Face datasets knows a split.
SPLITS = ("train", "training", "validation", "valid", "val", "dev", "test", "testing", "eval", "evaluation")
MEMBERSHIP = r"non[-_ ]?members?|members?|(?:un|not[-_ ]?)?(?:used|seen)"  # what tells the two sides apart, where they lie together
WORD = re.compile(rf"{'|'.join(SPLITS)}|{MEMBERSHIP}")  # the name of a split
IN_A_NAME = re.compile(rf"(?:^|[-._ 0-9])({WORD.pattern})(?:set)?(?:[-._ 0-9]|$)")
FLAG = re.compile(rf"(?:is|in)({'|'.join(SPLITS)})(?:set)?")  # a column is_train, of yes and no
SIDE_FLAG = re.compile(rf"(?:is|was|in)?(?:{MEMBERSHIP}|membership|trained|trainedon)(?:set)?")  # used, is_member
YES_OR_NO = frozenset(("", "0", "1", "-1", "true", "false", "t", "f", "yes", "no", "y", "n", "none", "in", "out"))
# Columns that tell splits apart if their first value is the word for one.
MAYBE = frozenset((
    "set", "setname", "dataset", "imageset", "datasplit", "splitname", "traintest", "trainval", "trainvaltest", "fold", "group", "part",
    "phase", "mode", "stage", "usage", "purpose", "role", "type", "kind", "category", "status", "section", "side", "label", "class", "target",
))  # fmt: skip
FEW_FOLDERS = 12  # folders that may all be called like splits
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
        self._shared = 0  # folders, from the outermost, that all photos lie in
        self._before = 0  # folders of a split above those
        self._photos = 0
        self._people: set[str] = set()  # a few of them
        self._around: dict[str, tuple[str, ...]] = {}  # the folders around each, where the innermost is the person

    def person(self, folders: Sequence[str], name: str, split: int = 0) -> str | None:
        """Return the person of a photo, or None where it lies in no folder.

        Args:
            folders: that it lies in, from the outermost.
            name: of the photo, for messages.
            split: how many of them, from the outermost, say of which split it is. A level that the user says counts all.

        Raises:
            BadInput: photos lie at different depths, and the user has not said what that means; or two folders of one name
                lie in different ones, where the innermost is the person.
        """
        folders = folders[split:] if self._level is None else folders
        if self._first is None:
            self._first, self._shared, self._before = (folders, name), len(folders), split
        self._photos += 1
        if self._level is not None:
            if len(folders) < max(1, self._level):
                raise BadInput(
                    f"{name} does not lie under {max(1, self._level)} folder(s), the last of which is the person (--person-level). "
                    "Move it, or give another level."
                )
            if self._level != INNERMOST:
                return folders[self._level - 1]
            around, person = tuple(folders[:-1]), folders[-1]
            known = self._around.setdefault(person, around)
            if known != around:
                raise BadInput(
                    f"The folder {person} lies in {'/'.join(known) or 'the one given'} and in {'/'.join(around) or 'the one given'}: one "
                    "person or two? Give every person one folder, called like no other."
                )
            return person
        first, example = self._first
        if len(folders) != len(first):
            raise BadInput(
                f"{example} lies under {len(first)} folder(s) and {name} under {len(folders)}, so the person is not clear. "
                "Say which folder is the person: --person-level 1 is the first."
            )
        while folders[: self._shared] != first[: self._shared]:
            self._shared -= 1
        if folders and len(self._people) <= FEW_FOLDERS:
            self._people.add(folders[0])
        return folders[0] if folders else None

    @property
    def rule(self) -> str:
        """How people were told apart, in words."""
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
            else f"the first of {depth} folders is the person (--person-level {self._before + 1})"
        )

    def check(self, place: str) -> None:
        """Check, after the last photo, that it is clear which folders are the people.

        Raises:
            BadInput: all lie in one folder, which may be a person, or hold people, or only be where photos are kept; or
                the people are called like splits.
        """
        if self._level is not None or self._first is None:
            return
        folders, level = self._first[0], self._before + 1
        if 1 < len(self._people) <= FEW_FOLDERS and all(IN_A_NAME.search(name.casefold()) for name in self._people):
            inner = (
                f" --person-level {level + 1} if the folders in them are the people and they are read together, or"
                if len(folders) > 1
                else ""
            )
            raise BadInput(
                f"The folders {listed(sorted(self._people))} of {place} are called like splits, and would be people. Give one of them, or "
                f"say{inner} --person-level {level} if they are people."
            )
        if not self._shared:
            return
        photos = f"All {self._photos} photos" if self._photos > 1 else "The photos"
        around, alone = "/".join(folders[: self._shared]), f"--person-level {level} if it is one person"
        if self._shared < len(folders):
            raise BadInput(
                f"All photos of {place} lie in its one folder {around}. Say --person-level {level + self._shared} if the "
                f"folders in it are the people, or {alone}."
            )
        if self._photos > 1 or len(folders) > 1:
            raise BadInput(
                f"{photos} of {place} lie in its one folder {around}. Give the list that names the people, "
                f"if there is one, or say {alone}."
            )


class Splits:
    """The split of a data set that is read; several are never pooled.

    Args:
        chosen: as the user says.
    """

    def __init__(self, chosen: str | None) -> None:
        self._chosen = None if chosen is None else chosen.casefold()
        self._seen: dict[str, None] = {}
        self.column = ""  # of flags such as is_train and used, whose values say little by themselves

    def take(self, name: str) -> bool:
        """Return whether what lies in a split is read; "" is what lies in none."""
        self._seen[name] = None
        if self._chosen is not None:
            return self.is_chosen(name)
        return len(self._seen) == 1

    @property
    def rule(self) -> str:
        """Which split is read, in words; empty where no split is named."""
        named = [name for name in self._seen if name and (self._chosen is None or self.is_chosen(name))]
        return f"of the split {named[0]}{self._where}" if named else ""

    def check(self, place: str) -> None:
        """Check, after the last photo, that it is clear which split is read.

        Raises:
            BadInput: there are several and none was chosen, the chosen one is not there, or others lie in it.
        """
        named = [name for name in self._seen if name]
        taken = [name for name in named if self.is_chosen(name)]
        if self._chosen is None and len(self._seen) > 1:
            beside = " and photos beside them" if "" in self._seen else ""
            person = ", or --person-level 1 if these folders are people" if beside else ""
            if not person and len({name.rpartition("/")[2] for name in named}) < len(named):
                person = ", or --person-level 1 if the first folder is the person and they are read together"
            raise BadInput(
                f"{place} has the split(s) {listed(named)}{self._where}{beside}. Say which one is read with --split{person}."
            )
        if self._chosen is not None and not taken:
            there = f"It has {listed(named)}{self._where}" if named else "It has no splits"
            raise BadInput(f"{place} has no split {self._chosen!r} (--split). {there}.")
        if self._chosen is not None and len(taken) > 1:
            raise BadInput(f"{place} has several splits of this name: {listed(taken)}. Give one in full to --split.")
        within = [name for name in named if any(name.startswith(f"{split}/") for split in taken)]
        if within:  # a person may be called Dev
            raise BadInput(
                f"{place} has folder(s) in the split {taken[0]} that are called like splits: {listed(within)}. Say --person-level "
                f"{taken[0].count('/') + 2} if they are people, or give one in full to --split."
            )

    @property
    def _where(self) -> str:
        return f" in its column {listed([self.column])}" if self.column else ""

    def is_chosen(self, name: str) -> bool:
        """Return whether a split is the one that the user says."""
        return bool(name) and self._chosen in (name, name.rpartition("/")[2])


def split_column(names: Sequence[str], value: Callable[[int], object], taken: Sequence[int | None] = ()) -> int | None:
    """Return the place of the column that tells splits apart, or None: by its name, or by that and its first value.

    Args:
        names: of all columns.
        value: the first one of a column, by its place.
        taken: places of columns that hold something else.
    """
    there = [i for i in range(len(names)) if i not in taken]
    named = (i for i in there if key(names[i]) in SPLIT_COLUMNS or FLAG.fullmatch(key(names[i])))
    sides = (i for i in there if SIDE_FLAG.fullmatch(key(names[i])) and _says_side(value(i)))
    maybe = (i for i in there if key(names[i]) in MAYBE and is_split(str(value(i)).strip()))
    return next(named, next(sides, next(maybe, None)))


def _says_side(value: object) -> bool:
    """Return whether a value says yes or no, or the side itself: a column called member may name people."""
    text = "" if value is None else str(value).strip().casefold().removesuffix(".0")
    return text in YES_OR_NO or is_split(text)


def flags_of(name: str) -> str:
    """Return the name of a column of splits if its values are yes and no or the like, else ""."""
    return name if FLAG.fullmatch(key(name)) or SIDE_FLAG.fullmatch(key(name)) else ""


def is_split(name: str) -> bool:
    """Return whether a folder, or a value of a column, is called like a split."""
    return bool(WORD.fullmatch(name.casefold()))


def split_of_photo(folders: Sequence[str], level: int | None = None, chosen: bool = False) -> tuple[str, int]:
    """Return the split that a photo's folders name, or "", and how many of them, from the outermost, that takes.

    Args:
        folders: that the photo lies in, from the outermost.
        level: of the person, as the user says. That folder is no split, whatever it is called.
        chosen: the user says which split is read. If not, and the level is said, what lies below the person is one.
    """
    person = len(folders) if level is None else len(folders) - 1 if level == INNERMOST else level - 1
    # From the innermost: one that lies in another, such as train/val, is a split of it, and no person.
    for depth, folder in reversed(list(enumerate(folders))):
        if is_split(folder) and (depth < person or (chosen and depth > person)):
            parts = [part.casefold() for k, part in enumerate(folders[: depth + 1]) if k != person]
            return _joined(parts), depth + 1
    return "", 0


def split_of_file(relative: str) -> str:
    """Return the split that a table, list or tar belongs to by its path, or ""."""
    *folders, name = relative.casefold().split("/")
    for depth, folder in enumerate(folders):
        if is_split(folder):
            return _joined(folders[: depth + 1])
    shard = SHARD.fullmatch(name)
    if shard and shard[1] in ("data", "dataset"):  # of Dataset.save_to_disk: a folder each
        return _joined(folders)
    found = IN_A_NAME.search(name)
    word = found[1] if found else shard[1] if shard else ""
    return _joined([*folders, word]) if word else ""


def _joined(parts: Sequence[str]) -> str:
    return "/".join(part for part in parts if part != "data")
