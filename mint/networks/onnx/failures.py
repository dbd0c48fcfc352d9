"""What ONNX Runtime's messages say: which node of a graph it could not load or run, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mint.errors import WeightsCorrupt, brief

if TYPE_CHECKING:
    import onnx

# How the runtime names a node, in the words of its loader, its kernels and its shape inference.
NODES = (
    re.compile(
        r"while (?:running|initializing) (?P<op>\w+) node\. Name:'(?P<name>[^']*)' Status Message: (?P<why>.*)",
        re.DOTALL,
    ),
    re.compile(r"In Node, \(\"(?P<name>[^\"]*)\", (?P<op>\w+), .*?\) -> \(.*?\)\s*,? ?(?P<why>.*)", re.DOTALL),
    re.compile(r"Node \((?P<name>[^)]*)\) Op \((?P<op>\w+)\) (?P<why>.*)", re.DOTALL),
    re.compile(r"[Nn]ode:?\s?\(?(?P<name>[^\s)]*)\)? [Oo]p:? ?\(?(?P<op>\w+)\)? (?P<why>.*)", re.DOTALL),
    re.compile(r"Could not find an implementation for (?P<op>\w+)\(\d+\) node with name '(?P<name>[^']*)'"),
    re.compile(r"(?P<why>Type Error: .*) of operator \((?P<op>\w+)\) in node \((?P<name>[^)]*)\)", re.DOTALL),
)
NOISE = (
    re.compile(r"\[ONNXRuntimeError\] : \d+ : \w+ : "),
    re.compile(r"/\S+\.(?:h|cc):\d+ .*?\) (?:.*? was false\. )?", re.DOTALL),
)
FUSED = re.compile(r"(_nchwc|_token_\d+|/?fusedconv.*|_kernel_time)$", re.IGNORECASE)
BFLOAT16 = 16  # onnx.TensorProto.BFLOAT16


def cannot_run(name: str, error: Exception) -> WeightsCorrupt:
    """Make the error for a graph that the runtime refuses: which node, and why."""
    which, why = node_in(error)
    if which:
        return WeightsCorrupt(
            f"The graph {name} itself cannot be run: {which}: {_plain(why).rstrip('.')}. Export it again, and run the file in "
            "ONNX Runtime first."
        )
    return WeightsCorrupt(f"{name} cannot be run: {_plain(why)} Is it a whole ONNX file of a network over pictures?")


def node_in(error: BaseException) -> tuple[str, str]:
    """Return which node a message of the runtime's is about, or "", and what it says of it."""
    said = str(error)
    for pattern in NODES:
        if found := pattern.search(said):
            node = FUSED.sub("", found["name"])
            which = f"its node {node[:80]!r} ({found['op'][:40]})" if node else f"one of its {found['op'][:40]} nodes"
            return which, found.groupdict().get("why", "ONNX Runtime cannot do this here with values of this type")
    return "", said


def with_node_names(model: onnx.ModelProto) -> None:
    """Name the nodes that have no name after what they put out, in place, so that an error can say which it is."""
    for node in model.graph.node:
        if not node.name and node.output:
            node.name = node.output[0]


def uses_bfloat16(model: onnx.ModelProto) -> bool:
    """Return whether a graph computes in bfloat16 anywhere."""
    weights = any(weight.data_type == BFLOAT16 for weight in model.graph.initializer)
    ends = any(v.type.tensor_type.elem_type == BFLOAT16 for v in (*model.graph.input, *model.graph.output))
    return weights or ends or any(kind == BFLOAT16 for kind in _casts(model))


def _casts(model: onnx.ModelProto) -> Iterator[int]:
    for node in model.graph.node:
        if node.op_type == "Cast":
            yield from (attribute.i for attribute in node.attribute if attribute.name == "to")
        yield from (attribute.t.data_type for attribute in node.attribute if attribute.HasField("t"))


def _plain(said: str) -> str:
    for pattern in NOISE:
        said = pattern.sub("", said)
    return brief(RuntimeError(said))
