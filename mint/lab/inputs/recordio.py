"""RecordIO of MXNet: the format alone, one record at a time.

A file is records one after the other, and each is one or more parts::

    uint32 magic | uint32 3 bits of flag, 29 bits of length | payload | zeros up to a multiple of four

The flag says that a part is a whole record (0), its first (1), one in its middle (2), or its last (3): parts are joined
by the magic word, at which the writer cut them. So a magic word at a multiple of four always begins a part, and a
damaged file can be taken up again there. All numbers are little-endian.

A record's payload is a header (``flag``, ``label``, ``id``, ``id2``), so many labels as the flag says, or the one in the
header where it says none, and an encoded picture.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import IO

from mint.errors import BadPhoto
from mint.vision.images import MAX_BYTES

SUFFIX = ".rec"
MAGIC = (0xCED7230A).to_bytes(4, "little")
WHOLE, FIRST, MIDDLE, LAST = range(4)
MOST = MAX_BYTES + (1 << 20)  # bytes of a record that are read at all: its picture is refused before
MOST_PARTS = 256  # of a record: a picture holds the magic word by chance, if at all
LABEL_LIMIT = 1 << 24  # labels are float32, which tell whole numbers apart only below this
SEARCHED_AT_FIRST, SEARCHED_AT_MOST = 1 << 12, 1 << 20  # bytes that are searched at a time, at first and at most
BROKEN = "The record is damaged: its parts do not fit together."
CUT = "The record is damaged: its length does not fit into the file."
ELSEWHERE = "No record begins here: the file is damaged, or its index names a wrong place."
MISSING = "Records are missing: the file is cut, or its index does not fit it. Get both again."
TOO_LARGE = f"The record is larger than {MAX_BYTES // 2**20} MB, or its length is damaged."

_PART = struct.Struct("<II")
_HEADER = struct.Struct("<IfQQ")
HEAD = _PART.size + _HEADER.size + 8  # bytes of a whole record up to its second label


@dataclass(frozen=True, slots=True)
class Heading:
    """What a record says of itself.

    Attributes:
        id: as its header has it; 0 where the writer did not care.
        labels: the first two at most.
        count: of its labels.
        picture: bytes of it.
    """

    id: int
    labels: tuple[float, ...]
    count: int
    picture: int

    @property
    def contents(self) -> bool:
        """Whether the record holds no picture but the range of a person's records, as InsightFace writes it."""
        return not self.picture and self.count > 1

    @property
    def person(self) -> int:
        """The first label.

        Raises:
            BadPhoto: it is no whole number of a person.
        """
        label = self.labels[0]
        if not math.isfinite(label) or label != int(label) or not 0 <= label < LABEL_LIMIT:
            raise BadPhoto(f"The record’s label, {label:g}, is no number of a person.")
        return int(label)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies, and what it is.

    Attributes:
        start: its first byte.
        end: the byte behind its last; where it is not framed, what was looked at.
        heading: None where it is damaged.
        problem: why it is damaged, or nothing.
        framed: whether its length can be believed.
    """

    start: int
    end: int
    heading: Heading | None = None
    problem: str = ""
    framed: bool = True


def place_at(file: IO[bytes], start: int, size: int) -> Place:
    """Read where the record at ``start`` ends and what it says, and not its picture.

    Args:
        file: open for random access.
        start: where to look.
        size: bytes of the file.
    """
    at, parts = start, 0
    first = b""
    while True:
        file.seek(at)
        data = file.read(_PART.size if parts else HEAD)
        flag, length, problem = _part(data, parts == 0)
        if start % 4:
            problem = ELSEWHERE
        elif parts == MOST_PARTS:
            problem = BROKEN
        elif not problem and at + _PART.size + length > size:
            problem = CUT
        if problem:
            return Place(start, min(at + _PART.size, size), problem=problem, framed=False)
        first = first or data
        at += _PART.size + length + -length % 4
        parts += 1
        if flag in (WHOLE, LAST):
            break
    end = min(at, size)  # the zeros of the last may be missing
    try:
        if parts == 1:
            return Place(start, end, heading(first[_PART.size :], length))
        file.seek(start)
        payload = joined(file.read(min(end - start, MOST)))
        return Place(start, end, heading(payload, len(payload)))
    except BadPhoto as error:
        return Place(start, end, problem=str(error))


def next_after(file: IO[bytes], start: int, size: int) -> int:
    """Return where the next record seems to begin, at ``start`` or behind it, or else the end of the file."""
    at, step = start + -start % 4, SEARCHED_AT_FIRST
    while at < size:
        file.seek(at)
        data = file.read(step + _PART.size)
        found = data.find(MAGIC)
        while found >= 0:
            if found % 4 == 0 and found < step:
                _, _, problem = _part(data[found : found + _PART.size], True)
                if not problem:
                    return at + found
            found = data.find(MAGIC, found + 1)
        at, step = at + step, min(2 * step, SEARCHED_AT_MOST)
    return size


def picture_in(record: bytes) -> bytes:
    """Return the picture of a record.

    Args:
        record: all bytes of it; the first ``MOST`` are enough.

    Raises:
        BadPhoto: the record is damaged, or names nobody.
    """
    payload = joined(record)
    head = heading(payload, len(payload))
    _ = head.person
    if not head.picture:
        raise BadPhoto("The record holds no picture.")
    return payload[len(payload) - head.picture :]


def joined(record: bytes) -> bytes:
    """Return the payload of a record.

    Raises:
        BadPhoto: it is damaged.
    """
    if not record:
        raise BadPhoto(MISSING)
    if len(record) >= MOST:
        raise BadPhoto(TOO_LARGE)
    at, pieces = 0, list[bytes]()
    while True:
        flag, length, problem = _part(record[at : at + _PART.size], not pieces)
        piece = record[at + _PART.size : at + _PART.size + length]
        if len(pieces) == MOST_PARTS:
            problem = BROKEN
        elif not problem and len(piece) < length:
            problem = CUT
        if problem:
            raise BadPhoto(problem)
        if _holds_magic(piece):
            raise BadPhoto("The record is damaged: its length reaches into the records behind it.")
        pieces.append(piece)
        at += _PART.size + length
        if flag in (WHOLE, LAST):
            return MAGIC.join(pieces)


def heading(payload: bytes, length: int) -> Heading:
    """Read what a record says of itself.

    Args:
        payload: its first bytes, up to the second label at least.
        length: bytes of the whole payload.

    Raises:
        BadPhoto: it is too short.
    """
    if length < _HEADER.size or len(payload) < _HEADER.size:
        raise BadPhoto("The record is damaged: it is shorter than its header.")
    flag, label, number, _ = _HEADER.unpack_from(payload)
    picture = length - _HEADER.size - 4 * flag
    if picture < 0:
        raise BadPhoto("The record is damaged: it has fewer labels than it says.")
    labels = struct.unpack_from(f"<{min(flag, 2)}f", payload, _HEADER.size) if flag else (label,)
    return Heading(number, labels, max(1, flag), picture)


def _part(data: bytes, first: bool) -> tuple[int, int, str]:
    """Return the flag and the length that a part's first bytes name, and what is wrong with them."""
    if len(data) < _PART.size:
        return 0, 0, CUT
    _, word = _PART.unpack_from(data)
    flag, length = word >> 29, word & ((1 << 29) - 1)
    if data[:4] != MAGIC or flag > LAST:
        return flag, length, ELSEWHERE if first else BROKEN
    if first is not (flag in (WHOLE, FIRST)) or (flag in (FIRST, MIDDLE) and length % 4):
        return flag, length, BROKEN
    return flag, length, ""


def _holds_magic(piece: bytes) -> bool:
    """Tell whether a part begins within, which the format rules out."""
    found = piece.find(MAGIC)
    while found >= 0 and found % 4:
        found = piece.find(MAGIC, found + 1)
    return found >= 0
