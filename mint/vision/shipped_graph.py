"""A small ONNX graph of the project's own that finds or aligns faces: read from ``weights/``, checked, and opened once."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mint.errors import WeightsCorrupt, WeightsMissing
from mint.storage.files import read_bytes

LARGEST_GRAPH = 2**24  # bytes
_opening = threading.Lock()
_sessions: dict[str, Any] = {}  # a session serves all threads, and runs on the thread that asks


def run_graph(path: Path, sha256: str, outputs: Sequence[str] | None, inputs: dict[str, np.ndarray]) -> list[Any]:
    """Run a shipped graph.

    Args:
        path: of the file, in ``weights/``.
        sha256: of the file, in hexadecimal digits.
        outputs: names; all if None.
        inputs: name to value.

    Raises:
        WeightsMissing: the file is not there.
        WeightsCorrupt: it is another file.
    """
    found: list[Any] = open_graph(path, sha256).run(outputs, inputs)
    return found


def open_graph(path: Path, sha256: str) -> Any:
    """Return the session of a shipped graph; opening it before the first photo saves that photo the wait. Raises as ``run_graph``."""
    with _opening:
        key = str(path)
        if key not in _sessions:
            _sessions[key] = _open(path, sha256)
        return _sessions[key]


def _open(path: Path, sha256: str) -> Any:
    if not path.is_file():
        raise WeightsMissing(f"The detector {path.name} is not in weights/. Restore it from the repository.")
    data = read_bytes(path, LARGEST_GRAPH)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise WeightsCorrupt(f"The detector {path.name} is damaged. Restore it from the repository.")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # other numbers would round differently
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
