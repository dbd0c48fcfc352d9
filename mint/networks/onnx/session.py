"""Run graphs in ONNX Runtime: the only door to it. Needs neither torch nor the package ``onnx``."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from mint.errors import DeviceMissing
from mint.networks.onnx.failures import cannot_run

if TYPE_CHECKING:
    import onnx

RUNTIME_VERSION: str = ort.__version__
FLOATS = "tensor(float)"  # float32, as ONNX Runtime calls it
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


class OnnxSession:
    """A graph ready to run.

    Args:
        model: with every tensor that will be asked for among its outputs; parsed, or as bytes.
        name: what to call it in errors.
        threads: of the runtime.
        device: ``cpu``, ``cuda``, or ``auto``: CUDA where it works, else the processor.
        weights: files that the model says its weights lie in, as bytes: name to what is in it. No file is read.
        arena: whether memory is kept from one run to the next: some MB more, and next to nothing faster.

    Attributes:
        device: the one it really runs on.

    Raises:
        DeviceMissing: CUDA was asked for, and the runtime does not use it.
        WeightsCorrupt: the runtime refuses the graph.
    """

    def __init__(
        self,
        model: onnx.ModelProto | bytes,
        name: str,
        threads: int = 1,
        device: str = "cpu",
        weights: Mapping[str, bytes] = MappingProxyType({}),
        arena: bool = True,
    ) -> None:
        self._name = name
        wanted = "cpu" if device == "auto" and CUDA not in ort.get_available_providers() else device
        offered = providers(wanted)
        options = session_options(threads)
        options.enable_cpu_mem_arena = arena
        if weights:
            options.add_external_initializers_from_files_in_memory(
                list(weights), list(weights.values()), [len(data) for data in weights.values()]
            )
        try:
            # Where the processor alone is offered, the runtime would print that it tries it once more, and do so.
            self._session = ort.InferenceSession(
                model if isinstance(model, bytes) else model.SerializeToString(),
                options,
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
        """Run what these tensors need of the graph once, and return their values.

        Raises:
            WeightsCorrupt: the graph cannot run on these feeds.
        """
        try:
            found: list[np.ndarray] = self._session.run(list(tensors), dict(feeds), _asked_only())
        except REFUSED as error:
            raise cannot_run(self._name, error) from error
        return found

    @property
    def types(self) -> dict[str, str]:
        """Return the type of each output, such as ``tensor(float)``."""
        return {output.name: str(output.type) for output in self._session.get_outputs()}

    @property
    def notes(self) -> dict[str, str]:
        """Return the metadata that the graph's maker wrote into it."""
        return dict(self._session.get_modelmeta().custom_metadata_map)


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


def session_options(threads: int) -> ort.SessionOptions:
    """Make session options: number of threads, errors only."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # errors are raised as well; exporters' odd shapes need no line each
    return options


def fold_constants(model: bytes, name: str) -> bytes:
    """Return the graph with everything computed that does not depend on its inputs, in standard operators only.

    Raises:
        WeightsCorrupt: the runtime refuses the graph.
    """
    options = session_options(1)
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    with tempfile.TemporaryDirectory(prefix="mint-graph-") as folder:
        file = Path(folder) / "folded.onnx"
        options.optimized_model_filepath = str(file)
        try:
            ort.InferenceSession(model, options, providers=[CPU], enable_fallback=0)
        except REFUSED as error:
            raise cannot_run(name, error) from error
        return file.read_bytes()


@lru_cache(maxsize=1)
def _asked_only() -> ort.RunOptions:
    """Return options to run only the nodes that the tensors asked for depend on."""
    options = ort.RunOptions()
    options.only_execute_path_to_fetches = True
    return options


@lru_cache(maxsize=1)
def _load_cuda() -> None:
    """Load CUDA and cuDNN from torch's packages; without these, the system's are used."""
    ort.set_default_logger_severity(4)  # what cannot be loaded is asked of the session instead
    with redirect_stdout(io.StringIO()):  # it prints a line for every library that is not there
        ort.preload_dlls()
