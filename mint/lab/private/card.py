"""Render the card on the private twin (``mint lab private``)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mint.lab.cards.markdown import computed, pairs_right, rendered, write_card

FIGURES, CARD = "private.json", "private.md"
TPR = "tpr_at_1pct_fpr"
UNDER, REACHING, OVER, NOT_MEASURED = "under it", "interval reaches over it", "**over it**", "too few to say"


def render_private(cards: Path) -> None:
    """Write the card into the folder of cards, if there are measurements."""
    write_card(cards, FIGURES, CARD, private_card)


def private_card(found: Mapping[str, Any]) -> str:
    """Render what was promised, what every auditor found, and which promise is disproved."""
    networks: Mapping[str, Mapping[str, Any]] = found["networks"]
    return rendered(
        "private.md.j2",
        found=found,
        networks=networks,
        private={name: one for name, one in networks.items() if one["privacy"] is not None},
        tpr=TPR,
        options=options(found),
        not_better=[name for name, one in networks.items() if not learned(one, found["untrained"])],
        beyond=beyond,
        against=against,
        recognised=recognised,
        verdict=verdict,
    )


def options(found: Mapping[str, Any]) -> str | None:
    """Return the options that these figures were measured with; None of older figures, which do not name all of them."""
    if "epsilons" not in found:
        return None
    told = " ".join(f"--epsilon {epsilon:g}" for epsilon in found["epsilons"])
    return (
        f"{told} --delta {found['sold_as']['delta']:g} --network {found['members_of']} --epochs {found['epochs']} "
        f"--width {found['width']} --input-size {found['input_size']} --seed {found['seed']}{computed(found)}"
    )


def against(row: Mapping[str, Any], allowed: float) -> str:
    """Say where the interval of an auditor's TPR lies beside what a promise allows."""
    low, high = row[f"{TPR}_low"], row[f"{TPR}_high"]
    if low is None:
        return NOT_MEASURED
    return OVER if low > allowed else UNDER if high <= allowed else REACHING


def recognised(found: Mapping[str, Any]) -> str:
    """Write two cells: how often pairs of unseen people are told right, and their AUC."""
    return f"{pairs_right(found)} | {found['auc']:.3f}"


def learned(one: Mapping[str, Any], start: Mapping[str, Any]) -> bool:
    """Return whether a network was seen to tell unseen people apart better than the weights it started from, with both intervals.

    Where it was not it may be better all the same: both see the same pairs, and intervals that overlap decide nothing.
    """
    return bool(one["recognition"]["low"] > start["high"])


def beyond(one: Mapping[str, Any], start: Mapping[str, Any]) -> str:
    """Write how many points more pairs a network tells right than the weights it started from: ``+1.7 points (-0.2 to +3.5)``."""
    found = one["recognition"]
    ends = (
        found["accuracy"] - start["accuracy"],
        found["low"] - start["high"],
        found["high"] - start["low"],
    )
    return "{:+.1f} points ({:+.1f} to {:+.1f})".format(*(100 * end for end in ends))


def verdict(one: Mapping[str, Any]) -> str:
    """Say in a sentence where a network's auditors lie beside what its promise allows."""
    broken = [row for row in one["rows"] if breaks(row, one)]
    if broken:
        return f"**{len(broken)} of {len(one['rows'])} scores tell them apart better than it allows, with their whole intervals.**"
    places = [against(row, one["allowed"]) for row in one["rows"]]
    if all(place == UNDER for place in places):
        return "The whole interval of every score lies under what is allowed."
    return (
        f"None lies over what is allowed; of {places.count(UNDER)} of {len(places)} the whole interval lies under it, for the "
        "others these photos are too few to say more."
    )


def breaks(row: Mapping[str, Any], one: Mapping[str, Any]) -> bool:
    """Return whether a score contradicts the promise of its network: its TPR, or the ε measured from it, lies above."""
    over = against(row, one["allowed"]) == OVER
    return over or row["measured"]["by_people"] > one["claimed"]["epsilon"]
