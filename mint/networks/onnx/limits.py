"""What the ONNX Runtime that is installed reads: the newest opset and file format, found by trying."""

from __future__ import annotations

from functools import lru_cache

import onnx
from onnx.helper import make_graph, make_model, make_node, make_opsetid, make_tensor_value_info

from mint.errors import WeightsCorrupt
from mint.networks.onnx.session import RUNTIME_VERSION, OnnxSession, has_cuda

SURE = (13, 8)  # an opset and a file format (IR version) that every supported runtime reads
BEYOND = 100  # nobody has an opset or a format of that number


def check_versions(model: onnx.ModelProto, name: str) -> None:
    """Refuse a graph that is newer than the runtime, naming its version and the runtime's limit.

    Raises:
        WeightsCorrupt: it is.
    """
    opset = max((s.version for s in model.opset_import if s.domain in ("", "ai.onnx")), default=SURE[0])
    for what, version, limit, loads in (
        ("opset", opset, newest_opset, reads(opset, SURE[1])),
        ("file format (IR version)", model.ir_version, newest_format, reads(SURE[0], model.ir_version)),
    ):
        if not loads and version > limit():
            build = "Its build for processors, which requirements.txt pins, may read more. " if has_cuda() else ""
            raise WeightsCorrupt(
                f"{name} was exported with {what} {version}; ONNX Runtime {RUNTIME_VERSION}, which is installed here, reads "
                f"up to {limit()}. {build}Export it with an older one."
            )


@lru_cache(maxsize=256)
def reads(opset: int, file_format: int) -> bool:
    """Return whether the runtime loads a tiny graph of this opset and file format."""
    ends = [make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in ("x", "y")]
    graph = make_graph([make_node("Neg", ["x"], ["y"])], "tiny", ends[:1], ends[1:])
    try:
        OnnxSession(make_model(graph, opset_imports=[make_opsetid("", opset)], ir_version=file_format), "a tiny graph")
    except (WeightsCorrupt, ValueError):
        return False
    return True


def newest_opset() -> int:
    """Return the newest opset that the runtime reads."""
    return max((version for version in range(SURE[0], BEYOND) if reads(version, SURE[1])), default=SURE[0])


def newest_format() -> int:
    """Return the newest file format (IR version) that the runtime reads."""
    return max((version for version in range(SURE[1], BEYOND) if reads(SURE[0], version)), default=SURE[1])
