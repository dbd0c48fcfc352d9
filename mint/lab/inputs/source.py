"""Where the photos of one side lie, and how people are told apart there where that is not clear by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mint.errors import BadInput
from mint.lab.inputs.cells.names import person_name
from mint.lab.inputs.columns import doubtful, key, listed
from mint.lab.inputs.layout import INNERMOST, Levels, Splits, split_of_photo
from mint.lab.inputs.samples import Sample

BY_FOLDER = ("the folder",)
# What R, pandas, spreadsheets, databases and statistics programs write for nothing, and people for somebody unknown; may be a name.
NOBODY = frozenset((
    "na", "n/a", "n.a.", "<na>", "#n/a", "#na", "#n/a n/a", "nan", "-nan", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan", "null", "#null!", "<null>",
    "(null)", "\\n", "nil", "none", "undefined", "#ref!", "#value!", "#name?", ".", "?", "-", "--", "-1", "-9", "-99", "-999", "-9999",
    "missing", "nobody", "unknown", "<unknown>", "unidentified", "unlabeled", "unlabelled", "unnamed",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class PhotoSource:
    """Photos of one side.

    Attributes:
        place: path or URL, see ``photo_lists.samples``.
        person_column: of a table or list, or field of a WebDataset sample, that names the person.
        image_column: that holds the picture or its path; of a WebDataset sample, its extension.
        person_level: which folder of a photo's path is the person, 1 for the outermost, ``INNERMOST`` for the one that it
            lies in.
        split: of a data set with several.
        no_person: nothing names a person; each photo is one of its own.
        side: name of the side, so that photos of nobody in particular are not one person on both.
        separate: people of the same name on another side are other people.

    Raises:
        BadInput: two of these contradict each other.
    """

    place: str | Path
    person_column: str | None = None
    image_column: str | None = None
    person_level: int | None = None
    split: str | None = None
    no_person: bool = False
    side: str = ""
    separate: bool = False

    def __post_init__(self) -> None:
        if self.no_person and (self.person_column is not None or self.person_level is not None):
            raise BadInput("--no-person contradicts --person-column and --person-level. Give one of them.")
        if self.person_column is not None and self.person_level is not None:
            raise BadInput("Either --person-column or --person-level names the person. Give one of them.")
        if self.person_level is not None and self.person_level < 1 and self.person_level != INNERMOST:
            raise BadInput("--person-level counts from 1: the folder right under the given one.")

    @property
    def by_level(self) -> bool:
        """Whether the user chose the folder that names the person; ``INNERMOST`` is used only where nothing else names one."""
        return self.person_level not in (None, INNERMOST)


@dataclass(slots=True)
class Reading:
    """One pass over a source: makes its samples, and keeps what is to be told of how they were read.

    Attributes:
        source: what is read.
        rules: how people were told apart, in words.
        photos: so far.
        unnamed: photos so far that nothing names a person of.
        records: folder to the first set of records in it.
        left: what was seen and is not read, in words, to how many there are.
        numbered: the column that names the people, where it may name or number the photos instead.
        named: what names a person (a column, a file of a sample, the folder) to how many photos' it names.
        found: what the user says that names the person was there.
        labelled: the format itself says what names the person, and no option does.
        levels: which folder is the person.
        splits: which split is read.
    """

    source: PhotoSource
    rules: dict[str, None] = field(default_factory=dict)
    photos: int = 0
    unnamed: int = 0
    records: dict[str, str] = field(default_factory=dict)
    left: Counter[str] = field(default_factory=Counter)
    numbered: str = ""
    named: Counter[str] = field(default_factory=Counter)
    found: bool = False
    labelled: bool = False
    _ways: frozenset[str] | None = None  # of those in ``named`` the ones that name every person so far
    _unlike: str = ""  # what is said in ``left`` of files whose names end like no picture's
    levels: Levels = field(init=False)
    splits: Splits = field(init=False)

    def __post_init__(self) -> None:
        self.levels, self.splits = Levels(self.source.person_level), Splits(self.source.split)

    def note(self, rule: str) -> None:
        """Keep what is to be told, once."""
        self.rules.setdefault(rule)

    def named_by(self, column: str, rule: str = "the column {} names the person") -> None:
        """Note by what people are told apart; a column that is not called after people may name the photos just as well."""
        self.found = True
        self.note(rule.format(listed([column])))
        if self.source.person_column is None and doubtful(column):
            self.numbered = column

    def in_split(self, folders: Sequence[str], outer: str = "", told: str = "") -> int | None:
        """Return how many of a photo's folders say of which split it is, or None where that one is not read.

        Args:
            folders: that the photo lies in, from the outermost.
            outer: the split of the file that it lies in, by that file's name.
            told: the split that is said of the photo itself, within that of its folders.
        """
        level, chosen = self.source.person_level, self.source.split is not None
        split, folders_of_split = split_of_photo(folders, level, chosen)
        if level is not None and not chosen and not split and split_of_photo(folders, level, True)[0]:
            self.note("folders below the person that are called like splits are read together; --split chooses")
        if told and told != split.rpartition("/")[2]:
            split = f"{split}/{told}".lstrip("/")
        return folders_of_split if self.take(split, outer) else None

    def take(self, split: str, outer: str = "") -> bool:
        """Return whether a split is read: what a row or the folders in a file say, within what the file's name says."""
        return self.splits.take(within(split, outer))

    def folder_person(self, folders: Sequence[str], name: str, split: int = 0) -> str | None:
        """Return the person that a photo's folders name; arguments and errors as in ``Levels.person``."""
        return None if self.source.no_person else self.levels.person(folders, name, split)

    def pass_over(self, name: str, folders: Sequence[str], outer: str = "") -> None:
        """Count a file that may be a photo although its name ends like none, if it is of the split that is read.

        Args:
            name: of the file.
            folders: that it lies in, from the outermost.
            outer: the split of the file that it lies in.
        """
        chosen = self.source.split is not None
        split = split_of_photo(folders, self.source.person_level, chosen)[0]
        if not chosen or self.splits.is_chosen(within(split, outer)):
            self._unlike = self._unlike or f"file(s) whose names end like no picture's, such as {listed([name])}"
            self.left[self._unlike] += 1

    def sample(
        self,
        name: str,
        person: str | None,
        file: str,
        start: int | None = None,
        size: int | None = None,
        column: str | None = None,
        by: tuple[str, ...] = BY_FOLDER,
    ) -> Sample:
        """Make a sample and count it.

        Args:
            name: of the photo, of its own within the side.
            person: as named there, or None where nothing names one.
            file: as in ``Sample``, like the rest.
            start: see there.
            size: see there.
            column: see there.
            by: what names the person: one thing, or several that name the same.

        Raises:
            BadInput: a name is no Unicode text and could not be written down.
        """
        source = self.source
        person = None if source.no_person or person is None else person_name(person)
        self.photos += 1
        self.unnamed += person is None
        if person is not None:
            self.named.update(by)
            ways = frozenset(map(key, by))
            self._ways = ways if self._ways is None else self._ways & ways
        if person is not None and person.casefold() in NOBODY:
            self.note(f"a person is called {person}; if that means nobody, leave the cell empty, or such photos out")
        before = f"{source.side}/" if source.side else ""
        identity = f"{before}{name}" if person is None else f"{before}{person}" if source.separate else person
        try:
            f"{name}{identity}{file}".encode()
        except UnicodeEncodeError:
            raise BadInput(
                f"The name {ascii(name)[:200]} is not Unicode text. Rename the file or its folder."
            ) from None
        return Sample(name, identity, file, start, size, column)

    def finish(self) -> None:
        """Check, after the last photo, that split and people are clear.

        Raises:
            BadInput: the split or the person is not clear, or nothing names one.
        """
        place = str(self.source.place)
        self.splits.check(place)
        self.levels.check(place)
        self._check_named(place)
        if self.photos > 1 and self.unnamed == self.photos and not self.source.no_person:
            if self.labelled:
                raise BadInput(
                    f"Nothing says who is on the {self.photos} photos of {place}: no record is whole and has a label that is the number of "
                    "a person, a whole one from 0 to 16777215, which is all that a label can tell apart. Write the set anew with such "
                    "numbers, or say --no-person: then each photo is a person of its own."
                )
            left = "".join(f" Not read: {number} {what}." for what, number in (+self.left).items())
            raise BadInput(
                f"Nothing says who is on the {self.photos} photos of {place}: no folder and no column names a person. Put "
                "each person's photos into one folder, give a list (path, person), or say --no-person: then each photo is "
                f"a person of its own.{left}"
            )
        rule = "each photo is a person of its own (--no-person)" if self.source.no_person else self.levels.rule
        for said in (rule, self.splits.rule):
            if said and self.photos:
                self.note(said)
        for what, number in (+self.left).items():  # those that there are
            self.note(f"not read: {number} {what}")

    def _check_named(self, place: str) -> None:
        """Refuse people who are told apart in two ways, of which one name may mean two, and a column that is nowhere."""
        told = self.source.person_column
        if self._ways is not None and not self._ways:
            ways = ", ".join(f"{number} by {way}" for way, number in self.named.most_common())
            raise BadInput(
                f"The photos of {place} are told apart in several ways, {ways}: one name may then be two people. Say which names "
                "the person with --person-column (the others are then of nobody), or with --person-level for the folder."
            )
        if told is not None and self.photos and not self.found:
            raise BadInput(
                f"Nothing in {place} is called {told!r} (--person-column). Give another, or leave it out; for one side alone it is said "
                f"with the side's name, such as members={told}."
            )


def within(split: str, outer: str) -> str:
    """Return the split of a photo in full: what a row or the folders in a file say, within what the file's name says."""
    same = not split or split == outer.rpartition("/")[2]
    return outer if same else f"{outer}/{split}".lstrip("/")


def as_source(source: str | Path | PhotoSource) -> PhotoSource:
    """Return a source as given, or one of a bare path."""
    return source if isinstance(source, PhotoSource) else PhotoSource(source)


def side_line(side: str, photos: int, people: int, unnamed: int, rules: Sequence[str]) -> str:
    """Return in words how many photos of how many people there are on a side, and how people were told apart.

    Args:
        side: its name.
        photos: how many.
        people: on them; photos of nobody in particular are one each.
        unnamed: how many of the photos are of nobody in particular.
        rules: how people were told apart.
    """
    alone = f" ({unnamed} of the photos name nobody: each is a person of its own)" if 0 < unnamed < photos else ""
    said = f": {'; '.join(rules)}" if rules else ""
    return f"{side}: {counted(photos, 'photo')} of {counted(people, 'person', 'people')}{alone}{said}"


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its word: 1 photo, 2 photos; 2 people."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"
