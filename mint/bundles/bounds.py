"""The bounds of false alarms of a bundle, computed once and stored beside its scores, so that an answer needs no SciPy.

``bounds.safetensors`` holds, for every column that an answer rests on and every kind of non-members that it is compared
with, all bounds of ``FalseAlarmBound``. Its header names the sha256 of the scores that they were computed from. A bundle
without this file computes the same numbers when it is asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.errors import BundleMismatch
from mint.evidence.conformal import CONFIDENCE, FalseAlarmBound, least_bound
from mint.evidence.score_table import CALIBRATION, ScoreTable
from mint.storage.bundle_index import NOTE
from mint.storage.files import parse_json
from mint.storage.tensors import header, tensors_in

Floats = NDArray[np.float64]
FORMAT = "mint-bounds-1"
BOUND = "bound"  # begins the tensors' names: bound|source|column
# Begins those of older files that held intervals of shares of photos, whoever is on them; passed over.
FORMER = "interval"
EXACT = 1e-9  # by how much more than this another SciPy does not differ, relatively


@dataclass(frozen=True, slots=True, eq=False)
class StoredBounds:
    """The bounds of a file, computed when it was written.

    Attributes:
        scores: that the bounds belong to: these very tables, and no copy of them with other numbers in it.
        rates: kind of non-members and column to (M + 1,) bounds; see ``FalseAlarmBound.rates``.
    """

    scores: ScoreTable
    rates: Mapping[tuple[str, str], Floats]


def bound_tensors(bounds: Mapping[tuple[str, str], FalseAlarmBound]) -> dict[str, Floats]:
    """Return the tensors of a bundle's file of bounds by name, from kind of non-members and column to their bounds."""
    return {f"{BOUND}|{source}|{column}": bound.rates for (source, column), bound in bounds.items()}


def about(scores_sha256: str) -> dict[str, str]:
    """Return the metadata of a file of bounds: the scores they follow from. One value, as the library writes several in any order."""
    return {NOTE: json.dumps({"format": FORMAT, "scores": scores_sha256, "confidence": CONFIDENCE})}


def parse_bounds(data: bytes, bundle: Path, scores: ScoreTable, scores_sha256: str) -> StoredBounds:
    """Parse an untrusted file of bounds.

    Args:
        data: its bytes; they are kept, and read in place.
        bundle: its folder, for errors.
        scores: of the bundle.
        scores_sha256: of their file.

    Raises:
        BundleMismatch: it was computed from other scores, or for another confidence.
        ValueError: it holds something that no such file does.
    """
    said = parse_json(str(header(data).get("__metadata__", {}).get(NOTE)).encode())
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise ValueError(f"its bounds are not of the format {FORMAT}")
    if (said.get("scores"), said.get("confidence")) != (scores_sha256, CONFIDENCE):
        raise BundleMismatch(
            f"{bundle.name} has bounds of false alarms that were computed from other scores, or for another confidence. "
            f"{recompute(bundle)}"
        )
    rates: dict[tuple[str, str], Floats] = {}
    known = scores.calibration
    least = {source: least_bound(scores.people(CALIBRATION, source)) for source in known}
    for name, values in tensors_in(data):
        kind, _, of = name.partition("|")
        source, _, column = of.partition("|")
        if kind == BOUND and column in known.get(source, {}):
            _check_rates(name, values, len(known[source][column]), least[source])
            rates[source, column] = values
        elif kind == FORMER:
            continue
        else:
            raise ValueError(f"it has bounds of {name[:100]!r}, which it has no scores of")
    return StoredBounds(scores, rates)


def differences(stored: StoredBounds, computed: Mapping[str, Floats]) -> Iterator[str]:
    """Yield the names of bounds that differ between a file and ``bound_tensors``, or that one of the two lacks."""
    found: dict[str, Floats] = {f"{BOUND}|{source}|{column}": rates for (source, column), rates in stored.rates.items()}
    for name in sorted(found.keys() | computed.keys()):
        if name not in found or name not in computed or not np.allclose(found[name], computed[name], EXACT, 0):
            yield name


def recompute(bundle: Path) -> str:
    """Return the advice for bounds that were computed from other scores: the command that computes them again."""
    return f"Compute them again: mint weights bounds {bundle}"


def _check_rates(name: str, values: np.ndarray[Any, Any], scores: int, least: float) -> None:
    if values.dtype != np.float64 or values.shape != (scores + 1,):
        raise ValueError(f"it has bounds, {name[:100]!r}, of another number of scores")
    if not (np.isfinite(values).all() and (np.diff(values) >= 0).all() and values[-1] == 1):
        raise ValueError(f"it has bounds, {name[:100]!r}, that do not rise to 1")
    if not abs(values[0] - least) <= EXACT * least:
        raise ValueError(f"it has bounds, {name[:100]!r}, that begin below or above what so many people allow")
