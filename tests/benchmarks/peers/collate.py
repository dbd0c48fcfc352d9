"""Scores of all tools to one JSON a twin: the same metrics for everybody."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mint.bundles.evaluation import NON_MEMBERS
from mint.evidence.metrics import auc, auc_draws, auc_interval, tpr_at_fpr
from tests.benchmarks.peers.exchange import FEATURES, GROUPS, Export

OURS, NEURAL = "MINT", ("ART", "nn")
Found = Mapping[str, Any]


def collate(export: Export, tools: Sequence[Found], draws: int = 1000) -> dict[str, Any]:
    """What the card is rendered from.

    Args:
        export: what the tools read.
        tools: what they wrote.
        draws: bootstrap draws, by identity.
    """
    attempts = [(tool, attempt) for tool in tools for attempt in tool["attempts"]]
    rows = [_row(export, tool, attempt, draws) for tool, attempt in attempts]
    scores = [attempt["scores"] for _, attempt in attempts]
    return {
        "network": export.about["network"],
        "reference": export.about["reference"],
        "seed": export.about["seed"],
        "versions": {tool["tool"]: tool["version"] for tool in tools},
        "people": {"fitted on": _count(export, export.fitting), "scored": _count(export, export.scored)},
        "forward_ms": export.about["forward_ms"],
        "rows": rows,
        "duels": _duels(export, rows, scores, draws),
        "speed": _speed(rows),
        "cross_check": _cross_check(rows, tools),
    }


def _row(export: Export, tool: Found, attempt: Found, draws: int) -> dict[str, Any]:
    features = FEATURES[attempt["features"]]
    forward = sum(export.about["forward_ms"][f] for f in features.forwards)
    seconds = attempt["fit_seconds"]
    return {
        "tool": tool["tool"],
        **{k: attempt[k] for k in ("attack", "features", "note")},
        "access": list(features.access),
        "fit_seconds": statistics.median(seconds) if seconds else None,
        "fits": len(seconds),
        "ms_per_photo": forward + attempt["score_ms"],
        "forward_ms": forward,
        **{level: _figures(export, attempt["scores"], level, draws) for level in NON_MEMBERS},
    }


def _sides(export: Export, scores: Found, level: str) -> tuple[np.ndarray, ...] | None:
    """Members, non-members, and the people of each; None where the attack says nothing about these non-members."""
    other = NON_MEMBERS[level]
    if other not in scores:
        return None
    group, identity = export.group[export.scored], export.identity[export.scored]
    people = [identity[group == GROUPS.index(g)] for g in ("members", other)]
    return np.array(scores["members"]), np.array(scores[other]), *people


def _figures(export: Export, scores: Found, level: str, draws: int) -> dict[str, Any] | None:
    sides = _sides(export, scores, level)
    if sides is None:
        return None
    low, high = auc_interval(*sides, draws)
    return {
        "auc": auc(*sides[:2]),
        "auc_low": low,
        "auc_high": high,
        "tpr_at_1pct_fpr": tpr_at_fpr(*sides[:2], 0.01),
        "members": len(sides[0]),
        "non_members": len(sides[1]),
    }


def _duels(export: Export, rows: Sequence[Found], scores: Sequence[Found], draws: int) -> list[dict[str, Any]]:
    """For each kind of access, the best peer against our best that needs no more than the peer does."""
    found = []
    kinds = dict.fromkeys(tuple(r["access"]) for r in rows if r["tool"] != OURS)
    for access in kinds:
        for level in NON_MEMBERS:
            usable = [k for k, r in enumerate(rows) if r[level] is not None]
            ours = [k for k in usable if rows[k]["tool"] == OURS and set(rows[k]["access"]) <= set(access)]
            theirs = [k for k in usable if rows[k]["tool"] != OURS and rows[k]["access"] == list(access)]
            if not ours or not theirs:
                continue
            best = [max(side, key=lambda k: rows[k][level]["auc"]) for side in (ours, theirs)]
            margins = np.subtract(*(auc_draws(*(_sides(export, scores[k], level) or ()), draws) for k in best))
            low, high = np.quantile(margins, [0.025, 0.975])
            names = ("ours", "peer")
            found.append(
                {
                    "access": list(access),
                    "level": level,
                    **{n: {f: rows[k][f] for f in ("tool", "attack", "features")} | rows[k][level] for n, k in zip(names, best, strict=True)},
                    "margin": rows[best[0]][level]["auc"] - rows[best[1]][level]["auc"],
                    "low": float(low),
                    "high": float(high),
                }
            )  # fmt: skip
    return found


def _speed(rows: Sequence[Found]) -> list[dict[str, Any]]:
    """Our fit against the neural attack of ART, on the same features."""
    found = []
    for ours in rows:
        for peer in rows:
            if (
                ours["tool"] == OURS
                and (peer["tool"], peer["attack"]) == NEURAL
                and ours["features"] == peer["features"]
            ):
                found.append(
                    {
                        "features": ours["features"],
                        "ours": ours["fit_seconds"],
                        "peer": peer["fit_seconds"],
                        "ratio": peer["fit_seconds"] / ours["fit_seconds"],
                        **{f"{level} margin": ours[level]["auc"] - peer[level]["auc"] for level in NON_MEMBERS},
                    }
                )
    return found


def _cross_check(rows: Sequence[Found], tools: Sequence[Found]) -> dict[str, Any]:
    """Largest difference between a peer's AUC of our scores and ours."""
    level_of = {group: level for level, group in NON_MEMBERS.items()}
    gaps = []
    for check in (c for tool in tools for c in tool.get("cross_check", ())):
        ours = next(r for r in rows if r["tool"] == OURS and all(r[k] == check[k] for k in ("attack", "features")))
        gaps.append(abs(ours[level_of[check["against"]]]["auc"] - check["auc"]))
    return {"tool": "PrivacyGuard", "figures": len(gaps), "largest difference": max(gaps, default=None)}


def _count(export: Export, rows: np.ndarray) -> dict[str, int]:
    groups = {name: int((export.group[rows] == k).sum()) for k, name in enumerate(GROUPS)}
    return {"people": len(np.unique(export.identity[rows])), **groups}
