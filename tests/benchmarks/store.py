"""What extraction into a store costs: ``python -m tests.benchmarks.store --iresnet 100``.

Throughput as a share of a bare loop (decode, detection, forward pass of the plain file in ONNX Runtime, nothing
else), in pairs within one run; and the peak of memory of a process of its own at 1K, 4K and 16K photos.
``--network MODEL.onnx --photos CROPS.tar`` measures another network on aligned crops, in which no face is looked for.
Shares hold on a busy machine, seconds do not.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from torch import nn

from mint.auditors.views import VIEWS
from mint.errors import NoFace
from mint.lab.inputs.photo_lists import samples
from mint.lab.inputs.samples import Photos
from mint.lab.store.extractor import ExtractionRecipe, Extractor
from mint.lab.store.plan import peak
from mint.lab.store.run import SHARD_PHOTOS, extract, plain
from mint.lab.store.writer import writing
from mint.networks.modules.iresnet import DEPTHS, IResNet
from mint.networks.onnx.network import CHUNK
from mint.networks.open import open_network
from mint.types import Face
from mint.vision.detectors import STILL
from mint.vision.images import open_photo
from tests.benchmarks.photo_folder import drawn, taken
from tests.graphs import export

Find = Callable[[np.ndarray], Sequence[Face]]


def unpack(source: Path, folder: Path, count: int) -> Path:
    """``count`` photos, some of them more than once if there are fewer, in one folder a person."""
    photos = Photos()
    for number, sample in enumerate(islice(cycle(list(samples(source))), count)):
        place = folder / f"{number // 50:04d}" / f"{number:06d}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(photos.read(sample))
    return folder


def random_iresnet(folder: Path, depth: int) -> Path:
    """Write an IResNet with random weights, as InsightFace's ``glintr100`` is built for a depth of 100."""
    torch.manual_seed(0)
    model = IResNet(DEPTHS[depth]).eval()
    with torch.no_grad():
        for name, module in model.named_modules():  # of sizes at which maps neither vanish nor run away on their way
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight)
            elif name.endswith("bn3"):
                module.weight.fill_(0.2)  # type: ignore[operator, union-attr]
    return export(model, folder / f"iresnet{depth}.onnx", 112)


def bare(
    session: ort.InferenceSession, name: str, mean: float, scale: float, source: Path, looks: int, find: Find | None
) -> None:
    """Decode, find the largest face and forward, the network's usual batch, every crop as often as extraction shows it."""

    def run() -> None:
        batch = (np.stack(waiting).transpose(0, 3, 1, 2).astype(np.float32) - mean) * scale
        session.run(None, {name: np.ascontiguousarray(batch, np.float32)})
        waiting.clear()

    waiting: list[np.ndarray] = []
    for file in sorted(source.rglob("*.jpg")):
        rgb = open_photo(file)
        if find is not None:
            try:
                rgb = find(rgb)[0].crop
            except NoFace:  # extraction leaves such a photo out as well: both pay for looking
                continue
        for _ in range(looks):
            waiting.append(rgb)
            if len(waiting) == CHUNK:
                run()
    if waiting:
        run()


def pairs(work: Callable[[], None], base: Callable[[], None], rounds: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the throughput of ``work`` as a share of ``base``'s in every pair: by the clock, and by processor time."""
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
    return np.array(clock), np.array(processor)


def throughput(
    model: Path, photos: Path, rounds: int, aligned: bool, views: bool = False, maps: bool = False, goal: float = 0.90
) -> None:
    """Print one row.

    Args:
        model: an ONNX file.
        photos: JPEG files, in a folder a person.
        rounds: pairs.
        aligned: whether the photos are crops.
        views: whether extraction shows the altered views, too.
        maps: whether it keeps whole maps.
        goal: that is printed.
    """
    count = sum(1 for _ in photos.rglob("*.jpg"))
    with tempfile.TemporaryDirectory() as work:
        network = open_network(str(model), alignment=STILL.name)
        recipe = ExtractionRecipe(str(model), aligned=aligned, controls=False, views=views, maps=maps)
        extractor = Extractor(recipe, network)
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = ort.InferenceSession(model.read_bytes(), options, providers=["CPUExecutionProvider"])

        def ours() -> None:
            shutil.rmtree(Path(work) / "store", ignore_errors=True)
            with writing(
                Path(work) / "store", extractor.made_of(), {"non-members": str(photos)}, SHARD_PHOTOS, extractor.eye
            ) as store:
                for _ in plain(extractor.recipe, extractor, store):
                    pass
                store.finish()

        def theirs() -> None:
            looks = 1 + len(VIEWS) if views else 1
            find = None if aligned else network.finder
            name, mean, scale = session.get_inputs()[0].name, network.mean, network.scale  # type: ignore[attr-defined]
            bare(session, name, mean, scale, photos, looks, find)

        clock, processor = (np.quantile(found, (0.25, 0.5, 0.75)) for found in pairs(ours, theirs, rounds))
    what = f"{1 + len(VIEWS)} looks a photo" if views else "1 look a photo"
    what += ("" if aligned else ", faces found") + (", whole maps kept" if maps else "")
    shares = " and ".join(
        f"{share[1]:.2f} ({share[0]:.2f}–{share[2]:.2f}) {by}"
        for share, by in ((clock, "by the clock"), (processor, "by processor time"))
    )
    print(f"{what}, {count} photos, {rounds} pairs: {shares} of a bare loop's throughput (goal {goal:.2f})", flush=True)


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
    network = parser.add_mutually_exclusive_group(required=True)
    network.add_argument("--network", type=Path, help="an ONNX file")
    network.add_argument("--iresnet", type=int, choices=sorted(DEPTHS), help="one with random weights, of this depth")
    parser.add_argument(
        "--photos", type=Path, help="aligned crops; with --iresnet photos of any size, else examples, altered"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=60, help="photos, with --iresnet")
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
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        if given.iresnet:
            model, found, people = random_iresnet(work, given.iresnet), work / "found", work / "photos"
            _ = taken(given.photos, found, given.count) if given.photos else drawn(found, given.count)
            for photo in found.iterdir():  # somebody each: an extraction asks who is who if all lie in one folder
                (people / photo.stem).mkdir(parents=True)
                photo.rename(people / photo.stem / photo.name)
            for maps in (False, True):
                throughput(model, people, given.rounds, aligned=False, maps=maps, goal=0.95)
            return
        if "throughput" not in given.skip:
            for views, count in ((True, 60), (False, 320)):
                photos = unpack(given.photos, work / f"{count}", count)
                throughput(given.network, photos, given.rounds, aligned=True, views=views)
        if "memory" not in given.skip:
            memory(given.network, given.photos, given.counts)


if __name__ == "__main__":
    main()
