"""Read sets of photos in RecordIO: ``train.rec``, ``train.idx`` and ``property`` of MXNet and InsightFace.

MS1M, Glint360K and others come in this form. A record is a photo, and the first number of its label is the person. A
record with several labels and no picture is InsightFace's table of contents, and no photo. With an index beside it
(``train.idx``: lines of key and first byte) the records that it names are read, in its order; without one, the file is
read from front to end.

A damaged record is a sample like any other, of a person of its own: whoever reads it is told why it is none.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import IO, Any

import fsspec

from mint.errors import BadInput, BadPhoto, brief
from mint.lab.inputs.recordio import CUT, ELSEWHERE, MISSING, SUFFIX, Place, next_after, place_at
from mint.lab.inputs.samples import Sample

INDEX = ".idx"
NAMED = "train.rec"  # as InsightFace names it
LONGEST_LINE = 64  # characters of an index: a key, a tab, a place
RULE = (
    "a record is a photo, the first number of its label is the person, and records without a picture are the set's "
    "table of contents"
)


def record_samples(fs: Any, url: str, name: str) -> Iterator[Sample]:
    """Yield the photos of a set.

    Args:
        fs: the file system of ``url``.
        url: of the ``.rec`` file.
        name: what its samples are called after. A set in a folder of its own (``a/train.rec``) has people of its own.

    Raises:
        BadInput: the file holds no record at all, or its index is none.
    """
    path = fsspec.url_to_fs(url)[1]
    index = path[: -len(SUFFIX)] + INDEX
    try:
        with fs.open(path, "rb") as file:
            size = file.seek(0, 2)
            found = _indexed(fs, index, file, size) if fs.isfile(index) else _scanned(file, size)
            some = False
            apart = posixpath.dirname(name)
            for key, place in found:
                some = some or place.framed
                if place.heading is None or not place.heading.contents:
                    yield _sample(url, f"{name}/{key}", place, f"{apart}/" if apart else "")
            if not some:
                raise BadInput(
                    f"No record is in {url}, or none that its index names: it is no RecordIO file of MXNet, or a damaged one. "
                    "Get it again."
                )
    except OSError as error:
        raise BadInput(f"{url} cannot be read: {brief(error)}.") from error


def told_of(source: str) -> str | None:
    """Return the rule by which a source is read, if it is such a set by itself, and what it says of itself."""
    try:
        fs, path = fsspec.url_to_fs(source)
        path = path if path.lower().endswith(SUFFIX) else f"{path.rstrip('/')}/{NAMED}"
        if not fs.isfile(path):
            return None
        way = "in the order of its index" if fs.isfile(path[: -len(SUFFIX)] + INDEX) else "from front to end"
        said = _property(fs, f"{posixpath.dirname(path)}/property")
    except (OSError, ImportError, ValueError):
        return None  # whoever reads it says what is wrong
    return f"{posixpath.basename(path)} is read as RecordIO, {way}: {RULE}{said}."


def _property(fs: Any, path: str) -> str:
    """Return how many people the file ``property`` speaks of, if there is one that can be read."""
    if not fs.isfile(path):
        return ""
    with fs.open(path, "rb") as file:
        people = file.read(LONGEST_LINE).split(b",")[0].strip()
    return f"; its file property speaks of {int(people)} people" if people.isdigit() else ""


def _sample(url: str, name: str, place: Place, apart: str) -> Sample:
    person = name
    try:
        if place.heading is not None:
            person = f"{apart}{place.heading.person}"
    except BadPhoto:
        pass  # told when the record is read
    return Sample(name, person, url, place.start, place.end - place.start)


def _scanned(file: IO[bytes], size: int) -> Iterator[tuple[str, Place]]:
    """Yield number and place of every record, and of every stretch that is damaged."""
    number, promised, at = 0, 0, 0
    ahead: Place | None = None
    while at < size:
        place, ahead = ahead or place_at(file, at, size), None
        behind = place.end
        if place.framed and behind < size:
            ahead = place_at(file, behind, size)
        if not place.framed or (ahead is not None and ahead.problem == ELSEWHERE):
            found = next_after(file, at + 4, size)
            if not place.framed or found < behind:  # its length is not true: the next record begins within it
                place, ahead, behind = Place(at, place.end, problem=CUT, framed=False), None, found
        if place.heading is not None and place.heading.contents:
            promised = promised or _promised(place)
        yield str(number), place
        at, number = behind, number + 1
    if number < promised:
        yield f"{number}–{promised - 1}", _missing(size)


def _indexed(fs: Any, index: str, file: IO[bytes], size: int) -> Iterator[tuple[str, Place]]:
    """Yield key and place of every record that an index names."""
    number, promised, spanned, sound = 0, 0, 0, True
    before = Place(0, 0)
    with fs.open(index, "r", encoding="ascii", errors="replace") as lines:
        while line := lines.readline(LONGEST_LINE + 1):
            cells = line.split()
            if not cells and len(line) <= LONGEST_LINE:
                continue
            if len(line) > LONGEST_LINE or len(cells) != 2 or not all(c.isascii() and c.isdigit() for c in cells):
                raise BadInput(
                    f"Line {number + 1} of {index} is not a key and a place. Get it again, or take it away: without an index "
                    "the records are read from front to end."
                )
            key, at = int(cells[0]), min(int(cells[1]), size)
            place = place_at(file, at, size)
            reaches = before.start < at < before.end  # who reads that record is told
            spanned, sound, before = spanned + place.end - place.start, sound and place.framed and not reaches, place
            if place.heading is not None and place.heading.contents:
                promised = _promised(place) if key == 0 else promised
            # Keys need not come in order, nor once: the line's number tells apart what they do not.
            yield str(key) if key == number else f"{number}:{key}", place
            number += 1
    if number < promised or (sound and spanned != size):
        yield "index", _missing(size)


def _promised(place: Place) -> int:
    """Return how many records there are by the table's first record, (first of people, behind the last of people)."""
    head = place.heading
    if head is None or head.id or not 0 < head.labels[1] < float("inf"):
        return 0
    return int(head.labels[1])


def _missing(size: int) -> Place:
    return Place(size, size, problem=MISSING, framed=False)
