"""Show how good the test is: verdict rates, auditors' figures, controls and gate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mint.evidence.score_table import MEMBERS, SIBLINGS
from mint.i18n.figures import glued, interval
from mint.i18n.labels import CONTROLS, OWN, SOURCE_NAMES, auditor, kind_name, pair_of
from mint.i18n.translate import ENGLISH, Say
from mint.report.story.checks import (
    FIGURES,
    HOW,
    LEVEL_SENTENCES,
    NOT_EVALUATED,
    gate_sentence,
    who_gets_evidence,
    why_fewer,
)
from mint.report.story.phrases import auc, auditors_auc, capital
from mint.ui.html import badge, count, esc, percent, title

Evaluation = Mapping[str, Any]

HARDER = {
    "sample": "The hard question: was it this very photo?",
    "identity": "The easier one: does it know this face at all?",
}
NEAR_HALF = ("pixels", "untrained", "other-twin", "shuffled-labels")
NEAR_ONE = ("swapped-halves", "positive")
# People whom one twin used are strangers to the other, so the other twin is no control of the second question.
CONTROLS_OF = {"sample": NEAR_HALF, "identity": ("pixels", "untrained", "shuffled-labels")}


def proof(evaluations: Mapping[str, Evaluation | None], say: Say = ENGLISH) -> str:
    """Render what was measured, from each network's ``bundles.evaluation.told_evaluation``."""
    parts = {name: _network(name, found or {}, say) for name, found in evaluations.items()}
    first = pair_of(next(iter(parts), ""))
    later = [
        name for name in parts if pair_of(name) not in (first, None)
    ]  # of another pair: asked for by few, and as long
    folded = "".join(parts.pop(name) for name in later)
    if folded:
        names = ", ".join(title(name, say) for name in later)
        folded = f'<details class="fold"><summary>{names}</summary><div class="folded side">{folded}</div></details>'
    return (
        f'<section class="proof" aria-labelledby="proof-title"><h2 id="proof-title">{say("What was measured")}</h2>'
        f'<p class="lead">{esc(say(HOW))}</p><div class="side">{"".join(parts.values())}</div>{folded}</section>'
    )


def _network(name: str, evaluation: Evaluation, say: Say) -> str:
    found = [level for level in LEVEL_SENTENCES if isinstance(evaluation.get(level), Mapping)]
    body = "".join(_level(level, evaluation[level], title(name, say), say) for level in found)
    if found:
        first = evaluation[found[0]]
        pool = evaluation.get("pool")
        body = _visitors(first.get("verdicts"), pool, title(name, say), say) + _fewer(first, say) + body
    else:
        body = f'<p class="fine">{esc(say(NOT_EVALUATED))}</p>'
    return f'<section class="measured"><h3>{badge(name)}{title(name, say)}</h3>{body}</section>'


def _visitors(verdicts: Any, pool: object, whose: str, say: Say) -> str:
    """Render what share of each kind of photo gets "evidence of use"."""
    if not isinstance(verdicts, Mapping) or not isinstance(verdicts.get("photo"), Mapping):
        return ""
    photo, person = verdicts["photo"], verdicts.get("person") or {}
    rows = "".join(
        f'<tr><th scope="row">{say(kind_name(kind, pool))}</th>{share(photo.get(kind))}{share(person.get(kind))}</tr>'
        for kind in SOURCE_NAMES
        if kind in photo
    )
    heads = (f'<th scope="col">{say("for this photo")}</th>', f'<th scope="col">{say("for this person")}</th>')
    head = glued(who_gets_evidence(float(photo.get("alpha", 0.01)), say), " = ")
    if MEMBERS not in photo:
        small = say("No member is known: all of these are false alarms.")
    elif SIBLINGS not in photo:
        small = say("The first row should be near 100 %. The others are false alarms.")
    else:
        small = say(
            "The first row should be near 100 %. The others are false alarms, except that the second is right about the person."
        )
    return (
        f"<h4>{head}<small>{small}</small></h4>"
        f"{figures_table((whose, say('Share that gets evidence of use')), ('<td></td>', *heads), rows)}"
    )


def _fewer(level: Evaluation, say: Say) -> str:
    """Render why there are fewer members in the tables below than in the one above; nothing where there are not."""
    verdicts = level.get("verdicts")
    photo = verdicts.get("photo") if isinstance(verdicts, Mapping) else None
    why = why_fewer(photo.get(MEMBERS) if isinstance(photo, Mapping) else None, level.get("rows") or (), say)
    return "" if why is None else f'<p class="fine">{esc(why)}</p>'


def share(found: Any) -> str:
    """Render a cell with a stored rate; a dash for anything else."""
    if not isinstance(found, Mapping):
        return "<td>–</td>"
    return f"<td><b>{percent(found['value'])}</b> <small>{interval(found)}</small></td>"


def _level(level: str, found: Evaluation, whose: str, say: Say) -> str:
    question, small = esc(capital(say(LEVEL_SENTENCES[level]))), say(HARDER[level])
    rows = found.get("rows") or ()
    ours = [row for row in rows if row.get("auditor") in OWN]
    published = [row for row in rows if row.get("auditor") not in OWN]
    more = ""
    if published:
        summary = say("The {n} published auditors", n=len(published))
        more = f'<details class="more"><summary>{summary}</summary>{_auditors(published, (whose, question, summary), say)}</details>'
    controls = found.get("controls")
    return (
        f"<h4>{question}<small>{esc(small)}</small></h4>{_gate(found, rows, say)}"
        f"{_auditors(ours, (whose, question, say(FIGURES)), say)}{more}"
        f"{_controls(say('Controls, AUC: near 0.5'), controls, CONTROLS_OF[level], say)}"
        f"{_controls(say('Positive controls, AUC: near 1'), controls, NEAR_ONE, say)}"
    )


def _auditors(rows: Iterable[Mapping[str, Any]], name: Sequence[str], say: Say) -> str:
    heads = (
        f'<th scope="col">{say("Auditor")}</th><th scope="col">AUC</th>'
        f'<th scope="col">{capital(say("found at 1 % false alarms"))}</th>',
        f'<th scope="col" class="sizes">{say("Members / others")}</th>',
    )
    return figures_table(name, heads, "".join(_row(row, say) for row in rows))


def figures_table(name: Sequence[str], heads: Iterable[str], rows: str) -> str:
    """Render a table that scrolls in itself where it is too wide.

    Args:
        name: what it shows and of what, for screen readers; no other table of the page is called the same.
        heads: cells of the first row.
        rows: the others.
    """
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{": ".join(name)}"><table class="figures">'
        f"<thead><tr>{''.join(heads)}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(row: Mapping[str, Any], say: Say) -> str:
    found = row.get("tpr_at_1pct_fpr")
    sizes = " / ".join(count(int(row[k])) if row.get(k) is not None else "–" for k in ("members", "non_members"))
    what, small = auditor(str(row.get("auditor", "")), str(row.get("layer", "")), say)
    value, within = auditors_auc(row, say)
    name = esc(what) + (f" <small>{esc(small)}</small>" if small else "")
    return (
        f'<tr><th scope="row">{name}</th><td><b>{value}</b> '
        f"<small>{within}</small></td><td>{'–' if found is None else percent(float(found))}</td>"
        f'<td class="sizes">{sizes}</td></tr>'
    )


def _gate(level: Evaluation, rows: Sequence[Mapping[str, Any]], say: Say) -> str:
    gate = level.get("gate")
    if not isinstance(gate, Mapping) or "passes" not in gate:
        return ""
    kind = "passes" if gate["passes"] else "fails"
    return f'<p class="gate {kind}">{esc(gate_sentence(gate, True, rows, say, level.get("tier")))}</p>'


def _controls(label: str, controls: Any, shown: Iterable[str], say: Say) -> str:
    if not isinstance(controls, Mapping):
        return ""
    items = ""
    for name in shown:
        if isinstance(controls.get(name), Mapping):
            value, within = auc(controls[name])
            what, small, _ = CONTROLS[name]
            items += f"<li><b>{say(what)}</b> {value} <small>{within}</small><small>{say(small)}</small></li>"
    return f'<p class="label">{label}</p><ul class="controls">{items}</ul>' if items else ""
