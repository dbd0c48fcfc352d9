"""How good the test is, measured: every auditor's figures, the controls and the gate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mint.ui.html import count, esc, percent
from mint.ui.layers import KINDS, LAYERS, OURS
from mint.ui.shapes import badge, title

LEVELS = {
    "sample": ("Was this photo used?", "Used pictures against other pictures of the same and of other people."),
    "identity": ("Was this person used?", "Pictures of used people against people that were never used."),
}
CONTROLS = {
    "pixels": ("Pixels only", "an auditor that sees the picture and not the network"),
    "untrained": ("Untrained network", "the same auditors on a network that learned nothing"),
    "other-twin": ("The other twin", "the same pictures under the network that did not use them"),
    "shuffled-labels": ("Shuffled labels", "the auditors trained on members and non-members mixed up"),
}


def proof(evaluations: Mapping[str, Mapping[str, Any] | None]) -> str:
    """The section "How do you know?"; network to ``bundle.evaluation``."""
    parts = "".join(_network(name, found or {}) for name, found in evaluations.items())
    return (
        '<details class="fold" id="proof-fold"><summary>How do you know?</summary><div class="folded">'
        "<p>Each auditor was tested on people and pictures that it had never met. AUC is the chance that a used "
        "picture scores higher than an unused one: 0.5 is a coin toss, 1 is perfect. Intervals are 95\u202f%. "
        f"The controls must stay near 0.5, or the test measures something other than use.</p>{parts}</div></details>"
    )


def _network(name: str, evaluation: Mapping[str, Any]) -> str:
    levels = "".join(
        _level(question, small, evaluation[level])
        for level, (question, small) in LEVELS.items()
        if isinstance(evaluation.get(level), Mapping)
    )
    if not levels:
        levels = '<p class="fine">This bundle carries no evaluation yet, so its figures cannot be shown.</p>'
    return f'<section class="measured"><h3>{badge(name)}{esc(title(name))}</h3>{levels}</section>'


def _level(question: str, small: str, found: Mapping[str, Any]) -> str:
    rows = "".join(_row(row) for row in found.get("rows") or ())
    return (
        f"<h4>{question}<small>{small}</small></h4>{_gate(found.get('gate'))}"
        '<div class="scroll" tabindex="0" role="region" aria-label="Figures of every auditor">'
        '<table class="figures"><thead><tr>'
        '<th scope="col">Auditor</th><th scope="col">AUC</th><th scope="col">95\u202f% interval</th>'
        '<th scope="col">Members found at 1\u202f% false alarms</th><th scope="col">Members / others</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{_controls(found.get('controls'))}"
    )


def _name(row: Mapping[str, Any]) -> str:
    auditor, layer = str(row.get("auditor", "")), str(row.get("layer", ""))
    if auditor in OURS:
        return " · ".join(OURS[auditor])
    kind, _, preset = auditor.partition("-")
    place = LAYERS.get(layer, layer.capitalize())
    what = f"{KINDS.get(kind, kind)} ({preset})" if preset else KINDS.get(kind, kind)
    return place if layer == auditor else f"{place} · {what}"


def _row(row: Mapping[str, Any]) -> str:
    interval = f"{_auc(row.get('auc_low'))} – {_auc(row.get('auc_high'))}"
    found = row.get("tpr_at_1pct_fpr")
    sizes = " / ".join(count(int(row[k])) if row.get(k) is not None else "–" for k in ("members", "non_members"))
    return (
        f'<tr><th scope="row">{esc(_name(row))}</th><td>{_auc(row.get("auc"))}</td><td>{interval}</td>'
        f"<td>{'–' if found is None else percent(float(found))}</td><td>{sizes}</td></tr>"
    )


def _auc(value: Any) -> str:
    return "–" if value is None else f"{float(value):.3f}"


def _gate(gate: Any) -> str:
    if not isinstance(gate, Mapping) or "passes" not in gate:
        return ""
    if not gate["passes"]:
        return (
            '<p class="gate fails">The auditors did not beat their controls, '
            "so this network’s verdict is always “cannot say”.</p>"
        )
    margin = ""
    if gate.get("margin") is not None:
        margin = f" by {_auc(gate['margin'])} AUC ({_auc(gate.get('low'))} – {_auc(gate.get('high'))})"
    return f'<p class="gate passes">The auditors beat their best control{margin}.</p>'


def _controls(controls: Any) -> str:
    if not isinstance(controls, Mapping) or not controls:
        return ""
    items = "".join(
        f"<li><b>{esc(CONTROLS.get(name, (name, ''))[0])}</b> {_auc(found.get('auc'))}"
        f"<small>{esc(CONTROLS.get(name, ('', ''))[1])}</small></li>"
        for name, found in controls.items()
        if isinstance(found, Mapping)
    )
    return f'<p class="label">Controls, AUC</p><ul class="controls">{items}</ul>'
