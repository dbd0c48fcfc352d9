"""Margin losses: AdaFace is the paper's formula, and each loss reads the margin in its own unit."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from mint.lab.twins.losses import ADAFACE, ARCFACE, COSFACE, LOSSES, AdaFace, margin_loss

MARGIN, SCALE = 0.4, 64.0


def by_hand(embedding: np.ndarray, centres: np.ndarray, target: list[int], mean: float, deviation: float) -> float:
    """AdaFace as its paper (arXiv 2204.00964) writes it, a photo and a person at a time."""
    losses = []
    for one, person in zip(embedding, target, strict=True):
        length = float(np.linalg.norm(one))
        quality = max(-1.0, min(1.0, (length - mean) / (deviation + 1e-3) * 0.333))
        logits = []
        for k in range(centres.shape[1]):
            cosine = float(one @ centres[:, k]) / length / float(np.linalg.norm(centres[:, k]))
            if k == person:
                cosine = math.cos(math.acos(cosine) - MARGIN * quality) - (MARGIN * quality + MARGIN)
            logits.append(SCALE * cosine)
        losses.append(math.log(sum(math.exp(x - logits[person]) for x in logits)))
    return float(np.mean(losses))


@pytest.fixture
def loss() -> AdaFace:
    torch.manual_seed(1)
    return AdaFace(5, 8, MARGIN, SCALE)


@pytest.fixture
def embedding() -> torch.Tensor:
    random = torch.Generator().manual_seed(2)
    return torch.randn(6, 8, generator=random) * torch.tensor([0.5, 1, 2, 4, 8, 16])[:, None]  # of all lengths


def test_adaface_is_the_formula(loss: AdaFace, embedding: torch.Tensor) -> None:
    target = [0, 1, 2, 3, 4, 0]
    mean, deviation = 20.0, 100.0
    for _ in range(3):  # the running figures move on, and each step uses those that its own batch has moved
        lengths = embedding.norm(dim=1).numpy().astype(float)
        mean, deviation = 0.99 * mean + 0.01 * lengths.mean(), 0.99 * deviation + 0.01 * lengths.std(ddof=1)
        found = loss(embedding, torch.tensor(target))
        wanted = by_hand(embedding.numpy().astype(float), loss.W.detach().numpy(), target, mean, deviation)
        assert float(found.detach()) == pytest.approx(wanted, rel=1e-4)
        assert (float(loss.mean), float(loss.deviation)) == pytest.approx((mean, deviation), rel=1e-5)


def test_quality_changes_the_margin(loss: AdaFace) -> None:
    """Far from the mean length it is ArcFace's margin for a short embedding, and at the mean CosFace's."""
    direction = torch.nn.functional.normalize(torch.randn(1, 8, generator=torch.Generator().manual_seed(3)))
    embedding, target = direction.repeat(2, 1) * torch.tensor([[10.0], [10.0]]), torch.tensor([1, 1])
    for mean, deviation, kind in ((10.0, 1.0, COSFACE), (1000.0, 1.0, ARCFACE)):
        loss.mean.fill_(mean)
        loss.deviation.fill_(deviation)
        loss.share = 0.0
        other = margin_loss(kind, 5, 8, MARGIN, SCALE)
        other.W.data.copy_(loss.W.data)
        assert loss(embedding, target).detach().item() == pytest.approx(
            other(embedding, target).detach().item(), rel=1e-4
        )


def test_a_gradient_does_not_flow_through_the_length_s_quality(loss: AdaFace, embedding: torch.Tensor) -> None:
    embedding.requires_grad_()
    loss(embedding, torch.tensor([0, 1, 2, 3, 4, 0])).backward()
    assert embedding.grad is not None
    # All that is left hangs on the direction alone, so a gradient stands at a right angle to the embedding.
    along = (embedding.grad * embedding.detach()).sum(1) / embedding.detach().norm(dim=1) / embedding.grad.norm(dim=1)
    assert along.abs().max() < 1e-3
    assert loss.W.grad is not None


def test_the_running_figures_are_kept_with_the_centres(loss: AdaFace, embedding: torch.Tensor) -> None:
    loss(embedding, torch.tensor([0, 1, 2, 3, 4, 0]))
    other = AdaFace(5, 8, MARGIN, SCALE)
    other.load_state_dict(loss.state_dict())
    assert set(loss.state_dict()) == {"W", "mean", "deviation"}
    assert torch.equal(other.mean, loss.mean)
    assert float(other.mean) != 20.0


@pytest.mark.parametrize("kind", LOSSES)
def test_every_loss_has_centres_and_logits_without_a_margin(kind: str, embedding: torch.Tensor) -> None:
    torch.manual_seed(4)
    loss = margin_loss(kind, 5, 8, 0.5, 32.0)
    assert loss.W.shape == (8, 5)
    cosines = torch.nn.functional.normalize(embedding) @ torch.nn.functional.normalize(loss.W.detach(), dim=0)
    torch.testing.assert_close(loss.get_logits(embedding).detach(), 32 * cosines, rtol=1e-4, atol=1e-3)


def test_margins_are_of_the_cosine_or_of_the_angle() -> None:
    embedding, target = torch.tensor([[math.cos(0.7), math.sin(0.7)]]) * 3, torch.tensor([0])
    for kind, aimed in ((COSFACE, math.cos(0.7) - 0.5), (ARCFACE, math.cos(0.7 + 0.5))):
        loss = margin_loss(kind, 2, 2, 0.5, 8.0)
        loss.W.data = torch.eye(2)
        wanted = math.log(1 + math.exp(8 * (math.sin(0.7) - aimed)))
        assert loss(embedding, target).detach().item() == pytest.approx(wanted, rel=1e-4)


def test_another_loss_is_refused() -> None:
    with pytest.raises(ValueError, match=f"one of {COSFACE}, {ARCFACE}, {ADAFACE}, not triplet"):
        margin_loss("triplet", 5, 8, 0.5, 32.0)
