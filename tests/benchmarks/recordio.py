"""What reading a set in RecordIO costs beside a folder of the same photos: ``python -m tests.benchmarks.recordio``.

Both are read as ``mint lab extract`` reads them, in one thread: everything is listed, then every photo is read and
decoded. Pairs within one run: ratios hold on a busy machine, photos a second do not.
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
import tracemalloc
from pathlib import Path

import numpy as np
from PIL import Image

from mint.lab.inputs.photo_lists import samples
from mint.lab.inputs.samples import Photos
from mint.vision.images import open_photo
from tests.lab.inputs.record_writer import framed, packed

A_PERSON = 50  # photos


def jpegs(side: int, count: int = 64) -> list[bytes]:
    """Some small photos that are not alike."""
    random, found = np.random.default_rng(5), []
    for _ in range(count):
        low = Image.fromarray(random.integers(0, 256, (8, 8, 3), dtype=np.uint8))
        buffer = io.BytesIO()
        low.resize((side, side), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=90)
        found.append(buffer.getvalue())
    return found


def made(place: Path, count: int, side: int) -> tuple[Path, Path]:
    """``count`` photos as a folder and as a set with an index."""
    some = jpegs(side)
    folder, records = place / "folder", place / "records"
    records.mkdir()
    at = 0
    with (records / "train.rec").open("wb") as rec, (records / "train.idx").open("w") as idx:
        for number in range(count):
            person, data = number // A_PERSON, some[number % len(some)]
            if number % A_PERSON == 0:
                (folder / f"{person:05d}").mkdir(parents=True)
            (folder / f"{person:05d}" / f"{number:07d}.jpg").write_bytes(data)
            record = framed(packed((person, 1.0), data, number))
            idx.write(f"{number}\t{at}\n")
            at += rec.write(record)
    return folder, records


def seconds(source: Path, count: int, decode: bool) -> float:
    """Processor seconds to list and read, and decode, all photos."""
    photos, found = Photos(), 0
    started = time.process_time()
    for sample in samples(source):
        data = photos.read(sample)
        if decode:
            open_photo(data)
        found += 1
    spent = time.process_time() - started
    assert found == count
    return spent


def main() -> None:
    """Print photos a second of both, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--side", type=int, default=16, help="pixels; the smaller, the more reading counts")
    parser.add_argument("--pairs", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder, records = made(Path(place), options.photos, options.side)
        print(f"{options.photos:,} JPEG of {options.side} × {options.side} pixels, {options.pairs} pair(s)")
        for decode in (False, True):
            spent = {
                source: [seconds(source, options.photos, decode) for _ in range(options.pairs)]
                for source in (folder, records)
            }
            ratio = statistics.median(a / b for a, b in zip(spent[folder], spent[records], strict=True))
            speed = [options.photos / statistics.median(spent[source]) for source in (records, folder)]
            print(
                f"{'read and decoded' if decode else 'read'}: RecordIO {speed[0]:,.0f} photos a processor second, folder {speed[1]:,.0f}: "
                f"{ratio:.2f} times as many"
            )
        tracemalloc.start()
        listed = sum(1 for _ in samples(records))
        print(f"listing {listed:,} records takes {tracemalloc.get_traced_memory()[1] / 2**20:.2f} MiB at its peak")


if __name__ == "__main__":
    main()
