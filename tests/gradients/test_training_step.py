"""Steps are those of stochastic gradient descent, on a copy that is the audited network again before every face."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from torch import nn

from mint.auditors.kinds.prototype import prototype_features
from mint.errors import BadInput
from mint.gradients.training_step import (
    FC,
    LAYERS,
    NO_GRADIENTS,
    NO_HEAD,
    NO_LAYERS,
    OUTPUT,
    GradientReader,
    TrainingStep,
    gradient_layers,
    why_unreadable,
)
from mint.networks.architectures import build_network
from mint.networks.base import AuditedNetwork, Maps, Tap
from mint.networks.torch_network import TorchNetwork
from tests.tiny_bundles import SHAPE


@pytest.fixture(scope="module")
def network() -> TorchNetwork:
    torch.manual_seed(1)
    made = build_network(SHAPE, "net")
    made.head = nn.functional.normalize(torch.randn(6, SHAPE["embedding_size"]), dim=1)
    return made


@pytest.fixture(scope="module")
def crops() -> np.ndarray:
    return np.random.default_rng(4).integers(0, 256, (4, 112, 112, 3), np.uint8)


def state(reader: GradientReader) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in reader.model.state_dict().items()}


def test_the_layers_are_first_middle_last_and_linear(network: TorchNetwork) -> None:
    assert gradient_layers(network) == {
        "entry": "conv1", "middle": "layer2.0.downsample.0", "output": "layer4.0.downsample.0", "fc": "fc",
    }  # fmt: skip


def test_a_step_is_that_of_the_formula(network: TorchNetwork, crops: np.ndarray) -> None:
    step = TrainingStep()
    found = GradientReader(network, step).read(crops[:1])
    batch = torch.from_numpy(crops[:1]).permute(0, 3, 1, 2).float()
    weight = network.model.get_parameter("fc.weight")
    embedding = network.model(network.preprocess(batch))
    cosine = embedding @ network.head.T / embedding.norm()  # type: ignore[union-attr]
    nearest = int(cosine.argmax())
    logits = step.scale * cosine[0]
    logits = torch.cat([logits[nearest : nearest + 1] - step.scale * step.margin, logits[torch.arange(6) != nearest]])
    loss = torch.logsumexp(logits, 0) - logits[0]
    (gradient,) = torch.autograd.grad(loss, weight)
    change = step.learning_rate * (gradient + step.weight_decay * weight)  # the first step has no momentum
    assert found.means[FC][0] == pytest.approx(
        change.mean(1).detach().numpy(), rel=1e-2, abs=1e-8
    )  # weights of 0.1 in float32 round by 4e-9
    assert found.loss[0] == pytest.approx(float(loss.detach()), rel=1e-5)
    assert found.norms[0, LAYERS.index(FC)] == pytest.approx(float(change.norm().log().detach()), abs=1e-3)
    expected = prototype_features(embedding.detach(), network.head)  # type: ignore[arg-type]
    assert found.prototype[0] == pytest.approx(expected[0].numpy(), abs=1e-5)
    assert found.means[OUTPUT].shape == (1, 8 * SHAPE["width"])


def test_every_face_meets_the_audited_network_bit_by_bit(network: TorchNetwork, crops: np.ndarray) -> None:
    before = {name: value.clone() for name, value in network.model.state_dict().items()}
    reader = GradientReader(network)
    kept = state(reader)
    found = reader.read(crops)
    assert all(torch.equal(value, kept[name]) for name, value in state(reader).items())
    assert all(torch.equal(value, before[name]) for name, value in network.model.state_dict().items())
    again = reader.read(crops[::-1])
    for layer in LAYERS:
        assert np.abs(found.means[layer] - again.means[layer][::-1]).max() <= 1e-6
    alone = reader.read(crops[2:3])
    assert np.array_equal(alone.norms[0], found.norms[2])


def test_without_reset_a_face_is_read_through_those_before_it(network: TorchNetwork, crops: np.ndarray) -> None:
    reader = GradientReader(network)
    reset, carried = reader.read(crops), reader.read(crops, reset=False)
    assert np.array_equal(reset.norms[0], carried.norms[0])
    assert np.abs(reset.norms[1:] - carried.norms[1:]).min() > 1e-6
    kept = state(reader)
    reader.read(crops, reset=False)
    assert all(torch.equal(value, kept[name]) for name, value in state(reader).items()), "nothing is left behind"


class Graph(AuditedNetwork):
    """Something that is no module."""

    name = "graph.onnx"

    def preprocess(self, crops: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError

    def forward(self, batch: torch.Tensor) -> Maps:
        raise NotImplementedError


def test_what_has_no_gradient_says_why(network: TorchNetwork, crops: np.ndarray) -> None:
    bare = build_network(SHAPE, "bare")
    flat = TorchNetwork(
        "flat", nn.Sequential(nn.Flatten(), nn.Linear(3 * 64, 4)), [Tap("stage1", "0", 4, 1)], 8, torch.eye(4)
    )
    assert why_unreadable(network) is None
    for asked, why in ((Graph(), NO_GRADIENTS), (bare, NO_HEAD), (flat, NO_LAYERS)):
        assert why_unreadable(asked) == why
        with pytest.raises(BadInput, match=re.escape(str(why))):
            GradientReader(asked)
    with pytest.raises(ValueError, match="no crop"):
        GradientReader(network).read(crops[:0])


def test_a_network_of_ones_own_with_a_head_is_read() -> None:
    model = nn.Sequential(nn.Conv2d(3, 5, 3), nn.ReLU(), nn.Conv2d(5, 6, 3), nn.Flatten(), nn.Linear(6 * 144, 4))
    taps = [Tap("first", "0", 5, 1), Tap("second", "2", 6, 1)]
    own = TorchNetwork("own", model, taps, 16, torch.eye(4))
    assert list(gradient_layers(own).values()) == ["0", "0", "2", "4"]
    found = GradientReader(own).read(np.full((2, 112, 112, 3), 90, np.uint8))
    assert found.means["middle"].shape == (2, 5)
    assert np.isfinite(found.norms).all()
