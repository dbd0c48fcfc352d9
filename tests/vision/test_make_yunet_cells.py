"""The file that reads all of YuNet's cells: what ships is made from the detector that ships, and has its nodes and weights."""

from __future__ import annotations

import hashlib
from pathlib import Path

import onnx
import pytest

from mint.errors import WeightsCorrupt
from mint.vision import make_yunet_cells, yunet_cells
from mint.vision.faces import DETECTOR
from mint.vision.make_yunet_cells import cells_graph, main
from mint.vision.yunet_cells import CELLS, SHA256


def test_what_ships_is_yunet_but_for_what_goes_in_and_out() -> None:
    found, yunet = onnx.load(CELLS), onnx.load(DETECTOR)
    assert found == onnx.load_model_from_string(cells_graph(DETECTOR.read_bytes()))
    assert found.graph.node == yunet.graph.node
    assert found.graph.initializer == yunet.graph.initializer
    assert [output.name for output in found.graph.output] == ["cls_8", "obj_8", "kps_8"]
    sizes = [dim.dim_param or dim.dim_value for dim in found.graph.input[0].type.tensor_type.shape.dim]
    assert sizes == ["pictures", 3, "height", "width"]
    assert hashlib.sha256(CELLS.read_bytes()).hexdigest() == SHA256


def test_it_is_written_and_its_sha256_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(make_yunet_cells, "CELLS", tmp_path / yunet_cells.CELLS.name)
    main()
    written = (tmp_path / yunet_cells.CELLS.name).read_bytes()
    assert capsys.readouterr().out.split()[-1] == hashlib.sha256(written).hexdigest()


@pytest.mark.parametrize("left", [0, 1, 1000])
def test_a_damaged_detector_is_refused(left: int) -> None:
    with pytest.raises(WeightsCorrupt, match="is damaged"):
        cells_graph(DETECTOR.read_bytes()[:left])
