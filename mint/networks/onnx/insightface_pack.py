"""InsightFace packs: folders of ONNX files, identified by content and not by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import onnx

from mint.errors import WeightsMissing
from mint.networks.onnx.file import read_onnx
from mint.vision.kinds import hidden

DETECTOR, RECOGNISER, OTHER = "detector", "recogniser", "other"


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack's recogniser and detector. Its other models are ignored.

    Attributes:
        recogniser: the file under audit.
        detector: the SCRFD that finds faces for it, or None where the folder has none.
    """

    recogniser: Path
    detector: Path | None


def read_pack(folder: Path) -> Pack:
    """Find the recogniser and the detector of a pack, also where it was unpacked into a folder of its own inside.

    Raises:
        WeightsCorrupt: a file is not an ONNX file.
        WeightsMissing: there is no recogniser, or there are several models of one kind.
    """
    folder = _unpacked(folder)
    found: dict[str, list[Path]] = {DETECTOR: [], RECOGNISER: [], OTHER: []}
    for path in _graphs(folder, "*.onnx"):
        found[kind_of(read_onnx(path)[0])].append(path)
    if not found[RECOGNISER]:
        there = ", ".join(path.name for paths in found.values() for path in paths) or "no ONNX file"
        raise WeightsMissing(f"{folder} is no InsightFace pack: it holds {there}, but no face recogniser.")
    for kind in (RECOGNISER, DETECTOR):
        if len(found[kind]) > 1:
            names = ", ".join(path.name for path in found[kind])
            raise WeightsMissing(f"{folder} holds several {kind}s: {names}. Leave one, or give the path of one file.")
    return Pack(found[RECOGNISER][0], next(iter(found[DETECTOR]), None))


def _unpacked(folder: Path) -> Path:
    """Return the folder that holds the ONNX files: this one, or the only one in it that does.

    Raises:
        WeightsMissing: several folders inside do.
    """
    if _graphs(folder, "*.onnx"):
        return folder
    holding = sorted(
        {path.parent for deep in ("*/*.onnx", "*/*/*.onnx") for path in _graphs(folder, deep)}, reverse=True
    )
    inside = sorted({path.resolve(): path for path in holding}.values())  # a link may lead to one of them again
    if len(inside) > 1:
        names = ", ".join(path.relative_to(folder).as_posix() for path in inside)
        raise WeightsMissing(f"{folder} holds no ONNX file, but its folders {names[:300]} do. Give one of these.")
    return inside[0] if inside else folder


def _graphs(folder: Path, pattern: str) -> list[Path]:
    """Return the files of a pattern, without those that a system keeps for itself, such as what a Mac's zip adds."""
    found = (path for path in folder.glob(pattern) if path.is_file())
    return sorted(path for path in found if not any(map(hidden, path.relative_to(folder).parts)))


def kind_of(model: onnx.ModelProto) -> str:
    """Return the kind of a model by the rule of insightface 2.1 (``model_zoo.ModelRouter``).

    Five outputs or more make a detector. Of the rest a recogniser takes one square picture, at least 112 a side and a
    multiple of 16, but not 192: that is the landmark models' size.
    """
    weights = {weight.name for weight in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in weights]
    if len(model.graph.output) >= 5:
        return DETECTOR
    dims = [dim.dim_value for dim in inputs[0].type.tensor_type.shape.dim] if len(inputs) == 1 else []
    if len(dims) != 4 or dims[2] != dims[3] or dims[2] == 192:
        return OTHER
    return RECOGNISER if dims[2] >= 112 and dims[2] % 16 == 0 else OTHER
