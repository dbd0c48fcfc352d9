"""Render the card on gradients (``mint lab gradients``)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mint.evidence.metrics import widened
from mint.evidence.score_table import TEST
from mint.lab.cards.markdown import computed, rendered, write_card
from mint.lab.gradients.experiment import AGAINST_OTHERS, AMONG_OTHERS, PROTOTYPE, YEOM, widened_gain

FIGURES, CARD = "gradients.json", "gradients.md"
TRAP = 0.95  # what others against others must reach without reset and in order, or the trap was not shown


def render_gradients(cards: Path) -> None:
    """Write the card into the folder of cards, if there are measurements."""
    write_card(cards, FIGURES, CARD, gradients_card)


def gradients_card(found: Mapping[str, Mapping[str, Any]]) -> str:
    """Render the control table, the comparison, and whether gradients may speak, of every network measured."""
    return rendered(
        "gradients.md.j2",
        networks=found,
        commands=commands(found),
        contests=(AGAINST_OTHERS, AMONG_OTHERS),
        compared=(YEOM, PROTOTYPE),
        cell=lambda one, reset, shuffled, contest: next(
            row
            for row in one["control_table"]
            if (row["reset"], row["shuffled"], row["contest"]) == (reset, shuffled, contest)
        ),
        figure=figure,
        gain=gain,
        reset_is_fair=reset_is_fair,
        order_leaks=order_leaks,
    )


def figure(one: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with the interval of a perfect AUC widened, as older figures lack it; these count no people a row."""
    people = row.get("people", one["people"][TEST])
    low, high = widened(row["auc"], row["auc_low"], row["auc_high"], people)
    return {**row, "auc_low": low, "auc_high": high}


def gain(one: Mapping[str, Any], question: str) -> str:
    """Write ``+0.012 (-0.003 to +0.021)``."""
    paired = one["paired"][question]
    ends = widened_gain(paired["gain"], paired["low"], paired["high"], one["people"][TEST])
    return "{:+.3f} ({:+.3f} to {:+.3f})".format(paired["gain"], *ends)


def commands(found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return what measures all networks again: one command, or one for each seed and number of photos."""
    alike: dict[str, list[str]] = {}
    for name, one in found.items():
        # Where a kind has fewer photos than were asked for, all of them were taken: the largest number asks for the same.
        most = max(*one["photos"].values(), len(one["unused"]["scores"]))
        alike.setdefault(f"--most {most} --seed {one['seed']}{computed(one)}", []).append(f"--network {name}")
    return [f"mint lab gradients --pool POOL {' '.join(names)} {options}" for options, names in alike.items()]


def reset_is_fair(one: Mapping[str, Any]) -> bool:
    """Return whether, with reset, unused photos look alike: the AUC of one half against the other may be 0.5 in every cell."""
    cells = [row for row in one["control_table"] if row["reset"] and row["contest"] == AMONG_OTHERS]
    return all(row["auc_low"] <= 0.5 <= row["auc_high"] for row in cells)


def order_leaks(one: Mapping[str, Any]) -> bool:
    """Return whether, without reset and in order, the two halves of the unused photos are told apart: by order, not by use."""
    cells = [
        row for row in one["control_table"] if not (row["reset"] or row["shuffled"]) and row["contest"] == AMONG_OTHERS
    ]
    return all(row["auc"] >= TRAP for row in cells)
