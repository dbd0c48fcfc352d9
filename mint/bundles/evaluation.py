"""What was measured of a bundle: the two sides that its figures compare, and the figures, read without opening its network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mint.bundles.checks import check_evaluation
from mint.bundles.files import EVALUATION, UNSOUND, checked
from mint.errors import WeightsCorrupt, brief
from mint.evidence.score_table import CALIBRATION, MEMBERS, OUTSIDERS, SIBLINGS, TEST, ScoreTable
from mint.storage.bundle_index import INDEX, parse_index
from mint.storage.files import MOST_JSON, parse_json, read_bytes

POOL = "pool"  # beside the levels, as it is told: whether the test was made from a pool of MINT's own making
CROSS = "cross-database"  # the split under the papers' protocol, whose non-members are real faces
LEVELS = SAMPLE, NEW_PEOPLE = "sample", "identity"  # members against others of the same people, and against new people
NON_MEMBERS = {SAMPLE: SIBLINGS, NEW_PEOPLE: OUTSIDERS}


def levels(scores: ScoreTable, splits: tuple[str, ...] = (CALIBRATION, TEST)) -> tuple[str, ...]:
    """Return the levels at which a bundle has both members and non-members."""
    return tuple(
        level
        for level, others in NON_MEMBERS.items()
        if all(scores.rows(s, k) for s in splits for k in (MEMBERS, others))
    )


def told_evaluation(evaluation: Mapping[str, Any] | None, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what was measured of a bundle with ``POOL``, which its facts know; None where nothing was measured."""
    return None if evaluation is None else {**evaluation, POOL: POOL in facts}


def read_evaluation(folder: Path) -> dict[str, Any] | None:
    """Read what was measured of a bundle, as ``told_evaluation`` returns it, and nothing else of it; None where nothing was.

    Raises:
        WeightsCorrupt: a file's bytes are not the promised ones, or make no sense.
    """
    try:
        index = parse_index(read_bytes(folder / INDEX, MOST_JSON), folder.name)
        if EVALUATION not in index.files:
            return None
        found = check_evaluation(parse_json(checked(folder, EVALUATION, index.files[EVALUATION])))
        return told_evaluation(found, index.facts)
    except UNSOUND as error:
        raise WeightsCorrupt(
            f"{folder.name} is not a complete bundle: {brief(error)}. Restore the whole folder."
        ) from error
