"""What it costs to show the maps of a graph, as a ratio within one run: ``python -m tests.benchmarks.taps``.

The graph as it is, asked for its embedding, against the same graph that also puts out the maps of its
taps, all of them fetched. Timed in turn, pair by pair; the median of the ratios holds on a noisy machine.
Goal: at most 1.05.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import torch

from mint.networks.modules.iresnet import DEPTHS, IResNet
from mint.networks.onnx.file import read_onnx, with_outputs
from mint.networks.onnx.session import OnnxSession
from mint.networks.onnx.stages import find_taps, picture_input
from tests.benchmarks.photo import ratio
from tests.graphs import export

GOAL = 1.05


def main() -> None:
    """Print a line for each size of batch."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--network", type=Path, help="an ONNX file; an IResNet-50 with random weights if not given")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 8])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mint-") as folder:
        path = options.network or export(IResNet(DEPTHS[50]), Path(folder) / "iresnet50.onnx", 112)
        model, _ = read_onnx(path)
    taps, picture = find_taps(model), picture_input(model)
    embedding = model.graph.output[0].name
    asked = [embedding, *(tap.module for tap in taps)]
    plain = OnnxSession(model, "plain", options.threads)
    shown = OnnxSession(with_outputs(model, asked), "shown", options.threads)
    print(f"{path.name}, {len(taps)} taps, {options.threads} threads, {options.rounds} pairs")
    for batch in options.batch if picture.batch == 0 else [picture.batch]:
        feeds = {picture.name: np.random.default_rng(0).normal(size=(batch, 3, picture.side, picture.side))}
        feeds = {name: value.astype(np.float32) for name, value in feeds.items()}
        found, ours, theirs = ratio(
            lambda feeds=feeds: shown(feeds, asked), lambda feeds=feeds: plain(feeds, [embedding]), options.rounds
        )
        same = np.array_equal(shown(feeds, [embedding])[0], plain(feeds, [embedding])[0])
        print(
            f"batch {batch:3d}: {ours:8.1f} ms with taps | {theirs:8.1f} ms without | ratio {found:.3f} "
            f"(goal {GOAL}) | embedding {'the same' if same else 'differs'}"
        )


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
