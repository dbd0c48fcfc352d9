"""Where a network can be looked at, with costs counted again by hand."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
import torch
from torch import nn

from mint.cli.lab.taps import places
from mint.errors import MintError, TapSilent
from mint.networks.base import Tap
from mint.networks.onnx.network import OnnxNetwork, load_onnx
from mint.networks.tap_search import candidates, tapped
from mint.networks.torch_network import TorchNetwork
from tests.graphs import mobile


@pytest.fixture
def graph(tmp_path: Path) -> OnnxNetwork:
    onnx.save(mobile(residual=True), tmp_path / "mobile.onnx")
    return load_onnx(tmp_path / "mobile.onnx")


def test_a_graph_s_places_in_order_with_their_costs(graph: OnnxNetwork) -> None:
    found = candidates(graph)
    assert [(c.tap, c.module) for c in found if c.tap] == [
        ("stage1", "s1_pw_relu"), ("stage2", "s2_sum"), ("stage3", "s3_sum"), ("stage4", "s4_pw_relu"),
    ]  # fmt: skip
    work, done = {}, 0
    for stage in (1, 2, 3, 4):
        cells = (32 // 2**stage) ** 2
        inside = 3 if stage == 1 else 4
        done += cells * 4 * inside * 9
        work[f"s{stage}_relu"] = done
        done += cells * 4 * 1 * 9
        work[f"s{stage}_dw_relu"] = done
        done += cells * 4 * 4
        work[f"s{stage}_sum" if stage in (2, 3) else f"s{stage}_pw_relu"] = done
        work.setdefault(f"s{stage}_pw_relu", done)
    total = done + 6 * 4 * 4
    assert {c.module for c in found} == set(work)
    assert {c.module: c.cost for c in found} == pytest.approx({k: v / total for k, v in work.items()})
    costs = [c.cost for c in found]
    assert costs == sorted(costs)
    assert all((c.channels, c.side * c.stride) == (4, 32) for c in found)


def test_a_module_s_places_in_the_order_of_the_forward_pass(network: TorchNetwork) -> None:
    found = candidates(network)
    assert [c.tap for c in found if c.tap] == ["stage1", "stage2", "stage3", "stage4"]
    by_name = {c.module: c for c in found}
    # Width 4, one block a stage, 32 pixels: stem, then per stage two 3 × 3 and the 1 × 1 of the shortcut.
    stem = 32**2 * 4 * 3 * 9
    first = 32**2 * 4 * 4 * 9 + 16**2 * 4 * 4 * 9 + 16**2 * 4 * 4
    total, inside, side = stem, 4, 32
    for stage in range(4):
        outside = 4 * 2**stage
        total += side**2 * outside * inside * 9 + (side // 2) ** 2 * outside * (outside * 9 + inside)
        inside, side = outside, side // 2
    total += 32 * 2 * 2 * 16
    assert by_name["conv1"].cost == pytest.approx(stem / total)
    assert by_name["layer1"].cost == pytest.approx((stem + first) / total)
    assert (by_name["layer2"].channels, by_name["layer2"].side, by_name["layer2"].stride) == (8, 8, 4)
    assert "fc" not in by_name
    assert not any(module._forward_hooks for module in network.model.modules())


def test_own_taps_of_a_graph_show_what_the_graph_shows_there(graph: OnnxNetwork) -> None:
    picture = torch.rand(2, 3, 32, 32) * 255
    other = tapped(graph, {"early": "s1_conv", "late": "s3_sum"})
    assert other.taps == (Tap("early", "s1_conv", 4, 2), Tap("late", "s3_sum", 4, 8))
    torch.testing.assert_close(other.look(picture).taps["late"], graph.look(picture).taps["stage3"])
    assert (other.fingerprint, other.key != graph.key) == (graph.fingerprint, True)
    listed = [c for c in candidates(other) if c.tap]
    assert [(c.tap, c.module) for c in listed] == [("early", "s1_conv"), ("late", "s3_sum")]
    assert 0 < listed[0].cost < listed[1].cost < 1


def test_own_taps_of_a_module(network: TorchNetwork) -> None:
    picture = torch.rand(1, 3, 112, 112) * 255
    other = tapped(network, {"inside": "layer2.0.prelu"})
    assert other.taps == (Tap("inside", "layer2.0.prelu", 8, 2),)
    assert other.look(picture).taps["inside"].shape == (1, 8, 16, 16)
    assert other.head is not None
    assert network.taps[0].name == "stage1"  # the first one is what it was


def test_places_that_show_no_maps_are_refused(graph: OnnxNetwork, network: TorchNetwork) -> None:
    for one, place in (
        (graph, "nowhere"),
        (graph, "embedding"),
        (graph, "flat"),
        (network, "fc"),
        (network, "nowhere"),
    ):
        with pytest.raises(TapSilent):
            tapped(one, {"x": place})
    never = TorchNetwork("x", nn.ModuleDict({"a": nn.Conv2d(3, 2, 1)}), [], 8)
    never.model.forward = lambda x: x.flatten(1)
    with pytest.raises(TapSilent, match="never went through"):
        tapped(never, {"x": "a"})


def test_a_graph_that_came_from_no_file_cannot_be_listed() -> None:
    network = OnnxNetwork("mobile", mobile(residual=True))
    for ask in (lambda: candidates(network), lambda: tapped(network, {"x": "s2_sum"})):
        with pytest.raises(MintError, match="neither"):
            ask()


def test_taps_are_typed_as_name_and_place() -> None:
    assert places(["a=layer1", "b=/block/Add_output_0"]) == {"a": "layer1", "b": "/block/Add_output_0"}
    for wrong in (["layer1"], ["=x"], ["a="], ["a=x", "a=y"], ["embedding=x"]):
        with pytest.raises(MintError, match="NAME=PLACE"):
            places(wrong)
