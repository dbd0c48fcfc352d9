"""ONNX files run as they are, and what is no network, or wants to read elsewhere, is refused in words."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from onnx.external_data_helper import convert_model_to_external_data
from torch.nn.functional import conv2d

from mint.errors import TapSilent, WeightsCorrupt, WeightsMissing
from mint.networks.base import Tap
from mint.networks.onnx.file import read_onnx, with_outputs
from mint.networks.onnx.network import CHUNK, OnnxNetwork, load_onnx
from mint.networks.onnx.random_weights import untrained
from mint.networks.onnx.session import OnnxSession
from tests.graphs import mobile


@pytest.fixture
def pictures() -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(5).uniform(0, 255, (5, 3, 32, 32)).astype(np.float32))


def reference(model: onnx.ModelProto, batch: torch.Tensor) -> list[torch.Tensor]:
    """The same network once more, in torch, node for node by hand."""
    w = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in model.graph.initializer}

    def block(x: torch.Tensor, name: str, stride: int = 1, group: int = 1) -> torch.Tensor:
        y = conv2d(x, w[f"{name}_w"], None, stride, w[f"{name}_w"].shape[-1] // 2, 1, group) / (1 + 1e-5) ** 0.5
        return torch.where(y >= 0, y, 0.25 * y)

    x, maps = (batch - 127.5) / 128, []
    for stage in (1, 2, 3, 4):
        x = block(x, f"s{stage}", stride=2)
        y = block(block(x, f"s{stage}_dw", group=4), f"s{stage}_pw")
        x = y + x if stage in (2, 3) else y
        maps.append(x)
    return [*maps, x.flatten(1) @ w["fc"].T]


@pytest.mark.parametrize(("batch", "reshape"), [("N", False), (1, False), (1, True)])
def test_maps_are_those_of_the_graph_whatever_batch_it_promises(
    pictures: torch.Tensor, batch: int | str, reshape: bool
) -> None:
    model = mobile(residual=True, batch=batch, reshape=reshape)
    network = OnnxNetwork("mobile", model)
    assert network._chunk == (1 if reshape else CHUNK)
    found = network.look(pictures)
    *maps, embedding = reference(model, pictures)
    torch.testing.assert_close(found.embedding, embedding, rtol=1e-3, atol=1e-4)
    for mine, theirs in zip(found.taps.values(), maps, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-3, atol=1e-4)


def test_more_pictures_than_a_chunk_come_back_in_order(pictures: torch.Tensor) -> None:
    network = OnnxNetwork("mobile", mobile(residual=False))
    many = pictures.repeat(8, 1, 1, 1)[: 2 * CHUNK + 3] + torch.arange(2 * CHUNK + 3).view(-1, 1, 1, 1)
    together = network.look(many)
    for k in (0, CHUNK - 1, CHUNK, 2 * CHUNK + 2):
        torch.testing.assert_close(
            network.look(many[k : k + 1]).embedding[0], together.embedding[k], rtol=1e-4, atol=1e-3
        )


def test_taps_can_be_named_and_nothing_else_is_fetched(pictures: torch.Tensor) -> None:
    network = OnnxNetwork("mobile", mobile(residual=True), (Tap("here", "s2_dw_bn", 4, 4),))
    assert list(network.look(pictures).taps) == ["here"]
    assert network.shapes() == {"here": (4, 8), "embedding": (6, 1)}
    with pytest.raises(TapSilent, match="s9"):
        OnnxNetwork("mobile", mobile(residual=True), (Tap("gone", "s9", 4, 4),))


def test_crops_of_any_size_are_resized_and_scaled(pictures: torch.Tensor) -> None:
    model = mobile(residual=True)
    plain, scaled = OnnxNetwork("a", model), OnnxNetwork("b", model, mean=127.5, scale=2.0)
    torch.testing.assert_close(scaled.preprocess(pictures), (pictures - 127.5) * 2)
    assert plain.preprocess(torch.zeros(1, 3, 112, 112)).shape == (1, 3, 32, 32)
    assert plain.preprocess(pictures) is not pictures
    torch.testing.assert_close(scaled.look(pictures / 2 + 127.5).embedding, plain.look(pictures).embedding)


@pytest.mark.parametrize("shape", [(1, 1, 32, 32), (3, 32, 32), (1, 32, 32, 3)])
def test_what_is_no_batch_of_pictures_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="takes"):
        OnnxNetwork("mobile", mobile(residual=True)).look(torch.zeros(shape))


# ---- files


def test_the_fingerprint_is_the_file_s_sha256(tmp_path: Path) -> None:
    path = tmp_path / "mobile.onnx"
    onnx.save(mobile(residual=True), path)
    network = load_onnx(path)
    assert network.fingerprint == hashlib.sha256(path.read_bytes()).hexdigest()
    assert network.name == "mobile"
    assert network.head is None


@pytest.mark.parametrize("content", [b"hello, this is no network", b"", b"PK\x03\x04" + bytes(200)])
def test_what_is_no_onnx_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "network.onnx"
    path.write_bytes(content)
    with pytest.raises(WeightsCorrupt, match=r"network\.onnx"):
        read_onnx(path)


def test_half_a_file_is_refused(tmp_path: Path) -> None:
    whole = mobile(residual=True).SerializeToString()
    path = tmp_path / "network.onnx"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(WeightsCorrupt, match=r"network\.onnx"):
        load_onnx(path)


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="There is no network"):
        read_onnx(tmp_path / "none.onnx")


def test_a_graph_that_the_runtime_refuses_is_corrupt() -> None:
    model = mobile(residual=True)
    model.graph.node[3].op_type = "NoSuchOperation"
    with pytest.raises(WeightsCorrupt, match="cannot be run"):
        OnnxSession(model, "broken")


def test_weights_beside_the_file_are_read_and_count(tmp_path: Path, pictures: torch.Tensor) -> None:
    model = mobile(residual=True)
    wanted = OnnxNetwork("mobile", model).look(pictures).embedding
    convert_model_to_external_data(model, location="weights.bin", size_threshold=0)
    onnx.save(model, tmp_path / "mobile.onnx")
    network = load_onnx(tmp_path / "mobile.onnx")
    torch.testing.assert_close(network.look(pictures).embedding, wanted)
    data = bytearray((tmp_path / "weights.bin").read_bytes())
    data[-1] ^= 1
    (tmp_path / "weights.bin").write_bytes(data)
    assert read_onnx(tmp_path / "mobile.onnx")[1] != network.fingerprint
    (tmp_path / "weights.bin").unlink()
    with pytest.raises(WeightsMissing, match=r"weights\.bin"):
        read_onnx(tmp_path / "mobile.onnx")


@pytest.mark.parametrize("place", ["../secret.bin", "/etc/hostname", "link.bin", ""])
def test_weights_elsewhere_are_not_read(tmp_path: Path, place: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.bin").write_bytes(bytes(4000))
    (inside / "link.bin").symlink_to(tmp_path / "secret.bin")
    model = mobile(residual=True)
    tensor = model.graph.initializer[2]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=place)
    (inside / "mobile.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(WeightsCorrupt, match="outside its folder"):
        read_onnx(inside / "mobile.onnx")


# ---- the untrained twin


def test_the_untrained_twin_has_the_graph_and_none_of_the_weights(pictures: torch.Tensor) -> None:
    model = mobile(residual=True)
    kept = model.SerializeToString()
    fresh = untrained(model, pictures.numpy(), seed=1)
    assert model.SerializeToString() == kept
    assert [n.op_type for n in fresh.graph.node] == [n.op_type for n in model.graph.node]
    assert fresh.SerializeToString() == untrained(model, pictures.numpy(), seed=1).SerializeToString()
    old = {w.name: numpy_helper.to_array(w) for w in model.graph.initializer}
    new = {w.name: numpy_helper.to_array(w) for w in fresh.graph.initializer}
    other = {w.name: numpy_helper.to_array(w) for w in untrained(model, pictures.numpy(), seed=2).graph.initializer}
    learned = 0
    for before, after in zip(model.graph.node, fresh.graph.node, strict=True):
        if before.op_type in ("Conv", "Gemm"):
            one, two = old[before.input[1]].ravel(), new[after.input[1]].ravel()
            assert one.shape == two.shape
            assert not np.intersect1d(one, two).size
            assert not np.array_equal(two, other[after.input[1]].ravel())
            learned += 1
        elif before.op_type in ("Sub", "Mul"):
            assert list(before.input) == list(after.input)  # how pictures are scaled is not learned
    assert learned == 13


def test_its_norms_have_the_statistics_of_what_reaches_them(pictures: torch.Tensor) -> None:
    fresh = untrained(mobile(residual=True), pictures.numpy(), seed=1)
    norms = [node for node in fresh.graph.node if node.op_type == "BatchNormalization"]
    values = {w.name: numpy_helper.to_array(w) for w in fresh.graph.initializer}
    asked = [name for node in norms for name in (node.input[0], node.output[0])]
    found = iter(OnnxSession(with_outputs(fresh, asked), "fresh")({"input": pictures.numpy()}, asked))
    for node in norms:
        inside, outside = next(found), next(found)
        np.testing.assert_allclose(values[node.input[3]], inside.mean((0, 2, 3)), rtol=1e-2, atol=1e-3)
        np.testing.assert_allclose(values[node.input[4]], inside.var((0, 2, 3)), rtol=1e-2, atol=1e-3)
        np.testing.assert_allclose(outside.mean((0, 2, 3)), 0, atol=1e-2)
