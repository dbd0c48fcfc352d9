"""What has to hold before the answers over versions may be believed, each line with the figures that it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RIGHT, COVERED = 0.80, 0.88
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
    gains = {name: of["gain"]["auc"] for name, of in (("stayed", stayed), ("diluted", diluted))}
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
            "members that stayed: the sequence tells no less than the last version", gains["stayed"]["high"] >= 0,
            _gain(gains["stayed"]),
        ),
        _line(
            "photos used by one early version only: the sequence tells more", gains["diluted"]["low"] > 0,
            _gain(gains["diluted"]),
        ),
        _line(
            "the order of increments shuffled: the version is right by chance",
            shuffled["right"]["low"] <= shuffled["chance"] <= shuffled["right"]["high"],
            f"{_share(shuffled['right'])}; chance {shuffled['chance']:.0%}",
        ),
        _line(
            "the other twin's versions tell nothing", other["low"] <= 0.5 <= other["high"],
            f"AUC {other['value']:.3f} ({other['low']:.3f}–{other['high']:.3f})",
        ),
    ]  # fmt: skip


def kinds(row: Row) -> list[str]:
    """Return the kinds of non-members in a row of false alarms."""
    return [name for name in row if name not in ("alpha", "stayed", "diluted")]


def _line(name: str, holds: bool, said: str) -> dict[str, Any]:
    return {"name": name, "holds": bool(holds), "said": said}


def _share(rate: Row) -> str:
    return f"{rate['value']:.2%} ({rate['low']:.2%}–{rate['high']:.2%}), n = {rate['n']}"


def _gain(gain: Row) -> str:
    return f"AUC {gain['value']:+.3f} ({gain['low']:+.3f} to {gain['high']:+.3f})"
