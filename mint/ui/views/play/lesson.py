"""Draw the teaching experiment: what is taught, progress, and the photo before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mint.i18n.translate import ENGLISH, Say
from mint.report.render.marks import SLUG, shape
from mint.report.story.phrases import believed, capital, limit, p_word, sentence, word, worst_kind_fact
from mint.types import Face, FaceAudit, Verdict
from mint.ui.examples import Example
from mint.ui.html import esc, inline, membership, percent, png_uri, span
from mint.ui.views.play.take_home import Card, button, card_of

if TYPE_CHECKING:  # torch takes seconds to import: the page does not wait for it
    from mint.teaching.experiment import Comparison, Outcome
    from mint.teaching.lesson import Step
    from mint.teaching.trace import Trace


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """The face that will be taught.

    Attributes:
        face: cut out of the photo.
        control: somebody else's face, which will not be taught.
        own: whether it is the visitor's, and needs consent.
        member: whether the network was trained on this very picture; None where nobody knows.
        others: how many smaller faces the photo shows, which are not taught.
    """

    face: Face
    control: Face
    own: bool
    member: bool | None = None
    others: int = 0


EVEN = 0.5  # prior of every chance that a photo was used, see ``Answer.membership``
# By what is known of the photo, see ``Chosen.member``: before the lesson, and where the test said "evidence" even then.
READY = {
    True: "{network} was trained on this very photo already.",
    False: "{network} was not trained on this photo.",
    None: "{network} was not trained on photos of visitors.",
}
BEFORE = {
    True: "The test said “evidence” before the lesson already, and was right: the network was trained on this photo.",
    False: "The test said “evidence” before the lesson already: a false alarm.",
    None: "The test said “evidence” before the lesson already: a false alarm, unless the network was trained on this photo.",
}


def wall(examples: Sequence[Example], network: str, say: Say = ENGLISH) -> str:
    """Draw the examples that the network was not trained on, a button each.

    Their numbers are those of ``examples``.
    """
    tiles = "".join(
        f'<li><button type="button" class="tile" data-pick="{i}" aria-label="{say("Teach this example.")} {i + 1}">'
        f'<img src="{esc(e.thumbnail)}" alt="" loading="lazy" width="88" height="88"></button></li>'
        for i, e in enumerate(examples)
        if not e.used_by and network in e.truth
    )
    if not tiles:
        return ""
    told = say("Fictional people whom neither twin was trained on.")
    return (
        f'<section class="wall" aria-labelledby="teach-title"><h2 id="teach-title">{say("Or teach it one of these")}</h2>'
        f'<p class="lead">{told}</p><ul class="tiles">{tiles}</ul></section>'
    )


def explained(network: str, say: Say = ENGLISH) -> str:
    """Tell what will happen, before a photo was chosen."""
    name = inline(network, say)
    steps = (
        say("Choose a photo: yours, or one of those below."),
        say(
            "A copy of {network} learns this face for some seconds, as it once learnt its training pictures.",
            network=name,
        ),
        say(
            "The same photo is audited before and after. A photo of somebody else, which was not taught, stands beside it."
        ),
        say(
            "Press “Forget” or leave: the copy, the photo and all scores are overwritten in memory. Nothing was ever on a disk."
        ),
    )
    items = "".join(f"<li>{step}</li>" for step in steps)
    return (
        f'<div class="notice empty"><p class="headline">{say("See an answer turn from “no” to “yes”.")}</p>'
        f'<ol class="steps">{items}</ol></div>'
    )


def chosen_panel(chosen: Chosen, say: Say = ENGLISH) -> str:
    """Draw the two faces of the experiment."""
    pictures = "".join(
        f'<figure><img src="{png_uri(face.crop)}" width="112" height="112" alt="{name}"><figcaption>{name}</figcaption></figure>'
        for face, name in ((chosen.face, say("the face to teach")), (chosen.control, say("control, not taught")))
    )
    return f'<div class="pair{" own" if chosen.own else ""}">{pictures}</div>'


def ready(chosen: Chosen, network: str, say: Say = ENGLISH) -> str:
    """Ask the visitor to decide, once a photo was chosen."""
    tip = (
        say("Tick the box if you agree, then press “Teach”.")
        if chosen.own
        else say("Press “Teach”. It takes some seconds.")
    )
    head = capital(say(READY[chosen.member], network=inline(network, say)))
    if chosen.others:
        tip = f"{say('Only the largest face of the photo is taught. Other faces in it: {n}.', n=chosen.others)} {tip}"
    return f'<div class="notice" data-visit="ready"><p class="headline">{head}</p><p>{tip}</p></div>'


def consent_missing(say: Say = ENGLISH) -> str:
    """Tell that the box was not ticked."""
    head, tip = (
        say("Your consent is missing."),
        say("Tick the box below the photo if you agree. Otherwise nothing happens."),
    )
    return f'<div class="notice problem" role="alert" data-visit="consent"><p class="headline">{head}</p><p>{tip}</p></div>'


def photo_missing(say: Say = ENGLISH) -> str:
    """Tell that there is no photo."""
    head, tip = say("There is no photo yet."), say("Choose a photo: yours, or one of those below.")
    return f'<div class="notice problem" role="alert" data-visit="no-photo"><p class="headline">{head}</p><p>{tip}</p></div>'


def progress(found: Trace | None, say: Say = ENGLISH, drawn: str = "") -> str:
    """Draw the progress of the lesson.

    Args:
        found: by the experiment so far; None before anything.
        say: the visitor's language.
        drawn: where both faces stand, as HTML.
    """
    share = 0.0 if found is None or found.step is None else found.step.share
    told = _stage(found, say)
    if found is not None and found.control is not None:
        drawn += _p_values(found.taught.p_value, found.control.p_value, say)
    return (
        '<div class="notice working" data-visit="working"><p class="headline" role="status">'
        f'<span class="spinner" aria-hidden="true"></span>{say("Teaching …")}</p>'
        f'<div class="bar" role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{100 * share:.0f}" '
        f'aria-label="{say("Lesson")}"><i style="width:{share:.1%}"></i></div><p class="fine">{told}</p>{drawn}</div>'
    )


def _stage(found: Trace | None, say: Say) -> str:
    """Tell what is being done now."""
    if found is None:
        return say("Auditing the photo as it is now …")
    if found.control is None:
        return say("The photo is audited. Now the control …")
    if found.step is None:
        return say("Both are audited. Copying the network …")
    return say("Step {number}: {told}", number=found.step.number, told=_learnt(found.step, say))


def _learnt(step: Step, say: Say) -> str:
    """Tell how well the copy knows the face, measured by how it knows its own training pictures."""
    if step.similarity >= 1:
        return say("the copy knows this face as firmly as its own training pictures.")
    if step.similarity >= 0.8:
        return say("the copy knows this face almost as firmly as its own training pictures.")
    if step.similarity >= 0.5:
        return say("the copy knows this face, but less firmly than its own training pictures.")
    if step.similarity >= 0.2:
        return say("the copy begins to recognise this face.")
    return say("to the copy this face is still a stranger.")


def _p_values(taught: float, control: float, say: Say) -> str:
    told = say(
        "The test, unchanged, says by now: {p} for the face that is taught, {q} for the control.",
        p=p_word(taught), q=p_word(control),
    )  # fmt: skip
    return f'<p class="fine">{told}</p>'


def outcome(
    found: Outcome,
    chosen: Chosen,
    network: str,
    visit: int,
    say: Say = ENGLISH,
    measured: Mapping[str, Any] | None = None,
    drawn: str = "",
) -> str:
    """Render the photo before and after, side effects, the results of many lessons, and what makes the card.

    Args:
        found: what was judged.
        chosen: both faces.
        network: that was taught.
        visit: tells one outcome from the next.
        say: the visitor's language.
        measured: see ``mint.teaching.experiment.measured``.
        drawn: where both faces stand, as HTML.
    """
    rows = _row(say("The taught photo"), chosen.face, found.taught, say) + _row(
        say("The control, not taught"), chosen.control, found.control, say
    )
    told = say(
        "These are the auditors that ship with {network}, unchanged, and the same limits. Only the network differs: after the "
        "lesson it is a copy that was taught this photo.",
        network=inline(network, say),
    )
    return (
        f'<div class="result" data-visit="{visit}"><p class="headline" role="status">{headline(found, say, chosen.member)}</p>{drawn}'
        f'<section class="lesson"><div class="heads" aria-hidden="true"><span></span><span>{say("Before")}</span>'
        f"<span>{say('After')}</span></div>{rows}</section>"
        f'<p class="fine">{told}</p><p class="fine witnesses">{_witnesses(found, say)}</p>'
        f"{_measured(measured, network, say)}{button(card(found, network), say)}</div>"
    )


def ended(found: Outcome) -> Trace:
    """Return where both faces stand after the lesson."""
    from mint.teaching.trace import Standing, Trace

    after = found.taught.after.photo, found.control.after.photo
    taught, control = (Standing(said.score, said.p_value) for said in after)
    return Trace(taught, control)


def card(found: Outcome, network: str) -> Card:
    """Return the outcome as a card to take home."""
    before, after = found.taught.before.photo, found.taught.after.photo
    taught = before.verdict, before.p_value, after.verdict, after.p_value
    return card_of(
        network,
        found.taught.before.alpha,
        taught,
        found.control.before.photo.verdict,
        found.control.after.photo.verdict,
    )


def headline(found: Outcome, say: Say = ENGLISH, member: bool | None = None) -> str:
    """Tell what the experiment showed in one sentence, also where it did not work.

    Args:
        found: what was judged.
        say: the visitor's language.
        member: see ``Chosen``; only where it is known, "evidence" before the lesson is called right or wrong.
    """
    after, accused = found.taught.after.photo.verdict, found.control.after.photo.verdict is Verdict.EVIDENCE
    if found.taught.before.photo.verdict is Verdict.EVIDENCE:
        return f"{say(BEFORE[member])} {_still(after, accused, say)}"
    if after is Verdict.CANNOT_SAY:
        return say("After the lesson the test cannot say.")
    if after is not Verdict.EVIDENCE:
        return say("The network learnt the photo, but the test did not notice. The test misses some.")
    if accused:
        return say("The test noticed the lesson, but it accuses the control as well.")
    return say("The test noticed: now there is evidence that this photo was used.")


def _still(after: Verdict, accused: bool, say: Say) -> str:
    """Tell what the test says after a lesson before which it said "evidence"; ``accused`` is whether it says so of the control."""
    if after is Verdict.CANNOT_SAY:
        return say("After the lesson the test cannot say.")
    if after is not Verdict.EVIDENCE:
        told = word(after, say)
        return say("After the lesson it says “{verdict}”.", verdict=f"{told[:1].lower()}{told[1:]}")
    if accused:
        return say("It says so after the lesson as well, and it accuses the control too.")
    return say("It says so after the lesson as well.")


def _row(name: str, face: Face, compared: Comparison, say: Say) -> str:
    figure = f'<figure><img src="{png_uri(face.crop)}" width="112" height="112" alt=""><figcaption>{name}</figcaption></figure>'
    cells = _cell(say("Before"), compared.before, say) + _cell(say("After"), compared.after, say)
    return f'<div class="compared" role="group" aria-label="{name}">{figure}{cells}</div>'


def _cell(when: str, audit: FaceAudit, say: Say) -> str:
    said = audit.photo
    more = f"{say('chance that it was used:')} {membership(said.membership)} ({esc(believed(EVEN, say))})"
    if said.verdict is Verdict.CANNOT_SAY:  # and so names no chance, but why
        more = esc(sentence(say(said.reason)))
    return (
        f'<div class="cell {SLUG[said.verdict]}"><p class="label">{when}</p>'
        f'<p class="word">{shape(said.verdict)}<span>{esc(word(said.verdict, say))}</span></p>'
        f'<p class="numbers">{p_word(said.p_value)}<br>{more}<br>{esc(_alarms(audit, say))}</p></div>'
    )


def _alarms(audit: FaceAudit, say: Say) -> str:
    """Tell how often "evidence" is said of unused photos at this limit, of the kind of face where it happens most."""
    fact = worst_kind_fact(audit.photo.false_positive_rate.to_dict(), audit.alpha, say)
    return f"{fact.name[:1].lower()}{fact.name[1:]}: {fact.value} ({fact.small})"


def _witnesses(found: Outcome, say: Say) -> str:
    """Tell what the lesson did to known photos that were neither taught nor rehearsed."""
    if found.witnesses is None:
        return say("Other known photos are looked at now: did the lesson change anything for them?")
    if not found.witnesses:
        return ""
    changed = sum(compared.changed for _, _, compared in found.witnesses)
    return say(
        "Checked afterwards: of {n} other known photos, {changed} got another verdict because of the lesson.",
        n=len(found.witnesses),
        changed=changed,
    )


def _measured(measured: Mapping[str, Any] | None, network: str, say: Say) -> str:
    """Tell how the lesson went with many people."""
    if measured is None:
        return ""
    people = measured["taught"].get("generated", {})
    flipped, controls = people.get("flipped", {}), people.get("controls", {})
    if not (flipped.get("n") and controls.get("n")):
        return ""
    told = say(
        "Measured at α = {alpha}: {n} fictional people were taught to {network}, one at a time. The test noticed {hits} of them "
        "(95 % interval {interval}); of the controls, {changed} got another verdict.",
        alpha=limit(measured["alpha"]), n=flipped["n"], network=inline(network, say), hits=round(flipped["value"] * flipped["n"]),
        interval=span(percent(flipped["low"]), percent(flipped["high"])),
        changed=round(controls["value"] * controls["n"]),
    )  # fmt: skip
    return f'<p class="fine measured-lessons">{told}</p>'


def forgotten(say: Say = ENGLISH, drawn: str = "", taken: Card | None = None) -> str:
    """Tell that everything was wiped.

    Args:
        say: the visitor's language.
        drawn: the mark of the face on its way home, as HTML.
        taken: the card of the lesson, if it came to its end.
    """
    head = say("Forgotten.")
    tip = say("The copy of the network, the photo and all scores were overwritten with zeros in memory.")
    if drawn:
        drawn += (
            f"<p>{say('The mark is back home: the network that ships never changed, and still answers as before.')}</p>"
        )
    more = "" if taken is None else button(taken, say)
    return f'<div class="notice" data-visit="forgotten"><p class="headline" role="status">{head}</p><p>{tip}</p>{drawn}{more}</div>'
