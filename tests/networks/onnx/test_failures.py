"""A graph that cannot be run is told from a control that cannot: which node, which type, which version, which limit."""

from __future__ import annotations

import re
from pathlib import Path

import onnx
import onnxruntime as ort
import pytest
from onnx import helper
from typer.testing import CliRunner

from mint.cli.lab.taps import taps
from mint.errors import WeightsCorrupt
from mint.networks.onnx import limits
from mint.networks.onnx.network import OnnxNetwork
from mint.networks.open import open_network
from tests.graphs import mobile
from tests.odd_graphs import does_not_run, in_type, scaled

ROOT = Path(__file__).parents[3]


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
@pytest.mark.parametrize("batch", ["N", 2])
def test_bfloat16_and_the_runtime_are_named(ends: bool, batch: int | str, tmp_path: Path) -> None:
    model = in_type(onnx.TensorProto.BFLOAT16, ends)
    if batch != "N":
        model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = batch
    (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(WeightsCorrupt, match=rf"bfloat16.* ONNX Runtime {ort.__version__}.*Export it") as caught:
        open_network(tmp_path / "net.onnx")
    assert ends or "its node 'conv1' (Conv)" in str(caught.value)


def test_bfloat16_beside_several_outputs_is_named() -> None:
    model = in_type(onnx.TensorProto.BFLOAT16)
    model.graph.output.append(helper.make_empty_tensor_value_info(model.graph.node[1].output[0]))
    with pytest.raises(WeightsCorrupt, match=rf"bfloat16.* ONNX Runtime {ort.__version__}"):
        OnnxNetwork("net", model)


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


@pytest.mark.parametrize("domain", ["ai.onnx.ml", "com.microsoft"])
def test_a_domain_of_operators_that_is_too_new_is_told_its_version_and_the_limit(domain: str) -> None:
    model, limit = scaled(("Div", 255.0)), limits.newest_opset(domain)
    model.opset_import.append(helper.make_opsetid(domain, limit))
    assert OnnxNetwork("net", model).output
    model.opset_import[-1].version = limit + 1
    with pytest.raises(WeightsCorrupt, match=rf"opset {limit + 1} of {domain}; ONNX Runtime .* reads up to {limit}\."):
        OnnxNetwork("net", model)


def test_a_graph_that_is_too_old_is_told_its_version_and_the_limit(tmp_path: Path) -> None:
    model = scaled(("Sub", 127.5))
    model.opset_import[0].version = 6
    (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
    says = rf"net was exported with opset 6; ONNX Runtime {ort.__version__}, .* from opset 7 on, .*Sub.*newer one"
    with pytest.raises(WeightsCorrupt, match=says):
        open_network(tmp_path / "net.onnx")


@pytest.mark.parametrize("path", ["docs/networks.md", "docs/own-network.md", "requirements-gpu.txt"])
def test_what_is_said_of_the_limits_is_true(path: str) -> None:
    pin = re.search(r"^onnxruntime==(.+)$", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE)
    if pin is None or pin[1] != ort.__version__:
        pytest.skip("another ONNX Runtime is installed than the pinned one")
    said = re.search(r"opset (\d+) and\D+(\d+)", (ROOT / path).read_text("utf-8"))
    assert said is not None
    assert (int(said[1]), int(said[2])) == (limits.newest_opset(), limits.newest_format())
