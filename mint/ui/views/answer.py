"""Show every network's answer side by side: words first, then numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mint.i18n.labels import REFERENCE_TIER, TWINS
from mint.i18n.translate import ENGLISH, Say
from mint.types import Answer, FaceAudit, Rate, Verdict
from mint.ui.html import count, esc, p_value, percent, sentence, span
from mint.ui.views.badges import SLUG, badge, inline, shape, title

Faces = Mapping[str, FaceAudit]
Truth = Mapping[str, bool]
Fact = tuple[str, str, str]  # what, value, small print; all escaped


def answer(found: Faces, truth: Truth | None = None, say: Say = ENGLISH) -> str:
    """Render the headline, the truth where it is known, the flip, and one card a network.

    Args:
        found: network to what it says of the chosen face.
        truth: network to whether it was trained on this very picture.
        say: the visitor's language.
    """
    said = {network: face.photo.verdict for network, face in found.items()}
    cards = "".join(
        _card(network, face, None if truth is None else truth.get(network), say) for network, face in found.items()
    )
    return (
        f'<p class="headline" role="status">{headline(found, say)}</p>{truth_line(truth, say)}{flip(said, say)}'
        f'<div class="cards">{cards}</div>'
    )


def headline(found: Faces, say: Say = ENGLISH) -> str:
    """Tell all answers in one sentence."""
    said = {network: face.photo.verdict for network, face in found.items()}
    used = [n for n, v in said.items() if v is Verdict.EVIDENCE]
    if all(v is Verdict.CANNOT_SAY for v in said.values()):
        return say("This test cannot say anything about this face.")
    if len(found) == 1:
        (network,) = (inline(n, say) for n in found)
        if used:
            return say("Evidence that {network} was trained on this photo.", network=network)
        return say("No evidence that {network} was trained on this photo.", network=network)
    if len(used) == 1:
        return say(
            "Evidence that {network} was trained on this photo, and only {network}.", network=inline(used[0], say)
        )
    if set(used) >= set(TWINS):
        return say(
            "Evidence against both twins. No picture was used by both, so at least one of them is a false alarm."
        )
    if used:
        return say("Evidence that several networks were trained on this photo: {networks}.", networks=names(used, say))
    if all(v is Verdict.NO_SIGN for v in said.values()):
        return say("No sign that any of these networks was trained on this photo.")
    return say("No evidence that any of these networks was trained on this photo.")


def flip(said: Mapping[str, Verdict], say: Say = ENGLISH) -> str:
    """Tell in one line whether both twins' answers differ; nothing where one is missing."""
    if not set(TWINS) <= set(said):
        return ""
    one, other = TWINS
    first, second = said[one], said[other]
    used = [v is Verdict.EVIDENCE for v in (first, second)]
    if used[0] != used[1]:
        kind, words = "flips", say("The answer flips. Only the training pictures differ.")
    elif all(used):
        kind, words = "same", say("Both say yes, which cannot be right.")
    else:
        kind, words = "same", say("Neither finds a trace.")
    ends = (
        f'<span class="end {SLUG[first]}">{badge(one)}{shape(first)}</span>',
        f'<span class="end {SLUG[second]}">{shape(second)}{badge(other)}</span>',
    )
    return f'<div class="flip {kind}">{ends[0]}<span class="between"><b>{words}</b></span>{ends[1]}</div>'


def truth_line(truth: Truth | None, say: Say = ENGLISH) -> str:
    """Tell what really happened to an example, from the ledger."""
    if not truth:
        return ""
    used = [n for n, member in truth.items() if member]
    unused = [n for n, member in truth.items() if not member]
    if not used:
        told = say("neither twin was trained on this picture")
    elif not unused:
        told = say("both twins were trained on this picture")
    else:
        told = say(
            "{used} was trained on this picture; {unused} was not", used=names(used, say), unused=names(unused, say)
        )
    return f'<p class="truth"><b>{say("Truth:")}</b> {told}.</p>'


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


def names(networks: Sequence[str], say: Say) -> str:
    """List networks for the middle of a sentence: "A, B and C"."""
    *first, last = (inline(n, say) for n in networks)
    return say(" and ").join([", ".join(first), last] if first else [last])


def _card(network: str, face: FaceAudit, member: bool | None, say: Say) -> str:
    photo = face.photo
    return (
        f'<article class="card {SLUG[photo.verdict]}" data-network="{esc(network)}">'
        f"<header>{badge(network)}"
        f"<h3>{title(network, say)}</h3>{checked(photo.verdict, member, say)}</header>"
        f'<p class="label">{say("Was it trained on this photo?")}</p>'
        f'<p class="word">{shape(photo.verdict)}<span>{word(photo.verdict, say)}</span></p>'
        f'<p class="reason">{sentence(say(photo.reason))}</p>'
        f"{_tier(face.tier, say)}{facts(_facts(photo, face.alpha, face.prior, say))}{_person(face.person, say)}</article>"
    )


def word(verdict: Verdict, say: Say = ENGLISH) -> str:
    """Return a verdict as it stands on a card."""
    return esc(say(verdict).capitalize())


def facts(rows: Sequence[Fact]) -> str:
    """Render names and values, one a line."""
    return (
        '<dl class="facts">'
        + "".join(f"<div><dt>{name}</dt><dd>{value}<small>{small}</small></dd></div>" for name, value, small in rows)
        + "</dl>"
    )


def _facts(said: Answer, alpha: float, prior: float, say: Say) -> tuple[Fact, ...]:
    return (
        p_fact(said.p_value, alpha, say),
        *rate_facts(said.false_positive_rate, said.true_positive_rate, say),
        right_fact(said.right, said.true_positive_rate, prior, say),
    )


def p_fact(value: float, alpha: float, say: Say = ENGLISH) -> Fact:
    """Return the p-value beside the limit."""
    limit = say("evidence at {alpha} or less", alpha=p_value(alpha).rstrip("0"))
    return say("p-value"), p_value(value), limit


def rate_facts(false_alarms: Rate, found: Rate, say: Say = ENGLISH) -> tuple[Fact, Fact]:
    """Return both measured rates with their intervals."""
    return (
        (say("False alarms, measured"), *_measured(false_alarms, say)),
        (say("Members found, measured"), *_measured(found, say)),
    )


def _measured(found: Rate, say: Say) -> tuple[str, str]:
    return (percent(found.value), interval(found)) if found.n else (say("not measured"), say("nobody to count"))


def _tier(tier: str, say: Say) -> str:
    return "" if tier == "full" else f'<p class="tier"><b>{say("Reference tier.")}</b> {say(REFERENCE_TIER)}</p>'


def right_fact(right: float | None, found: Rate, prior: float, say: Say = ENGLISH) -> Fact:
    """Return the chance that "evidence" is right."""
    value, small = say("not measured"), say("if {prior} likely before", prior=f"{100 * prior:.0f}\u202f%")
    if not found.n:
        small = say("no known member")
    elif found.value == 0:  # no p-value is as small as this, with so few known non-members
        value, small = "–", say("at this limit it never does")
    elif right is not None:
        value = percent(right)
    return say("Right when it says “evidence”"), value, small


def interval(found: Rate) -> str:
    """Write a rate's interval and its number of cases."""
    low = percent(found.low).removesuffix("\u202f%")
    return f"{span(low, percent(found.high))}, n\u00a0=\u00a0{count(found.n)}"


def _person(said: Answer, say: Say) -> str:
    return (
        f'<div class="person {SLUG[said.verdict]}"><p class="label">{say("Was it trained on this person?")}</p>'
        f'<p class="word">{shape(said.verdict)}<span>{word(said.verdict, say)}</span>'
        f"<small>p = {p_value(said.p_value)}</small></p></div>"
    )
