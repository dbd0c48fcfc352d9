"""Validate the contents of a bundle, beyond its hashes, before it judges anything.

A hash says that a file is the one its index names, not that its numbers make sense: whoever writes a bundle writes
its hashes as well. So that a damaged or hostile one ends with a clear error when it is loaded, and not with a crash
or a wrong verdict in front of a visitor, every number that verdicts rest on is looked at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mint.auditors import Spec, specs
from mint.auditors.panel import QUALITIES
from mint.networks.base import FeatureShapes

LONGEST_NAME = 200
WAYS = 2  # to a verdict that one bundle may have
Tables = Mapping[str, Mapping[str, Mapping[str, np.ndarray]]]


def check_index(index: Mapping[str, Any], files: Sequence[str]) -> None:
    """Refuse a malformed index, or one that lists unknown files.

    Raises ValueError, as all functions here.
    """
    name = index["name"]
    if not isinstance(name, str) or not name.isprintable() or not 0 < len(name) <= LONGEST_NAME:
        raise ValueError("its name is not one")
    for part in ("network", "fusion", "platt", "range", "gates", "facts", "files"):
        if not isinstance(index[part], dict):
            raise ValueError(f"its {part} is not one")
    for file, entry in index["files"].items():
        if file not in files:
            raise ValueError(f"it lists {file[:100]!r}, which no bundle holds")
        if type(entry["bytes"]) is not int or not isinstance(entry["sha256"], str):
            raise ValueError(f"it does not promise the bytes of {file}")


def check_judging(index: Mapping[str, Any], online: Sequence[str], questions: Sequence[str]) -> None:
    """Refuse weights, probabilities and ranges that are not finite or name unknown columns."""
    for question in questions:
        fusion: Any = index["fusion"][question]
        for _ in range(WAYS):
            weights = fusion["weights"]
            strange = [column for column in weights if column not in online]
            if strange or not weights:
                raise ValueError(
                    f"its answer to {question} rests on {str(strange[:1])[:100]}, which no auditor of it scores"
                )
            _numbers("fusion", [*weights.values(), fusion["bias"]])
            fusion = fusion.get("otherwise")
            if fusion is None:
                break
        else:
            raise ValueError(f"its answer to {question} has more than {WAYS} ways to be reached")
    for column in (*online, *questions):
        slope, bias = index["platt"][column]
        _numbers("platt", [slope, bias])
    for quality, bounds in index["range"].items():
        low, high = bounds
        _numbers("range", [low, high])
        if quality not in QUALITIES or low > high:
            raise ValueError("its range is not one")


def check_specs(wanted: Sequence[Spec], shapes: FeatureShapes) -> None:
    """Refuse auditors that do not fit the network or are listed twice."""
    possible = specs(shapes)
    for spec in wanted:
        if spec not in possible:
            raise ValueError(f"its network has no auditor {str(spec)[:100]}")
    if len(set(wanted)) < len(wanted):
        raise ValueError("an auditor is listed twice")


def check_state(columns: Sequence[str], state: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> None:
    """Refuse auditor tensors of a wrong type, with non-finite values, or of no auditor.

    Args:
        columns: of the auditors.
        state: column and name, ``cnn/stage1.net.0.weight``, to what the file holds.
        wanted: the same of untrained auditors.
    """
    for key, value in state.items():
        if key not in wanted:
            raise ValueError(f"{key[:100]} belongs to none of its {len(columns)} auditors")
        if value.dtype != wanted[key].dtype or value.shape != wanted[key].shape:
            raise ValueError(f"{key[:100]} has another type or shape than its auditor's")
        if value.is_floating_point() and not torch.isfinite(value).all():
            raise ValueError(f"{key[:100]} has values that are no numbers")


def check_scores(tables: Tables, apart: str, needed: Sequence[str]) -> None:
    """Refuse scores that are not columns of finite numbers.

    Args:
        tables: split to source to columns.
        apart: begins the names of splits whose columns count people, each of its own length.
        needed: columns without which nothing is compared: every source of ``calibration`` must have them.
    """
    for split, sources in tables.items():
        for source, columns in sources.items():
            place = f"{split} of {source}"[:100]
            for values in columns.values():
                if values.ndim != 1 or values.dtype.kind not in "fiub" or not np.isfinite(values).all():
                    raise ValueError(f"its scores, {place}, are no columns of numbers")
            if not split.startswith(apart) and len({len(values) for values in columns.values()}) > 1:
                raise ValueError(f"its scores, {place}, are columns of several lengths")
    if not {"calibration", "test"} <= set(tables):
        raise ValueError("it has no scores to compare with")
    for source, columns in tables["calibration"].items():
        lacking = [column for column in needed if column not in columns]
        if lacking:
            raise ValueError(f"its scores, calibration of {source[:100]}, lack {lacking[0][:100]}")


def check_evaluation(found: Any) -> dict[str, Any]:
    """Refuse a malformed evaluation."""
    if not isinstance(found, dict):
        raise ValueError("its evaluation is not one")
    for level in ("sample", "identity"):
        rows = found.get(level, {}).get("rows", [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ValueError("its evaluation has no rows")
    return found


def _numbers(part: str, values: Sequence[Any]) -> None:
    if not all(type(value) in (int, float) and np.isfinite(value) for value in values):
        raise ValueError(f"its {part} has something else than numbers")
