"""Sets in RecordIO and PNG of 16 bits, changed at random: ``python -m tests.hostile.fuzz_records [--minutes 2] [--seed 0]``.

Whatever was not changed is read as it was; the rest is read, or refused in one clear line; memory stays flat. Anything
else ends the run with exit code 1, and says with which seed and number it comes again.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import re
import struct
import tempfile
import time
import tracemalloc
import zlib
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from mint.errors import BadInput, BadPhoto
from mint.lab.inputs.photo_lists import samples
from mint.lab.inputs.samples import Photos
from mint.vision.images import MAX_PIXELS_OTHER, open_photo
from tests.hostile.photo_parts import png_of
from tests.lab.inputs.record_writer import MAGIC, framed, insightface, packed

MOST = 4 << 20  # bytes above idle, of Python's own; what is read has kilobytes …
MOST_A_PIXEL = 40  # … unless a photo's header speaks of more pixels, which are then decoded
EDGES = [0, 1, 4, 0x7F, 0x80, 0xFF, 0xFFFF, 1 << 29, (1 << 29) - 1, 3 << 29, 0x7F80_0000, 0x7FC0_0000, 0xFFFF_FFFF]
CLEAR = re.compile(r"[A-Z][^\n<>]{10,400}\.")
SWALLOWED = "reaches into the records behind it"
Span = tuple[int, int]


@cache
def the_records() -> tuple[tuple[int, bytes], ...]:
    """A set as InsightFace lays it out: small pictures, and some that hold the magic word."""
    noise = np.random.default_rng(4)
    photos = []
    for number in range(9):
        buffer = io.BytesIO()
        Image.fromarray(noise.integers(0, 256, (16, 17, 3), dtype=np.uint8)).save(buffer, ("JPEG", "PNG")[number % 2])
        photos.append(buffer.getvalue() + b"\0" * (-len(buffer.getvalue()) % 4) + MAGIC * (number % 3))
    return (*insightface([photos[:4], photos[4:5], photos[5:]]), (13, packed(2, photos[0], 13)))


@cache
def the_set() -> tuple[bytes, bytes, tuple[Span, ...]]:
    """Its file, its index, and where each record lies."""
    file, lines, spans = b"", b"", []
    for key, payload in the_records():
        record = framed(payload)
        lines += b"%d\t%d\n" % (key, len(file))
        spans.append((len(file), len(file) + len(record)))
        file += record
    return file, lines, tuple(spans)


@cache
def expected() -> dict[str, tuple[str, bytes]]:
    """Key to person and picture, of the records with one."""
    found = {}
    for key, payload in the_records():
        flag, label = struct.unpack_from("<If", payload)
        first = struct.unpack_from("<f", payload, 24)[0] if flag else label
        if picture := payload[24 + 4 * flag :]:
            found[str(key)] = (str(int(first)), picture)
    return found


def in_place(data: bytes, draw: random.Random, edits: int) -> tuple[bytes, list[Span]]:
    """Bytes, numbers and magic words written over what is there, and where."""
    changed, touched = bytearray(data), []
    for _ in range(edits):
        at = draw.randrange(len(data)) if draw.random() < 0.4 else draw.choice(the_set()[2])[0] + 4 * draw.randrange(12)
        at = min(at, len(data) - 1)
        new = draw.choice([
            bytes([draw.randrange(256)]),
            draw.choice(EDGES).to_bytes(4, "little"),
            struct.pack("<I", draw.randrange(8) << 29 | draw.randrange(3000)),
            MAGIC,
            MAGIC + struct.pack("<I", draw.randrange(4) << 29 | draw.randrange(400)),
        ])[: len(data) - at]  # fmt: skip
        changed[at : at + len(new)] = new
        touched.append((at, at + len(new)))
    return bytes(changed), touched


def cut_or_put(data: bytes, draw: random.Random, edits: int) -> bytes:
    """Runs that go, come or come twice; the end that is gone."""
    for _ in range(edits):
        at, length = draw.randrange(len(data) + 1), draw.randrange(1, 400)
        data = draw.choice([
            data[:at] + data[at + length :],
            data[:at] + draw.randbytes(length) + data[at:],
            data[: at + length] + data[at:],
            data[:at],
        ])  # fmt: skip
    return data


def outcomes(place: Path) -> dict[str, tuple[str, bytes | str]] | str:
    """Key to person and picture, or to why there is none; or the line that the whole set is refused with."""
    photos, found = Photos(), dict[str, tuple[str, bytes | str]]()
    try:
        for sample in samples(place):
            try:
                data: bytes | str = photos.read(sample)
            except BadPhoto as error:
                data = clear(error)
            key = sample.id.removeprefix("train.rec/")
            assert key not in found, f"{key} twice"
            found[key] = (sample.identity, data)
            if isinstance(data, bytes):
                opened(data)
    except BadInput as error:
        return clear(error)
    return found


def opened(data: bytes) -> str:
    """What becomes of a picture."""
    try:
        rgb = open_photo(data)
    except BadPhoto as error:
        return clear(error)
    assert rgb.dtype == np.uint8
    assert rgb.ndim == 3
    assert rgb.shape[2] == 3
    return "opened"


def clear(error: Exception) -> str:
    """The message, which is one clear line."""
    assert CLEAR.fullmatch(str(error)), repr(error)
    assert "Traceback" not in str(error)
    return str(error)


def one_set(place: Path, draw: random.Random) -> str:
    """Change a set, read it, and hold what comes out to what may. Returns the kind of change."""
    file, lines, spans = the_set()
    indexed = draw.random() < 0.5
    kind = draw.choice(["in place", "moved", *["index"] * indexed])
    touched: list[Span] = []
    if kind == "in place":
        file, touched = in_place(file, draw, draw.randint(1, 4))
    elif kind == "moved":
        file = cut_or_put(file, draw, draw.randint(1, 3))
    else:
        lines = cut_or_put(lines, draw, draw.randint(1, 3)) if draw.random() < 0.5 else in_place(lines, draw, 2)[0]
    (place / "train.rec").write_bytes(file)
    (place / "train.idx").unlink(missing_ok=True)
    if indexed:
        (place / "train.idx").write_bytes(lines)
    found = outcomes(place)
    if isinstance(found, str):
        assert kind != "in place", found
        return f"{kind}, refused"
    right = expected()
    if kind == "index":  # the records are sound: whatever is read is one of them, and its person's
        assert {value for value in found.values() if isinstance(value[1], bytes)} <= set(right.values())
    if kind == "in place":
        sound = [
            key for (key, _), (start, end) in zip(the_records(), spans, strict=True)
            if str(key) in right and not any(start < b and a < end for a, b in touched)
        ]  # fmt: skip
        # A false length may end where a later record does: then it is told, and by the file alone no more can be known.
        told = not indexed and any(isinstance(why, str) and SWALLOWED in why for _, why in found.values())
        values = list(found.values())
        lost = [key for key in sound if right[str(key)] not in values]
        assert told or not lost, f"{lost} are lost, and they were not touched"
        if indexed:
            assert all(found[str(key)] == right[str(key)] for key in sound)
    return f"{kind}, read"


@cache
def deep_photos() -> tuple[bytes, ...]:
    """PNG of 16 bits in every colour type, with and without named bits, one of them interlaced by name only."""
    noise, found = np.random.default_rng(6), []
    for channels, colour in ((1, 0), (2, 4), (3, 2), (4, 6)):
        for bits in (8, 12, 14, 16):
            for named in (False, True):
                numbers = noise.integers(0, 1 << bits, (17, 20, channels)).astype(">u2")
                rows = b"".join(bytes([k % 5]) + row.tobytes() for k, row in enumerate(numbers))
                header = struct.pack(">IIBBBBB", 20, 17, 16, colour, 0, 0, int(bits == 14))
                more = [(b"sBIT", bytes([bits]) * channels)] if named else [(b"tRNS", b"\0\7" * channels)]
                found.append(png_of(header, zlib.compress(rows), *more))
    return tuple(found)


def one_photo(draw: random.Random) -> tuple[str, int]:
    """Change a photo, its sums mended now and then so that decoders look deeper, and open it.

    Returns:
        What became of it, and of how many pixels its header speaks.
    """
    data = bytearray(draw.choice(deep_photos()))
    for _ in range(draw.randint(0, 4)):
        at = draw.randrange(8, len(data))
        data[at] = draw.randrange(256)
    changed = bytes(data) if draw.random() < 0.8 else cut_or_put(bytes(data), draw, 1)
    width, height = struct.unpack_from(">II", changed.ljust(24, b"\0"), 16)
    return opened(mended(changed) if draw.random() < 0.7 else changed), min(width * height, MAX_PIXELS_OTHER)


def mended(data: bytes) -> bytes:
    """The sums of a PNG's chunks made right, as far as its chunks can be followed."""
    whole, at = bytearray(data), 8
    while at + 12 <= len(whole):
        end = at + 8 + int.from_bytes(whole[at : at + 4])
        if end + 4 > len(whole):
            break
        whole[end : end + 4] = struct.pack(">I", zlib.crc32(whole[at + 4 : end]))
        at = end + 4
    return bytes(whole)


def one(seed: int, number: int, place: Path) -> str:
    """One change and its outcome; the same for the same seed and number.

    Raises:
        AssertionError: something else came out, or memory grew.
        Exception: whatever else came out; nothing should.
    """
    draw = random.Random(f"{seed} {number}")
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    outcome, pixels = (one_set(place, draw), 0) if number % 2 else one_photo(draw)
    grown = tracemalloc.get_traced_memory()[1] - before
    assert grown < MOST + MOST_A_PIXEL * pixels, f"{grown} bytes"
    return outcome


def run(seed: int, numbers: range, place: Path, until: float = float("inf")) -> Counter[str]:
    """Outcomes of some changes, until a time of ``time.monotonic``."""
    the_set(), expected(), deep_photos()
    opened(b"no picture")  # Pillow imports all its readers at the first of these
    (place / "train.rec").write_bytes(the_set()[0])
    outcomes(place)  # whatever is imported for it is there from now on
    found: Counter[str] = Counter()
    tracemalloc.start()
    try:
        for number in numbers:
            try:
                found[one(seed, number, place)] += 1
            except Exception as error:
                raise AssertionError(f"seed {seed}, number {number}: {error!r}") from error
            if time.monotonic() > until:
                break
    finally:
        tracemalloc.stop()
    return found


def main() -> None:
    """Run it, and print what came of how many."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        until = time.monotonic() + 60 * options.minutes
        found = run(options.seed, range(1 << 60), Path(place), until)
    print(
        json.dumps({"seed": options.seed, "changes": found.total(), "outcomes": dict(found.most_common(25))}, indent=1)
    )


if __name__ == "__main__":
    main()
