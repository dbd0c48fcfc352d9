"""Taps record what modules put out, leave no trace, and never lie by silence."""

from __future__ import annotations

import copy
import threading

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from mint.errors import DeviceMissing, TapSilent
from mint.networks.base import Tap
from mint.networks.modules.iresnet import IResNet
from mint.networks.torch_network import TORCH_CHUNK, TorchNetwork, resize_and_scale, tap


def hooks(model: nn.Module) -> int:
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules())


class Fork(nn.Module):
    """Has a side that never runs, a module used twice under two names, and one that returns a tuple."""

    def __init__(self) -> None:
        super().__init__()
        self.main = nn.Linear(4, 4)
        self.alias = self.main
        self.idle = nn.Linear(4, 4)
        self.recurrent = nn.GRU(4, 4, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.recurrent(self.main(x)[:, None])[1][0]


def test_maps_are_what_the_modules_put_out():
    net = nn.Sequential(nn.Conv2d(3, 5, 3), nn.ReLU(), nn.Conv2d(5, 2, 3))
    x = torch.randn(2, 3, 9, 9)
    with tap(net, ["0", "1"]) as maps:
        out = net(x)
    assert list(maps) == ["0", "1"]
    torch.testing.assert_close(maps["0"], net[0](x))
    torch.testing.assert_close(maps["1"], net[0](x).clamp(min=0))
    torch.testing.assert_close(out, net(x))
    assert not maps["0"].requires_grad


def test_maps_are_cloned_before_an_operation_in_place():
    net = nn.Sequential(nn.Linear(6, 6), nn.ReLU(inplace=True))
    x = torch.randn(8, 6)
    before = net[0](x)
    assert (before < 0).any()
    with tap(net, ["0"]) as maps:
        net(x)
    torch.testing.assert_close(maps["0"], before)


def test_a_tap_does_not_hear_other_threads():
    net = nn.Sequential(nn.Linear(2, 2))
    mine, other = torch.ones(1, 2), torch.zeros(3, 2)
    with tap(net, ["0"]) as maps:
        net(mine)
        stranger = threading.Thread(target=net, args=(other,))
        stranger.start()
        stranger.join()
    torch.testing.assert_close(maps["0"], net(mine))


def test_hooks_are_removed():
    net = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    with tap(net, ["0", "1"]):
        assert hooks(net) == 2
        net(torch.zeros(1, 2))
    assert hooks(net) == 0


def test_hooks_are_removed_after_an_exception():
    net = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    with pytest.raises(RuntimeError, match="shapes"), tap(net, ["0", "1"]):
        net(torch.zeros(1, 3))
    assert hooks(net) == 0
    with pytest.raises(KeyboardInterrupt), tap(net, ["0"]):
        raise KeyboardInterrupt
    assert hooks(net) == 0


def test_a_silent_tap_raises():
    net = Fork()
    with pytest.raises(TapSilent, match="idle"), tap(net, ["main", "idle"]):
        net(torch.zeros(1, 4))
    assert hooks(net) == 0


def test_an_unknown_module_raises_before_anything_runs():
    net = Fork()
    ran = False
    with pytest.raises(TapSilent, match="mian"), tap(net, ["main", "mian"]):
        ran = True
    assert not ran
    assert hooks(net) == 0


def test_a_module_with_two_names_answers_to_both():
    net = Fork()
    with tap(net, ["main", "alias"]) as maps:
        net(torch.ones(2, 4))
    torch.testing.assert_close(maps["main"], maps["alias"])


def test_a_module_that_puts_out_a_tuple_is_refused_clearly():
    net = Fork()
    with pytest.raises(TypeError, match="recurrent puts out a tuple"), tap(net, ["recurrent"]):
        net(torch.ones(2, 4))
    assert hooks(net) == 0


# ---- preprocessing


def test_scaling_to_minus_one_and_one():
    crops = torch.tensor([0.0, 127.5, 255.0]).view(1, 3, 1, 1).expand(1, 3, 8, 8)
    torch.testing.assert_close(resize_and_scale(crops, 8)[0, :, 0, 0], torch.tensor([-1.0, 0.0, 1.0]))


def test_resizing_is_antialiased_as_in_pillow():
    picture = np.random.default_rng(0).integers(0, 256, (112, 112, 3), dtype=np.uint8)
    wanted = np.asarray(Image.fromarray(picture).resize((64, 64), Image.Resampling.BILINEAR))
    found = resize_and_scale(torch.from_numpy(picture).permute(2, 0, 1)[None].float(), 64)
    assert found.shape == (1, 3, 64, 64)
    assert np.abs((found[0].permute(1, 2, 0).numpy() + 1) * 127.5 - wanted).max() < 1.5


def test_only_the_height_differs():
    assert resize_and_scale(torch.zeros(1, 3, 96, 64), 64).shape == (1, 3, 64, 64)


# ---- the network


def test_look_gives_what_the_model_gives(network, crops):
    batch = torch.from_numpy(crops).permute(0, 3, 1, 2).float()
    maps = network.look(batch)
    model = network.model
    with torch.no_grad():
        x = resize_and_scale(batch, 32)
        torch.testing.assert_close(maps.embedding, model(x))
        y = model.prelu(model.bn1(model.conv1(x)))
        for name, stage in zip(maps.taps, (model.layer1, model.layer2, model.layer3, model.layer4), strict=True):
            y = stage(y)
            torch.testing.assert_close(maps.taps[name], y, msg=name)
    assert list(maps.taps) == ["stage1", "stage2", "stage3", "stage4"]
    assert len(maps) == 6


def test_taps_declare_what_comes(network, crops):
    maps = network.look(torch.from_numpy(crops).permute(0, 3, 1, 2).float())
    for tap_ in network.taps:
        side = 32 // tap_.stride
        assert maps.taps[tap_.name].shape == (6, tap_.channels, side, side)
    shapes = network.shapes()
    assert shapes == {**{t.name: (t.channels, 32 // t.stride) for t in network.taps}, "embedding": (16, 1)}


def test_an_answer_does_not_depend_on_the_batch(network, crops):
    batch = torch.from_numpy(crops).permute(0, 3, 1, 2).float()
    together = network.look(batch)
    for number in range(len(batch)):
        alone = network.look(batch[number : number + 1])
        torch.testing.assert_close(alone.embedding, together[number : number + 1].embedding, rtol=1e-4, atol=1e-5)


def test_a_batch_larger_than_a_chunk_comes_back_whole_and_in_order(network, crops):
    batch = torch.from_numpy(crops).permute(0, 3, 1, 2).float().repeat(25, 1, 1, 1)[: 2 * TORCH_CHUNK + 5]
    batch += torch.arange(len(batch)).view(-1, 1, 1, 1) / 4  # no two alike
    together = network.look(batch)
    assert len(together) == len(batch)
    for number in (0, TORCH_CHUNK - 1, TORCH_CHUNK, 2 * TORCH_CHUNK, 2 * TORCH_CHUNK + 4):
        alone = network.look(batch[number : number + 1])
        torch.testing.assert_close(alone.embedding[0], together.embedding[number], rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(alone.taps["stage3"][0], together.taps["stage3"][number], rtol=1e-4, atol=1e-5)


def test_looking_changes_nothing(network, crops):
    before = {k: v.clone() for k, v in network.model.state_dict().items()}
    batch = torch.from_numpy(crops).permute(0, 3, 1, 2).float()
    kept = batch.clone()
    network.look(batch)
    torch.testing.assert_close(batch, kept)
    torch.testing.assert_close(network.model.state_dict(), before)
    assert not network.model.training
    assert hooks(network.model) == 0


def test_the_head_is_normalised():
    network = TorchNetwork("x", nn.Conv2d(3, 1, 1), (), 8, torch.tensor([[3.0, 4.0], [0.0, -2.0]]))
    torch.testing.assert_close(network.head, torch.tensor([[0.6, 0.8], [0.0, -1.0]]))
    assert TorchNetwork("x", nn.Conv2d(3, 1, 1), (), 8).head is None


def test_maps_can_be_sliced(network, crops):
    maps = network.look(torch.from_numpy(crops).permute(0, 3, 1, 2).float())
    part = maps[::2]
    assert len(part) == 3
    torch.testing.assert_close(part.embedding, maps.embedding[[0, 2, 4]])
    torch.testing.assert_close(part.taps["stage2"], maps.taps["stage2"][[0, 2, 4]])


# ---- scaling and devices


def test_another_scaling_is_applied_and_told() -> None:
    network = TorchNetwork("x", nn.Conv2d(3, 2, 1), [Tap("all", "", 2, 1)], 8, mean=100.0, scale=0.25)
    crops = torch.rand(2, 3, 8, 8) * 255
    torch.testing.assert_close(network.preprocess(crops), (crops - 100) / 4, rtol=1e-5, atol=1e-4)
    assert (network.describe()["mean"], network.describe()["scale"]) == (100.0, 0.25)
    plain = TorchNetwork("x", network.model, network.taps, 8)
    assert torch.equal(plain.preprocess(crops), resize_and_scale(crops, 8))
    assert plain.key != network.key


def test_auto_is_the_processor_without_a_gpu_and_cuda_is_refused() -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    assert TorchNetwork("x", nn.Conv2d(3, 2, 1), [], 8, device="auto").device == "cpu"
    with pytest.raises(DeviceMissing, match="mint doctor"):
        TorchNetwork("x", nn.Conv2d(3, 2, 1), [], 8, device="cuda")
    with pytest.raises(ValueError, match="cpu, cuda or auto"):
        TorchNetwork("x", nn.Conv2d(3, 2, 1), [], 8, device="mps")


def test_on_cuda_it_runs_in_half_precision_and_answers_nearly_the_same() -> None:
    if not torch.cuda.is_available():
        pytest.skip("needs a GPU")
    torch.manual_seed(0)
    model = IResNet((1, 1, 1, 1), 8, 32, 16)
    taps = [Tap(f"stage{k}", f"layer{k}", 8 * 2 ** (k - 1), 2**k) for k in (1, 2, 3, 4)]
    crops = torch.rand(5, 3, 112, 112) * 255
    wanted = TorchNetwork("x", model, taps, 32).look(crops)
    network = TorchNetwork("x", copy.deepcopy(model), taps, 32, device="cuda")
    found = network.look(crops)
    assert next(network.model.parameters()).dtype == torch.float16
    for name, maps in found.taps.items():
        assert (maps.device.type, maps.dtype) == ("cuda", torch.float32)
        torch.testing.assert_close(maps.cpu(), wanted.taps[name], rtol=0.02, atol=0.02 * float(wanted.taps[name].std()))
