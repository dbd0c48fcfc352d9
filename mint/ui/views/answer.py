"""Show every network's answer side by side: words first, then numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mint.evidence.score_table import PERSON, PHOTO
from mint.i18n.translate import ENGLISH, Say
from mint.report.render.blocks import Fact, VerdictLine
from mint.report.render.marks import SLUG, shape
from mint.report.story import answers as story
from mint.report.story.phrases import answer_facts, word
from mint.types import FaceAudit, Rate, Verdict
from mint.ui.html import badge, esc, png_uri, title

Faces = Mapping[str, FaceAudit]
Truth = Mapping[str, bool]
RealFaces = Mapping[str, Rate]  # question to the measured false-positive rate of real faces


def answer(
    found: Faces,
    truth: Truth | None = None,
    say: Say = ENGLISH,
    person_truth: Truth | None = None,
    real: Mapping[str, RealFaces] | None = None,
    onward: bool = False,
) -> str:
    """Render the headline, the truth where it is known, the flip, and one card a network.

    Args:
        found: network to what it says of the chosen face.
        truth: network to whether it was trained on this very picture; others than those found are not told of.
        say: the visitor's language.
        person_truth: network to whether it was trained on any picture of this person.
        real: network to the rates that are told of a real face; None for a fictional one.
        onward: whether to say that no real photo was used, and to lead on to where a network learns one.
    """
    said = {network: str(face.photo.verdict) for network, face in found.items()}
    known, person = (
        {network: told[network] for network in found if network in told} for told in (truth or {}, person_truth or {})
    )
    told = [story.truth(known, say)] if known else []
    if person and person != known:  # a person of whom other pictures were used
        told.append(story.person_truth(person, say))
    rates = real or {}
    sure = {network: (face.photo.verdict, face.photo.right) for network, face in found.items()}
    doubts = doubt_lines(story.doubtful(sure, next(iter(found.values())).prior, say))
    cards = "".join(
        _card(n, face, (known.get(n), person.get(n)), rates.get(n, {}), truth is None, say) for n, face in found.items()
    )
    return (
        f'<div role="status"><h2 class="headline">{esc(story.headline(PHOTO, said, say))}</h2>{doubts}</div>{truth_line("; ".join(told) or None, say)}'
        f"{_flip(found, say)}"
        f'<div class="cards">{cards}</div>'
        f"{_onward(found, say) if onward else ''}"
    )


def beside(crop: np.ndarray, found: Faces, following: int | None, say: Say = ENGLISH) -> str:
    """Render what stays in sight while details are read: the face, each network's answer, and ways on.

    Args:
        crop: (112, 112, 3) uint8 RGB, of the face.
        found: network to what it says of it.
        following: number of the example that comes next; None where the photo is a visitor's own.
        say: the visitor's language.
    """
    said = "".join(
        f'<span class="said {SLUG[face.photo.verdict]}">{badge(network)}{shape(face.photo.verdict)}<span class="hidden">'
        f'{title(network, say)}: </span><span class="verdict">{esc(word(face.photo.verdict, say))}</span></span>'
        for network, face in found.items()
    )
    on = (
        f'<button type="button" class="primary" data-skip="photo">{say("Another photo")}</button>'
        if following is None
        else f'<button type="button" class="primary" data-pick="{following}">{say("Next example")}</button>'
    )
    return (
        f'<div class="beside"><img src="{png_uri(crop)}" width="112" height="112" alt="{say("The face")}"><p class="answers">{said}</p>'
        f'<a href="#answer" data-skip="answer">{say("Back to the answer")}</a>{on}</div>'
    )


def _onward(found: Faces, say: Say) -> str:
    accused = any(Verdict.EVIDENCE in (face.photo.verdict, face.person.verdict) for face in found.values())
    told = say(story.OWN_PHOTO_ACCUSED) if accused else say(story.OWN_PHOTO)
    way = f'<button type="button" class="primary" data-skip="#tab-teach">{say("Teach it my face")}</button>'
    return f'<p class="onward"><span>{told}</span>{way}</p>'


def _flip(found: Faces, say: Say) -> str:
    """Tell in one line whether the answers of a pair differ; nothing where there is no whole one."""
    said = {network: face.photo.verdict for network, face in found.items()}
    told = story.flip(said, say, {network: face.person.verdict for network, face in found.items()})
    if told is None:
        return ""
    (one, other), differ, words = told
    first, second = said[one], said[other]
    ends = (
        f'<span class="end {SLUG[first]}">{badge(one)}{shape(first)}</span>',
        f'<span class="end {SLUG[second]}">{shape(second)}{badge(other)}</span>',
    )
    kind = "flips" if differ else "same"
    return f'<div class="flip {kind}">{ends[0]}<span class="between"><b>{esc(words)}</b></span>{ends[1]}</div>'


def doubt_lines(told: Sequence[str]) -> str:
    """Render that an accusation may be wrong more often than right, see ``story.doubtful``."""
    return "".join(f'<p class="doubtful">{esc(line)}</p>' for line in told)


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


def marks(verdict: Verdict, member: bool | None, rate: Mapping[str, Any] | None, say: Say) -> tuple[str, str]:
    """Return the pill beside a question, and for a false accusation a sentence on how many are to be expected: ``rate``, as JSON."""
    pill = checked(verdict, member, say)
    if verdict is not Verdict.EVIDENCE or member is not False:
        return pill, ""
    return pill, f'<p class="alarm">{esc(story.false_alarm(rate, say))}</p>'


def _card(
    network: str, face: FaceAudit, known: tuple[bool | None, bool | None], real: RealFaces, yours: bool, say: Say
) -> str:
    photo = face.photo
    told, figures = _answered(PHOTO, face, known[0], real, yours, say)
    return (
        f'<article class="card {SLUG[photo.verdict]}" data-network="{esc(network)}">'
        f"<header>{badge(network)}"
        f"<h3>{title(network, say)}</h3></header>"
        f"{told}{_caveat(face.tier, say)}{facts(figures)}"
        f"{_person(face, known[1], real, yours, say)}</article>"
    )


def _answered(
    question: str, face: FaceAudit, member: bool | None, real: RealFaces, yours: bool, say: Say
) -> tuple[str, tuple[Fact, ...]]:
    """Render a question on a face, the word that answers it and why; return the figures that belong to it as well."""
    found = face.photo if question == PHOTO else face.person
    said = found.to_dict()
    figures = answer_facts(said, face.alpha, face.prior, say, rate_of(real, question))
    pill, alarm = marks(found.verdict, member, said["false_positive_rate"], say)
    small = f"p = {figures[0].value}" if question == PERSON else ""
    return asked(story.verdict_line(question, said, say, small, yours), pill, alarm), figures


def asked(line: VerdictLine, pill: str, alarm: str) -> str:
    """Render a question, the word that answers it and why; ``marks`` says whether that is right."""
    small = f"<small>{esc(line.small)}</small>" if line.small else ""
    return (
        f'<div class="asked"><p class="label">{esc(line.question)}</p>{pill}</div>'
        f'<p class="word">{shape(line.verdict)}<span>{esc(line.word)}</span>{small}</p>{alarm}'
        f'<p class="reason">{esc(line.reason)}</p>'
    )


def facts(rows: Sequence[Fact]) -> str:
    """Render names and values, one a line."""
    told = (f"<div><dt>{esc(f.name)}</dt><dd>{esc(f.value)}<small>{esc(f.small)}</small></dd></div>" for f in rows)
    return f'<dl class="facts">{"".join(told)}</dl>'


def rate_of(real: RealFaces, question: str) -> dict[str, Any] | None:
    """Return the rate of real faces as JSON; None where it was not measured."""
    return real[question].to_dict() if question in real else None


def _caveat(tier: str, say: Say) -> str:
    told = story.caveat(tier, say)
    return "" if told is None else f'<p class="tier"><b>{esc(told[0])}</b> {esc(told[1])}</p>'


def _person(face: FaceAudit, member: bool | None, real: RealFaces, yours: bool, say: Say) -> str:
    told, (_, alarms, *_) = _answered(PERSON, face, member, real, yours, say)
    return f'<div class="person {SLUG[face.person.verdict]}">{told}{facts([alarms])}</div>'
