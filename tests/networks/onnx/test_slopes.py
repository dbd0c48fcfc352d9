"""PReLU's slopes of channels that onnx's converter leaves to be slopes of columns: seen and told, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import helper, numpy_helper, version_converter

from mint.errors import DoubtfulNetwork, WeightsCorrupt
from mint.networks.describe import describe_lines
from mint.networks.onnx.network import OnnxNetwork
from mint.networks.open import open_network
from tests.odd_graphs import SIDE, Builder

SLOPES = np.linspace(0, 0.6, SIDE)


def old(wide: int = SIDE, slopes: np.ndarray = SLOPES) -> onnx.ModelProto:
    """A recogniser of opset 6, as wide in channels as its pictures are in pixels, or otherwise."""
    b = Builder()
    x = b.add("Conv", ["input", b.drawn(wide, 3, 3, 3)], pads=[1] * 4)
    x = b.add("PRelu", [x, b.weight(slopes)])
    model = b.model([b.add("Flatten", [b.add("Conv", [x, b.drawn(8, wide, 8, 8)], strides=[8, 8])])], opset=6, ir=3)
    model.graph.input.extend(
        helper.make_tensor_value_info(w.name, w.data_type, w.dims) for w in model.graph.initializer
    )
    return model


def mended(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same with slopes of channels, as they were meant."""
    copy = onnx.ModelProto.FromString(model.SerializeToString())
    for weight in copy.graph.initializer:
        if list(weight.dims) == [SIDE]:
            weight.dims[:] = [SIDE, 1, 1]
            (value,) = (value for value in copy.graph.input if value.name == weight.name)
            value.CopyFrom(helper.make_tensor_value_info(weight.name, weight.data_type, weight.dims))
    return copy


def test_what_the_converter_leaves_is_told_wherever_the_network_is_opened(tmp_path: Path) -> None:
    model = version_converter.convert_version(old(), 17)
    onnx.save(model, tmp_path / "net.onnx")
    with pytest.warns(DoubtfulNetwork, match=rf"'prelu1' \(PRelu\) another slope for each of {SIDE} columns"):
        network = open_network(tmp_path / "net.onnx")
    assert any(line.startswith("WARNING: ") and "shape (16, 1, 1)" in line for line in describe_lines(network))
    sound = OnnxNetwork("net", mended(model))
    assert not sound.concerns
    # It is no false alarm: the embeddings are others, and those of the mended file are what opset 6 means.
    seen = torch.from_numpy(np.random.default_rng(0).normal(size=(4, 3, SIDE, SIDE)).astype(np.float32))
    wrong, right = network.forward(seen).embedding, sound.forward(seen).embedding
    assert torch.cosine_similarity(wrong, right).max() < 0.99
    weights = {w.name: torch.from_numpy(numpy_helper.to_array(w).copy()) for w in model.graph.initializer}
    first, slopes, last = weights.values()
    maps = torch.nn.functional.prelu(torch.nn.functional.conv2d(seen, first, padding=1), slopes.view(-1))
    meant = torch.nn.functional.conv2d(maps, last, stride=8).flatten(1)
    torch.testing.assert_close(right, meant, rtol=1e-4, atol=1e-4)


def test_one_slope_for_all_is_the_same_either_way() -> None:
    assert not OnnxNetwork("net", version_converter.convert_version(old(slopes=np.full(SIDE, 0.25)), 17)).concerns


def test_of_another_width_it_does_not_run() -> None:
    with pytest.raises(WeightsCorrupt, match=r"node 'prelu1' \(PRelu\): Attempting to broadcast .* 8 by 16"):
        OnnxNetwork("net", version_converter.convert_version(old(8, SLOPES[:8]), 17))


def test_channels_that_come_last_are_no_columns() -> None:
    b = Builder()
    x = b.add("Transpose", [b.add("Conv", ["input", b.drawn(SIDE, 3, 3, 3)], pads=[1] * 4)], perm=[0, 2, 3, 1])
    x = b.add("Add", [b.add("PRelu", [x, b.weight(SLOPES)]), b.weight(SLOPES)])
    x = b.add("Conv", [b.add("Transpose", [x], perm=[0, 3, 1, 2]), b.drawn(8, SIDE, 8, 8)], strides=[8, 8])
    assert not OnnxNetwork("net", b.model([b.add("Flatten", [x])])).concerns


def test_behind_a_dense_layer_there_is_a_slope_for_each_value() -> None:
    b = Builder()
    assert not OnnxNetwork(
        "net", b.model([b.add("PRelu", [b.embed(b.body("input"), SIDE), b.weight(SLOPES)])])
    ).concerns


@pytest.mark.parametrize("way", ["sum", "constant", "batch norm"])
def test_it_is_seen_behind_a_shortcut_from_a_constant_and_behind_a_norm(way: str) -> None:
    b = Builder()
    x = b.add("Conv", ["input", b.drawn(SIDE, 3, 3, 3)], pads=[1] * 4)
    if way == "sum":
        x = b.add("Add", [x, b.add("Conv", [x, b.drawn(SIDE, SIDE, 1, 1)])])
    if way == "batch norm":
        x = b.add(
            "BatchNormalization",
            [x, *(b.weight(v) for v in (np.ones(SIDE), np.zeros(SIDE), np.zeros(SIDE), np.ones(SIDE)))],
        )
    slopes = numpy_helper.from_array(SLOPES.astype(np.float32))
    x = b.add("PRelu", [x, b.add("Constant", [], value=slopes) if way == "constant" else b.weight(SLOPES)])
    model = b.model([b.add("Flatten", [b.add("Conv", [x, b.drawn(8, SIDE, 8, 8)], strides=[8, 8])])])
    (said,) = OnnxNetwork("net", model).concerns
    assert "slope for each of 16 columns" in said
    for stored in (
        *model.graph.initializer,
        *(a.t for n in model.graph.node for a in n.attribute if a.name == "value"),
    ):
        if list(stored.dims) == [SIDE]:  # slopes, and the norm's own: one value for all
            stored.CopyFrom(numpy_helper.from_array(np.full(SIDE, 0.5, np.float32), stored.name))
    assert not OnnxNetwork("net", model).concerns
