"""Model cards and the README's table, rendered from the evaluations; no figure is typed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mint.bundle import PERSON, PHOTO, load_bundle
from mint.files import read_json, write_bytes

BEGIN, END = "<!-- results: rendered by `mint lab cards`, do not edit -->", "<!-- /results -->"
SHOWN = (
    ("published, channel maxima, all stages", "vanilla", "all"),
    ("published, channel maxima, embedding", "vanilla", "embedding"),
    ("published, whole maps, all stages", "cnn", "all"),
    ("consistency", "consistency", "views"),
    ("prototype", "prototype", "head"),
    ("combined", "combined", "all"),
)
KINDS = {
    "members": "photos the network was trained on",
    "siblings": "other photos of trained people",
    "outsiders": "generated people never trained on",
    "openpeople": "photographic fictional people (few)",
    "real": "real faces",
}


def render(weights: Path, readme: Path) -> None:
    """Write ``weights/cards/NAME.md`` for every bundle, and the table in the README."""
    evaluations = {path.parent.name: read_json(path) for path in sorted(weights.glob("*/evaluation.json"))}
    for name, found in evaluations.items():
        write_bytes(weights / "cards" / f"{name}.md", card(name, found, load_bundle(weights / name).facts).encode())
    text = readme.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    write_bytes(readme, (before + BEGIN + "\n" + readme_table(evaluations) + END + rest.split(END)[1]).encode())


def readme_table(evaluations: Mapping[str, Any]) -> str:
    """Both twins side by side: AUC per auditor and level, and what share gets "evidence of use"."""
    names = list(evaluations)
    lines = [
        f"| auditor | {' | '.join(f'{n}, this photo | {n}, new people' for n in names)} |",
        "|---|" + "---|" * 2 * len(names),
    ]
    for label, auditor, layer in SHOWN:
        cells = [_auc(_find(evaluations[n][level], auditor, layer)) for n in names for level in ("sample", "identity")]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    for control in evaluations[names[0]]["sample"]["controls"]:
        cells = [
            _auc(evaluations[n][level]["controls"].get(control)) for n in names for level in ("sample", "identity")
        ]
        lines.append(f"| control: {control} | {' | '.join(cells)} |")
    first = evaluations[names[0]]
    sample, identity = _find(first["sample"], "combined", "all"), _find(first["identity"], "combined", "all")
    lines += [
        "",
        f"AUC with its 95 % interval (bootstrap over identities). *This photo*: {sample['members']} photos used in training "
        f"against {sample['non_members']} other photos of the same people. *New people*: {identity['members']} photos used against "
        f"{identity['non_members']} photos of people the network never saw. Generated people on both sides; all people are strangers to the auditors.",
        "",
        f'| who gets "evidence of use" at α = 0.01 | {" | ".join(f"{n}, this photo | {n}, this person" for n in names)} |',
        "|---|" + "---|" * 2 * len(names),
    ]
    for kind, label in KINDS.items():
        cells = [_rate(evaluations[n]["sample"]["verdicts"][q].get(kind)) for n in names for q in (PHOTO, PERSON)]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def card(name: str, found: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """One bundle's model card."""
    lines = [f"# {name}", "", "A small IResNet face recogniser, trained by this project so that its training set is known, "
             "with the auditors that were trained for it.", ""]  # fmt: skip
    lines += [f"- licence: {facts['licence']}", f"- training set: {facts['training set']}", f"- real faces: {facts['real faces']}",
              f"- made with: {', '.join(f'{k} {v}' for k, v in facts['made with'].items())}, seed {facts['seed']}", ""]  # fmt: skip
    lines += ["To make it again:", "", "```", *facts["commands"], "```", "", "## Recognition", ""]
    recognition = found["recognition"]
    for people in ("fictional people", "real people"):
        r = recognition[people]
        lines.append(
            f"- {people} it never saw: {r['accuracy']:.1%} of {r['pairs']} pairs right ({r['low']:.1%} to {r['high']:.1%}), {r['people']} people"
        )
    lines += ["", "It was trained to memorise a few thousand pictures, not to recognise the world.", ""]
    for level in ("sample", "identity"):
        e = found[level]
        first = e["rows"][0]
        lines += [f"## {level} level", "", f"{first['members']} members against {first['non_members']} non-members, same source (generated people on both sides), people unknown to the auditors.", "",
                  "| layer | auditor | AUC (95 %) | balanced accuracy | TPR at 1 % FPR |", "|---|---|---|---|---|"]  # fmt: skip
        lines += [
            f"| {r['layer']} | {r['auditor']} | {_auc(r)} | {r['accuracy']:.3f} | {_share(r['tpr_at_1pct_fpr'])} |"
            for r in e["rows"]
        ]
        lines += ["", "| control | auditor | AUC (95 %) |", "|---|---|---|"]
        for control, r in e["controls"].items():
            lines += [f"| {control} | {part.get('auditor', 'combined')} | {_auc(part)} |" for part in (r, *r["rows"])]
        gate = e["gate"]
        lines += ["", f"Gate: {'passed' if gate['passes'] else 'NOT passed'}; the combined AUC is {gate['margin']:.3f} above the best control "
                  f"({gate['low']:.3f} to {gate['high']:.3f}).", ""]  # fmt: skip
    lines += [
        "## Strength along training",
        "",
        "| epoch | training accuracy | auditor | AUC, this photo | AUC, new people |",
        "|---|---|---|---|---|",
    ]
    for number, line in enumerate(recognition["checkpoints"]):
        both = [found[level]["checkpoints"][number]["rows"] for level in ("sample", "identity")]
        lines += [
            f"| {line['epoch']} | {line['accuracy']:.3f} | {a['auditor']} | {_auc(a)} | {_auc(b)} |"
            for a, b in zip(*both, strict=True)
        ]
    lines += ["", "## Limits", "", "The pool is small and mostly generated at 64 × 64; a network trained once on millions of pictures remembers each far less. "
              "These figures say how well the auditors read this network, and nothing about any other. "
              "The penalty of the fusion and the treatment of the photographic people were settled after the test split had been seen once: "
              "read *combined* beside *prototype* and *consistency*, whose sample-level figures were not touched by it.", ""]  # fmt: skip
    return "\n".join(lines)


def _find(evaluation: Mapping[str, Any], auditor: str, layer: str) -> dict[str, Any]:
    row: dict[str, Any] = next(r for r in evaluation["rows"] if (r["auditor"], r["layer"]) == (auditor, layer))
    return row


def _auc(row: Mapping[str, Any] | None) -> str:
    return "–" if row is None else f"{row['auc']:.3f} ({row['auc_low']:.3f}–{row['auc_high']:.3f})"


def _rate(rate: Mapping[str, Any] | None) -> str:
    return "–" if rate is None else f"{rate['value']:.1%} ({rate['low']:.1%}–{rate['high']:.1%}), n = {rate['n']}"


def _share(value: float | None) -> str:
    return "too few" if value is None else f"{value:.3f}"
