"""Show every network's answer side by side: words first, then numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mint.i18n.labels import whole_pair
from mint.i18n.translate import ENGLISH, Say
from mint.report.render.blocks import Fact
from mint.report.story import answers as story
from mint.report.story.answers import PERSON, PHOTO
from mint.report.story.phrases import answer_facts, word
from mint.types import Answer, FaceAudit, Verdict
from mint.ui.html import esc, p_value
from mint.ui.views.badges import SLUG, badge, shape, title

Faces = Mapping[str, FaceAudit]
Truth = Mapping[str, bool]


def answer(found: Faces, truth: Truth | None = None, say: Say = ENGLISH) -> str:
    """Render the headline, the truth where it is known, the flip, and one card a network.

    Args:
        found: network to what it says of the chosen face.
        truth: network to whether it was trained on this very picture; others than those found are not told of.
        say: the visitor's language.
    """
    said = {network: str(face.photo.verdict) for network, face in found.items()}
    known = {} if truth is None else {network: truth[network] for network in found if network in truth}
    told = story.truth(known, say) if known else None
    cards = "".join(_card(network, face, known.get(network), say) for network, face in found.items())
    return (
        f'<p class="headline" role="status">{esc(story.headline(PHOTO, said, say))}</p>{truth_line(told, say)}'
        f"{_flip({network: face.photo.verdict for network, face in found.items()}, say)}"
        f'<div class="cards">{cards}</div>'
    )


def _flip(said: Mapping[str, Verdict], say: Say) -> str:
    """Tell in one line whether the answers of a pair differ; nothing where there is no whole one."""
    told, pair = story.flip(said, say), whole_pair(said)
    if told is None or pair is None:
        return ""
    differ, words = told
    one, other = pair.networks
    first, second = said[one], said[other]
    ends = (
        f'<span class="end {SLUG[first]}">{badge(one)}{shape(first)}</span>',
        f'<span class="end {SLUG[second]}">{shape(second)}{badge(other)}</span>',
    )
    kind = "flips" if differ else "same"
    return f'<div class="flip {kind}">{ends[0]}<span class="between"><b>{esc(words)}</b></span>{ends[1]}</div>'


def truth_line(told: str | None, say: Say = ENGLISH) -> str:
    """Render what really happened to an example; nothing where nobody knows."""
    return "" if told is None else f'<p class="truth"><b>{say("Truth:")}</b> {esc(told)}.</p>'


def agreement(verdict: Verdict, member: bool) -> tuple[str, str]:
    """Return how a verdict compares with the truth: a CSS class, and words in English."""
    if verdict is Verdict.EVIDENCE:
        return ("hit", "correct") if member else ("miss", "false alarm")
    if verdict is Verdict.NO_SIGN:
        return ("miss", "missed") if member else ("hit", "correct")
    return "open", "undecided"


def checked(verdict: Verdict, member: bool | None, say: Say = ENGLISH) -> str:
    """Render a pill that compares a verdict with the truth; nothing where it is unknown."""
    if member is None:
        return ""
    kind, words = agreement(verdict, member)
    return f'<span class="checked {kind}">{say(words)}</span>'


def _card(network: str, face: FaceAudit, member: bool | None, say: Say) -> str:
    photo = face.photo
    said = photo.to_dict()
    return (
        f'<article class="card {SLUG[photo.verdict]}" data-network="{esc(network)}">'
        f"<header>{badge(network)}"
        f"<h3>{title(network, say)}</h3>{checked(photo.verdict, member, say)}</header>"
        f"{asked(PHOTO, photo.verdict, say)}"
        f'<p class="reason">{esc(story.reason(said, say))}</p>'
        f"{_caveat(face.tier, say)}{facts(answer_facts(said, face.alpha, face.prior, say))}"
        f"{_person(face.person, say)}</article>"
    )


def asked(question: str, verdict: Verdict, say: Say, small: str = "") -> str:
    """Render a question and the word that answers it."""
    return (
        f'<p class="label">{esc(say(story.QUESTIONS[question]))}</p>'
        f'<p class="word">{shape(verdict)}<span>{esc(word(verdict, say))}</span>{small}</p>'
    )


def facts(rows: Sequence[Fact]) -> str:
    """Render names and values, one a line."""
    told = (f"<div><dt>{esc(f.name)}</dt><dd>{esc(f.value)}<small>{esc(f.small)}</small></dd></div>" for f in rows)
    return f'<dl class="facts">{"".join(told)}</dl>'


def _caveat(tier: str, say: Say) -> str:
    told = story.caveat(tier, say)
    return "" if told is None else f'<p class="tier"><b>{esc(told[0])}</b> {esc(told[1])}</p>'


def _person(said: Answer, say: Say) -> str:
    return (
        f'<div class="person {SLUG[said.verdict]}">'
        f"{asked(PERSON, said.verdict, say, f'<small>p = {p_value(said.p_value)}</small>')}</div>"
    )
