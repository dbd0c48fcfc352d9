"""Small training sets for the tests of the store: aligned crops of made-up people, and what a store is made of."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import torch

from mint.networks.architectures import build_network
from mint.networks.torch_network import TorchNetwork
from mint.vision.images import to_png
from tests.tiny_bundles import SHAPE


def tiny_network() -> TorchNetwork:
    """The same random weights every time."""
    torch.manual_seed(0)
    model = build_network(SHAPE, "tiny")
    return TorchNetwork("tiny", model.model, model.taps, model.input_size, torch.randn(5, 16), "f" * 64)


def crop(seed: int) -> np.ndarray:
    """(112, 112, 3) uint8: coarse blocks of colour, another picture for every seed."""
    random = np.random.default_rng(seed)
    return np.kron(random.integers(0, 256, (14, 14, 3)), np.ones((8, 8, 1))).astype(np.uint8)


def png(rgb: np.ndarray) -> bytes:
    return to_png(rgb, effort=0)


def people(folder: Path, count: int, photos: int, seed: int, bad: bool = True) -> Path:
    """One folder a person; with ``bad``, the first person also has a damaged photo and one that is not square."""
    for person in range(count):
        place = folder / f"person-{seed + person:03d}"
        place.mkdir(parents=True)
        for number in range(photos):
            (place / f"{number}.png").write_bytes(png(crop(1000 * (seed + person) + number)))
        if bad and person == 0:
            (place / "broken.jpg").write_bytes(b"\xff\xd8 no photo")
            (place / "wide.png").write_bytes(png(crop(5)[:80]))
    return folder


def tree(folder: Path) -> dict[str, str]:
    """Every file below a folder to the sha256 of its bytes."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
