"""Refuse hostile ONNX graphs: foreign operators, outside files, excessive memory.

A graph is a program. ONNX Runtime holds it to the operators that it knows; what it would still allow is looked for here,
before anything runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import onnx

from mint.errors import WeightsCorrupt, WeightsMissing
from mint.networks.onnx.stages import inferred_shapes

# Of ONNX itself, and ONNX Runtime's own, which quantised networks use.
KNOWN = ("", "ai.onnx", "ai.onnx.ml", "com.microsoft")
PLACED = {"location", "offset", "length", "checksum"}  # what ONNX says of a tensor in another file
MOST_VALUES = 2**28  # of all tensors on the way of one picture: 1 GiB; IResNet-100 makes a fiftieth
MOST_SIDE = 1024  # of a picture; InsightFace's recognisers take 112


def tensors(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    """Return every tensor of a file, also those of subgraphs and functions."""
    yield from _tensors_of_graph(model.graph)
    for function in model.functions:
        for node in function.node:
            yield from _tensors_of_node(node)
    for training in model.training_info:
        yield from _tensors_of_graph(training.initialization)
        yield from _tensors_of_graph(training.algorithm)


def check_domains(model: onnx.ModelProto, name: str) -> None:
    """Refuse operators outside the standard, the runtime's own, and functions made of these.

    Raises:
        WeightsCorrupt: naming one.
    """
    own = {(function.domain, function.name) for function in model.functions}
    for node in _nodes(model):
        if node.domain not in KNOWN and (node.domain, node.op_type) not in own:
            raise WeightsCorrupt(
                f"{name[:100]} uses the operator {node.op_type[:50]!r} of {node.domain[:50]!r}, which is code that is not "
                "part of ONNX. Not run. Export the network with standard operators."
            )


def check_size(model: onnx.ModelProto, name: str, side: int) -> None:
    """Refuse a graph whose tensors take more memory than any recogniser's.

    Sizes that only show while a graph runs are not known here.

    Args:
        model: over pictures.
        name: what to call it.
        side: of a picture, in pixels.

    Raises:
        WeightsCorrupt: it is one.
    """
    if not 0 < side <= MOST_SIDE:
        raise WeightsCorrupt(
            f"{name} takes pictures of {side} pixels a side; a face recogniser takes {MOST_SIDE} at most. "
            "Give another file."
        )
    total = 0
    for shape in inferred_shapes(model, side).values():
        count = 1
        for size in shape:
            count *= max(1, size)
        total += count
    if total > MOST_VALUES:
        raise WeightsCorrupt(
            f"{name} declares tensors of {total:,} values for one picture; no face recogniser needs more than "
            f"{MOST_VALUES:,}. Not run. Give another file."
        )


def file_beside(path: Path, tensor: onnx.TensorProto) -> Path:
    """Return the file of an external tensor.

    It must lie in the model's folder; links must not lead out of it.

    Raises:
        WeightsCorrupt: it lies elsewhere.
        WeightsMissing: it is not there.
    """
    told = {entry.key: entry.value for entry in tensor.external_data}
    if set(told) - PLACED or not all(isinstance(value, str) for value in told.values()):  # bytes that are no text
        raise WeightsCorrupt(f"{path.name} is damaged: it does not say where its weights lie. Get it again.")
    location: str = told.get("location", "")
    try:
        folder = path.parent.resolve()
        file: Path = (folder / location).resolve()
        inside, there = bool(location) and file.is_relative_to(folder), file.is_file()
    except (OSError, RuntimeError, ValueError):  # too long, a circle of links, a zero byte
        inside, there = False, False
    if not inside:
        raise WeightsCorrupt(
            f"{path.name} wants to read its weights from {location[:100]!r}, outside its folder. Not read. "
            "Get the file and its weights from its makers again."
        )
    if not there:
        raise WeightsMissing(f"{path.name} needs its weights file {location[:100]} beside it. Get both again.")
    return file


def _nodes(model: onnx.ModelProto) -> Iterator[onnx.NodeProto]:
    yield from _nodes_within(model.graph.node)
    for function in model.functions:
        yield from _nodes_within(function.node)


def _nodes_within(nodes: Iterator[onnx.NodeProto]) -> Iterator[onnx.NodeProto]:
    for node in nodes:
        yield node
        for attribute in node.attribute:
            for graph in (attribute.g, *attribute.graphs):
                yield from _nodes_within(graph.node)


def _tensors_of_graph(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        yield from _tensors_of_node(node)


def _tensors_of_node(node: onnx.NodeProto) -> Iterator[onnx.TensorProto]:
    for attribute in node.attribute:
        if attribute.HasField("t"):
            yield attribute.t
        yield from attribute.tensors
        for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
            yield from (sparse.values, sparse.indices)
        for graph in (attribute.g, *attribute.graphs):
            yield from _tensors_of_graph(graph)
