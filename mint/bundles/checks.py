"""Validate the contents of a bundle, beyond its hashes, before it judges anything.

A hash says that a file is the one its index names, not that its numbers make sense: whoever writes a bundle writes
its hashes as well. So that a damaged or hostile one ends with a clear error when it is loaded, and not with a crash
or a wrong verdict in front of a visitor, every number that verdicts rest on is looked at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mint.auditors import Spec
from mint.errors import BundleMismatch
from mint.evidence.score_table import CALIBRATION, TEST, ScoreTable
from mint.networks.base import FeatureShapes
from mint.storage.bundle_index import BundleIndex
from mint.storage.tensors import header
from mint.vision.faces import QUALITIES

if TYPE_CHECKING:  # takes seconds to import, and a bundle with a graph needs none of it
    from torch import Tensor

WAYS = 2  # to a verdict that one bundle may have


def check_owner(file: str, data: bytes, fingerprint: str) -> None:
    """Refuse a file of another network's bundle, by what its header says. Raises BundleMismatch."""
    if header(data).get("__metadata__", {}).get("network") != fingerprint:
        raise BundleMismatch(f"{file} belongs to another network. Restore the whole folder.")


def check_classes(classes: Sequence[int], centres: np.ndarray | None) -> tuple[int, ...]:
    """Return numbers of class centres. Raises ValueError where the network has no such centre."""
    if classes and (centres is None or max(classes) >= len(centres)):
        raise ValueError("it names class centres that its network does not have")
    return tuple(classes)


def check_judging(index: BundleIndex, online: Sequence[str], questions: Sequence[str]) -> None:
    """Refuse answers that rest on unknown columns, and ranges that are none.

    Raises ValueError, as the functions below.
    """
    for question in questions:
        fusion = index.fusion.get(question)
        if fusion is None:
            raise ValueError(f"it has no answer to {question}")
        for _ in range(WAYS):
            strange = [column for column in fusion.weights if column not in online]
            strange += [column for column in fusion.caps or () if column not in fusion.weights]
            if strange:
                raise ValueError(
                    f"its answer to {question} rests on {str(strange[:1])[:100]}, which no auditor of it scores"
                )
            if fusion.otherwise is None:
                break
            fusion = fusion.otherwise
        else:
            raise ValueError(f"its answer to {question} has more than {WAYS} ways to be reached")
    lacking = [column for column in (*online, *questions) if column not in index.platt]
    if lacking:
        raise ValueError(f"it has no probabilities for {lacking[0][:100]}")
    for quality, (low, high) in index.range.items():
        if quality not in QUALITIES or low > high:
            raise ValueError(f"its range of {quality[:100]!r} is not one")


def check_specs(wanted: Sequence[Spec], shapes: FeatureShapes) -> None:
    """Refuse auditors that do not fit the network or are listed twice."""
    from mint.auditors.kinds import specs

    possible = specs(shapes)
    for spec in wanted:
        if spec not in possible:
            raise ValueError(f"its network has no auditor {str(spec)[:100]}")
    check_unique(wanted)


def check_unique(wanted: Sequence[Spec]) -> None:
    """Refuse auditors that are listed twice."""
    if len(set(wanted)) < len(wanted):
        raise ValueError("an auditor is listed twice")


def check_state(columns: Sequence[str], state: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> None:
    """Refuse auditor tensors of a wrong type, with non-finite values, or of no auditor.

    Args:
        columns: of the auditors.
        state: column and name, ``cnn/stage1.net.0.weight``, to what the file holds.
        wanted: the same of untrained auditors.
    """
    import torch

    for key, value in state.items():
        if key not in wanted:
            raise ValueError(f"{key[:100]} belongs to none of its {len(columns)} auditors")
        halved = value.dtype == torch.float16 and wanted[key].dtype == torch.float32 and value.ndim > 1
        if (value.dtype != wanted[key].dtype and not halved) or value.shape != wanted[key].shape:
            raise ValueError(f"{key[:100]} has another type or shape than its auditor's")
        if value.is_floating_point() and not torch.isfinite(value).all():
            raise ValueError(f"{key[:100]} has values that are no numbers")


def check_numbers(file: str, tensors: Iterable[tuple[str, np.ndarray]]) -> None:
    """Refuse weights that are no numbers."""
    for key, value in tensors:
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            raise ValueError(f"{file}, {key[:100]}, has values that are no numbers")


def check_scores(tables: ScoreTable, apart: str, needed: Sequence[str]) -> None:
    """Refuse scores that are not columns of finite numbers.

    Args:
        tables: as read from a file.
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
    if not {CALIBRATION, TEST} <= set(tables):
        raise ValueError("it has no scores to compare with")
    for source, columns in tables.calibration.items():
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


def check_gates(stored: Mapping[str, bool], name: str, evaluation: Mapping[str, Any], combined: str) -> dict[str, bool]:
    """Return the stored gates if the evaluation does not contradict them; the fused score's is called ``combined``.

    Raises BundleMismatch.
    """
    shown = evaluation.get("sample", evaluation.get("identity", {}))  # the harder level that was measured
    for row in shown.get("rows", ()):
        column = combined if row["auditor"] == "combined" else f"{row['auditor']}/{row['layer']}"
        if stored.get(column) and not row.get("gate", {}).get("passes"):
            raise BundleMismatch(
                f"{name} opens the gate for {column}, but its evaluation does not show that it beat its controls."
            )
    return dict(stored)
