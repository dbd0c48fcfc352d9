"""IResNet against InsightFace's: names, counts, shapes, and the arithmetic by hand."""

from __future__ import annotations

import copy

import pytest
import torch
from torch.nn import functional

from mint.networks.modules.iresnet import DEPTHS, Block, IResNet, fuse, group_norm
from mint.networks.torch_network import tap


def count(layers: tuple[int, ...], width: int, input_size: int, embedding_size: int) -> int:
    """Parameters, added up from the published description of the network."""

    def convolution(inside: int, outside: int, side: int) -> int:
        return inside * outside * side * side

    def norm(channels: int) -> int:
        return 2 * channels

    total = convolution(3, width, 3) + norm(width) + width  # stem: convolution, BN, PReLU
    inside = width
    for stage, blocks in enumerate(layers):
        outside = width * 2**stage
        for block in range(blocks):
            total += norm(inside) + convolution(inside, outside, 3) + norm(outside) + outside
            total += convolution(outside, outside, 3) + norm(outside)
            if block == 0:
                total += convolution(inside, outside, 1) + norm(outside)
            inside = outside
    side = input_size // 16
    return total + norm(inside) + inside * side * side * embedding_size + embedding_size + norm(embedding_size)


# In millions, as InsightFace's model zoo and the papers that use these networks state them.
PUBLISHED = {18: 24.03, 34: 34.14, 50: 43.59, 100: 65.16}


@pytest.mark.parametrize("depth", DEPTHS)
def test_parameters_at_112_pixels(depth):
    with torch.device("meta"):  # shapes without memory
        found = sum(p.numel() for p in IResNet(DEPTHS[depth]).parameters())
    assert found == count(DEPTHS[depth], 64, 112, 512)
    assert round(found / 1e6, 2) == pytest.approx(PUBLISHED[depth], abs=0.011)


def test_parameters_of_a_small_one():
    found = sum(p.numel() for p in IResNet((2, 1, 3, 1), 8, 48, 20).parameters())
    assert found == count((2, 1, 3, 1), 8, 48, 20)


def test_the_depth_counts_convolutions():
    for depth, blocks in DEPTHS.items():
        assert 2 * sum(blocks) + 2 == depth  # the stem and the last linear layer beside them


def test_maps_of_the_papers_network():
    with torch.device("meta"):
        model = IResNet().eval()
        with tap(model, [f"layer{k}" for k in (1, 2, 3, 4)]) as maps:
            embedding = model(torch.zeros(2, 3, 112, 112))
    assert embedding.shape == (2, 512)
    assert [tuple(m.shape) for m in maps.values()] == [
        (2, 64, 56, 56),
        (2, 128, 28, 28),
        (2, 256, 14, 14),
        (2, 512, 7, 7),
    ]


def test_names_are_insightfaces():
    with torch.device("meta"):
        names = set(IResNet(DEPTHS[18]).state_dict())
    norm = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    wanted = {"conv1.weight", "prelu.weight", "fc.weight", "fc.bias"}
    wanted |= {f"{bn}.{part}" for bn in ("bn1", "bn2", "features") for part in norm}
    for stage in (1, 2, 3, 4):
        for block in (0, 1):
            start = f"layer{stage}.{block}"
            wanted |= {f"{start}.conv1.weight", f"{start}.conv2.weight", f"{start}.prelu.weight"}
            wanted |= {f"{start}.bn{k}.{part}" for k in (1, 2, 3) for part in norm}
        wanted |= {f"layer{stage}.0.downsample.0.weight"}
        wanted |= {f"layer{stage}.0.downsample.1.{part}" for part in norm}
    assert names == wanted


def shaken(module: torch.nn.Module) -> torch.nn.Module:
    """Fresh norms do nothing, so give every one of them something to do."""
    torch.manual_seed(5)
    for part in module.modules():
        if isinstance(part, torch.nn.BatchNorm1d | torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(part.weight, 0.5, 1.5)
            torch.nn.init.normal_(part.bias)
            part.running_mean.normal_()
            part.running_var.uniform_(0.5, 2)
        if isinstance(part, torch.nn.PReLU):
            torch.nn.init.uniform_(part.weight, 0.1, 0.4)
    return module.eval()


def norm_by_hand(x: torch.Tensor, state: dict[str, torch.Tensor], name: str) -> torch.Tensor:
    mean, variance, weight, bias = (
        state[f"{name}.{part}"].view(1, -1, *(1,) * (x.ndim - 2))
        for part in ("running_mean", "running_var", "weight", "bias")
    )
    return (x - mean) / (variance + 1e-5).sqrt() * weight + bias


def block_by_hand(x: torch.Tensor, state: dict[str, torch.Tensor], name: str, stride: int) -> torch.Tensor:
    y = functional.conv2d(norm_by_hand(x, state, f"{name}bn1"), state[f"{name}conv1.weight"], padding=1)
    y = norm_by_hand(y, state, f"{name}bn2")
    y = torch.where(y > 0, y, y * state[f"{name}prelu.weight"].view(1, -1, 1, 1))
    y = functional.conv2d(y, state[f"{name}conv2.weight"], stride=stride, padding=1)
    y = norm_by_hand(y, state, f"{name}bn3")
    if f"{name}downsample.0.weight" in state:
        x = norm_by_hand(
            functional.conv2d(x, state[f"{name}downsample.0.weight"], stride=stride), state, f"{name}downsample.1"
        )
    return y + x


@pytest.mark.parametrize(("inside", "outside", "stride"), [(4, 8, 2), (6, 6, 2), (6, 6, 1), (4, 8, 1)])
@torch.no_grad()
def test_a_block_by_hand(inside, outside, stride):
    block = shaken(Block(inside, outside, stride))
    assert (block.downsample is None) == (stride == 1 and inside == outside)
    x = torch.randn(3, inside, 10, 10)
    torch.testing.assert_close(block(x), block_by_hand(x, block.state_dict(), "", stride))


@torch.no_grad()
def test_the_whole_network_by_hand():
    model = shaken(IResNet((1, 2, 1, 1), 4, 32, 12))
    state = model.state_dict()
    x = torch.rand(2, 3, 32, 32) * 2 - 1
    y = norm_by_hand(functional.conv2d(x, state["conv1.weight"], padding=1), state, "bn1")
    y = torch.where(y > 0, y, y * state["prelu.weight"].view(1, -1, 1, 1))
    for stage, blocks in enumerate((1, 2, 1, 1), 1):
        for block in range(blocks):
            y = block_by_hand(y, state, f"layer{stage}.{block}.", 2 if block == 0 else 1)
    y = norm_by_hand(y, state, "bn2").flatten(1) @ state["fc.weight"].T + state["fc.bias"]
    torch.testing.assert_close(model(x), norm_by_hand(y, state, "features"), rtol=1e-4, atol=1e-4)


def test_the_scale_of_the_embedding_is_not_trained():
    model = IResNet((1, 1, 1, 1), 4, 16, 8)
    frozen = [name for name, p in model.named_parameters() if not p.requires_grad]
    assert frozen == ["features.weight"]
    assert (model.features.weight == 1).all()


def test_input_sizes_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match="multiple of 16"):
        IResNet((1, 1, 1, 1), 4, 100, 8)


@torch.no_grad()
def test_fusing_changes_no_answer_and_no_map():
    model = shaken(IResNet((1, 2, 1, 1), 4, 32, 12))
    fused = fuse(copy.deepcopy(model).train())
    x = torch.rand(3, 3, 32, 32) * 2 - 1
    names = [f"layer{k}" for k in (1, 2, 3, 4)]
    with tap(model, names) as wanted, tap(fused, names) as found:
        torch.testing.assert_close(fused(x), model(x), rtol=1e-3, atol=1e-3)
    for name in names:
        torch.testing.assert_close(found[name], wanted[name], rtol=1e-4, atol=1e-4)
    left = [n for n, m in fused.named_modules() if isinstance(m, torch.nn.BatchNorm2d)]
    blocks = [f"layer{stage}.{k}.bn1" for stage, count in ((1, 1), (2, 2), (3, 1), (4, 1)) for k in range(count)]
    assert left == [*blocks, "bn2"]


# ---- with group norm


def test_group_norm_has_as_many_parameters_but_no_norm_of_the_embedding_and_no_memory_of_photos():
    model = IResNet((2, 1, 3, 1), 8, 48, 20, norm=group_norm)
    assert sum(p.numel() for p in model.parameters()) == count((2, 1, 3, 1), 8, 48, 20) - 2 * 20
    assert not list(model.buffers())


def test_group_norm_takes_four_channels_together_and_all_where_that_does_not_divide():
    x = torch.randn(2, 8, 3, 3, generator=torch.Generator().manual_seed(1)) * 5 + 2
    grouped = x.view(2, 2, -1)
    wanted = (grouped - grouped.mean(2, keepdim=True)) / (grouped.var(2, correction=0, keepdim=True) + 1e-5).sqrt()
    torch.testing.assert_close(group_norm(8)(x), wanted.view_as(x))
    assert (group_norm(6).num_groups, group_norm(12).num_groups) == (1, 3)


@torch.no_grad()
def test_with_group_norm_a_photo_is_embedded_the_same_whoever_is_beside_it_and_lengths_differ():
    torch.manual_seed(3)
    x = torch.randn(5, 3, 32, 32)
    alone, beside = IResNet((1, 1, 1, 1), 4, 32, 16, norm=group_norm).train(), IResNet((1, 1, 1, 1), 4, 32, 16).train()
    together = alone(x)
    torch.testing.assert_close(torch.cat([alone(one[None]) for one in x]), together, rtol=1e-4, atol=1e-4)
    assert float(together.norm(dim=1).std()) > 0.01
    assert not torch.allclose(beside(x)[:2], beside(x[:2]), atol=1e-2)  # batch norm mixes photos
