"""Refuse hostile ONNX graphs: foreign operators, outside files, excessive memory.

A graph is a program. ONNX Runtime holds it to the operators that it knows; what it would still allow is looked for here,
before anything runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError
from onnx import shape_inference

from mint.errors import WeightsCorrupt, WeightsMissing, brief
from mint.networks.onnx.stages import inferred_shapes

# Of ONNX itself, and ONNX Runtime's own, which quantised networks use.
KNOWN = ("", "ai.onnx", "ai.onnx.ml", "com.microsoft")
PLACED = {"location", "offset", "length", "checksum"}  # what ONNX says of a tensor in another file
GRAPH_VALUES = 2**28  # of all tensors on the way of one picture: 1 GiB; IResNet-100 makes a fiftieth
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
    total = sum(map(_count, inferred_shapes(model, side).values()))
    if total > GRAPH_VALUES:
        raise WeightsCorrupt(
            f"{name} declares tensors of {total:,} values for one picture; no face recogniser needs more than "
            f"{GRAPH_VALUES:,}. Not run. Give another file."
        )


def check_stored_graph(data: bytes, name: str, files: Collection[str]) -> None:
    """Refuse a bundle's graph that is none, reads other files than the bundle's, or would take too much memory.

    Args:
        data: of the graph, all of whose sizes are fixed.
        name: what to call it.
        files: in which its weights may lie.

    Raises:
        WeightsCorrupt: it is one.
    """
    try:
        model = onnx.load_model_from_string(data)
        check_domains(model, name)
        strange = [place for tensor in tensors(model) for place in _locations(tensor) if place not in files]
        if not strange:
            graph = shape_inference.infer_shapes(model, data_prop=True).graph
    except (
        DecodeError,
        RuntimeError,
        ValueError,
        onnx.checker.ValidationError,
        shape_inference.InferenceError,
    ) as error:
        raise WeightsCorrupt(
            f"{name} is not a graph, or is damaged: {brief(error)}. Restore the whole folder."
        ) from error
    if strange:
        raise WeightsCorrupt(
            f"{name} wants to read its weights from {strange[0][:100]!r}. Not read. Restore the folder."
        )
    shapes = ([dim.dim_value for dim in v.type.tensor_type.shape.dim] for v in (*graph.value_info, *graph.output))
    if sum(map(_count, shapes)) > GRAPH_VALUES:
        raise WeightsCorrupt(f"{name} declares far larger tensors than any audit needs. Not run. Restore the folder.")


def _locations(tensor: onnx.TensorProto) -> Iterator[str]:
    """Return the file that a tensor's values lie in, if they lie in one."""
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        yield next((entry.value for entry in tensor.external_data if entry.key == "location"), "")


def _count(shape: Iterable[int]) -> int:
    count = 1
    for size in shape:
        count *= max(1, size)
    return count


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
