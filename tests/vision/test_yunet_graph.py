"""YuNet's graph edited as bytes is the one that ``onnx`` edits, and sees the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from mint.errors import WeightsCorrupt
from mint.vision import faces, yunet_cells
from mint.vision.yunet_graph import INPUT, OUTPUTS, any_size


def by_onnx(data: bytes) -> onnx.ModelProto:
    """The same edits by the package."""
    model = onnx.load_model_from_string(data)
    dims = model.graph.input[0].type.tensor_type.shape.dim
    for place, name in ((0, "pictures"), (2, "height"), (3, "width")):
        dims[place].dim_param = name
    del model.graph.output[:]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in OUTPUTS)
    return model


def test_it_is_the_graph_that_onnx_makes() -> None:
    data = faces.DETECTOR.read_bytes()
    assert onnx.load_model_from_string(any_size(data)) == by_onnx(data)
    assert any_size(any_size(data)) == any_size(data)


def test_it_says_of_pictures_of_its_own_size_what_it_said_before() -> None:
    data = faces.DETECTOR.read_bytes()
    model = onnx.load_model_from_string(data)
    shape = [dim.dim_value for dim in model.graph.input[0].type.tensor_type.shape.dim]
    batch = np.random.default_rng(0).uniform(0, 255, shape).astype(np.float32)
    was, now = (
        onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"]).run(OUTPUTS, {INPUT: batch})
        for graph in (data, any_size(data))
    )
    for before, after in zip(was, now, strict=True):
        np.testing.assert_allclose(after.reshape(before.shape), before, atol=1e-5)


@pytest.mark.parametrize(
    "data", [b"", b"no graph", b"\x3a\x05ab", b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", b"\x3b", b"\x38\x01"]
)
def test_what_is_no_graph_is_refused(data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="it is"):
        any_size(data)
    file = tmp_path / "yunet.onnx"
    file.write_bytes(data)
    monkeypatch.setattr(faces, "DETECTOR", file)
    with pytest.raises(WeightsCorrupt, match=r"yunet\.onnx is damaged"):
        yunet_cells.read_cells(np.zeros((1, 64, 64, 3), np.float32))


def test_every_detector_that_is_cut_off_is_refused() -> None:
    data = faces.DETECTOR.read_bytes()
    for cut in range(1, len(data), len(data) // 40):
        try:
            found = any_size(data[:cut])
        except ValueError:
            continue
        assert onnx.load_model_from_string(found) == by_onnx(data[:cut])  # cut between two fields
