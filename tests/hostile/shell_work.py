"""What the faults happen to: small inputs of extract, train, pull and push, and what must come of them."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import onnx
from safetensors.numpy import load_file

from mint.bundles.files import load_bundle
from mint.lab.store.extractor import ExtractionRecipe
from mint.lab.store.reader import open_store
from mint.lab.store.run import extract
from tests.bundles.test_share import shareable
from tests.graphs import mobile
from tests.hostile.doomed import End
from tests.lab.photos import people, tree
from tests.shell import Ran

LEFT = ("*.part", ".begun.json", ".*.old", "*.incomplete", ".plan-*", "tmp*")


@dataclass(frozen=True, slots=True)
class Inputs:
    """Folders that commands read.

    Attributes:
        folder: of all of it.
        network: a bundle that holds its network.
        store: finished, of 45 people on one side and 90 on the other.
    """

    folder: Path
    network: Path
    store: Path

    def extract(self, out: Path) -> list[object]:
        """The command: 26 photos in shards of two."""
        sides = ["--members", self.folder / "few-in", "--non-members", self.folder / "few-out"]
        return ["lab", "extract", "--network", self.network, "--aligned", "--shard", 2, "--no-controls", *sides,
                "--out", out]  # fmt: skip

    def train(self, out: Path, seed: int = 1) -> list[object]:
        """The command."""
        return ["lab", "train", self.store, "--out", out, "--auditor", "norm", "--seed", seed]

    def calibrate(self, bundle: Path) -> list[object]:
        """The command."""
        return ["lab", "calibrate", bundle, "--store", self.store]


@cache
def make_inputs(base: Path) -> Inputs:
    """Make them, once for all tests of a worker, which leave them as they are.

    Args:
        base: the worker's folder for temporary files.
    """
    folder = base / "inputs-of-the-shell"
    folder.mkdir()
    onnx.save(mobile(residual=True), folder / "mobile.onnx")
    for name, count, first in (("in", 45, 0), ("out", 90, 100)):
        people(folder / name, count, 2, first, bad=False)
    people(folder / "few-in", 4, 3, 0)
    people(folder / "few-out", 5, 2, 3)
    network = shareable(folder / "weights")
    sides = {"members": str(folder / "in"), "non-members": str(folder / "out")}
    extract(ExtractionRecipe(str(folder / "mobile.onnx"), aligned=True, controls=False), sides, str(folder / "store"))
    return Inputs(folder, network, folder / "store")


def left_over(*folders: Path) -> list[Path]:
    """What a run that ended should have taken away.

    huggingface_hub tries in a folder of its cache whether links work; killed right then, it leaves that folder.
    """
    found = [path for folder in folders for pattern in LEFT for path in folder.rglob(pattern)]
    return [
        path
        for path in found
        if not any(
            p.parent.name.startswith("models--") and p.is_dir() for p in (path, path.parent) if p.name.startswith("tmp")
        )
    ]


def same_store(one: Path, other: Path) -> bool:
    """Whether both are whole, and the same byte for byte."""
    open_store(one).verify()
    return tree(one) == tree(other)


def same_bundle(one: Path, other: Path) -> bool:
    """Whether both load and hold the same values; safetensors leaves the order of its metadata to chance."""
    first, second = load_bundle(one), load_bundle(other)
    tensors = all(
        {k: (v.dtype, v.shape) for k, v in a.items()} == {k: (v.dtype, v.shape) for k, v in b.items()}
        and all(np.array_equal(v, b[k]) for k, v in a.items())
        for a, b in ((load_file(one / n), load_file(other / n)) for n in ("auditors.safetensors", "scores.safetensors"))
    )
    index = [json.loads((folder / "bundle.json").read_text()) for folder in (one, other)]
    for found in index:
        del found["files"]
    return tensors and index[0] == index[1] and first.evaluation == second.evaluation


def clear(end: End | Ran) -> str:
    """What a run said that gave one clear error: exit code 1, one sentence to the point, no traceback."""
    code = end.code if isinstance(end, End) else end.returncode
    assert code == 1, (code, end.said[-3000:])
    assert "Traceback" not in end.said, end.said[-3000:]
    said = [line for line in end.said.splitlines() if line.startswith("mint: ")]
    assert len(said) == 1, end.said[-3000:]
    return said[0]


def fresh(*folders: Path) -> None:
    """Nothing is there."""
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
