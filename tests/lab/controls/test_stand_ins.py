import numpy as np
import torch

from mint.auditors import build, specs
from mint.auditors.base import read
from mint.auditors.features import read_features
from mint.lab.controls.stand_ins import PixelNetwork
from mint.lab.controls.untrained import untrained_copy
from mint.networks.architectures import GROUP_NORM_IRESNET, build_network
from mint.networks.base import AuditedNetwork
from mint.networks.torch_network import TorchNetwork
from tests.tiny_bundles import SHAPE


def untrained(crops: np.ndarray, seed: int) -> AuditedNetwork:
    shaped = build_network(SHAPE, "x")
    head = torch.randn(7, SHAPE["embedding_size"])
    return untrained_copy(TorchNetwork("x", shaped.model, shaped.taps, shaped.input_size, head), crops, seed)


def test_the_pixel_network_shows_the_pixels_and_nothing_else(crops: np.ndarray) -> None:
    network = PixelNetwork(112)
    reading = read(network, crops, views=False)
    expected = torch.from_numpy(crops.copy()).permute(0, 3, 1, 2).float() / 127.5 - 1
    torch.testing.assert_close(reading.plain.taps["crop"], expected)
    assert reading.plain.embedding.shape == (len(crops), 3 * 16 * 16)
    assert not [s for s in specs(network) if s.kind == "prototype"]


def test_every_auditor_runs_on_every_control(crops: np.ndarray) -> None:
    with torch.inference_mode():
        for network in (PixelNetwork(32), untrained(crops, seed=1)):
            found = read_features(read(network, crops, views=True), maps=True)
            for spec in specs(network):
                auditor = build(spec, network).eval()
                assert auditor(*auditor.inputs(found, network.head)).shape == (len(crops),)


def test_the_untrained_network_is_random_but_not_wild(crops: np.ndarray) -> None:
    one, same, other = (untrained(crops, seed) for seed in (1, 1, 2))
    weights = [n.model.state_dict()["layer1.0.conv1.weight"] for n in (one, same, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    fan_in = weights[0][0].numel()  # He et al. 2015
    assert abs(float(weights[0].std()) * (fan_in / 2) ** 0.5 - 1) < 0.2
    maps = read(one, crops, views=False).plain
    assert all(value.std() < 50 for value in maps.taps.values())
    assert one.head is not None
    torch.testing.assert_close(one.head.norm(dim=1), torch.ones(7))


def test_nothing_trained_is_left_in_a_network_with_group_norm(crops: np.ndarray) -> None:
    shaped = build_network({**SHAPE, "architecture": GROUP_NORM_IRESNET}, "x")
    for parameter in shaped.model.parameters():
        torch.nn.init.constant_(parameter, 3.5)  # what training left
    fresh = untrained_copy(shaped, crops, seed=1)
    assert isinstance(fresh, TorchNetwork)
    assert len(list(fresh.model.parameters())) > 40
    assert not [name for name, value in fresh.model.named_parameters() if (value == 3.5).any()]
