"""Draw the first screen: large faces, one of them answered by both twins, with the truth beside the answers."""

from __future__ import annotations

from collections.abc import Sequence

from mint.i18n.figures import interval, percent
from mint.i18n.labels import DEFAULT_PAIR, PAIRS, letter
from mint.i18n.translate import ENGLISH, Say
from mint.report.render.marks import SLUG, shape
from mint.report.story import answers as story
from mint.report.story.phrases import capital, limit, p_word, word
from mint.types import Verdict
from mint.ui.examples import Example
from mint.ui.html import badge, esc, inline, title
from mint.ui.portraits import Portrait
from mint.ui.views.answer import checked, truth_line
from mint.ui.views.frame import sources

NETWORKS = PAIRS[DEFAULT_PAIR].networks
_HEAD = (
    '<svg viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="18" r="9"/>'
    '<path d="M6 46c1-11 8-16 18-16s17 5 18 16"/></svg>'
)


def flip_wall(
    faces: Sequence[Portrait], say: Say = ENGLISH, kiosk: bool = False, asking: bool = True, choice: bool = False
) -> str:
    """Draw the wall with its first face answered; ``flip.js`` answers another one in the same place.

    All answers are stored ones, so that they stand there before any network is loaded, and say so.

    Args:
        faces: those on the wall, each with truth and stored answers of both twins; nothing is drawn without any.
        say: the visitor's language.
        kiosk: whether there is a mirror, for ``attract.js``.
        asking: whether there is a server that can be asked, about these faces and others.
        choice: whether visitors choose who is asked, which need not be the twins then.
    """
    if not faces:
        return ""
    first = faces[0]
    mirror = (
        '<video class="mirror" muted playsinline disablepictureinpicture aria-hidden="true"></video>' if kiosk else ""
    )
    trials = "".join(
        _trial(place, face.example, face.index if asking else None, place == 0, choice, say)
        for place, face in enumerate(faces)
    )
    tiles = "".join(f"<li>{_tile(place, face, place == 0, say)}</li>" for place, face in enumerate(faces))
    you = f"<li>{_you(say)}</li>" if asking else ""
    return (
        f'<section class="flipwall" aria-labelledby="flip-title"><div class="stage" data-to="{_towards(first.example)}">'
        f'<h2 id="flip-title">{say("Which twin was trained on this face?")}</h2>'
        f'<div class="portrait"><img src="{esc(first.picture)}" alt="{_face(0, say)}" width="400" height="400">{mirror}</div>'
        f"{trials}{_invitation(say) if kiosk else ''}</div>"
        f'<div class="others"><p class="label">{say("Choose another face")}</p><ul class="choices">{tiles}{you}</ul>'
        f'<p class="fine">{say("Fictional people, chosen for sharp and bright pictures that the test may judge, not for the answers.")}</p>'
        f"{sources(say) if asking and not kiosk else ''}</div>"
        '<p class="hidden" role="status"></p></section>'
    )


def answered(example: Example) -> bool:
    """Return whether there are stored answers of both twins."""
    return set(NETWORKS) <= example.verdicts.keys()


def _trial(place: int, example: Example, index: int | None, shown: bool, choice: bool, say: Say) -> str:
    """Draw what both twins say of a face, and what really happened; ``data-told`` is the same for the ear."""
    truth = story.truth({network: example.truth[network] for network in NETWORKS}, say)
    said = "; ".join(f"{inline(n, say)}: {esc(word(example.verdicts[n], say).lower())}" for n in NETWORKS)
    told = f"{_face(place, say)}. {capital(said)}. {say('Truth:')} {esc(truth)}."
    words = say("Ask the chosen networks now") if choice else say("Ask both twins now")
    ask = f' <button type="button" class="ask" data-pick="{index}">{words}</button>'
    flip = story.flip({n: str(example.verdicts[n]) for n in NETWORKS}, say)
    return (
        f'<div class="trial" data-place="{place}" data-to="{_towards(example)}" data-told="{told}"{"" if shown else " hidden"}>'
        f"{''.join(_lamp(n, example, say) for n in NETWORKS)}"
        f'<span class="stamp" aria-hidden="true">{_stamp(example, say)}</span>'
        f'<div class="told">{truth_line(truth, say)}<p class="punch">{esc(flip.words) if flip else ""}</p>'
        f'<p class="fine">{say("Stored answers, from when these examples were made.")}'
        f"{'' if index is None else ask}</p>{_alarms(example, say)}</div></div>"
    )


def _alarms(example: Example, say: Say) -> str:
    """Tell how often each twin says "evidence" of unused photos, of the kind of face where it happens most."""
    if not all(example.alarms.get(network) for network in NETWORKS):
        return ""
    rates = [(letter(n), example.alarms[n]) for n in NETWORKS]
    told = "; ".join(f"{esc(who)}\u00a0{percent(rate['value'])} ({interval(rate)})" for who, rate in rates)
    name = say("False alarms at {alpha}, measured:", alpha=f"α\u00a0=\u00a0{limit(example.alpha)}")
    return f'<p class="fine rates">{name} {told}</p>'


def _lamp(network: str, example: Example, say: Say) -> str:
    """Draw one twin's answer: shape, colour, word and p-value, and whether it is right."""
    verdict, member, p = example.verdicts[network], example.truth[network], example.p_values.get(network)
    number = "" if p is None else f'<p class="p">{p_word(p)}</p>'
    return (
        f'<div class="lamp {SLUG[verdict]}"><p class="who">{badge(network)}<b>{title(network, say)}</b></p>'
        f'{shape(verdict)}<p class="word">{esc(word(verdict, say))}</p>{number}{checked(verdict, member, say)}</div>'
    )


def _tile(place: int, face: Portrait, shown: bool, say: Say) -> str:
    """Draw a face to tap; once it was answered the truth stands on it."""
    return (
        f'<button type="button" class="face" data-flip="{place}" aria-pressed="{"true" if shown else "false"}">'
        f'<img src="{esc(face.picture)}" alt="{_face(place, say)}" width="400" height="400">'
        f'<span class="stamp"{"" if shown else " hidden"}>{_stamp(face.example, say, short=True)}</span></button>'
    )


def _you(say: Say) -> str:
    """Draw the visitor's own place among the faces; ``focus.js`` leads from it to the camera."""
    return (
        f'<button type="button" class="face you" data-skip="photo">{_HEAD}<b>{say("Your face?")}</b>'
        f"<span>{say('Add a photo')}</span></button>"
    )


def _invitation(say: Say) -> str:
    """Draw what stands beside the mirror of a kiosk that nobody touches."""
    return (
        f'<div class="invitation" hidden><span class="head">{_HEAD}</span><p class="headline">{say("Your face?")}</p>'
        f"<p>{say('Touch the screen. Nothing of this mirror is kept or sent.')}</p></div>"
    )


def _face(place: int, say: Say) -> str:
    return say("Face {n}", n=place + 1)


def _stamp(example: Example, say: Say, short: bool = False) -> str:
    """Tell in a few words which of the twins was trained on a picture; ``short`` for a small one: by its letter."""
    used = [network for network in NETWORKS if example.truth[network]]
    if not used:
        return say("Used by neither")
    return say("Used by {network}", network=esc(letter(used[0])) if short else inline(used[0], say))


def _towards(example: Example) -> str:
    """Return the twin to whom a face drifts: the only one that shows evidence of use; else none."""
    found = [place for place, n in enumerate(NETWORKS) if example.verdicts[n] is Verdict.EVIDENCE]
    return "ab"[found[0]] if len(found) == 1 else ""
