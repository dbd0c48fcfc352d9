"""Stages are found by the shape of the computation: the same maps as torch's hooks, under any names."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from mint.errors import TapSilent, WeightsCorrupt
from mint.networks.base import Tap
from mint.networks.modules.iresnet import IResNet, fuse
from mint.networks.onnx.file import read_onnx
from mint.networks.onnx.network import OnnxNetwork, load_onnx
from mint.networks.onnx.stages import constants, find_taps, picture_input
from mint.networks.torch_network import tap
from tests.graphs import export, mobile

STAGES = ["layer1", "layer2", "layer3", "layer4"]


def settled(model: nn.Module) -> nn.Module:
    """Batch norms with statistics of their own, so that a map before and one after a norm differ."""
    model.train()
    with torch.no_grad():
        model(torch.randn(8, 3, 64, 64))
    return model.eval()


@pytest.fixture(scope="module")
def iresnet() -> IResNet:
    torch.manual_seed(0)
    return settled(IResNet((2, 1, 2, 1), 4, 64, 16))  # type: ignore[return-value]


@pytest.mark.parametrize("folded", [False, True])
def test_an_iresnet_shows_what_torch_hooks_show(iresnet: IResNet, tmp_path: Path, folded: bool) -> None:
    model = IResNet((2, 1, 2, 1), 4, 64, 16).eval()
    model.load_state_dict(iresnet.state_dict())
    if folded:
        model = fuse(model)
    network = load_onnx(export(model, tmp_path / "iresnet.onnx", 64))
    batch = torch.randn(3, 3, 64, 64)
    with torch.no_grad(), tap(model, STAGES) as wanted:
        embedding = model(batch)
    found = network.forward(batch)
    torch.testing.assert_close(found.embedding, embedding, rtol=1e-4, atol=1e-4)
    assert list(found.taps) == ["stage1", "stage2", "stage3", "stage4"]
    for mine, theirs in zip(found.taps.values(), wanted.values(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-4)
    assert [(t.channels, t.stride) for t in network.taps] == [(4, 2), (8, 4), (16, 8), (32, 16)]


def test_names_do_not_matter(iresnet: IResNet, tmp_path: Path) -> None:
    model, _ = read_onnx(export(iresnet, tmp_path / "iresnet.onnx", 64))
    new: dict[str, str] = {name: f"t{k}" for k, name in enumerate(o for n in model.graph.node for o in n.output)}
    before = find_taps(model)
    for node in model.graph.node:
        node.name = ""
        node.input[:] = [new.get(i, i) for i in node.input]
        node.output[:] = [new[o] for o in node.output]
    model.graph.output[0].name = new[model.graph.output[0].name]
    assert [t.module for t in find_taps(model)] == [new[t.module] for t in before]


def test_sums_win_and_blocks_stand_in_where_there_is_none() -> None:
    assert [t.module for t in find_taps(mobile(residual=True))] == ["s1_pw_relu", "s2_sum", "s3_sum", "s4_pw_relu"]
    assert [t.module for t in find_taps(mobile(residual=False))] == [f"s{k}_pw_relu" for k in (1, 2, 3, 4)]


def test_taps_say_how_large_their_maps_are() -> None:
    taps = find_taps(mobile(residual=True, size=64))
    assert taps == tuple(
        Tap(f"stage{k}", name, 4, 2**k)
        for k, name in enumerate(("s1_pw_relu", "s2_sum", "s3_sum", "s4_pw_relu"), start=1)
    )


def test_the_deepest_are_kept() -> None:
    assert [t.module for t in find_taps(mobile(residual=True), most=2)] == ["s3_sum", "s4_pw_relu"]


def test_a_block_ends_after_a_norm_written_out_and_before_a_second_use() -> None:
    def graph(nodes: list[onnx.NodeProto]) -> onnx.ModelProto:
        weights = [numpy_helper.from_array(v.astype(np.float32), k) for k, v in (
            ("w", np.ones((2, 3, 3, 3))), ("half", np.full((1, 2, 1, 1), 0.5)), ("six", np.array(6.0)))]  # fmt: skip
        return helper.make_model(
            helper.make_graph(
                [helper.make_node("Conv", ["x", "w"], ["c"], pads=[1] * 4), *nodes], "g",
                [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, 8, 8])],
                [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], weights,
            ),
            opset_imports=[helper.make_opsetid("", 13)], ir_version=8,
        )  # fmt: skip

    node = helper.make_node
    written_out = graph(
        [
            node("Mul", ["c", "half"], ["m"]),
            node("Add", ["m", "half"], ["a"]),
            node("Relu", ["a"], ["r"]),
            node("Add", ["r", "half"], ["y"]),
        ]
    )
    assert [t.module for t in find_taps(written_out)] == ["r"]
    gated = graph([node("Add", ["c", "half"], ["a"]), node("Sigmoid", ["a"], ["s"]), node("Mul", ["a", "s"], ["y"])])
    assert [t.module for t in find_taps(gated)] == ["a"]
    not_a_residual = graph([node("Add", ["c", "half"], ["a"]), node("Add", ["a", "six"], ["y"])])
    assert [t.module for t in find_taps(not_a_residual)] == ["y"]  # an affine chain, not sums of maps


def test_what_only_constants_feed_is_constant() -> None:
    model = mobile(residual=True)
    made = helper.make_node("Neg", ["mean"], ["minus_mean"])
    model.graph.node.insert(0, made)
    found = constants(model)
    assert "minus_mean" in found
    assert "centred" not in found


def test_a_graph_without_maps_or_pictures_is_refused() -> None:
    weights = [numpy_helper.from_array(np.ones((3 * 4 * 4, 2), np.float32), "w")]

    def dense(shape: list[object]) -> onnx.ModelProto:
        nodes = [helper.make_node("Flatten", ["x"], ["f"]), helper.make_node("MatMul", ["f", "w"], ["y"])]
        return helper.make_model(helper.make_graph(
            nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 2])], weights))  # fmt: skip

    with pytest.raises(TapSilent, match="No stage"):
        find_taps(dense(["N", 3, 4, 4]))
    for shape in (["N", 48], ["N", 4, 4, 3], ["N", 3, 4, 8]):
        with pytest.raises(WeightsCorrupt, match=r"takes one \(N, 3, S, S\)"):
            picture_input(dense(shape))


def test_a_free_size_is_called_free_and_channels_that_come_last_are_known() -> None:
    model = mobile(residual=True)
    for dim, size in zip(model.graph.input[0].type.tensor_type.shape.dim, (0, 112, 112, 3), strict=True):
        dim.Clear() if not size else setattr(dim, "dim_value", size)
    with pytest.raises(
        WeightsCorrupt, match=r"\(free, 112, 112, 3\).* channels come last: export it with channels first\.$"
    ):
        picture_input(model)


def test_an_open_size_is_taken_as_112_and_that_is_said_to_be_assumed() -> None:
    model = mobile(residual=True, size=112)
    for dim in model.graph.input[0].type.tensor_type.shape.dim[2:]:
        dim.dim_param = "S"
    assert picture_input(model).side == 112
    told, fixed = (OnnxNetwork("a", one).reading for one in (model, mobile(residual=True, size=112)))
    assert "112 × 112 pixels: assumed, not found" in told[-1]
    assert not any("assumed" in line for line in fixed)
    assert [t.module for t in find_taps(model)] == [
        f"s{k}_{e}" for k, e in enumerate(("pw_relu", "sum", "sum", "pw_relu"), 1)
    ]


@pytest.mark.parametrize(
    ("variable", "file", "wanted"),
    [
        ("MINT_TEST_MODELS", "mobilefacenet_y1.onnx", [(128, 2), (64, 4), (128, 8), (128, 16)]),
        ("MINT_TEST_SFACE", "", [(128, 2), (256, 4), (512, 8), (1024, 16)]),
        ("MINT_TEST_GLINTR100", "", [(64, 2), (128, 4), (256, 8), (512, 16)]),
    ],
)
def test_real_networks(variable: str, file: str, wanted: list[tuple[int, int]]) -> None:
    place = os.environ.get(variable)
    if not place:
        pytest.skip(f"set {variable} to " + (f"a folder with {file}" if file else "the ONNX file"))
    model, _ = read_onnx(Path(place) / file)
    taps = find_taps(model)
    assert [(t.channels, t.stride) for t in taps] == wanted
    maps = OnnxNetwork("real", model, taps).look(torch.rand(2, 3, 112, 112) * 255)
    for place in taps:
        assert maps.taps[place.name].shape == (2, place.channels, 112 // place.stride, 112 // place.stride)
