"""Render the card on factors (``mint lab factors``)."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mint.lab.cards.markdown import find, over_people, rendered, write_card
from mint.lab.factors.network import MOST_VIEWED
from mint.lab.factors.settings import BASE, SETTINGS
from mint.lab.factors.summary import MIN_SEEDS

FIGURES, CARD = "factors.json", "factors.md"
LEADING = "prototype"  # the auditor by which settings are called harder or easier
Row = Mapping[str, Any]


def render_factors(cards: Path) -> None:
    """Write the card into the folder of cards, if there are measurements."""
    write_card(cards, FIGURES, CARD, factors_card)


def factors_card(found: Row) -> str:
    """Render what every setting does to evidence and to recognition, and which settings differ clearly from the base."""
    settings = found["settings"]
    changed = [entry for entry in settings if entry["factor"] != BASE]
    single = [entry for entry in changed if len(entry["seeds"]) < MIN_SEEDS]
    several = [entry for entry in changed if entry not in single]
    strangers = settings[0]["strangers"][0]
    return rendered(
        "factors.md.j2",
        found=found,
        settings=settings,
        base=next(entry for entry in settings if entry["factor"] == BASE),
        auditors=list(dict.fromkeys(row["auditor"] for entry in settings for row in entry["rows"])),
        leading=LEADING,
        quoted=shlex.quote,
        chosen=chosen_factors(found),
        verdicts={
            "harder": list(_called(several, -1)),
            "easier": list(_called(several, 1)),
            "open": list(_called(several, 0)),
            "single": list(_called(single, 0)),
        },
        people_drawn=over_people(one for entry in settings for one in entry["strangers"]),
        chance=100 * (strangers["high"] - strangers["low"]) / 2,
        most_viewed=MOST_VIEWED,
        counted=counted,
        figure=figure,
        gain=gain,
        accuracy=accuracy,
        mean=np.mean,
        cost=cost,
    )


def chosen_factors(found: Row) -> list[str]:
    """Return the factors that these figures were asked to be of; none where all were.

    Older figures do not name them: there they are those that were measured.
    """
    every = {setting.factor for setting in SETTINGS} - {BASE}
    asked = found.get("factors", dict.fromkeys(s["factor"] for s in found["settings"] if s["factor"] != BASE))
    return [] if set(asked) == every else list(asked)


def figure(entry: Row, auditor: str) -> Row:
    """Return an auditor's row of a setting."""
    row = find(entry["rows"], auditor=auditor)
    if row is None:
        raise KeyError(auditor)
    return row


def counted(row: Row) -> str:
    """Write how many photos stand on either side, and how many people were used: ``148/300, 96 people``."""
    return f"{row['members']}/{row['non_members']}, {row['member_people']} people"


def gain(row: Row, name: str = "auc") -> str:
    """Write ``-0.120 (-0.150 to -0.090)``, bold where it is clear, and of how many used photos where the base lacks some."""
    if f"{name}_gain" not in row:
        return "–"
    told = "{:+.3f} ({:+.3f} to {:+.3f})".format(*(row[f"{name}_gain{end}"] for end in ("", "_low", "_high")))
    told = f"**{told}**" if row[f"{name}_gain_clear"] else told
    return told if row["gain_members"] == row["members"] else f"{told}, on {row['gain_members']} used"


def accuracy(entry: Row) -> str:
    """Write how many pairs of strangers are told right: the mean over seeds, and each seed's."""
    each = [strangers["accuracy"] for strangers in entry["strangers"]]
    told = " / ".join(f"{value:.1%}" for value in each)
    return f"{float(np.mean(each)):.1%} ({told})" if len(each) > 1 else told


def cost(entry: Row, base: Row) -> str:
    """Write how many points more pairs of strangers are told right than by the base's networks of the same seeds."""
    ours, theirs = (
        {seed: found["accuracy"] for seed, found in zip(one["seeds"], one["strangers"], strict=True)}
        for one in (entry, base)
    )
    gains = [ours[seed] - theirs[seed] for seed in ours if seed in theirs]
    return f"{100 * float(np.mean(gains)):+.1f} points" if gains else "–"


def _called(changed: list[Row], sign: int) -> Iterator[Row]:
    """Yield the settings whose evidence clearly falls, clearly grows, or neither; the largest change first."""
    for entry in sorted(changed, key=lambda one: -abs(figure(one, LEADING).get("auc_gain", 0.0))):
        row = figure(entry, LEADING)
        if row.get("auc_gain_clear", False) * np.sign(row.get("auc_gain", 0.0)) == sign:
            yield entry
