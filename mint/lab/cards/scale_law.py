"""Render the card on evidence and the size of the training set (``mint lab scale-law``), and draw its law."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mint.evidence.score_table import OUTSIDERS, SIBLINGS
from mint.lab.cards.markdown import Row, computed, find, rendered
from mint.lab.evaluation.plots import Decline, decline
from mint.lab.scaling.law import LOGARITHM, MIN_POINTS, POWER, Law, auc_of
from mint.storage.files import read_json, write_bytes

FIGURES, CARD, PLOT = "scale-law.json", "scale-law.md", "plots/scale-law.svg"
AGAINST = {SIBLINGS: "other photos of the same people", OUTSIDERS: "photos of people never trained on"}
DRAWN = ("combined", "prototype", "centred", "consistency")  # the published auditors crowd at one half
BEYOND = "beyond 10¹²"
FORMS = {LOGARITHM: "d′ falls by as much with every decade", POWER: "d′ falls by the same share with every decade"}


def render_scale_law(cards: Path) -> None:
    """Write card and drawing into the folder of cards, if there are measurements."""
    if (cards / FIGURES).is_file():
        found = read_json(cards / FIGURES)
        (cards / PLOT).parent.mkdir(exist_ok=True)
        decline(
            declines(found, SIBLINGS), cards / PLOT, "Used photos against others of the same people", found["targets"]
        )
        write_bytes(cards / CARD, scale_law_card(found).encode())


def scale_law_card(found: Row) -> str:
    """Render what was measured of each network, the laws, and what they promise of larger training sets."""
    laws: Sequence[Row] = found["laws"]
    auditors = list(dict.fromkeys(row["auditor"] for row in laws))
    sizes = [n["members"] for n in found["networks"]]

    def law(auditor: str, against: str, measure: str, form: str) -> Row:
        names = {"auditor": auditor, "against": against, "measure": measure, "form": form}
        return next(one for one in laws if names.items() <= one.items())

    return rendered(
        "scale_law.md.j2",
        found=found,
        networks=found["networks"],
        options=_options(found),
        smallest=min(sizes),
        largest=max(sizes),
        auditors=auditors,
        against=AGAINST,
        forms=FORMS,
        targets=found["targets"],
        beyond=float(np.log10(max(found["targets"].values()) / max(sizes))),
        measured=float(np.log10(max(sizes) / min(sizes))),
        plot=PLOT,
        find=find,
        law=law,
        slope=_slope,
        far=_far,
        dies=_dies,
    )


def declines(found: Row, against: str) -> list[Decline]:
    """Return the lines to draw against one kind of non-members: points with their intervals, and the logarithmic law."""
    along = [n for n in found["networks"] if n["photos"] == found["photos"]]
    grid = np.geomspace(min(n["members"] for n in along), max(found["targets"].values()), 60)
    lines = []
    for auditor in DRAWN:
        rows = [find(n["rows"], auditor=auditor, against=against) for n in along]
        if any(row is None for row in rows):
            continue
        value, low, high = (np.array([row[name] for row in rows if row]) for name in ("auc", "auc_low", "auc_high"))
        members = np.array([n["members"] for n in along], float)
        lines.append(Decline(auditor, members, value, low, high, _curve(found["laws"], auditor, against, grid)))
    return lines


def _curve(
    laws: Sequence[Row], auditor: str, against: str, grid: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None:
    wanted = {"auditor": auditor, "against": against, "measure": "auc", "form": LOGARITHM}
    one = next((law for law in laws if wanted.items() <= law.items() and "law" in law), None)
    if one is None:
        return None
    law = Law(**one["law"])
    if not law.falls:
        grid = grid[grid <= one["at"]["largest"]["members"]]  # what was not seen to fall is not drawn on
    bands = [law.at(float(size)) for size in grid]
    value, low, high = (
        np.array([auc_of(max(0.0, getattr(band, end))) for band in bands]) for end in ("value", "low", "high")
    )
    return grid, value, low, high


def _options(found: Row) -> str:
    """Return the options that give the same networks."""
    networks: Sequence[Row] = found["networks"]
    members = sorted({n["members"] for n in networks if n["photos"] == found["photos"]})
    sizes = [f"--members {n}" for n in members] + [f"--photos {n}" for n in sorted({n["photos"] for n in networks})]
    precision = f" --precision {networks[0]['precision']}" if "precision" in networks[0] else ""  # not in older figures
    return f"{' '.join(sizes)} --seed {found['seed']}{precision}{computed(found)}"


def _slope(law: Row) -> str:
    if "law" not in law:
        if law["points"] >= MIN_POINTS:
            return "no law: what may be no evidence cannot fall by a share"
        return f"no law: {law['points']} of {law['of']} networks have a figure that is neither missing nor perfect"
    return f"{law['slope']:+.2f} ({law['slope_low']:+.2f} to {law['slope_high']:+.2f}), {law['points']} of {law['of']}"


def _far(law: Row, target: str, name: str) -> str:
    """Write a figure at a target; three digits of an AUC, one of a per cent."""
    if "law" not in law or target not in law["at"]:
        return "–"
    at = law["at"][target]
    ends = [at[f"{name}{end}"] for end in ("", "_low", "_high")]
    return "{:.3f} ({:.3f}–{:.3f})".format(*ends) if name == "auc" else "{:.1%} ({:.1%}–{:.1%})".format(*ends)


def _dies(law: Row) -> str:
    if "law" not in law:
        return "–"
    found = law["dies"]
    if "members" not in found:
        return str(found["how"])
    if found["members_low"] is None:
        return BEYOND
    value, low, high = (_count(found[f"members{end}"]) for end in ("", "_low", "_high"))
    return f"{value} ({low} to {high})"


def _count(pictures: float | None) -> str:
    """Write a number of pictures with two digits: what an extrapolation can tell."""
    if pictures is None:
        return BEYOND
    rounded = float(f"{pictures:.2g}")
    for size, word in ((1e9, "billion"), (1e6, "million")):
        if rounded >= size:
            return f"{rounded / size:g} {word}"
    return f"{rounded:,.0f}"
