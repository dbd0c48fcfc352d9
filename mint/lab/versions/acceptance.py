"""What has to hold before the answers over versions may be believed, each line with the figures that it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RIGHT, COVERED = 0.80, 0.88
NO_LESS = 0.02  # AUC that the interval of a difference may fall below 0, for "no less" to be said
NOTHING = 0.05  # AUC that the interval of what tells nothing may end from 0.5
# The last version, with as many forward passes as the sequence, or with two.
LAST, TWO_PASSES = "last", "last, two passes"
GAINS = {LAST: "gain", TWO_PASSES: "gain over two passes"}  # of the sequence, by what it is set beside
Row = Mapping[str, Any]


def acceptance(found: Row) -> list[dict[str, Any]]:
    """Return ``name``, ``holds`` and ``said`` of each line, of one twin and score.

    Args:
        found: ``figures`` with ``other``, what ``other_twin`` returned.
    """
    version, stayed, diluted = found["version"], found["presence"]["stayed"], found["presence"]["diluted"]
    alarms = {
        f"{kind} at {row['alpha']:g}": (row[kind], row["alpha"]) for row in found["alarms"] for kind in kinds(row)
    }
    gains = {name: beside_the_better(of, "auc") for name, of in (("stayed", stayed), ("diluted", diluted))}
    shuffled, other = found["shuffled"], found["other"]["auc"]
    return [
        _line(f"the version is right for at least {RIGHT:.0%}", version["right"]["value"] >= RIGHT, _share(version["right"])),
        _line(
            f"the set holds the version for at least {COVERED:.0%}", version["covered"]["value"] >= COVERED,
            _share(version["covered"]),
        ),
        _line(
            "false alarms stay under α", all(rate["value"] <= alpha for rate, alpha in alarms.values()),
            "; ".join(f"{name}: {_share(rate)}" for name, (rate, _) in alarms.items()),
        ),
        _line(
            f"members that stayed: the sequence tells no less than the better form of the last version, by {NO_LESS:g} AUC at most",
            gains["stayed"]["low"] >= -NO_LESS, _gain(gains["stayed"]),
        ),
        _line(
            "photos used by one early version only: the sequence tells more", gains["diluted"]["low"] > 0,
            _gain(gains["diluted"]),
        ),
        _line(
            "the order of increments shuffled: the interval of how often the version is right holds chance",
            shuffled["right"]["low"] <= shuffled["chance"] <= shuffled["right"]["high"],
            f"{_share(shuffled['right'])}; chance {shuffled['chance']:.0%}",
        ),
        _line(
            f"the other twin's versions tell nothing: the interval holds 0.5 and ends within {NOTHING:g} of it",
            0.5 - NOTHING <= other["low"] <= 0.5 <= other["high"] <= 0.5 + NOTHING,
            f"AUC {other['value']:.3f} ({other['low']:.3f}–{other['high']:.3f})",
        ),
    ]  # fmt: skip


def beside_the_better(presence: Row, key: str) -> Row:
    """Return how much more the sequence tells than the form of the last version that tells more of these very photos.

    So the choice favours the last version.

    Args:
        presence: as ``figures.compared`` returns it.
        key: ``auc`` or ``tpr``, which is there.

    Returns:
        ``than``, ``value``, ``low``, ``high``, and ``paired``: whether the interval is paired by people. Older figures have no
        such interval beside two passes; there it goes from end to end of both intervals, which is wider.
    """
    better = max(GAINS, key=lambda name: presence[name][key]["value"])
    ours, theirs = presence["sequence"][key], presence[better][key]
    ends = {"low": ours["low"] - theirs["high"], "high": ours["high"] - theirs["low"]}
    found = presence.get(GAINS[better], {}).get(key)
    return {"than": better, "value": ours["value"] - theirs["value"], "paired": found is not None, **(found or ends)}


def kinds(row: Row) -> list[str]:
    """Return the kinds of non-members in a row of false alarms."""
    return [name for name in row if name not in ("alpha", "stayed", "diluted")]


def _line(name: str, holds: bool, said: str) -> dict[str, Any]:
    return {"name": name, "holds": bool(holds), "said": said}


def _share(rate: Row) -> str:
    return f"{rate['value']:.2%} ({rate['low']:.2%}–{rate['high']:.2%}), n = {rate['n']}"


def _gain(gain: Row) -> str:
    told = (
        f"AUC {gain['value']:+.3f} ({gain['low']:+.3f} to {gain['high']:+.3f}{'' if gain['paired'] else ', unpaired'})"
    )
    return f"{told} beside two passes" if gain["than"] == TWO_PASSES else told
