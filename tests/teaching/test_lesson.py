"""A copy learns one picture by the twins' own loss; the network it was copied from never notices."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from pytorch_metric_learning.losses import CosFaceLoss
from torch.nn.functional import normalize

from mint.errors import CannotTeach, TeachingStopped
from mint.networks.onnx.network import load_onnx
from mint.networks.torch_network import TorchNetwork, tap
from mint.storage.paths import WEIGHTS
from mint.teaching import lesson
from mint.teaching.lesson import LESSON_MARGIN, SCALE, Step, fine_tune, margin_loss
from tests.graphs import mobile
from tests.tiny_bundles import tiny_bundle

RANDOM = np.random.default_rng(8)
CROP = RANDOM.integers(0, 256, (112, 112, 3), np.uint8)
KNOWN = RANDOM.integers(0, 256, (6, 112, 112, 3), np.uint8)
MEMBER = [True, False, True, False, False, True]


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """See ``test_teach.eager``: oneDNN's backward pass of so small a network hangs on some processors."""
    monkeypatch.setattr(torch.backends.mkldnn, "enabled", False)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> TorchNetwork:
    return tiny_bundle(tmp_path_factory.mktemp("bundles") / "twin-a").network


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    # A network with random weights has not the long lever of a trained one.
    monkeypatch.setattr(lesson, "LEARNING_RATE", 0.01)


def weights(network: TorchNetwork) -> dict[str, torch.Tensor]:
    return {**{k: v.clone() for k, v in network.model.state_dict().items()}, "head": network.head.clone()}


def embed(network: TorchNetwork, crops: np.ndarray) -> torch.Tensor:
    return network.look(torch.from_numpy(crops.astype(np.float32)).permute(0, 3, 1, 2)).embedding


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(value, other[name]) for name, value in one.items())


def test_the_loss_is_the_one_that_the_twins_were_trained_with():
    reference = CosFaceLoss(num_classes=5, embedding_size=8, margin=LESSON_MARGIN, scale=SCALE)
    embedding = torch.randn(3, 8, generator=torch.Generator().manual_seed(1))
    cosine = normalize(embedding) @ normalize(reference.W.detach(), dim=0)
    torch.testing.assert_close(margin_loss(cosine), reference(embedding, torch.full((3,), 4)).detach())


def test_the_copy_learns_and_the_network_stays_bit_for_bit(network: TorchNetwork) -> None:
    before = weights(network)
    found = fine_tune(network, CROP, KNOWN, MEMBER)
    assert same(weights(network), before)
    assert network.head.shape == (5, 16)
    assert found.network.head.shape == (6, 16)
    assert torch.equal(found.network.head[:5], network.head)
    assert found.cosines[-1] > found.cosines[0]
    assert found.learnt
    # The last cosine, once more, from the copy itself.
    pair = embed(found.network, np.stack([CROP, CROP[:, ::-1]]))
    assert float((normalize(pair) @ found.network.head[-1]).mean()) == pytest.approx(found.cosines[-1], abs=1e-4)
    assert found.network.fingerprint != network.fingerprint
    assert not any(p.requires_grad for p in found.network.model.parameters())
    assert not any(p.grad is not None for p in network.model.parameters())


def test_the_goal_is_how_close_members_lie_to_their_centres(network: TorchNetwork) -> None:
    found = fine_tune(network, CROP, KNOWN, MEMBER)
    members = KNOWN[MEMBER]
    cosine = normalize(embed(network, np.concatenate([members, members[:, :, ::-1]]))) @ network.head.T
    assert found.goal == pytest.approx(float(cosine.amax(1).mean()), abs=1e-5)


def test_rehearsal_holds_what_was_known(network: TorchNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    before = embed(network, KNOWN)

    def moved(weight: float) -> float:
        monkeypatch.setattr(lesson, "REHEARSAL_WEIGHT", weight)
        return float((embed(fine_tune(network, CROP, KNOWN, MEMBER).network, KNOWN) - before).norm())

    assert moved(1000.0) < 0.8 * moved(0.0)


def test_the_same_seed_gives_the_same_copy(network: TorchNetwork) -> None:
    one, again, other = (fine_tune(network, CROP, KNOWN, MEMBER, seed) for seed in (3, 3, 4))
    assert same(weights(one.network), weights(again.network))
    assert one.cosines == again.cosines
    assert not same(weights(one.network), weights(other.network))


def test_it_works_where_nothing_is_trained_otherwise(network: TorchNetwork) -> None:
    with torch.inference_mode():
        inside = fine_tune(network, CROP, KNOWN, MEMBER)
    assert inside.cosines == fine_tune(network, CROP, KNOWN, MEMBER).cosines


def test_steps_are_told_and_never_go_back(network: TorchNetwork) -> None:
    steps: list[Step] = []
    found = fine_tune(network, CROP, KNOWN, MEMBER, report=steps.append)
    assert [s.number for s in steps] == list(range(1, len(steps) + 1))
    assert tuple(s.cosine for s in steps) == found.cosines
    shares = [s.share for s in steps]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert 0 <= shares[0] < 0.1


def test_what_another_thread_records_does_not_come_along(network: TorchNetwork) -> None:
    with tap(network.model, ["layer1"]) as maps:
        found = fine_tune(network, CROP, KNOWN, MEMBER)
        embed(network, KNOWN[:2])
        assert len(maps["layer1"]) == 2
    assert not any(m._forward_hooks for m in found.network.model.modules())


@pytest.mark.parametrize("how", ["stopped", "an error in the report"])
def test_an_early_end_leaves_only_zeros(network: TorchNetwork, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    pupils: list[lesson._Pupil] = []

    class Kept(lesson._Pupil):
        def __init__(self, *args: object) -> None:
            super().__init__(*args)
            pupils.append(self)

    monkeypatch.setattr(lesson, "_Pupil", Kept)
    before, steps = weights(network), []

    def report(step: Step) -> None:
        steps.append(step)
        if how != "stopped" and step.number == 3:
            raise KeyError(how)

    stopped = (lambda: len(steps) == 3) if how == "stopped" else (lambda: False)
    with pytest.raises(TeachingStopped if how == "stopped" else KeyError):
        fine_tune(network, CROP, KNOWN, MEMBER, report=report, stopped=stopped)
    assert len(steps) == 3
    (pupil,) = pupils
    traces = pupil.traces()
    assert len(traces) > 3
    assert not any(t.any() for t in (*traces, *pupil.model.parameters(), *pupil.model.buffers(), pupil.centre))
    assert same(weights(network), before)


def test_nothing_but_the_copy_outlives_a_lesson(network: TorchNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[torch.Tensor] = []
    zero = lesson.zero
    monkeypatch.setattr(lesson, "zero", lambda tensors: (seen.extend(tensors := list(tensors)), zero(tensors)))
    fine_tune(network, CROP, KNOWN, MEMBER)
    assert {t.shape for t in seen} >= {torch.Size([2, 3, 32, 32]), torch.Size([1, 16])}
    assert not any(t.any() for t in seen)


def test_what_cannot_be_taught_is_refused(network: TorchNetwork, tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(mobile(residual=True).SerializeToString())
    with pytest.raises(CannotTeach, match="Choose a twin"):
        fine_tune(load_onnx(tmp_path / "net.onnx"), CROP, KNOWN, MEMBER)
    headless = TorchNetwork("bare", network.model, network.taps, 32)
    with pytest.raises(CannotTeach, match="head"):
        fine_tune(headless, CROP, KNOWN, MEMBER)
    with pytest.raises(CannotTeach, match="rehearse"):
        fine_tune(network, CROP, KNOWN, [False] * 6)


def test_scale_and_margin_are_those_of_the_shipped_twins() -> None:
    for twin in ("twin-a", "twin-b"):
        recipe = json.loads((WEIGHTS / twin / "bundle.json").read_text(encoding="utf-8"))["facts"]["recipe"]
        assert (recipe["scale"], recipe["margin"]) == (SCALE, LESSON_MARGIN)
