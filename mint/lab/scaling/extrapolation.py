"""Fit every auditor's laws through the figures of networks, and say what they promise of larger ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from scipy.special import ndtri

from mint.evidence.estimates import Estimate
from mint.lab.scaling.law import (
    BOTH,
    DEAD,
    FORMS,
    MIN_POINTS,
    POWER,
    Law,
    auc_of,
    fit,
    strength_of_auc,
    strength_of_tpr,
    tpr_of,
)
from mint.lab.scaling.nested import Size

TARGETS = {"MS1MV2": 5_800_000, "Glint360K": 17_000_000}  # photos
MEASURES: Mapping[str, tuple[str, Callable[[float], float]]] = {
    "auc": ("auc", strength_of_auc),
    "tpr": ("tpr_at_1pct_fpr", strength_of_tpr),
}
SURE = 2.0  # standard errors above 0 that a logarithm of d' needs to have an error of its own
FAR = 1e12  # photos; no end of an interval is named beyond it
ALREADY, DIES, STANDS = "dead at every measured size", "dies", "no fall was measured, so none is foretold"
Row = Mapping[str, Any]


def laws(networks: Sequence[Row], middle: Size) -> list[dict[str, Any]]:
    """Fit every auditor's laws against either kind of non-member, through the networks with the middle number of photos.

    Returns:
        For each auditor, kind, measure (``auc`` or ``tpr``) and form: how many networks it goes through (``points``) and of
        how many (``of``); and where they are enough, ``slope`` per decade, ``scatter``, d' and the measure at both ends of
        what was measured, and where evidence ``dies``; d' and the measure at ``TARGETS`` only where the slope's interval
        leaves out 0, as evidence that was not seen to fall promises nothing far away. Figures whose interval reaches 0 or 1 have no
        finite d' and are left out, as where evidence is too strong to be measured on so few people.
    """
    along = sorted((n for n in networks if n["photos"] == middle.photos), key=lambda n: n["members"])
    names = list(dict.fromkeys((r["against"], r["auditor"]) for n in along for r in n["rows"]))
    return [
        {"auditor": auditor, "against": against, **law}
        for against, auditor in names
        for measure in MEASURES
        for law in _laws([(n["members"], _row(n, auditor, against)) for n in along], measure)
    ]


def _laws(rows: Sequence[tuple[int, Row]], measure: str) -> list[dict[str, Any]]:
    points = [(members, *point) for members, row in rows if (point := strength(row, measure)) is not None]
    found = []
    for form in FORMS:
        about = {"measure": measure, "form": form, "points": len(points), "of": len(rows)}
        if len(points) >= MIN_POINTS and (form != POWER or all(p[1] > SURE * p[2] for p in points)):
            x, y, errors = zip(*points, strict=True)
            about |= _told(fit(x, y, errors, form), measure, (min(x), max(x)))
        found.append(about)
    return found


def strength(row: Row, measure: str) -> tuple[float, float] | None:
    """Return the d' of a figure and its standard error; None if there is no figure, or its interval reaches 0 or 1.

    The error is that of a normal distribution whose 95 % interval is as wide as the bootstrap's on the scale of d'.
    """
    name, to_strength = MEASURES[measure]
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    if row[name] is None or not 0 < low < high < 1:
        return None
    return to_strength(row[name]), (to_strength(high) - to_strength(low)) / (2 * float(ndtri(BOTH)))


def _told(law: Law, measure: str, measured: tuple[int, int]) -> dict[str, Any]:
    low, high = law.slope_interval
    places = {"smallest": measured[0], "largest": measured[1], **(TARGETS if law.falls else {})}
    return {
        "law": asdict(law),
        "slope": law.slope,
        "slope_low": low,
        "slope_high": high,
        "at": {name: {"members": members, **_at(law.at(members), measure)} for name, members in places.items()},
        "dies": _dies(law, measured),
    }


def _at(strength: Estimate, measure: str) -> dict[str, Any]:
    """Return d' and what it means, with intervals; less than no evidence is none."""
    ends = {"": max(0.0, strength.value), "_low": max(0.0, strength.low), "_high": max(0.0, strength.high)}
    scales = {"auc": auc_of} if measure == "auc" else {}
    scales["tpr_at_1pct_fpr"] = tpr_of
    found = {f"strength{end}": value for end, value in ends.items()}
    return found | {f"{name}{end}": scale(value) for name, scale in scales.items() for end, value in ends.items()}


def _dies(law: Law, measured: tuple[int, int]) -> dict[str, Any]:
    if max(law.at(members).value for members in measured) < DEAD:
        return {"how": ALREADY}
    found = law.reaches(DEAD)
    if found is None:
        return {"how": STANDS}
    ends = {"members": found.value, "members_low": found.low, "members_high": found.high}
    return {"how": DIES, **{name: value if value < FAR else None for name, value in ends.items()}}


def _row(network: Row, auditor: str, against: str) -> Row:
    row: Row = next(r for r in network["rows"] if (r["auditor"], r["against"]) == (auditor, against))
    return row
