"""What extraction into a store costs: ``python -m tests.benchmarks.store --network MODEL.onnx --photos CROPS.tar``.

Throughput as a share of a bare loop (decode, forward pass of the plain file in ONNX Runtime, nothing
else), in pairs within one run; and the peak of memory of a process of its own at 1K, 4K and 16K photos.
The photos are crops of 112 × 112. Shares hold on a busy machine, seconds do not.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import onnxruntime as ort

from mint.auditors.views import VIEWS
from mint.lab.inputs.photo_lists import samples
from mint.lab.inputs.samples import Photos
from mint.lab.store.extractor import ExtractionRecipe, Extractor
from mint.lab.store.plan import peak
from mint.lab.store.run import SIZE, extract, plain
from mint.lab.store.writer import writing
from mint.networks.onnx.network import CHUNK
from mint.networks.open import open_network
from mint.vision.images import open_photo


def unpack(source: Path, folder: Path, count: int) -> Path:
    """``count`` photos, some of them more than once if there are fewer, in one folder a person."""
    photos = Photos()
    for number, sample in enumerate(islice(cycle(list(samples(source))), count)):
        place = folder / f"{number // 50:04d}" / f"{number:06d}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(photos.read(sample))
    return folder


def bare(session: ort.InferenceSession, name: str, mean: float, scale: float, source: Path, looks: int) -> None:
    """Decode and forward, the network's usual batch, every crop as often as extraction shows it."""

    def run() -> None:
        batch = (np.stack(waiting).transpose(0, 3, 1, 2).astype(np.float32) - mean) * scale
        session.run(None, {name: np.ascontiguousarray(batch, np.float32)})
        waiting.clear()

    waiting: list[np.ndarray] = []
    for file in sorted(source.rglob("*.jpg")):
        rgb = open_photo(file)
        for _ in range(looks):
            waiting.append(rgb)
            if len(waiting) == CHUNK:
                run()
    if waiting:
        run()


def pairs(work: Callable[[], None], base: Callable[[], None], rounds: int) -> tuple[float, float]:
    """Median throughput of ``work`` as a share of ``base``'s: by the clock, and by processor time."""
    clock, processor = [], []
    for number in range(rounds + 1):
        spent = {}
        for call in (work, base) if number % 2 else (base, work):
            wall, cpu = time.perf_counter(), time.process_time()
            call()
            spent[call] = (time.perf_counter() - wall, time.process_time() - cpu)
        if number:  # the first is warm-up
            clock.append(spent[base][0] / spent[work][0])
            processor.append(spent[base][1] / spent[work][1])
    return statistics.median(clock), statistics.median(processor)


def throughput(model: Path, source: Path, rounds: int, views: bool, count: int) -> None:
    """Print one row."""
    with tempfile.TemporaryDirectory() as work:
        photos = unpack(source, Path(work) / "photos", count)
        network = open_network(str(model))
        extractor = Extractor(ExtractionRecipe(str(model), aligned=True, controls=False, views=views), network)
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = ort.InferenceSession(model.read_bytes(), options, providers=["CPUExecutionProvider"])

        def ours() -> None:
            shutil.rmtree(Path(work) / "store", ignore_errors=True)
            with writing(Path(work) / "store", extractor.made_of(), {"non-members": str(photos)}, SIZE) as store:
                for _ in plain(extractor.recipe, extractor, store):
                    pass
                store.finish()

        def theirs() -> None:
            looks = 1 + len(VIEWS) if views else 1
            bare(session, session.get_inputs()[0].name, network.mean, network.scale, photos, looks)  # type: ignore[attr-defined]

        clock, processor = pairs(ours, theirs, rounds)
    what = f"{1 + len(VIEWS)} looks a photo" if views else "1 look a photo"
    print(f"{what:20s} {count:5d} photos, {rounds} pairs: {clock:.2f} of a bare loop's throughput by the clock, "
          f"{processor:.2f} by processor time (goal 0.90)", flush=True)  # fmt: skip


def memory(model: Path, source: Path, counts: list[int]) -> None:
    """Print the peak of each, and how much the last lies above the first."""
    peaks = []
    for count in counts:
        with tempfile.TemporaryDirectory() as work:
            photos = unpack(source, Path(work) / "photos", count)
            command = [sys.executable, "-m", "tests.benchmarks.store", "--network", str(model), "--one", str(photos)]
            done = subprocess.run([*command, "--out", f"{work}/store"], check=True, capture_output=True, text=True)
            peaks.append(int(done.stdout.split()[-1]))
            print(f"{count:6d} photos: {peaks[-1] / 2**20:7.1f} MiB at the peak", flush=True)
    print(f"growth from {counts[0]} to {counts[-1]} photos: {peaks[-1] / peaks[0] - 1:+.1%} (goal below 10 %)")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--network", type=Path, required=True)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--counts", type=int, nargs="*", default=[1000, 4000, 16000])
    parser.add_argument("--processor", type=int, help="run on this processor only")
    parser.add_argument("--skip", choices=["throughput", "memory"], nargs="*", default=[])
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.processor is not None:
        os.sched_setaffinity(0, {given.processor})
    if given.one is not None:
        extract(
            ExtractionRecipe(str(given.network), aligned=True, controls=False, views=False),
            {"non-members": given.one},
            given.out,
        )
        print(peak())
        return
    if "throughput" not in given.skip:
        throughput(given.network, given.photos, given.rounds, views=True, count=60)
        throughput(given.network, given.photos, given.rounds, views=False, count=320)
    if "memory" not in given.skip:
        memory(given.network, given.photos, given.counts)


if __name__ == "__main__":
    main()
