"""A graph that cannot be run is told from a control that cannot: which node, which type, which version, which limit."""

from __future__ import annotations

from pathlib import Path

import onnx
import onnxruntime as ort
import pytest
from typer.testing import CliRunner

from mint.cli.lab.taps import taps
from mint.errors import WeightsCorrupt
from mint.networks.onnx import limits
from mint.networks.onnx.network import OnnxNetwork
from mint.networks.open import open_network
from tests.graphs import mobile
from tests.odd_graphs import does_not_run, in_type, scaled


@pytest.mark.parametrize("name", ["", "head/flatten"])
def test_the_node_that_does_not_run_is_named_when_the_graph_is_opened(name: str, tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(does_not_run(name).SerializeToString())
    says = rf"The graph net itself cannot be run: its node '{name or 'odd_shape'}' \(Reshape\): .*{{-1,7,5}}"
    with pytest.raises(WeightsCorrupt, match=says) as caught:
        open_network(tmp_path / "net.onnx")
    assert "onnxruntime_src" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_name_that_is_no_text_is_refused_and_the_runtime_prints_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "net.onnx").write_bytes(scaled(("Sub", 127.5)).SerializeToString().replace(b"Conv", b"C\xb1nv"))
    with pytest.raises(WeightsCorrupt) as caught:
        open_network(tmp_path / "net.onnx")
    assert "\n" not in str(caught.value)
    assert capsys.readouterr() == ("", "")


def test_the_list_of_taps_runs_it_once(tmp_path: Path) -> None:
    import typer

    app = typer.Typer()
    app.command()(taps)
    (tmp_path / "net.onnx").write_bytes(does_not_run().SerializeToString())
    done = CliRunner().invoke(app, [str(tmp_path / "net.onnx")])
    assert isinstance(done.exception, WeightsCorrupt)
    (tmp_path / "net.onnx").write_bytes(scaled(("Div", 255.0)).SerializeToString())
    done = CliRunner().invoke(app, [str(tmp_path / "net.onnx")], catch_exceptions=False)
    assert "the graph itself divides by 255; MINT hands it values in [0, 255] as they are" in done.output
    assert "pictures: together" in done.output


def test_an_operator_that_the_runtime_does_not_know_is_named() -> None:
    model = mobile(residual=True)
    model.graph.node[3].op_type = "NoSuchOperation"
    with pytest.raises(WeightsCorrupt, match=r"its node 's1_bn' \(NoSuchOperation\): .*No Op registered"):
        OnnxNetwork("net", model)


def test_a_type_that_a_node_has_no_kernel_for_is_named() -> None:
    with pytest.raises(WeightsCorrupt, match=r"\(Conv\): ONNX Runtime cannot do this here with values of this type"):
        OnnxNetwork("net", in_type(onnx.TensorProto.DOUBLE))


@pytest.mark.parametrize("ends", [False, True])
def test_bfloat16_is_named(ends: bool, tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(in_type(onnx.TensorProto.BFLOAT16, ends).SerializeToString())
    with pytest.raises(WeightsCorrupt, match=r"bfloat16.*[Ee]xport it"):
        open_network(tmp_path / "net.onnx")


def loads(opset: int, file_format: int) -> bool:
    """Whether the runtime itself takes a graph of these versions."""
    model = mobile(residual=True)
    model.opset_import[0].version, model.ir_version = opset, file_format
    try:
        ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    except Exception:
        return False
    return True


def test_the_limits_are_those_of_the_runtime_that_is_installed() -> None:
    opset, file_format = limits.newest_opset(), limits.newest_format()
    assert loads(opset, 8)
    assert not loads(opset + 1, 8)
    assert loads(13, file_format)
    assert not loads(13, file_format + 1)


@pytest.mark.parametrize("what", ["opset", "file format"])
def test_a_graph_that_is_too_new_is_told_its_version_and_the_limit(what: str, tmp_path: Path) -> None:
    model, limit = scaled(("Div", 255.0)), limits.newest_opset() if what == "opset" else limits.newest_format()
    if what == "opset":
        model.opset_import[0].version = limit + 2
    else:
        model.ir_version = limit + 2
    (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
    says = rf"{what}.* {limit + 2}; ONNX Runtime {ort.__version__}, which is installed here, reads up to {limit}\."
    with pytest.raises(WeightsCorrupt, match=says):
        open_network(tmp_path / "net.onnx")


def test_the_build_with_cuda_points_to_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "has_cuda", lambda: True)
    model = scaled()
    model.opset_import[0].version = limits.newest_opset() + 1
    with pytest.raises(WeightsCorrupt, match=r"requirements\.txt pins, may read more"):
        limits.check_versions(model, "net")
