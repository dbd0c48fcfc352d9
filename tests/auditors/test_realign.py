"""The search finds what was planted, and finds nothing in noise that the same search does not find in everybody."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from mint.auditors import realign
from mint.auditors.realign import AXES, BATCHES, FINER, GRID, STEP, closeness, move, realigned
from mint.evidence.conformal import people_p_values
from mint.networks.torch_network import TorchNetwork

RANDOM = np.random.default_rng(11)


def smooth(number: int) -> np.ndarray:
    """A picture with some structure of every size, (112, 112, 3) uint8."""
    random = np.random.default_rng(number)
    layers = [
        cv2.resize(random.normal(0, 1, (n, n, 3)), (112, 112), interpolation=cv2.INTER_CUBIC) for n in (4, 8, 16, 28)
    ]
    return np.clip(128 + 34 * sum(layers), 0, 255).astype(np.uint8)


class Fine(nn.Module):
    """The picture's edges are its embedding: whoever is moved by two pixels is somebody else."""

    def forward(self, x: Tensor) -> Tensor:
        small = nn.functional.avg_pool2d(x, 4)
        return (small[..., 1:] - small[..., :-1]).flatten(1)


def remembering(*pictures: np.ndarray) -> TorchNetwork:
    """A network whose class centres are these pictures."""
    net = TorchNetwork("fine", Fine(), (), 112, head=None, fingerprint="fine")
    batch = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float()
    head = net.look(batch).embedding
    return TorchNetwork("fine", Fine(), (), 112, head=head, fingerprint="fine")


def test_a_move_by_whole_pixels_is_a_shift() -> None:
    crop = smooth(0)
    moved = move(crop, np.array([2.0, -3.0, 0, 0]))
    np.testing.assert_array_equal(moved[:-3, 2:], crop[3:, :-2])
    np.testing.assert_array_equal(moved[-3:, 2:], np.repeat(crop[-1:, :-2], 3, 0))
    assert move(crop, np.zeros(4)) is crop


def test_a_move_enlarges_and_turns_about_the_centre() -> None:
    crop = np.zeros((112, 112, 3), np.uint8)
    crop[40:72, 40:72] = 255
    assert move(crop, np.array([0, 0, np.log(2), 0]))[56 - 31 : 56 + 31, 56 - 31 : 56 + 31].min() == 255
    quarter = move(smooth(3), np.array([0, 0, 0, np.pi / 2]))
    np.testing.assert_allclose(quarter.astype(int), np.rot90(smooth(3), -1).astype(int), atol=1)


@pytest.mark.parametrize("number", range(8))
def test_a_picture_that_was_cut_out_differently_is_found_again(number: int) -> None:
    known = smooth(number)
    network = remembering(known, smooth(100), smooth(101))
    random = np.random.default_rng(number)
    away = random.uniform(0.5, 1, 4) * random.choice([-1, 1], 4) * STEP * [1, 1, 0.8, 0.6]
    shown = move(known, away)[None]
    before = closeness(network, network.head, shown)[0]
    after = closeness(network, network.head, realigned(network, shown))[0]
    assert before < 0.85
    assert after > max(0.9, before + 0.1)


def test_what_is_where_it_belongs_is_not_made_worse() -> None:
    network = remembering(smooth(1), smooth(2))
    shown = np.stack([smooth(1), smooth(2), smooth(9)])
    assert (
        closeness(network, network.head, realigned(network, shown)) >= closeness(network, network.head, shown)
    ).all()
    # Nothing is closer than itself; by the last digit of a float, which differs by processor, a hair's breadth may be.
    assert np.abs(realigned(network, shown)[:2].astype(int) - shown[:2]).max() <= 2


def test_a_crop_does_not_depend_on_its_neighbours() -> None:
    network = remembering(smooth(1), smooth(2))
    shown = np.stack([move(smooth(i), AXES[i]) for i in range(4)])
    together = realigned(network, shown)
    for i in (3, 0, 2):
        np.testing.assert_array_equal(realigned(network, shown[i : i + 1])[0], together[i])
    assert realigned(network, shown[:0]).shape == (0, 112, 112, 3)


def test_without_a_head_there_is_nothing_to_search_by() -> None:
    network = TorchNetwork("fine", Fine(), (), 112, head=None, fingerprint="fine")
    shown = smooth(1)[None]
    assert realigned(network, shown) is shown


def test_it_takes_as_many_tries_as_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    network, tried = remembering(smooth(1)), []
    plain = realign.closeness
    monkeypatch.setattr(realign, "closeness", lambda n, h, crops: tried.append(len(crops)) or plain(n, h, crops))
    realigned(network, smooth(2)[None])
    assert tuple(tried) == BATCHES
    assert sum(tried) == len(GRID) + len(FINER) * 9


def test_noise_gives_chance_if_everybody_is_searched_and_too_many_members_if_only_the_visitor_is() -> None:
    network = remembering(*(smooth(500 + i) for i in range(6)))
    strangers = np.stack([smooth(1000 + i) for i in range(120)])
    plain = closeness(network, network.head, strangers)
    searched = closeness(network, network.head, realigned(network, strangers))
    known, visitors = np.arange(120) < 60, np.arange(120) >= 60
    fair = people_p_values(searched[visitors], searched[known], np.arange(60))
    unfair = people_p_values(searched[visitors], plain[known], np.arange(60))
    assert 0 < (fair <= 0.1).mean() < 0.1 + 2.5 * 0.055  # 0.1 is promised; the standard error of 60 by 60 is 0.055
    assert (unfair <= 0.1).mean() > 0.4
