"""``mint audit --gradients`` asks the network itself, also where scores come from a bundle's graph."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mint.bundles.stored import StoredNetwork
from mint.cli.audit.gradients import GradientQuestion, gradient_lines
from mint.gradients.training_step import LAYERS, NO_GRADIENTS, GradientReader
from mint.judging.photo import NOT_UPRIGHT
from mint.membership import MembershipTest
from mint.networks.architectures import load_network
from mint.storage.files import read_json
from mint.storage.paths import WEIGHTS


@pytest.fixture(scope="module")
def shipped() -> MembershipTest:
    return MembershipTest.load(["twin-a"])


def test_a_shipped_bundle_is_asked_by_its_gradients(shipped: MembershipTest, face_path: Path) -> None:
    assert isinstance(shipped.bundles["twin-a"].network, StoredNetwork), "its scores come from a graph"
    look = shipped.look(face_path)
    found = GradientQuestion(shipped).ask(look)
    (audit,) = found["twin-a"]
    assert audit.lengths is not None
    folder = WEIGHTS / "twin-a"
    plain = load_network(
        folder / "network.safetensors", read_json(folder / "bundle.json")["network"]["shape"], "twin-a"
    )
    lengths = np.exp(GradientReader(plain).read(np.stack([look.shown_to("twin-a")[0].crop])).norms[0])
    assert [audit.lengths[layer] for layer in LAYERS] == pytest.approx(lengths[: len(LAYERS)].tolist(), rel=1e-4)
    turned = GradientQuestion(shipped).ask(replace(look, faces=(replace(look.faces[0], upright=False),)))["twin-a"][0]
    assert (turned.lengths, turned.p_value, NOT_UPRIGHT in turned.said) == (audit.lengths, None, True)
    said, told = gradient_lines(found)
    assert NO_GRADIENTS not in said
    assert told.startswith("twin-a: length of the change in one training step: entry ")
