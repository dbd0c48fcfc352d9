"""What the ONNX Runtime that is installed reads: the newest opset and file format, found by trying; and what it does not do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import onnx
from onnx.helper import make_graph, make_model, make_node, make_opsetid, make_tensor_value_info

from mint.errors import MintError, WeightsCorrupt
from mint.networks.onnx.failures import node_in, uses_bfloat16
from mint.networks.onnx.session import RUNTIME_VERSION, OnnxSession

SURE = (13, 8)  # an opset and a file format (IR version) that every supported runtime reads
BEYOND = 100  # nobody has an opset or a format of that number
OLDEST = 7  # opset from which on the runtime promises to run everything
STANDARD = ("", "ai.onnx")


def check_versions(model: onnx.ModelProto, name: str) -> None:
    """Refuse a graph that is newer than the runtime, naming its version and the runtime's limit.

    Raises:
        WeightsCorrupt: it is.
    """
    for domain, version in ((used.domain, used.version) for used in model.opset_import):
        domain = "" if domain in STANDARD else domain
        if not reads(version, SURE[1], domain) and version > (limit := newest_opset(domain)):
            raise _too_new(name, f"opset {version}{f' of {domain[:50]}' if domain else ''}", limit)
    if not reads(SURE[0], model.ir_version) and model.ir_version > (limit := newest_format()):
        raise _too_new(name, f"file format (IR version) {model.ir_version}", limit)


def _too_new(name: str, what: str, limit: int) -> WeightsCorrupt:
    return WeightsCorrupt(
        f"{name} was exported with {what}; ONNX Runtime {RUNTIME_VERSION}, which is installed here, reads up to {limit}. "
        "Export it with an older one."
    )


@contextmanager
def explained(model: onnx.ModelProto, name: str, device: str) -> Iterator[None]:
    """Explain within the block why the runtime refuses a graph: name the type or the opset that it lacks, not only the node.

    Raises:
        WeightsCorrupt: naming the type or the opset, the runtime and the node.
    """
    try:
        yield
    except WeightsCorrupt as error:
        cause: BaseException | None = error
        while isinstance(cause, MintError):
            cause = cause.__cause__
        if cause is None:  # not of the runtime
            raise
        which = node_in(cause)[0]
        at = f" ({which})" if which else ""
        opset = min((used.version for used in model.opset_import if used.domain in STANDARD), default=OLDEST)
        if uses_bfloat16(model):
            raise WeightsCorrupt(
                f"{name} computes in bfloat16, which ONNX Runtime {RUNTIME_VERSION}, which is installed here, does not do ({device}) "
                f"for all of its nodes{at}. Export it in float32 or float16."
            ) from error
        if opset < OLDEST:
            raise WeightsCorrupt(
                f"{name} was exported with opset {opset}; ONNX Runtime {RUNTIME_VERSION}, which is installed here, runs graphs from "
                f"opset {OLDEST} on, and this one not{at}. Export it with a newer one."
            ) from error
        raise


@lru_cache(maxsize=256)
def reads(opset: int, file_format: int, domain: str = "") -> bool:
    """Return whether the runtime loads a tiny graph of this opset, in this domain of operators, and file format."""
    ends = [make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in ("x", "y")]
    graph = make_graph([make_node("Neg", ["x"], ["y"])], "tiny", ends[:1], ends[1:])
    sets = {"": SURE[0], domain: opset}
    try:
        made = make_model(graph, opset_imports=[make_opsetid(*one) for one in sets.items()], ir_version=file_format)
        OnnxSession(made, "a tiny graph")
    except (WeightsCorrupt, ValueError):
        return False
    return True


@lru_cache
def newest_opset(domain: str = "") -> int:
    """Return the newest opset of a domain of operators that the runtime reads."""
    first = 1 if domain else SURE[0]
    return max((version for version in range(first, BEYOND) if reads(version, SURE[1], domain)), default=first)


@lru_cache
def newest_format() -> int:
    """Return the newest file format (IR version) that the runtime reads."""
    return max((version for version in range(SURE[1], BEYOND) if reads(SURE[0], version)), default=SURE[1])
