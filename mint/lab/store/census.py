"""Count the photos and people of each side, and the names that both sides share."""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

import numpy as np
from numpy.typing import NDArray

from mint.errors import BadInput
from mint.lab.inputs.columns import SPLITS, key
from mint.lab.inputs.layout import YES_OR_NO, is_split
from mint.lab.inputs.photo_lists import samples
from mint.lab.inputs.samples import Sample
from mint.lab.inputs.source import PhotoSource, Reading, as_source, counted, side_line
from mint.lab.inputs.spelling import Spellings, alike_line, alike_rule

HELD = 1 << 16  # names that are held back before they are sorted in
LOOKED_FOR = 64  # photos of a list, until one is there
COMPARED = 1 << 20  # photos, 16 bytes each, that are held against each other
MOST_OF_ONE = 2_000  # photos a person that any set of faces has, on average: more are of a kind, and not of a person
MOST_OF_TWO = 50  # photos a person of people called 0 and 1: more are of yes and no
ALMOST = 0.9  # people a photo: a column of so many may be one of photos
SPLIT_NAME = re.compile("|".join(SPLITS))
Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class SideCount:
    """What there is on one side.

    Attributes:
        photos: that are due, whether or not they turn out to be readable.
        people: on them.
        unnamed: photos of nobody in particular: each of them is one of the people.
        rules: how people were told apart, in words.
    """

    photos: int
    people: int
    unnamed: int
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Census:
    """What there is on all sides.

    Attributes:
        sides: side to its count.
        shared: names of people that are on both sides.
        separate: people of the same name were kept apart.
        both: photos that lie in one and the same place on both sides, which is a mistake; of the first million.
        alike: in words which names of both sides differ only in how they are written, or nothing.
    """

    sides: Mapping[str, SideCount]
    shared: int
    separate: bool = False
    both: int = 0
    alike: str = ""

    @property
    def photos(self) -> int:
        """The photos on all sides."""
        return sum(side.photos for side in self.sides.values())

    def lines(self) -> list[str]:
        """Return the census in words: a line a side, and one on the names that they share."""
        lines = []
        for side, count in self.sides.items():
            lines.append(side_line(side, count.photos, count.people, count.unnamed, count.rules))
        if self.both:
            photos = (
                "1 photo lies on both sides and counts on neither: take it"
                if self.both == 1
                else (f"{self.both} photos lie on both sides and count on neither: take them")
            )
            lines.append(f"{photos} out of one")
        if len(self.sides) > 1:
            shared = f"{counted(self.shared, 'name')} on both sides"
            if self.separate:
                lines.append(f"{shared}, taken for different people (--separate-people)")
            elif self.shared:
                lines.append(f"{shared}, taken for the same people; --separate-people keeps them apart")
            else:
                lines.append(shared)
            lines += [self.alike] if self.alike and not self.separate else []
        return lines


class Count:
    """One pass over a side that counts what it passes on.

    A name is kept as 8 bytes of its hash, so that memory is small for millions of people.

    Args:
        source: of the side.

    Attributes:
        samples: the stream; the rest is known when it has ended.
        source: as given.
        spellings: of the names.
    """

    def __init__(self, source: str | Path | PhotoSource) -> None:
        self.source = as_source(source)
        self._reading = Reading(self.source)
        self._known: Hashes = np.zeros(0, np.uint64)
        self._new: list[int] = []
        self._alone = 0
        self._doubts, self.spellings = _Doubts(), Spellings()
        self.samples = self._stream()

    def _stream(self) -> Iterator[Sample]:
        before = f"{self.source.side}/" if self.source.side else ""
        for sample in samples(self.source, self._reading):
            if sample.identity == f"{before}{sample.id}":
                self._alone += 1
            else:
                name = sample.identity.removeprefix(before) if self.source.separate else sample.identity
                self._new.append(_hash(name))
                self.spellings.add(name)
                if len(self._new) >= max(HELD, len(self._known) // 4):
                    self._sort_in()
            self._doubts.look(sample)
            yield sample
        self._sort_in()
        self._doubts.check(self._reading, len(self._known) + self._alone, self.spellings)

    def result(self) -> SideCount:
        """Return the count, once the stream has ended."""
        people = len(self._known) + self._alone
        return SideCount(self._reading.photos, people, self._reading.unnamed, tuple(self._reading.rules))

    def shared(self, other: Count) -> int:
        """Return how many names are on both sides."""
        return len(np.intersect1d(self._known, other._known, assume_unique=True))

    def photos_shared(self, other: Count) -> int:
        """Return how many photos lie in one and the same place on both sides."""
        return len(np.intersect1d(self._doubts.places, other._doubts.places, assume_unique=True))

    def _sort_in(self) -> None:
        if self._new:
            self._known = np.union1d(self._known, np.array(self._new, np.uint64))
            self._new.clear()


class _Doubts:
    """What only the photos of a side together show to be wrong with it."""

    def __init__(self) -> None:
        self._looked = 0
        self._there: bool | None = None  # nothing was looked for
        self._missing = ""
        self._seen = array("Q")

    def look(self, sample: Sample) -> None:
        """Take one photo into account."""
        near = "://" not in sample.file  # photos behind a URL are read once, when they are wanted
        if sample.start is None and near and not self._there and self._looked < LOOKED_FOR:
            self._there = os.path.exists(sample.file)
            self._looked, self._missing = self._looked + 1, self._missing or sample.file
        if len(self._seen) < 2 * COMPARED:
            name = posixpath.normpath(sample.file) + ("" if sample.start is None else f"\0{sample.id}")
            self._seen.extend(_hash(text) for text in (name, f"{name}\0{sample.identity}"))

    @property
    def places(self) -> Hashes:
        """The hashes of where the photos lie, each once."""
        return np.unique(np.array(self._seen[::2], np.uint64))

    def check(self, reading: Reading, people: int, names: Spellings) -> None:
        """Refuse, after the last photo, what cannot be meant, and note what may be.

        Args:
            reading: of the side, which has ended.
            people: that it has.
            names: of those who are named.

        Raises:
            BadInput: photos would be of the wrong people, or none of them can be read.
        """
        place, photos, source = reading.source.place, reading.photos, reading.source
        column = "Say which column names the person with --person-column"
        alone = "or say --no-person: then each photo is a person of its own."
        if self._there is False and self._looked == photos:
            raise BadInput(
                f"None of the {photos} photos that {place} names is there, such as {self._missing}. Paths are relative to the list: "
                "move it beside the photos, or write their folders into it."
            )
        values, whose = people - reading.unnamed, photos - reading.unnamed
        if reading.numbered and values > ALMOST * whose and whose > 1:
            raise BadInput(
                f"The column {reading.numbered} of {place} has {values} values for {whose} photos, so it may name or number the photos "
                f"and not the people. {column}, {alone}"
            )
        said = sorted(names.few) if reading.numbered else []
        numbered = photos <= MOST_OF_TWO * people and all(n.isdigit() for n in said)  # a few photos of persons 0 and 1
        flags = all(n.casefold() in YES_OR_NO or is_split(n) for n in said)
        if len(said) > 1 and photos > people and flags and not numbered:
            raise BadInput(
                f"The column {reading.numbered} of {place} has no values but {', '.join(said)}: it may say which photos are members, and not "
                f"who is on them. {column}, {alone}"
            )
        if source.person_column is None and source.person_level is None and not (source.no_person or reading.labelled):
            named = f"The {photos} photos of {place} are of {people} people"
            if people < min(photos, 4) and SPLIT_NAME.search(key(PurePath(place).stem)):
                raise BadInput(f"{named}, and it is called like a list of splits. {column}, {alone}")
            if photos > MOST_OF_ONE * people:
                raise BadInput(
                    f"{named}, more than {MOST_OF_ONE} photos each: what was taken for the person may be a kind of photo. Say with "
                    f"--person-column or --person-level what names the person, {alone}"
                )
        if self._there is False:
            reading.note(f"none of the first {self._looked} photos is there, such as {self._missing}")
        ids, pairs = self.places, np.unique(np.array(self._seen[1::2], np.uint64))
        if len(ids) < len(pairs):
            raise BadInput(
                f"{place} names {len(pairs) - len(ids)} photo(s) more than once, as other people. Name each photo once."
            )
        if rule := alike_rule(names):
            reading.note(rule)
        if again := len(self._seen) // 2 - len(ids):
            reading.note(f"{counted(again, 'photo')} named more than once")


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def census_of(counts: Mapping[str, Count]) -> Census:
    """Return the census of sides whose streams have ended."""
    first, *others = counts.values()
    shared, both = (
        sum(found) for found in zip((0, 0), *((first.shared(o), first.photos_shared(o)) for o in others), strict=True)
    )
    sides = {side: count.result() for side, count in counts.items()}
    alike = next((line for o in others if (line := alike_line(first.spellings, o.spellings))), "")
    return Census(sides, shared, first.source.separate, both, alike)


def take_census(sides: Mapping[str, PhotoSource]) -> Census:
    """Read who is where, and no photo.

    Raises:
        BadInput: photos cannot be found, or it is not clear who is who.
    """
    counts = {side: Count(source) for side, source in sides.items()}
    for count in counts.values():
        for _ in count.samples:
            pass
    return census_of(counts)
