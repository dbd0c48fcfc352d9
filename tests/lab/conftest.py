"""The packages of fictional people, where they are installed, and what would be made again in every test."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator, Sequence

import pytest
import torch

import mint.networks.modules.in_runtime as runtime
from mint.networks.modules.export import exported

NEEDED = {"openpeople": "openpeople==0.1.2", "gan_face_generate": "gan-face-generate==1.1.1"}


@pytest.fixture(scope="session")
def fictional_people() -> None:
    """Skip where the two packages are not installed, and say how to install them."""
    missing = [pin for name, pin in NEEDED.items() if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"pip install --no-deps {' '.join(missing)}")


@pytest.fixture(scope="session", autouse=True)
def exported_once() -> Iterator[None]:
    """Write the graph of a network once, and not in every test that makes the same network: tracing it takes a tenth of a second."""
    graphs: dict[str, bytes] = {}

    def export(module: torch.nn.Module, inputs: Sequence[torch.Tensor], *names: Sequence[str]) -> bytes:
        known = hashlib.sha256(repr((module, getattr(module, "modules_tapped", None), inputs, names)).encode())
        for name, values in module.state_dict().items():
            known.update(name.encode() + values.numpy().tobytes())
        key = known.hexdigest()
        if key not in graphs:
            graphs[key] = exported(module, inputs, *names)
        return graphs[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runtime, "exported", export)
        yield
