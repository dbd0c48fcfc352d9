"""A network that was built in Python is tried before anything is measured on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from mint.errors import BadInput, DoubtfulNetwork
from mint.lab.store.extractor import ExtractionRecipe
from mint.lab.store.run import extract
from mint.networks.base import Tap
from mint.networks.module_trial import check_module
from mint.networks.torch_network import TorchNetwork
from tests.lab.photos import people, tiny_network

TAPS = (Tap("early", "body.0", channels=8, stride=2), Tap("late", "body.2", channels=8, stride=4))


class Net(nn.Module):
    """Two convolutions and a dense layer, then what a test does to the embedding."""

    def __init__(self, end: Callable[[Tensor], object] = lambda embedding: embedding) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.body = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(inplace=True), nn.Conv2d(8, 8, 3, 2, 1), nn.ReLU(), nn.Flatten(),
            nn.Linear(8 * 28 * 28, 16),
        )  # fmt: skip
        self.end = end

    def forward(self, x: Tensor) -> object:
        return self.end(self.body(x))


def network(end: Callable[[Tensor], object] = lambda embedding: embedding, **told: object) -> TorchNetwork:
    return TorchNetwork("mine", Net(end), told.pop("taps", TAPS), input_size=112, **told)  # type: ignore[arg-type]


def test_a_sound_network_passes_without_a_word() -> None:
    check_module(network())
    check_module(network(head=torch.randn(9, 16)))


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (lambda y: y[:, :, None, None], r"gives \(1, 16, 1, 1\) for 1 picture"),
        (lambda y: y.sum(1), r"gives \(1,\) for 1 picture"),
        (lambda y: y * float("nan"), "no finite numbers"),
        (lambda y: nn.functional.dropout(y, 0.5), "another embedding each time.*drawn by chance"),
        (lambda y: y - y.mean(0), "where other pictures are beside it"),
        (lambda y: y / y.abs().max(), "where other pictures are beside it"),
    ],
)
def test_what_would_be_measured_wrongly_is_refused(end: Callable[[Tensor], object], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        check_module(network(end))


def test_what_is_no_tensor_is_refused_by_its_type() -> None:
    with pytest.raises(TypeError, match=r"gives a tuple, and no \(N, E\) embedding"):
        network(lambda y: (y, y)).look(torch.zeros(1, 3, 112, 112))


def test_maps_and_class_centres_are_what_is_said_of_them() -> None:
    with pytest.raises(BadInput, match=r"The tap early .* shows \(1, 8, 56, 56\), where maps of 99 channels"):
        check_module(network(taps=[Tap("early", "body.0", channels=99, stride=2)]))
    with pytest.raises(BadInput, match=r"The tap flat .* shows \(1, 6272\)"):
        check_module(network(taps=[Tap("flat", "body.4", channels=6272, stride=112)]))
    with pytest.raises(BadInput, match=r"The head of mine is \(16, 9\), .* It is transposed: give head\.T"):
        check_module(network(head=torch.randn(16, 9)))
    with pytest.raises(BadInput, match=r"The head of mine is \(9, 15\), where .* are \(K, 16\)\.$"):
        check_module(network(head=torch.randn(9, 15)))
    with pytest.raises(ValueError, match=r"class centres are \(K, E\), not \(16,\)"):
        network(head=torch.randn(16))


def test_one_embedding_for_all_pictures_is_warned_of() -> None:
    with pytest.warns(DoubtfulNetwork, match="nearly one embedding"):
        check_module(network(lambda y: 0 * y + 1))


def test_extraction_refuses_before_it_writes_anything(tmp_path: Path) -> None:
    sides = {
        "members": people(tmp_path / "m", 2, 1, 0, bad=False),
        "non-members": people(tmp_path / "n", 2, 1, 2, bad=False),
    }
    recipe = ExtractionRecipe(
        network(lambda y: nn.functional.dropout(y, 0.5)), aligned=True, controls=False, views=False
    )
    with pytest.raises(BadInput, match="drawn by chance"):
        extract(recipe, sides, tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_networks_of_the_tests_are_sound() -> None:
    check_module(tiny_network())
