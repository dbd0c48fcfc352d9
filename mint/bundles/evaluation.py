"""What was measured of a bundle: the two sides that its figures compare, and the figures, read without opening its network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mint.bundles.bundle import Columns, count_rows
from mint.bundles.checks import check_evaluation
from mint.bundles.files import EVALUATION, UNSOUND, checked
from mint.errors import WeightsCorrupt, brief
from mint.storage.bundle_index import INDEX, parse_index
from mint.storage.files import MOST_JSON, parse_json, read_bytes

CROSS = "cross-database"  # the split under the papers' protocol, whose non-members are real faces
NON_MEMBERS = {"sample": "siblings", "identity": "outsiders"}
Splits = Mapping[str, Mapping[str, Columns]]


def sides(tables: Mapping[str, Columns], others: str) -> tuple[Columns, Columns]:
    """Return members and one kind of non-members; of a pool, generated members only."""
    members = tables["members"]
    if "generated" in members:
        keep = members["generated"].astype(bool)
        members = {name: values[keep] for name, values in members.items()}
    return members, tables[others]


def levels(scores: Splits, splits: tuple[str, ...] = ("calibration", "test")) -> tuple[str, ...]:
    """Return the levels at which a bundle has both members and non-members."""
    return tuple(
        level
        for level, others in NON_MEMBERS.items()
        if all(count_rows(scores[s], k) for s in splits for k in ("members", others))
    )


def read_evaluation(folder: Path) -> dict[str, Any] | None:
    """Read what was measured of a bundle, and nothing else of it; None where nothing was.

    Raises:
        WeightsCorrupt: a file's bytes are not the promised ones, or make no sense.
    """
    try:
        index = parse_index(read_bytes(folder / INDEX, MOST_JSON), folder.name)
        if EVALUATION not in index.files:
            return None
        return check_evaluation(parse_json(checked(folder, EVALUATION, index.files[EVALUATION])))
    except UNSOUND as error:
        raise WeightsCorrupt(
            f"{folder.name} is not a complete bundle: {brief(error)}. Restore the whole folder."
        ) from error
