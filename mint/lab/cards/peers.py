"""Render the card that compares other tools with this one (``tests.benchmarks.peers``)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mint.storage.files import read_json, write_bytes

FOLDER, CARD = "peers", "peers.md"
LEVEL_QUESTIONS = {"sample": "this photo", "identity": "new people"}
Found = Mapping[str, Any]


def render_peers(cards: Path) -> None:
    """Write ``peers.md`` from ``peers/*.json`` if there are any."""
    found = {path.stem: read_json(path) for path in sorted((cards / FOLDER).glob("*.json"))}
    if found:
        write_bytes(cards / CARD, peers_card(found).encode())


def peers_card(found: Mapping[str, Found]) -> str:
    """Render every tool on every twin, grouped by the access that it needs."""
    first = next(iter(found.values()))
    versions = ", ".join(f"{tool} {version}" for tool, version in first["versions"].items())
    lines = [
        "# Peers, side by side",
        "",
        f"The same twin, people and features for everybody: {versions}. `python -m tests.benchmarks.peers` makes this page.",
        "",
        *_method(),
        "",
    ]
    for name, one in found.items():
        lines += [
            f"## {name}",
            "",
            _people(one),
            "",
            *_duels(one),
            "",
            *_speed(one),
            "",
            *_rows(one),
            "",
            _check(one),
            "",
        ]
    return "\n".join(lines)


def _method() -> list[str]:
    return [
        "- *This photo*: pictures the network was trained on against other pictures of the same people. *New people*: against "
        "pictures of people it never saw. Generated people on both sides; nobody was fitted on a person that is scored.",
        "- Peers are fitted on the people of training and validation. Ours are fitted on those of training; those of validation "
        "only say when to stop. One fit serves both levels.",
        "- *Consistency* and *prototype* are this project's features. No peer computes them; peers are handed them, so that attacks are "
        "compared apart from features.",
        "- AUC and its 95 % interval (bootstrap over identities) come from `mint.evidence.metrics` for everybody.",
        "- Times are CPU seconds of one thread. Fitting: median of three; once where one fit takes over three seconds; features "
        "at hand. Per photo: scoring plus the forward passes that the features need, measured once a feature set in batches of 16 "
        "and added. Finding and aligning the face is left out.",
        "- *Access* is what an auditor must have beside the photo. The head is thrown away at deployment; the class of a face is known to "
        "nobody who asks whether that face was used, so rows with *class labels* are what a tool could do for the training side, and "
        "people without a class cannot be scored. *Reference model* is the other twin.",
        "- LiRA, RMIA and the calibrated attack take the confidence in the nearest class, where no label is known. Scale of the softmax and alpha are "
        "chosen on the people fitted on. Learned attacks read the ten largest cosines, sorted: the classes of people scored are not those fitted on.",
        "- TF Privacy's attackers are fitted and asked directly: its own cross-fitting would put pictures of one person on both sides. "
        "Its random forest, which fits 217 forests to choose one, is left out (ART's stands for it), and its MLP, which fits 19 networks, runs on four feature sets. "
        "Its threshold attacks compute bounds of epsilon on the way, which their time per photo includes.",
    ]  # fmt: skip


def _people(one: Found) -> str:
    fitted, scored = one["people"]["fitted on"], one["people"]["scored"]
    parts = [
        f"{p['people']} people with {p['members']} members, {p['siblings']} siblings and {p['outsiders']} outsiders"
        for p in (fitted, scored)
    ]
    return f"Fitted on {parts[0]}; scored {parts[1]}. Reference model: {one['reference']}."


def _duels(one: Found) -> list[str]:
    """Compare the best of each side with equal access."""
    lines = [
        "Best peer of each kind of access, against the best of ours that needs no more (best: by the AUC shown). "
        "Difference with its paired interval; **bold** where a peer is ahead.",
        "",
        "| access | level | ours | AUC | TPR at 1 % FPR | best peer | AUC | TPR at 1 % FPR | AUC, ours − peer |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for d in one["duels"]:
        ours, peer = d["ours"], d["peer"]
        margin = f"{d['margin']:+.3f} ({d['low']:+.3f} to {d['high']:+.3f})"
        ahead = f"{peer['tpr_at_1pct_fpr']:.3f}"
        lines.append(
            f"| {_access(d)} | {LEVEL_QUESTIONS[d['level']]} | {ours['attack']} | {ours['auc']:.3f} | {ours['tpr_at_1pct_fpr']:.3f} "
            f"| {peer['tool']} {peer['attack']}, {peer['features']} | {peer['auc']:.3f} "
            f"| {f'**{ahead}**' if peer['tpr_at_1pct_fpr'] > ours['tpr_at_1pct_fpr'] else ahead} "
            f"| {f'**{margin}**' if d['margin'] < 0 else margin} |"
        )
    return lines


def _speed(one: Found) -> list[str]:
    lines = [
        "| features | our fit, s | ART nn, s | times faster | AUC, ours − ART nn, this photo | new people |",
        "|---|---|---|---|---|---|",
    ]
    for s in one["speed"]:
        margins = " | ".join(f"{s[f'{level} margin']:+.3f}" for level in LEVEL_QUESTIONS)
        lines.append(f"| {s['features']} | {s['ours']:.2f} | {s['peer']:.1f} | {s['ratio']:.1f} | {margins} |")
    return lines


def _rows(one: Found) -> list[str]:
    lines = [
        "| tool | attack | features | access | AUC, this photo | TPR at 1 % FPR | AUC, new people | TPR at 1 % FPR | fit, s | ms a photo |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    order = list(dict.fromkeys(tuple(r["access"]) for r in one["rows"]))
    for r in sorted(one["rows"], key=lambda r: (order.index(tuple(r["access"])), -r["sample"]["auc"])):
        cells = " | ".join(_figures(r[level]) for level in LEVEL_QUESTIONS)
        attack = f"{r['attack']} ({r['note']})" if r["note"] else r["attack"]
        fit = "–" if r["fit_seconds"] is None else f"{r['fit_seconds']:.2f}"
        lines.append(
            f"| {r['tool']} | {attack} | {r['features']} | {_access(r)} | {cells} | {fit} | {r['ms_per_photo']:.2f} |"
        )
    return lines


def _check(one: Found) -> str:
    check = one["cross_check"]
    return (
        f"{check['tool']} recomputed {check['figures']} AUCs of our scores; "
        f"the largest difference to ours is {check['largest difference']:.1g}."
    )


def _access(row: Found) -> str:
    return ", ".join(row["access"])


def _figures(figures: Found | None) -> str:
    if figures is None:
        return "– | –"
    return (
        f"{figures['auc']:.3f} ({figures['auc_low']:.3f}–{figures['auc_high']:.3f}) | {figures['tpr_at_1pct_fpr']:.3f}"
    )
