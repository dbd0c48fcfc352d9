"""Both networks' answers side by side, in words first and numbers second."""

from __future__ import annotations

from collections.abc import Mapping

from mint.types import Answer, FaceAudit, Rate, Verdict
from mint.ui.html import count, esc, p_value, percent, sentence, span
from mint.ui.shapes import SLUG, badge, inline, shape, title

Faces = Mapping[str, FaceAudit]
Truth = Mapping[str, bool]
REFERENCE_TIER = (
    "Of this network no member is known. The p-values say how unusual the face is among people who were not used; "
    "whether use is the reason was never checked."
)


def answer(found: Faces, truth: Truth | None = None) -> str:
    """The headline, the truth where it is known, and one card a network.

    Args:
        found: network to what it says of the chosen face.
        truth: network to whether it was trained on this very picture.
    """
    cards = "".join(
        _card(network, face, None if truth is None else truth.get(network)) for network, face in found.items()
    )
    return (
        f'<p class="headline" role="status">{esc(headline(found))}</p>{truth_line(truth)}'
        f'<div class="cards">{cards}</div>'
    )


def headline(found: Faces) -> str:
    """Both answers in one sentence."""
    said = {network: face.photo.verdict for network, face in found.items()}
    used = [n for n, v in said.items() if v is Verdict.EVIDENCE]
    if all(v is Verdict.CANNOT_SAY for v in said.values()):
        return "This test cannot say anything about this face."
    if len(used) == 1:
        return f"Evidence that {inline(used[0])} was trained on this photo, and only {inline(used[0])}."
    if len(used) > 1:
        return "Evidence against both. No picture was used by both, so at least one of them is a false alarm."
    if all(v is Verdict.NO_SIGN for v in said.values()):
        return "No sign that either network was trained on this photo."
    return "No evidence that either network was trained on this photo."


def truth_line(truth: Truth | None) -> str:
    """For an example: what really happened, from the list that was written before training."""
    if not truth:
        return ""
    used = [n for n, member in truth.items() if member]
    unused = [n for n, member in truth.items() if not member]
    if not used:
        told = "neither twin was trained on this picture"
    elif not unused:
        told = "both twins were trained on this picture"
    else:
        told = f"{_and(used)} was trained on this picture; {_and(unused)} was not"
    return f'<p class="truth"><b>Truth:</b> {esc(told)}.</p>'


def agreement(verdict: Verdict, member: bool) -> tuple[str, str]:
    """How a verdict compares with the truth: a class for the style, and words."""
    if verdict is Verdict.EVIDENCE:
        return ("hit", "correct") if member else ("miss", "false alarm")
    if verdict is Verdict.NO_SIGN:
        return ("miss", "missed") if member else ("hit", "correct")
    return "open", "undecided"


def _and(networks: list[str]) -> str:
    return " and ".join(inline(n) for n in networks)


def _card(network: str, face: FaceAudit, member: bool | None) -> str:
    photo = face.photo
    checked = ""
    if member is not None:
        kind, words = agreement(photo.verdict, member)
        checked = f'<span class="checked {kind}">{words}</span>'
    return (
        f'<article class="card {SLUG[photo.verdict]}" data-network="{esc(network)}">'
        f"<header>{badge(network)}"
        f"<h3>{esc(title(network))}</h3>{checked}</header>"
        '<p class="label">Was it trained on this photo?</p>'
        f'<p class="word">{shape(photo.verdict)}<span>{_word(photo)}</span></p>'
        f'<p class="reason">{sentence(photo.reason)}</p>'
        f"{_tier(face.tier)}{_facts(photo, face.alpha, face.prior)}{_person(face.person)}</article>"
    )


def _word(said: Answer) -> str:
    return esc(str(said.verdict).capitalize())


def _facts(said: Answer, alpha: float, prior: float) -> str:
    right, if_so = "not measured", f"if {100 * prior:.0f}\u202f% likely before"
    if not said.true_positive_rate.n:
        if_so = "no known member"
    elif said.true_positive_rate.value == 0:  # no p-value is as small as this, with so few known non-members
        right, if_so = "–", "at this limit it never does"
    elif said.right is not None:
        right = percent(said.right)
    rows = (
        ("p-value", p_value(said.p_value), f"evidence at {p_value(alpha).rstrip('0')} or less"),
        ("False alarms, measured", *_measured(said.false_positive_rate)),
        ("Members found, measured", *_measured(said.true_positive_rate)),
        ("Right when it says “evidence”", right, if_so),
    )
    return (
        '<dl class="facts">'
        + "".join(f"<div><dt>{name}</dt><dd>{value}<small>{small}</small></dd></div>" for name, value, small in rows)
        + "</dl>"
    )


def _measured(found: Rate) -> tuple[str, str]:
    return (percent(found.value), interval(found)) if found.n else ("not measured", "nobody to count")


def _tier(tier: str) -> str:
    return "" if tier == "full" else f'<p class="tier"><b>{esc(tier.capitalize())} tier.</b> {REFERENCE_TIER}</p>'


def interval(found: Rate) -> str:
    """A rate's interval and how many cases it was counted over."""
    low = percent(found.low).removesuffix("\u202f%")
    return f"{span(low, percent(found.high))}, n\u00a0=\u00a0{count(found.n)}"


def _person(said: Answer) -> str:
    return (
        f'<div class="person {SLUG[said.verdict]}"><p class="label">Was it trained on this person?</p>'
        f'<p class="word">{shape(said.verdict)}<span>{_word(said)}</span>'
        f"<small>p = {p_value(said.p_value)}</small></p></div>"
    )
