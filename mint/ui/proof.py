"""How good the test is, measured: who gets which answer, every auditor's figures, the controls and the gate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mint.types import Rate
from mint.ui.answer import interval
from mint.ui.html import count, esc, percent, span
from mint.ui.layers import KINDS, LAYERS, OURS
from mint.ui.shapes import badge, title

Evaluation = Mapping[str, Any]

LEVELS = {
    "sample": ("Used photos against other photos of the same people", "The hard question: was it this very photo?"),
    "identity": ("Used photos against people that it never saw", "The easier one: does it know this face at all?"),
}
ALL_OURS = OURS | {
    "combined": ("Combined", "what the answer for a photo rests on"),
    "person": ("Combined for the person", "any photo of a used person"),
}
CONTROLS = {
    "pixels": ("Pixels only", "auditors that see the photo and not the network"),
    "untrained": ("Untrained network", "the same auditors on a network that learned nothing"),
    "other-twin": ("The other twin", "the same photos under the network that did not use them"),
    "shuffled-labels": ("Shuffled labels", "auditors fitted to members and non-members mixed up"),
}
SURE_FINDS = {
    "swapped-halves": ("Swapped halves", "one twin’s score minus the other’s: only use in training flips it"),
    "positive": ("Overfitted on purpose", "the same auditors on a network that cannot but remember"),
}
# People whom one twin used are strangers to the other, so the other twin is no control of the second question.
CONTROLS_OF = {"sample": tuple(CONTROLS), "identity": ("pixels", "untrained", "shuffled-labels")}
VISITORS = {
    "members": "Photos that it was trained on",
    "siblings": "Other photos of trained people",
    "outsiders": "Generated people that it never saw",
    "openpeople": "Photographic fictional people (few)",
    "real": "Real faces",
}


def proof(evaluations: Mapping[str, Evaluation | None]) -> str:
    """The section "How do you know?"; network to ``bundle.evaluation``."""
    parts = "".join(_network(name, found or {}) for name, found in evaluations.items())
    return (
        '<details class="fold" id="proof-fold"><summary>How do you know?</summary><div class="folded">'
        "<p>Auditors and thresholds were made with some people, and everything here was measured on others. AUC is the "
        "chance that a used photo scores higher than an unused one: 0.5 is a coin toss, 1 is perfect. Intervals are "
        "95\u202f%. The controls must stay near 0.5, or the test measures something other than use; an auditor that does not "
        "beat them can only answer “cannot say”.</p>"
        f"{parts}</div></details>"
    )


def _network(name: str, evaluation: Evaluation) -> str:
    found = [level for level in LEVELS if isinstance(evaluation.get(level), Mapping)]
    body = "".join(_level(level, evaluation[level]) for level in found)
    if found:
        body = _visitors(evaluation[found[0]].get("verdicts")) + body
    else:
        body = '<p class="fine">This bundle carries no evaluation yet, so its figures cannot be shown.</p>'
    return f'<section class="measured"><h3>{badge(name)}{esc(title(name))}</h3>{body}</section>'


def _visitors(verdicts: Any) -> str:
    """What share of each kind of photo gets "evidence of use"."""
    if not isinstance(verdicts, Mapping) or not isinstance(verdicts.get("photo"), Mapping):
        return ""
    photo, person = verdicts["photo"], verdicts.get("person") or {}
    rows = "".join(
        f'<tr><th scope="row">{label}</th>{_share(photo.get(kind))}{_share(person.get(kind))}</tr>'
        for kind, label in VISITORS.items()
        if kind in photo
    )
    alpha = percent(float(photo.get("alpha", 0.01)))
    heads = ('<th scope="col">for this photo</th>', '<th scope="col">for this person</th>')
    return (
        f"<h4>Who gets “evidence of use” at α = {alpha}<small>The first row should be near 100\u202f%. The "
        "others are false alarms, except that the second is right about the person.</small></h4>"
        f"{_table('Share that gets evidence of use', ('<td></td>', *heads), rows)}"
    )


def _share(found: Any) -> str:
    if not isinstance(found, Mapping):
        return "<td>–</td>"
    rate = Rate(float(found["value"]), float(found["low"]), float(found["high"]), int(found["n"]))
    return f"<td><b>{percent(rate.value)}</b> <small>{interval(rate)}</small></td>"


def _level(level: str, found: Evaluation) -> str:
    question, small = LEVELS[level]
    rows = found.get("rows") or ()
    ours = [row for row in rows if row.get("auditor") in ALL_OURS]
    published = [row for row in rows if row.get("auditor") not in ALL_OURS]
    more = ""
    if published:
        more = (
            f'<details class="more"><summary>The {len(published)} published auditors, one layer at a time</summary>'
            f"{_auditors(published)}</details>"
        )
    return (
        f"<h4>{question}<small>{small}</small></h4>{_gate(found.get('gate'))}{_auditors(ours)}{more}"
        f"{_controls('Controls, AUC: near 0.5', found.get('controls'), CONTROLS, CONTROLS_OF[level])}"
        f"{_controls('Sure finds, AUC: near 1', found.get('controls'), SURE_FINDS, SURE_FINDS)}"
    )


def _auditors(rows: Iterable[Mapping[str, Any]]) -> str:
    heads = (
        '<th scope="col">Auditor</th><th scope="col">AUC</th><th scope="col">Found at 1\u202f% false alarms</th>',
        '<th scope="col" class="sizes">Members / others</th>',
    )
    return _table("Figures of the auditors", heads, "".join(_row(row) for row in rows))


def _table(name: str, heads: Iterable[str], rows: str) -> str:
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{name}"><table class="figures">'
        f"<thead><tr>{''.join(heads)}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _name(row: Mapping[str, Any]) -> str:
    auditor, layer = str(row.get("auditor", "")), str(row.get("layer", ""))
    if auditor in ALL_OURS:
        what, small = ALL_OURS[auditor]
        return f"{esc(what)} <small>{esc(small)}</small>"
    kind, _, preset = auditor.partition("-")
    place, what = LAYERS.get(layer, layer), KINDS.get(kind, kind)
    return esc(f"{place} · {what}" + (f" ({preset})" if preset else ""))


def _row(row: Mapping[str, Any]) -> str:
    found = row.get("tpr_at_1pct_fpr")
    sizes = " / ".join(count(int(row[k])) if row.get(k) is not None else "–" for k in ("members", "non_members"))
    return (
        f'<tr><th scope="row">{_name(row)}</th><td><b>{_auc(row.get("auc"))}</b> '
        f"<small>{_range(row)}</small></td><td>{'–' if found is None else percent(float(found))}</td>"
        f'<td class="sizes">{sizes}</td></tr>'
    )


def _auc(value: Any) -> str:
    return "–" if value is None else f"{float(value):.3f}"


def _range(row: Mapping[str, Any]) -> str:
    if row.get("auc_low") is None:
        return ""
    return span(_auc(row["auc_low"]), _auc(row.get("auc_high")))


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
        margin = f" by {_auc(gate['margin'])} AUC ({span(_auc(gate.get('low')), _auc(gate.get('high')))})"
    return f'<p class="gate passes">The auditors beat their best control{margin}.</p>'


def _controls(label: str, controls: Any, words: Mapping[str, tuple[str, str]], shown: Iterable[str]) -> str:
    if not isinstance(controls, Mapping):
        return ""
    items = "".join(
        f"<li><b>{words[name][0]}</b> {_auc(controls[name].get('auc'))} <small>{_range(controls[name])}</small>"
        f"<small>{words[name][1]}</small></li>"
        for name in shown
        if isinstance(controls.get(name), Mapping)
    )
    return f'<p class="label">{label}</p><ul class="controls">{items}</ul>' if items else ""
