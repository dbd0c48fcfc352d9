"""ONNX files: validated on reading, changed in memory only, run in ONNX Runtime.

The only door to onnxruntime; what a graph looks like is in ``stages.py``.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Collection, Mapping, Sequence
from contextlib import redirect_stdout
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from google.protobuf.message import DecodeError
from onnx.external_data_helper import load_external_data_for_tensor
from onnx.helper import (
    make_empty_tensor_value_info,
    make_graph,
    make_model,
    make_node,
    make_opsetid,
    make_tensor_value_info,
)
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from mint.errors import DeviceMissing, WeightsCorrupt, WeightsMissing, brief
from mint.networks.onnx.checks import check_domains, file_beside, tensors
from mint.networks.onnx.failures import cannot_run
from mint.storage.files import read_bytes, sha256_of

MOST_BYTES = 2**31 - 1  # of a file, and of all its weights: protobuf ends there
RUNTIME_VERSION: str = ort.__version__
CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
# ONNX Runtime's errors share no base of their own; the last four are C++'s, passed on.
REFUSED: tuple[type[Exception], ...] = (
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NotImplemented,
    ort_errors.NoModel,
    ort_errors.NotFound,
    ort_errors.RuntimeException,
    IndexError,
    MemoryError,
    RuntimeError,
    ValueError,
)


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
        data = read_bytes(path, MOST_BYTES)
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
        if sum(file.stat().st_size for file in outside) > MOST_BYTES:
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


class OnnxSession:
    """A graph ready to run.

    Args:
        model: with every tensor that will be asked for among its outputs.
        name: what to call it in errors.
        threads: of the runtime.
        device: ``cpu``, ``cuda``, or ``auto``: CUDA where it works, else the processor.

    Attributes:
        device: the one it really runs on.

    Raises:
        DeviceMissing: CUDA was asked for, and the runtime does not use it.
        WeightsCorrupt: the runtime refuses the graph.
    """

    def __init__(self, model: onnx.ModelProto, name: str, threads: int = 1, device: str = "cpu") -> None:
        self._name = name
        wanted = "cpu" if device == "auto" and CUDA not in ort.get_available_providers() else device
        offered = providers(wanted)
        try:
            # Where the processor alone is offered, the runtime would print that it tries it once more, and do so.
            self._session = ort.InferenceSession(
                model.SerializeToString(),
                session_options(threads),
                providers=offered,
                enable_fallback=int(len(offered) > 1),
            )
        except REFUSED as error:
            raise cannot_run(name, error) from error
        # A runtime that cannot load CUDA's libraries says nothing and takes the processor: ask it.
        self.device = "cuda" if self._session.get_providers()[0] == CUDA else "cpu"
        if device == "cuda" and self.device != "cuda":
            raise DeviceMissing(
                f"{name} was to run on CUDA, but ONNX Runtime fell back to the processor: it cannot load the driver, "
                "CUDA 13 or cuDNN 9. `mint doctor` says more."
            )

    def __call__(self, feeds: Mapping[str, np.ndarray], tensors: Sequence[str]) -> list[np.ndarray]:
        """Run the graph once and return the values of the tensors.

        Raises:
            WeightsCorrupt: the graph cannot run on these feeds.
        """
        try:
            found: list[np.ndarray] = self._session.run(list(tensors), dict(feeds))
        except REFUSED as error:
            raise cannot_run(self._name, error) from error
        return found

    @property
    def types(self) -> dict[str, str]:
        """Return the type of each output, such as ``tensor(float)``."""
        return {output.name: str(output.type) for output in self._session.get_outputs()}


def has_cuda() -> bool:
    """Return whether the runtime that is installed was built with CUDA."""
    return CUDA in ort.get_available_providers()


def providers(device: str) -> list[str]:
    """Return ONNX Runtime's execution providers for a device, the preferred one first.

    Args:
        device: ``cpu``, ``cuda`` or ``auto``.

    Raises:
        DeviceMissing: the runtime that is installed was built without CUDA.
        ValueError: another device.
    """
    if device == "cpu":
        return [CPU]
    if device not in ("cuda", "auto"):
        raise ValueError(f"a device is cpu, cuda or auto, not {device}")
    if CUDA not in ort.get_available_providers():
        raise DeviceMissing(
            f"ONNX Runtime {ort.__version__} here was built for the processor only. Swap it for the build with CUDA: "
            "pip uninstall -y onnxruntime && pip install --force-reinstall --no-deps -r requirements-gpu.txt"
        )
    _load_cuda()
    return [CUDA, CPU]


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


def session_options(threads: int) -> ort.SessionOptions:
    """Make session options: number of threads, errors only."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # errors are raised as well; exporters' odd shapes need no line each
    return options


@lru_cache(maxsize=1)
def _load_cuda() -> None:
    """Load CUDA and cuDNN from torch's packages; without these, the system's are used."""
    ort.set_default_logger_severity(4)  # what cannot be loaded is asked of the session instead
    with redirect_stdout(io.StringIO()):  # it prints a line for every library that is not there
        ort.preload_dlls()
