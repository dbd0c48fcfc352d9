"""Networks of this project in ONNX Runtime: they say what torch says, and of a picture the same whatever lies beside it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from mint.lab.store.network_key import network_key
from mint.networks.architectures import GROUP_NORM_IRESNET, IRESNET, OBJECT_CNN, build_network
from mint.networks.base import AuditedNetwork, Tap
from mint.networks.modules import in_runtime as runtime
from mint.networks.modules.in_runtime import AS_TORCH, RUNTIME_CHUNK, RuntimeNetwork, in_runtime
from mint.networks.modules.light_names import EQUALISED, PLAIN, STANDARDISED, told_of_light
from mint.networks.torch_network import TorchNetwork
from tests.remembering import Memory, pictures
from tests.tiny_bundles import SHAPE

OBJECTS = {"architecture": OBJECT_CNN, "input_size": 32, "embedding_size": 16, "widths": [4, 8], "classes": 5}


def network_of(architecture: str, light: str = PLAIN) -> TorchNetwork:
    """A network with statistics of its own in every norm."""
    shape = OBJECTS if architecture == OBJECT_CNN else {**SHAPE, "architecture": architecture, **told_of_light(light)}
    network = build_network(shape, architecture)
    random = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for values in (*network.model.parameters(), *network.model.buffers()):
            if values.is_floating_point() and values.ndim == 1:
                values.copy_(torch.rand(values.shape, generator=random) + 0.5)
    return network


def batch(count: int) -> torch.Tensor:
    return torch.from_numpy(pictures(count, 4, 64)).permute(0, 3, 1, 2).float()


@pytest.mark.parametrize(
    ("architecture", "light"),
    [(IRESNET, PLAIN), (IRESNET, STANDARDISED), (IRESNET, EQUALISED), (GROUP_NORM_IRESNET, PLAIN), (OBJECT_CNN, PLAIN)],
)
def test_it_says_what_torch_says(architecture: str, light: str) -> None:
    network = network_of(architecture, light)
    found = in_runtime(network)
    assert isinstance(found, RuntimeNetwork)
    crops = batch(RUNTIME_CHUNK + 3)
    theirs, mine = network.look(crops), found.look(crops)
    for wanted, value in [
        (theirs.embedding, mine.embedding),
        *((theirs.taps[t.name], mine.taps[t.name]) for t in network.taps),
    ]:
        assert float((wanted - value).abs().max()) <= AS_TORCH * float(wanted.std())
    assert network_key(found) == network_key(network), "whatever was extracted by one goes on by the other"


def test_no_answer_depends_on_the_pictures_beside() -> None:
    network, crops = in_runtime(network_of(IRESNET, EQUALISED)), batch(20)
    together = network.look(crops)
    alone = [network.look(crops[k : k + 1]) for k in range(20)]
    np.testing.assert_array_equal(together.embedding, torch.cat([one.embedding for one in alone]))
    for place in network.taps:
        np.testing.assert_array_equal(together.taps[place.name], torch.cat([one.taps[place.name] for one in alone]))


def test_the_network_itself_is_left_as_it_was() -> None:
    network, crops = network_of(IRESNET), batch(2)
    before = network.look(crops).embedding
    in_runtime(network)
    assert not network.model.training
    np.testing.assert_array_equal(network.look(crops).embedding, before)


@pytest.mark.parametrize(
    "network",
    [
        TorchNetwork("mine", nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten()), (Tap("one", "0", 4, 1),), 16),
        Memory(None, 32),
    ],
)
def test_others_networks_are_run_by_what_they_were_given_in(network: AuditedNetwork) -> None:
    assert in_runtime(network) is network


def test_one_that_would_say_something_else_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(runtime.FAST_FORMS, EQUALISED, lambda crops: crops[:, 0] / 255)
    network = network_of(IRESNET, EQUALISED)
    assert in_runtime(network) is network
