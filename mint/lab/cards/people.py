"""Render the section of a model card on several photos of one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from mint.evidence.conformal import ENOUGH_PEOPLE
from mint.evidence.metrics import widened
from mint.evidence.person import MIXED, OTHERS, all_kinds_stay
from mint.evidence.score_table import MEMBERS, OUTSIDERS, REAL
from mint.lab.cards.markdown import Row, find, rendered
from mint.lab.persons.evaluation import BRINGS

PEOPLE_KINDS = {
    OUTSIDERS: "generated people",
    REAL: "real people",
    MEMBERS: "people who were used",
    MIXED: "people who were used, any of their photos",
}


def people_section(evaluation: Mapping[str, Any]) -> str:
    """Return Markdown; nothing if the bundle was made without strangers."""
    found = evaluation.get("people")
    if found is None:
        return ""
    return rendered(
        "people.md.j2",
        found=found,
        sizes=sorted({row["photos"] for row in found["not used"]}),
        judged=partial(is_judged, found["not used"]),
        enough=ENOUGH_PEOPLE,
        brings=BRINGS,
        others=OTHERS,
        kinds=PEOPLE_KINDS,
        find=find,
        auc=_auc,
        rate=_rate,
    )


def is_judged(rows: Sequence[Row], photos: int) -> bool:
    """Return whether so many photos are judged together, by the rows on people who were not used; see ``PersonTest.most``."""

    def people(n: int) -> dict[str, int]:
        found = {kind: find(rows, photos=n, people=kind) for kind in OTHERS}
        return {kind: row["calibration people"] if row else 0 for kind, row in found.items()}

    return all_kinds_stay(people(1), people(photos))


def _auc(row: Row | None) -> str:
    if row is None:
        return "nobody has so many"
    low, high = widened(row["auc"], row["auc_low"], row["auc_high"], min(row["people"], row["others"]))
    return f"{row['auc']:.3f} ({low:.3f}–{high:.3f}), {row['people']} against {row['others']} people"


def _rate(rate: Row | None) -> str:
    if rate is None:
        return "–"
    people = rate.get("people")  # how many; in some rows it names who they are
    of = f" of {people} people" if isinstance(people, int) and people != rate["n"] else ""
    return f"{rate['value']:.1%} ({rate['low']:.1%}–{rate['high']:.1%}), n = {rate['n']}{of}"
