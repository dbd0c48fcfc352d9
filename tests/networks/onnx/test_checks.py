"""A graph is a program: operators that it cannot bring along are refused before anything runs, wherever they stand."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from mint.errors import WeightsCorrupt
from mint.networks.onnx.checks import check_domains
from mint.networks.onnx.file import read_onnx

FOREIGN = "some.body"


def ends(*names: str) -> list[onnx.ValueInfoProto]:
    return [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in names]


def model(*nodes: onnx.NodeProto, functions: tuple[onnx.FunctionProto, ...] = ()) -> onnx.ModelProto:
    sets = [helper.make_opsetid(domain, 1 if domain else 13) for domain in ("", FOREIGN)]
    return helper.make_model(
        helper.make_graph(nodes, "g", ends("x"), ends("y")), opset_imports=sets, functions=functions, ir_version=8
    )


def function(name: str, op: str, domain: str) -> onnx.FunctionProto:
    inside = helper.make_node(op, ["a"], ["b"], domain=domain)
    return helper.make_function(FOREIGN, name, ["a"], ["b"], [inside], [helper.make_opsetid("", 13)])


RUNS = helper.make_node("Runs", ["x"], ["y"], domain=FOREIGN)
BRANCH = helper.make_graph([RUNS], "branch", [], ends("y"))
REFUSED = {
    "in the graph": model(RUNS),
    "in a branch": model(helper.make_node("If", ["c"], ["y"], then_branch=BRANCH, else_branch=BRANCH)),
    "in a function": model(
        helper.make_node("Mine", ["x"], ["y"], domain=FOREIGN), functions=(function("Mine", "Runs", FOREIGN),)
    ),
}
LET_IN = {
    "of ONNX": model(helper.make_node("Neg", ["x"], ["y"])),
    "of the runtime": model(helper.make_node("FusedConv", ["x"], ["y"], domain="com.microsoft")),
    "made of these in the file": model(
        helper.make_node("Mine", ["x"], ["y"], domain=FOREIGN), functions=(function("Mine", "Neg", ""),)
    ),
}


@pytest.mark.parametrize("place", REFUSED)
def test_an_operator_of_somebody_else_is_refused_by_name(place: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsCorrupt, match=r"net\.onnx uses the operator 'Runs' of 'some\.body'"):
        check_domains(REFUSED[place], "net.onnx")
    (tmp_path / "net.onnx").write_bytes(REFUSED[place].SerializeToString())
    with pytest.raises(WeightsCorrupt, match="the operator 'Runs'"):
        read_onnx(tmp_path / "net.onnx")


@pytest.mark.parametrize("kind", LET_IN)
def test_operators_that_everybody_has_are_let_in(kind: str) -> None:
    check_domains(LET_IN[kind], "net.onnx")
