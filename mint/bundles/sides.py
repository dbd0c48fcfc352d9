"""The two sides that a bundle's figures compare: members, and one kind of non-members."""

from __future__ import annotations

from collections.abc import Mapping

from mint.bundles.bundle import Columns, count_rows

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
