"""The published classifier: its layers, its size, what a tap sees, and the way through a file."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
import torch
from torch.nn.functional import normalize

from mint.errors import WeightsCorrupt
from mint.lab.twins.training import save_weights
from mint.networks.architectures import OBJECT_CNN, build_network, load_network
from mint.networks.modules.object_cnn import ObjectCnn

SHAPE = {"architecture": OBJECT_CNN, "widths": [32, 64, 128], "input_size": 32, "embedding_size": 128, "classes": 10}
SMALL = {**SHAPE, "widths": [4, 6], "input_size": 8, "embedding_size": 5, "classes": 3}


def test_the_published_network_has_eight_layers_and_its_number_of_weights() -> None:
    network = build_network(SHAPE, "published")
    assert [(tap.name, tap.channels, tap.stride) for tap in network.taps] == [
        ("conv1", 32, 1), ("conv2", 32, 1), ("conv3", 64, 2), ("conv4", 64, 2), ("conv5", 128, 4), ("conv6", 128, 4),
        ("penultimate", 128, 32), ("output", 10, 32),
    ]  # fmt: skip
    shapes = network.shapes()
    assert {tap.name: shapes[tap.name] for tap in network.taps} == {
        tap.name: (tap.channels, 32 // tap.stride) for tap in network.taps
    }
    assert shapes["embedding"] == (128, 1)
    widths = [3, 32, 32, 64, 64, 128, 128]
    convolutions = sum(9 * a * b + b + 2 * b for a, b in itertools.pairwise(widths))  # bias, and batch norm's two
    dense = 128 * 4 * 4 * 128 + 128 + 128 * 10 + 10
    assert sum(p.numel() for p in network.model.parameters()) == convolutions + dense


@torch.no_grad()
def test_a_tap_sees_the_layer_and_the_logits_are_those_of_training() -> None:
    torch.manual_seed(0)
    network = build_network(SMALL, "small")
    model, batch = network.model, torch.randn(4, 3, 8, 8)
    assert isinstance(model, ObjectCnn)
    maps = network.forward(batch)
    assert (maps.embedding >= 0).all()  # behind a ReLU
    torch.testing.assert_close(maps.taps["penultimate"].flatten(1), maps.embedding)
    wanted = maps.embedding @ model.classifier.weight.T + model.classifier.bias
    torch.testing.assert_close(maps.taps["output"].flatten(1), wanted)
    torch.testing.assert_close(model.logits(batch), wanted)
    pooled = torch.nn.functional.max_pool2d(maps.taps["conv2"], 2)
    torch.testing.assert_close(model.convolutions["conv3"](pooled), maps.taps["conv3"])


@torch.no_grad()
def test_dropout_is_drawn_while_training_and_never_in_an_audit() -> None:
    torch.manual_seed(0)
    model = ObjectCnn((4,), 8, 6, 3, dropout=0.5)
    batch = torch.randn(64, 3, 8, 8)
    model.eval()
    torch.testing.assert_close(model.logits(batch), model.logits(batch))
    model.train()
    assert not torch.equal(model.logits(batch), model.logits(batch))


@torch.no_grad()
def test_a_file_gives_the_same_answers_and_its_classes_as_head(tmp_path: Path) -> None:
    torch.manual_seed(1)
    made = build_network(SMALL, "made")
    file = tmp_path / "network.safetensors"
    save_weights(file, made.model, made.model.classifier.weight.T)
    loaded = load_network(file, SMALL, "again")
    crops = torch.rand(5, 3, 20, 20) * 255
    wanted, found = made.look(crops), loaded.look(crops)
    for tap in made.taps:
        torch.testing.assert_close(found.taps[tap.name], wanted.taps[tap.name], atol=0.01, rtol=0.01)
    assert loaded.head is not None
    torch.testing.assert_close(loaded.head, normalize(made.model.classifier.weight, dim=1), atol=2e-3, rtol=0)
    for changed in ({"widths": [4, 7]}, {"classes": 4}, {"embedding_size": 6}, {"widths": []}, {"input_size": 6},
                    {"classes": 0}, {"widths": [4] * 9}):  # fmt: skip
        with pytest.raises(WeightsCorrupt):
            load_network(file, {**SMALL, **changed}, "x")
