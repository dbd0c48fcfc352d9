"""The embedding is told from what else a graph puts out; what cannot be one is refused, and what is open is asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch

from mint.errors import WeightsCorrupt
from mint.lab.store.network_key import network_key
from mint.networks.base import FIRST
from mint.networks.onnx.network import OnnxNetwork
from mint.networks.reopen import reference, reopen
from mint.networks.tap_search import candidates, tapped
from tests.odd_graphs import SIDE, WIDE, several

TAKEN = [
    ("norm", "embedding"), ("maps", "embedding"), ("softmax", "embedding"), ("classes", "embedding"), ("age", "embedding"),
    ("embedding", "unit"), ("unit", "embedding"), ("unit by hand", "embedding"), ("embedding", "embedding"),
    ("norm", "maps", "classes", "softmax", "unit", "embedding", "age"), ("norm", "unit"),
]  # fmt: skip


def run(model: onnx.ModelProto, batch: np.ndarray) -> list[np.ndarray]:
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    found: list[np.ndarray] = session.run(None, {"input": batch})
    return found


@pytest.mark.parametrize("kinds", TAKEN)
def test_the_embedding_is_taken_wherever_it_stands(kinds: tuple[str, ...]) -> None:
    model = several(*kinds)
    network = OnnxNetwork("net", model)
    number = kinds.index("embedding" if "embedding" in kinds else "unit")
    assert network.output == model.graph.output[number].name
    batch = np.random.default_rng(1).uniform(-1, 1, (3, 3, SIDE, SIDE)).astype(np.float32)
    found = network.forward(torch.from_numpy(batch)).embedding
    np.testing.assert_allclose(found.numpy(), run(model, batch)[number], rtol=1e-4, atol=1e-5)
    assert f"output '{network.output}' (N, {WIDE}); not taken: " in network.reading[0]
    assert ("output" in network.describe()) == (number > 0)


def test_two_that_could_be_are_named_and_one_can_be_told() -> None:
    model = several("embedding", "other", "norm")
    first, second, norm = (output.name for output in model.graph.output)
    with pytest.raises(WeightsCorrupt, match=rf"embedding, {first}, {second}\? .*--output NAME"):
        OnnxNetwork("net", model)
    told = OnnxNetwork("net", model, output=second)
    assert told.shapes()["embedding"] == (64, 1)
    assert OnnxNetwork("net", model, output=FIRST).output == first
    assert told.key != OnnxNetwork("net", model, output=first).key
    assert network_key(told)["output"] == second
    assert "output" not in network_key(OnnxNetwork("net", model, output=first))
    inside = OnnxNetwork("net", several("softmax", "norm"), output="gemm7")  # no output of the graph's own
    assert inside.shapes()["embedding"] == (WIDE, 1)
    with pytest.raises(WeightsCorrupt, match=rf"no output 'nowhere'. It puts out {first}, {second}, {norm}"):
        OnnxNetwork("net", model, output="nowhere")


@pytest.mark.parametrize(
    ("kinds", "says"),
    [
        (["norm"], "a single value"),
        (["maps"], r"maps \(1, 8, 2, 2\)"),
        (["softmax"], r"class scores \(Softmax\)"),
        (["norm", "softmax"], r"none of these is an embedding.*--output"),
        (["norm", "age", "maps"], r"none of these is an embedding.*--output"),
    ],
)
def test_what_is_no_embedding_is_refused(kinds: list[str], says: str) -> None:
    with pytest.raises(WeightsCorrupt, match=says):
        OnnxNetwork("net", several(*kinds))


def test_a_bundle_finds_its_output_again_and_one_from_before_has_the_first(tmp_path: Path) -> None:
    from mint.networks.open import open_network

    model = several("norm", "embedding")
    (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
    network = open_network(tmp_path / "net.onnx")
    again = reopen(reference(network, tmp_path), tmp_path)
    assert isinstance(again, OnnxNetwork)
    assert again.output == model.graph.output[1].name
    assert again.key == network.key
    elsewhere = tapped(network, {"early": "prelu1"})
    assert isinstance(elsewhere, OnnxNetwork)
    assert (elsewhere.output, elsewhere.reading) == (network.output, network.reading)
    assert candidates(network)[-1].cost < 1

    both = several("embedding", "other")
    (tmp_path / "both.onnx").write_bytes(both.SerializeToString())
    old = reference(open_network(tmp_path / "both.onnx", output=both.graph.output[0].name), tmp_path)
    assert "output" not in old["is"]  # as MINT wrote it when it knew the first output only
    assert reopen(old, tmp_path).shapes()["embedding"] == (WIDE, 1)
