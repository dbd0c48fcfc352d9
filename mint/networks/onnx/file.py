"""ONNX files: validated on reading, changed in memory only; ``session.py`` runs them.

What a graph looks like is in ``stages.py``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx.external_data_helper import load_external_data_for_tensor
from onnx.helper import (
    make_empty_tensor_value_info,
    make_graph,
    make_model,
    make_node,
    make_opsetid,
    make_tensor_value_info,
    set_model_props,
)

from mint.errors import WeightsCorrupt, WeightsMissing, brief
from mint.networks.onnx.checks import check_domains, file_beside, tensors
from mint.networks.onnx.session import OnnxSession
from mint.storage.files import read_bytes, sha256_of

KINDS = {"F16": onnx.TensorProto.FLOAT16, "F32": onnx.TensorProto.FLOAT}
FILE_BYTES = 2**31 - 1  # of a file, and of all its weights: protobuf ends there


def read_onnx(path: Path) -> tuple[onnx.ModelProto, str]:
    """Parse an ONNX file with all its weights.

    Returns:
        The model, and the sha256 of the file; where weights lie in files beside it, the sha256 of
        all their sha256s, so that the fingerprint covers every weight.

    Raises:
        WeightsMissing: there is no such file, or a weights file beside it is gone.
        WeightsCorrupt: not an ONNX file, damaged, with operators that are code of others, or its weights lie
            outside its own folder.
    """
    if not path.is_file():
        raise WeightsMissing(f"There is no network at {path}. Give the path of an ONNX file.")
    try:
        data = read_bytes(path, FILE_BYTES)
        model = onnx.load_model_from_string(data)  # whatever its name ends in
    except (DecodeError, OSError) as error:
        raise WeightsCorrupt(
            f"{path.name} is not an ONNX file, or is damaged ({brief(error)}). Get it again."
        ) from error
    if not model.graph.node or not model.graph.output:  # bytes that happen to parse
        raise WeightsCorrupt(f"{path.name} holds no network. Is it an ONNX file?")
    check_domains(model, path.name)
    outside = sorted({file_beside(path, tensor) for tensor in tensors(model) if external(tensor)})
    try:
        if sum(file.stat().st_size for file in outside) > FILE_BYTES:
            raise ValueError("they are larger than any ONNX file may be")
        for tensor in tensors(model):
            if external(tensor):
                load_external_data_for_tensor(tensor, str(path.parent))
                tensor.data_location = onnx.TensorProto.DEFAULT
                del tensor.external_data[:]
    except (OSError, ValueError, onnx.checker.ValidationError) as error:
        raise WeightsCorrupt(f"The weights of {path.name} cannot be read: {brief(error)}. Get them again.") from error
    digests = [hashlib.sha256(data).hexdigest(), *map(sha256_of, outside)]
    return model, digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def external(tensor: onnx.TensorProto) -> bool:
    """Return whether a tensor's values lie in another file."""
    return bool(tensor.data_location == onnx.TensorProto.EXTERNAL)


def with_outputs(model: onnx.ModelProto, tensors: Sequence[str]) -> onnx.ModelProto:
    """Copy a model and add these tensors to its outputs, without shapes."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    there = {output.name for output in copy.graph.output}
    copy.graph.output.extend(make_empty_tensor_value_info(name) for name in dict.fromkeys(tensors) if name not in there)
    return copy


def with_only(model: onnx.ModelProto, tensors: Sequence[str], cast: Collection[str] = ()) -> onnx.ModelProto:
    """Copy a model with these tensors as its only outputs; those in ``cast`` come out as float32, see ``output_of``."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    del copy.graph.output[:]
    for name in dict.fromkeys(tensors):
        if name in cast:
            copy.graph.node.append(make_node("Cast", [name], [output_of(name, cast)], to=onnx.TensorProto.FLOAT))
        copy.graph.output.append(make_empty_tensor_value_info(output_of(name, cast)))
    return copy


def output_of(tensor: str, cast: Collection[str]) -> str:
    """Return the name under which ``with_only`` puts a tensor out."""
    return f"{tensor}:float32" if tensor in cast else tensor


@dataclass(frozen=True, slots=True)
class Place:
    """Where the values of a tensor lie.

    Attributes:
        file: beside the graph.
        kind: ``F16`` or ``F32``, as safetensors call them.
        shape: of the tensor.
        offset: of its first byte in the file.
        length: in bytes.
    """

    file: str
    kind: str
    shape: tuple[int, ...]
    offset: int
    length: int


def with_weights_outside(data: bytes, places: Mapping[str, Place], notes: Mapping[str, str]) -> bytes:
    """Turn inputs of a graph into weights that lie in other files, and write notes into it.

    Args:
        data: the graph, as bytes.
        places: of these inputs; what the graph does not read is left out.
        notes: its metadata, in place of what there was.

    Returns:
        The graph as bytes, the same ones every time.
    """
    model = onnx.load_model_from_string(data)
    for value in [value for value in model.graph.input if value.name in places]:
        place = places[value.name]
        told = {"location": place.file, "offset": place.offset, "length": place.length}
        model.graph.input.remove(value)
        model.graph.initializer.append(
            onnx.TensorProto(
                name=value.name,
                dims=place.shape,
                data_type=KINDS[place.kind],
                data_location=onnx.TensorProto.EXTERNAL,
                external_data=[onnx.StringStringEntryProto(key=key, value=str(said)) for key, said in told.items()],
            )
        )
    model.producer_name, model.producer_version, model.doc_string = "mint", "", ""
    del model.metadata_props[:], model.graph.value_info[:]
    set_model_props(model, dict(notes))
    written: bytes = model.SerializeToString(deterministic=True)
    return written


def with_free_batch(model: onnx.ModelProto) -> onnx.ModelProto:
    """Copy a model and free its batch size. Not every graph runs afterwards."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    weights = {w.name for w in copy.graph.initializer}
    for value in (*(i for i in copy.graph.input if i.name not in weights), *copy.graph.output):
        dims = value.type.tensor_type.shape.dim
        if dims:
            dims[0].dim_param = "N"
    del copy.graph.value_info[:]
    return copy


def probe(device: str) -> str:
    """Return where a session on this device really runs, ``cpu`` or ``cuda``.

    Raises as ``OnnxSession``.
    """
    ends = [make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in ("x", "y")]
    graph = make_graph([make_node("Neg", ["x"], ["y"])], "probe", ends[:1], ends[1:])
    model = make_model(graph, opset_imports=[make_opsetid("", 13)], ir_version=8)
    session = OnnxSession(model, "the probe", device=device)
    session({"x": np.ones(1, np.float32)}, ["y"])
    return session.device
