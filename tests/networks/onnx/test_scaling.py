"""What a graph does to its pictures is followed to the first layer, said, and not done a second time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from mint.errors import DoubtfulNetwork, MintError
from mint.networks.base import GraphReading
from mint.networks.onnx.network import OnnxNetwork
from mint.networks.onnx.scaling import choose_scaling, graph_scaling
from mint.networks.open import open_network
from tests.graphs import mobile
from tests.odd_graphs import SIDE, Builder, scaled, tensorflow_prelu

NOTHING, TO_ONE, TO_BOTH = (0.0, 1.0), (0.0, 1 / 255), (127.5, 1 / 127.5)
IMAGENET = [[[[0.485]], [[0.456]], [[0.406]]]], [[[[0.229]], [[0.224]], [[0.225]]]]
MEAN, DEVIATION = (np.array(values, np.float32) for values in IMAGENET)
BY = "the graph itself "

# Name: steps in the graph, what is said of them, what MINT does before, and what the first layer then sees of RGB 0–255.
FOUND = {
    "Sub, Div": ([("Sub", 127.5), ("Div", 128.0)], "subtracts 127.5 and divides by 128", NOTHING, lambda x: (x - 127.5) / 128),
    "Sub, Mul": ([("Sub", 127.5), ("Mul", 1 / 128)], "subtracts 127.5 and divides by 128", NOTHING, lambda x: (x - 127.5) / 128),
    "Mul, Add": ([("Mul", 1 / 127.5), ("Add", -1.0)], "subtracts 127.5 and divides by 127.5", NOTHING, lambda x: x / 127.5 - 1),
    "Div": ([("Div", 255.0)], "divides by 255", NOTHING, lambda x: x / 255),
    "Sub": ([("Sub", 127.5)], "subtracts 127.5", NOTHING, lambda x: x - 127.5),
    "Constant, Neg, Add, Reciprocal": (
        [("constant", 127.5), ("reciprocal", 128.0)], "subtracts 127.5 and divides by 128", NOTHING, lambda x: (x - 127.5) / 128,
    ),
    "Transpose": ([("last", 127.5), ("Div", 128.0)], "subtracts 127.5 and divides by 128", NOTHING, lambda x: (x - 127.5) / 128),
    "Cast": ([("half", None), ("Sub", 128.0), ("Div", 128.0)], "subtracts 128 and divides by 128", NOTHING, lambda x: (x.astype(np.float16).astype(np.float32) - 128) / 128),
    "Identity": ([("Identity", None), ("Div", 255.0), ("Identity", None)], "divides by 255", NOTHING, lambda x: x / 255),
    "Div by 255, then ImageNet's": (
        [("Div", 255.0), ("Sub", IMAGENET[0]), ("Div", IMAGENET[1])],
        "subtracts 123.675, 116.28, 103.53 and divides by 58.395, 57.12, 57.375 (red, green, blue)",
        NOTHING, lambda x: (x / 255 - MEAN) / DEVIATION,
    ),
    "ImageNet's alone": (
        [("Sub", IMAGENET[0]), ("Div", IMAGENET[1])],
        "subtracts 0.485, 0.456, 0.406 and multiplies by 4.367, 4.464, 4.444 (red, green, blue)",
        TO_ONE, lambda x: (x / 255 - MEAN) / DEVIATION,
    ),
    "from [0, 1]": ([("Sub", 0.5), ("Div", 0.5)], "subtracts 0.5 and multiplies by 2", TO_ONE, lambda x: x / 127.5 - 1),
    "from [-1, 1]": ([("Add", 1.0), ("Div", 2.0)], "adds 1 and divides by 2", TO_BOTH, lambda x: x / 255),
    "BatchNormalization": (
        [("bn", ([120, 110, 100], [60, 58, 59]))], "subtracts 120, 110, 100 and divides by 60, 58, 59 (red, green, blue)",
        NOTHING, lambda x: (x - np.array([120, 110, 100]).reshape(1, 3, 1, 1)) / np.array([60, 58, 59]).reshape(1, 3, 1, 1),
    ),
    "Gather": ([("gather", None), ("Div", 255.0)], "divides by 255 and turns RGB into BGR", NOTHING, lambda x: x[:, ::-1] / 255),
    "Slice": ([("Sub", 127.5), ("slice", None)], "subtracts 127.5 and turns RGB into BGR", NOTHING, lambda x: x[:, ::-1] - 127.5),
    "Split, Concat": ([("split", None), ("Div", 255.0)], "divides by 255 and turns RGB into BGR", NOTHING, lambda x: x[:, ::-1] / 255),
    "BGR alone": ([("gather", None)], "turns RGB into BGR and scales nothing", TO_BOTH, lambda x: (x[:, ::-1] - 127.5) / 127.5),
    "each picture by itself": (
        [("alone", None)], "standardises each picture by its own values", NOTHING,
        lambda x: (x - x.mean((1, 2, 3), keepdims=True)) / x.std((1, 2, 3), keepdims=True),
    ),
    "nothing": ([], "scales nothing", TO_BOTH, lambda x: (x - 127.5) / 127.5),
}  # fmt: skip


def pictures(count: int = 3) -> np.ndarray:
    return np.random.default_rng(4).uniform(0, 255, (count, 3, SIDE, SIDE)).astype(np.float32)


def saved(model: onnx.ModelProto, folder: Path) -> Path:
    (folder / "net.onnx").write_bytes(model.SerializeToString())
    return folder / "net.onnx"


@pytest.mark.parametrize("kind", FOUND)
def test_what_the_graph_does_is_found_and_not_done_twice(kind: str, tmp_path: Path) -> None:
    steps, says, scaling, first = FOUND[kind]
    network = open_network(saved(scaled(*steps), tmp_path))
    assert isinstance(network, OnnxNetwork)
    assert network.reading[0].startswith(f"scaling: {BY}{says}; MINT ")
    assert (network.mean, network.scale) == scaling
    bare = OnnxNetwork("bare", scaled())  # the same weights, without the steps
    seen = pictures()
    wanted = bare.forward(torch.from_numpy(np.ascontiguousarray(first(seen), dtype=np.float32))).embedding
    torch.testing.assert_close(network.look(torch.from_numpy(seen)).embedding, wanted, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("kind", ["Sub, Div", "each picture by itself"])
@pytest.mark.parametrize("batch", [1, 2])
def test_it_is_found_at_a_fixed_batch_as_well(kind: str, batch: int, tmp_path: Path) -> None:
    steps, says, scaling, _ = FOUND[kind]
    free, fixed = scaled(*steps), scaled(*steps)
    fixed.graph.input[0].type.tensor_type.shape.dim[0].CopyFrom(onnx.TensorShapeProto.Dimension(dim_value=batch))
    network, other = (open_network(saved(model, tmp_path)) for model in (fixed, free))
    assert network.reading[0].startswith(f"scaling: {BY}{says}; MINT ")
    assert (network.mean, network.scale) == scaling
    seen = torch.from_numpy(pictures())
    torch.testing.assert_close(network.look(seen).embedding, other.look(seen).embedding)


def test_a_shortcut_round_the_first_convolution_is_no_first_layer() -> None:
    b = Builder()
    x = b.add("Div", ["input", b.weight(255.0)])
    y = b.add("Add", [x, b.add("Conv", [x, b.drawn(3, 3, 3, 3)], pads=[1, 1, 1, 1])])
    found = graph_scaling(b.model([b.embed(b.body(y))]), "net")
    assert (found.says, choose_scaling(found, "net")[:2]) == (f"{BY}divides by 255", NOTHING)


def test_a_shape_that_is_asked_for_is_no_value_of_the_picture() -> None:
    found = graph_scaling(scaled(("sized", None), ("Div", 255.0), ("sized", None)), "net")
    assert (found.says, choose_scaling(found, "net")[:2]) == (f"{BY}divides by 255", NOTHING)


def test_what_stands_behind_the_first_convolution_is_no_scaling(tmp_path: Path) -> None:
    network = open_network(saved(tensorflow_prelu(), tmp_path))
    assert (network.mean, network.scale) == TO_BOTH
    assert network.look(torch.from_numpy(pictures())).embedding.norm(dim=1).max() < 100


@pytest.mark.parametrize(
    "steps",
    [
        [("Mul", 1 / 127.5)],
        [("clip", (0.0, 1.0))],
        [("Sub", 20.0), ("Div", 3.0)],
        [("Mul", 30.0)],
        [("Sub", 0.3), ("Mul", 2.0)],
    ],
)
def test_what_leaves_it_open_is_asked_for(steps: list[tuple[str, object]], tmp_path: Path) -> None:
    path = saved(scaled(*steps), tmp_path)
    with pytest.raises(MintError, match=r"net wants its pictures cannot be told: .* --mean 127\.5 --scale 1/127\.5"):
        open_network(path)
    told = open_network(path, scaling=(127.5, 0.5))
    assert (told.mean, told.scale) == (127.5, 0.5)
    assert "MINT scales as it is told" in told.reading[0]


def test_values_for_each_channel_and_blue_first_are_done_as_told(tmp_path: Path) -> None:
    path = saved(scaled(), tmp_path)
    mean, scale = (100.0, 110.0, 120.0), (0.01, 0.02, 0.03)
    network = open_network(path, scaling=(mean, scale), bgr=True)
    seen = pictures()
    wanted = ((seen - np.array(mean).reshape(1, 3, 1, 1)) * np.array(scale).reshape(1, 3, 1, 1))[:, ::-1]
    np.testing.assert_allclose(network.preprocess(torch.from_numpy(seen)).numpy(), wanted, rtol=1e-5, atol=1e-5)
    assert "BGR, blue first, (x - (100, 110, 120)) × (0.01, 0.02, 0.03)" in network.reading[1]
    about = network.describe()
    assert (about["mean"], about["scale"], about["bgr"]) == (list(mean), list(scale), True)
    assert GraphReading.recorded(about) == GraphReading((mean, scale), True, "")
    assert network.key != open_network(path, scaling=(mean, scale)).key
    assert "bgr" not in open_network(path).describe()


def test_means_that_are_usually_of_blue_first_raise_the_question(tmp_path: Path) -> None:
    caffe = [[[[103.94]], [[116.78]], [[123.68]]]]
    network = open_network(saved(scaled(("Sub", caffe)), tmp_path))
    assert "if so, give --bgr" in network.reading[0]
    other = [[[[123.68]], [[116.78]], [[103.94]]]]
    assert "--bgr" not in open_network(saved(scaled(("Sub", other)), tmp_path)).reading[0]
    turned = saved(scaled(("gather", None), ("Div", 255.0)), tmp_path)
    assert "handed BGR and turns that into RGB, give --bgr" in open_network(turned).reading[0]
    assert "--bgr" not in open_network(turned, bgr=False).reading[0]


def test_a_quantised_input_says_what_it_was_made_for() -> None:
    for step, zero, scaling in ((1 / 255, 0, TO_ONE), (2 / 255, 128, TO_BOTH), (1.0, 0, NOTHING)):
        b = Builder()
        ends = [b.weight(step), b.weight(zero, np.uint8)]
        x = b.add("DequantizeLinear", [b.add("QuantizeLinear", ["input", *ends]), *ends])
        found = graph_scaling(b.model([b.embed(b.body(x))]), "net")
        assert choose_scaling(found, "net")[:2] == scaling


def test_bytes_go_in_as_they_are(tmp_path: Path) -> None:
    b = Builder()
    x = b.add("Cast", ["input"], to=onnx.TensorProto.FLOAT)
    path = saved(b.model([b.embed(b.body(x))], kind=onnx.TensorProto.UINT8), tmp_path)
    network = open_network(path)
    assert (network.mean, network.scale) == NOTHING
    seen = np.rint(pictures())
    wanted = OnnxNetwork("bare", scaled()).forward(torch.from_numpy(seen)).embedding
    torch.testing.assert_close(network.look(torch.from_numpy(seen)).embedding, wanted)


def test_one_embedding_for_everything_is_a_warning(tmp_path: Path) -> None:
    path = saved(scaled(("Div", 255.0)), tmp_path)
    with pytest.warns(DoubtfulNetwork, match="6 quite different pictures nearly one embedding"):
        twice = open_network(path, scaling=(127.5, 1e-6))
    assert twice.concerns
    assert not open_network(path).concerns


def test_graphs_that_were_read_before_are_read_as_before(tmp_path: Path) -> None:
    onnx.save(mobile(residual=True), tmp_path / "mobile.onnx")
    network = open_network(tmp_path / "mobile.onnx")
    assert (network.mean, network.scale) == NOTHING
    assert set(network.describe()) == {
        "kind", "name", "fingerprint", "taps", "input_size", "mean", "scale", "finder"
    }  # fmt: skip
