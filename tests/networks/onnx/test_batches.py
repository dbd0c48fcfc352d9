"""Every picture gets the answer that it gets alone, whatever the graph says of its batch."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch

from mint.errors import MintError, WeightsCorrupt
from mint.lab.controls.untrained import untrained_copy
from mint.lab.store.network_key import network_key
from mint.networks.onnx.network import CHUNK, OnnxNetwork
from mint.networks.onnx.random_weights import untrained
from mint.networks.open import open_network
from tests.odd_graphs import SIDE, WIDE, Builder, dynamically_quantised, flat_inside, in_type, mixed, reshaped, scaled

ALONE = {
    "reshape to [1, -1]": (reshaped([1, -1]), "two together get other answers"),
    "reshape to [1, 40]": (reshaped([1, WIDE]), "two together get other answers"),
    "reshape to [40]": (reshaped([WIDE]), "two together get other answers"),
    "reshape to [1, -1], a batch of one": (reshaped([1, -1], 1), "its batch of one is written into it"),
    "reshape to [1, 32] inside": (flat_inside("N"), "two together get other answers"),
    "a mean over the batch": (mixed(), "two together get other answers"),
    "quantised by what it sees": (dynamically_quantised(), r"it quantises \(DynamicQuantizeLinear\)"),
}
TOGETHER = {
    "free": scaled(), "reshape to [-1, 40]": reshaped([-1, WIDE]), "reshape to [0, 40], a batch of one": reshaped([0, WIDE], 1),
    "float16 inside": in_type(onnx.TensorProto.FLOAT16), "float16": in_type(onnx.TensorProto.FLOAT16, ends=True),
}  # fmt: skip


def alone(model: onnx.ModelProto, batch: np.ndarray) -> np.ndarray:
    """What the runtime itself answers, one picture at a time."""
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    kind = np.float16 if session.get_inputs()[0].type == "tensor(float16)" else np.float32
    return np.stack([session.run(None, {"input": one[None].astype(kind)})[0].ravel() for one in batch]).astype(
        np.float32
    )


@pytest.fixture
def batch() -> np.ndarray:
    return np.random.default_rng(2).uniform(-1, 1, (5, 3, SIDE, SIDE)).astype(np.float32)


@pytest.mark.parametrize("kind", ALONE)
def test_one_by_one_where_the_batch_is_not_free(kind: str, batch: np.ndarray) -> None:
    model, why = ALONE[kind]
    network = OnnxNetwork("net", model)
    found = network.forward(torch.from_numpy(batch))
    np.testing.assert_allclose(found.embedding.numpy(), alone(model, batch), rtol=1e-5, atol=1e-6)
    assert network._chunk == 1
    assert network.reading[1].startswith("pictures: one by one, as ")
    assert re.search(why, network.reading[1])
    assert [tuple(value.shape) for value in found.taps.values()] == [(5, 6, 8, 8), (5, 8, 4, 4), (5, 8, 2, 2)]


@pytest.mark.parametrize("kind", TOGETHER)
def test_together_where_it_is(kind: str, batch: np.ndarray) -> None:
    model = TOGETHER[kind]
    network = OnnxNetwork("net", model)
    found = network.forward(torch.from_numpy(batch))
    np.testing.assert_allclose(found.embedding.numpy(), alone(model, batch), rtol=2e-2, atol=2e-3)
    assert network._chunk == CHUNK
    assert network.reading[1].startswith(f"pictures: together, {CHUNK} a run")
    assert found.embedding.dtype == torch.float32
    assert {value.dtype for value in found.taps.values()} == {torch.float32}


def test_what_stands_beside_a_picture_changes_a_quantised_answer_and_not_ours(batch: np.ndarray) -> None:
    model = dynamically_quantised()
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    beside = session.run(None, {"input": batch * np.array([1, 0.2, 0.2, 0.2, 9], np.float32).reshape(-1, 1, 1, 1)})[0]
    one = alone(model, batch[:1])[0]
    assert np.abs(beside[0] - one).max() > 1e-3 * np.abs(one).max()
    network = OnnxNetwork("net", model)
    assert network.describe()["batch"] == network_key(network)["batch"] == 1
    assert "batch" not in OnnxNetwork("net", scaled()).describe()


def test_maps_in_float16_are_those_in_float32_rounded(batch: np.ndarray) -> None:
    half, whole = (OnnxNetwork("net", model) for model in (in_type(onnx.TensorProto.FLOAT16), scaled()))
    found, wanted = (network.forward(torch.from_numpy(batch)).taps for network in (half, whole))
    for mine, theirs in zip(found.values(), wanted.values(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=2e-2, atol=2e-2)


@pytest.mark.parametrize(
    "model",
    [flat_inside(1), flat_inside("N"), reshaped([1, -1]), dynamically_quantised(), in_type(onnx.TensorProto.FLOAT16)],
)
def test_an_untrained_control_is_made_of_each(model: onnx.ModelProto, tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
    network = open_network(tmp_path / "net.onnx")
    crops = np.random.default_rng(3).integers(0, 256, (6, SIDE, SIDE, 3)).astype(np.uint8)
    copy = untrained_copy(network, crops, 1)
    shown = copy.look(torch.from_numpy(crops).permute(0, 3, 1, 2).float()).embedding
    mine = network.look(torch.from_numpy(crops).permute(0, 3, 1, 2).float()).embedding
    assert torch.isfinite(shown).all()
    assert shown.std() > 1e-3
    assert (torch.nn.functional.cosine_similarity(shown, mine).abs() < 0.9).all()


def test_weights_that_a_graph_computes_first_are_drawn_anew_as_well() -> None:
    b = Builder()
    x = b.add("Flatten", [b.body("input")])
    kernel = b.weight(np.random.default_rng(0).integers(-127, 127, (32, WIDE)), np.int8)
    model = b.model([b.add("MatMul", [x, b.add("DequantizeLinear", [kernel, b.weight(0.01), b.weight(0, np.int8)])])])
    fresh = untrained(model, np.random.default_rng(1).uniform(-1, 1, (4, 3, SIDE, SIDE)).astype(np.float32), 1)
    node = next(node for node in fresh.graph.node if node.op_type == "MatMul")
    value = next(onnx.numpy_helper.to_array(w) for w in fresh.graph.initializer if w.name == node.input[1])
    assert value.shape == (32, WIDE)
    assert value.std() == pytest.approx((2 / 32) ** 0.5, rel=0.1)


def test_weights_in_integers_are_shuffled_as_their_scales_fit_their_values() -> None:
    model = dynamically_quantised()
    fresh = untrained(model, np.random.default_rng(1).uniform(-1, 1, (4, 3, SIDE, SIDE)).astype(np.float32), 1)
    old, new = (
        next(
            onnx.numpy_helper.to_array(w)
            for node in graph.graph.node if node.op_type == "MatMulInteger"
            for w in graph.graph.initializer if w.name == node.input[1]
        )
        for graph in (model, fresh)
    )  # fmt: skip
    assert np.array_equal(np.sort(old, None), np.sort(new, None))
    assert (old != new).mean() > 0.9


def test_a_graph_without_weights_of_its_own_has_no_untrained_control() -> None:
    b = Builder()
    model = b.model([b.add("Flatten", [b.add("AveragePool", ["input"], kernel_shape=[4, 4], strides=[4, 4])])])
    with pytest.raises(MintError, match=r"none of its weights can be drawn anew.*--no-controls"):
        untrained(model, np.zeros((2, 3, SIDE, SIDE), np.float32), 1)


def test_a_batch_that_is_fixed_at_more_is_refused_if_it_cannot_be_freed() -> None:
    with pytest.raises(WeightsCorrupt, match="batches of exactly 4 only"):
        OnnxNetwork("net", reshaped([4, -1], 4))
