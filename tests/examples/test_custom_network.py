"""The example runs as it stands, and finds what its network remembers."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from mint.bundles.files import NETWORK
from mint.evidence.metrics import auc
from mint.types import Verdict

EXAMPLE = Path(__file__).parents[2] / "examples" / "custom_network.py"


@pytest.fixture
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("custom_network", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.full
def test_a_classifier_that_remembers_its_digits_is_found_out(example: ModuleType, tmp_path: Path) -> None:
    audits = example.main(tmp_path)
    scores = {side: np.array([a.faces[0].photo.score for a in found]) for side, found in audits.items()}
    assert {len(values) for values in scores.values()} == {10}
    assert auc(scores["members"], scores["non-members"]) > 0.8
    said = {side: [a.faces[0].photo.verdict for a in found] for side, found in audits.items()}
    assert Verdict.EVIDENCE not in said["non-members"]
    quiet = {side: sum(v is Verdict.NO_SIGN for v in verdicts) for side, verdicts in said.items()}
    assert quiet["members"] <= 2  # one in twenty, by definition
    assert quiet["non-members"] >= 5
    assert not (tmp_path / "digits" / NETWORK).exists()


def test_hooks_see_the_modules_and_are_gone_afterwards(example: ModuleType) -> None:
    network = example.audited_network(example.Network())
    maps = network.look(torch.zeros(2, 3, 112, 112))
    assert {name: tuple(v.shape) for name, v in maps.taps.items()} == {
        "first": (2, 16, 16, 16), "second": (2, 32, 8, 8), "third": (2, 64, 4, 4)
    }  # fmt: skip
    assert not any(module._forward_hooks for module in network.model.modules())
    (face,) = network.finder(example.digits(1)[0])
    assert (face.box, face.crop.shape) == ((0.0, 0.0, 64.0, 64.0), (112, 112, 3))
