"""Tell one answer: headline, word, reason, truth, notes. Page, report and shell say these sentences and no others.

What is told is an audit's JSON (``Answer.to_dict``, ``PersonAudit.to_dict``), so that an audit of this moment and a
stored report are told alike. All text is plain; whoever renders it escapes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mint.evidence.score_table import PERSON, PHOTO
from mint.i18n.figures import in_100, percent
from mint.i18n.labels import REFERENCE_TIER, inline, whole_pair
from mint.i18n.translate import Say
from mint.report.render.blocks import VerdictLine
from mint.report.story.phrases import Found, listed, sentence, whole, word
from mint.types import REFERENCE, Verdict

EVEN = 0.5  # chance of being right below which an accusation is called doubtful
NEARLY = 0.05  # a p-value up to here is not called nothing
QUESTIONS = {PHOTO: "Was it trained on this photo?", PERSON: "Was it trained on this person?"}


class Headlines(NamedTuple):
    """What a headline says of one question.

    Attributes:
        silent: no network can say anything.
        evidence: the only network that was asked found evidence, or the only one of several, of which some cannot say.
        only: one of several did, and all of them could say.
        both: both networks of a pair did, which share no training picture and nobody.
        several: others did.
        nothing_alone: the only network that was asked did not.
        no_sign: all of several saw no sign.
        nothing: they are not of one mind, and none found evidence.
    """

    silent: str
    evidence: str
    only: str
    both: str
    several: str
    nothing_alone: str
    no_sign: str
    nothing: str


HEADLINES = {
    PHOTO: Headlines(
        "This test cannot say anything about this face.",
        "Evidence that {network} was trained on this photo.",
        "Evidence that {network} was trained on this photo, and only {network}.",
        "Evidence against {one} and {other}. No picture was used by both, so at least one of them is a false alarm.",
        "Evidence that several networks were trained on this photo: {networks}.",
        "No evidence that {network} was trained on this photo.",
        "No sign that any of these networks was trained on this photo.",
        "No evidence that any of these networks was trained on this photo.",
    ),
    PERSON: Headlines(
        "This test cannot say anything about these photos.",
        "Evidence that {network} was trained on this person.",
        "Evidence that {network} was trained on this person, and only {network}.",
        "Evidence against {one} and {other}. No person was used by both, so at least one of them is a false alarm.",
        "Evidence that several networks were trained on this person: {networks}.",
        "No evidence that {network} was trained on this person.",
        "No sign that any of these networks was trained on this person.",
        "No evidence that any of these networks was trained on this person.",
    ),
}


# Of a visitor's own photo, where the networks are known to have learnt from no real one.
OWN_PHOTO = (
    "Both networks learnt from pictures of fictional people only. So of a photo of a real person it is right that nothing "
    "points to its use. To see the answer change, let a network learn it here."
)
OWN_PHOTO_ACCUSED = (
    "Both networks learnt from pictures of fictional people only. So of a photo of a real person this evidence is a false "
    "alarm. To see what a network says that has learnt it, let one learn it here."
)


def headline(question: str, verdicts: Mapping[str, str], say: Say, photos: int = 0) -> str:
    """Tell all networks' verdicts in one sentence.

    Args:
        question: ``photo`` or ``person``.
        verdicts: by network.
        say: the language.
        photos: how many photos of a person were judged; with one alone it asks for more.
    """
    told = HEADLINES[question]
    found = {network: Verdict(verdict) for network, verdict in verdicts.items()}
    used = [network for network, verdict in found.items() if verdict is Verdict.EVIDENCE]
    kinds = set(found.values())
    if kinds == {Verdict.CANNOT_SAY}:
        return say(told.silent)
    if len(used) == 1:
        alone = len(found) == 1 or Verdict.CANNOT_SAY in kinds  # of whoever cannot say nobody knows
        return say(told.evidence if alone else told.only, network=inline(used[0], say))
    if (pair := whole_pair(used)) is not None:
        one, other = (inline(network, say) for network in pair.networks)
        return say(told.both, one=one, other=other)
    if used:
        return say(told.several, networks=listed(used, say))
    if photos == 1:
        return say("Nothing found with one photo. Add more photos of the same person.")
    if len(found) == 1:
        return say(told.nothing_alone, network=inline(next(iter(found)), say))
    return say(told.no_sign if kinds == {Verdict.NO_SIGN} else told.nothing)


def doubtful(said: Mapping[str, tuple[str, float | None]], prior: float, say: Say) -> list[str]:
    """Tell of each network that found evidence if its accusations may be wrong more often than right.

    Args:
        said: network to its verdict, and to the chance that "evidence of use" is right at the prior, where it was measured.
        prior: the reader's belief before the test.
        say: the language.
    """
    told = (
        "When {network} says “evidence” at this limit, as few as {share} of its accusations may be right, if use was {prior} "
        "likely before."
    )
    return [
        say(told, network=inline(network, say), share=percent(right), prior=whole(prior))
        for network, (verdict, right) in said.items()
        if verdict == Verdict.EVIDENCE and right is not None and right < EVEN
    ]


def certainty(said: Mapping[str, Found]) -> dict[str, tuple[str, float | None]]:
    """Return what ``doubtful`` asks for of answers as JSON, by network."""
    return {network: (answer["verdict"], answer["right_at_prior"]) for network, answer in said.items()}


class Flip(NamedTuple):
    """Whether the answers of a pair differ.

    Attributes:
        networks: of the pair, in its order.
        differ: whether one of them found evidence, and the other did not.
        words: what that means, in a line.
    """

    networks: tuple[str, str]
    differ: bool
    words: str


def flip(verdicts: Mapping[str, str], say: Say, person: Mapping[str, str] | None = None) -> Flip | None:
    """Tell whether the answers of a pair differ; None where there is no whole pair.

    Args:
        verdicts: on the photo, by network.
        say: the language.
        person: on the person, likewise; None where nobody knows them.
    """
    pair = whole_pair(verdicts)
    if pair is None:
        return None
    said = [Verdict(verdicts[network]) for network in pair.networks]
    first, second = (verdict is Verdict.EVIDENCE for verdict in said)
    silent = said.count(Verdict.CANNOT_SAY)
    if silent:  # whoever cannot say has not answered otherwise, nor found nothing
        told = say("Neither can say.") if silent == len(said) else say("One of them cannot say.")
        return Flip(pair.networks, False, told)
    if first != second:
        return Flip(
            pair.networks,
            True,
            say("The answer flips: the two networks differ only in the pictures that they learnt from."),
        )
    if first:
        return Flip(pair.networks, False, say("Both say yes, which cannot be right."))
    none = {Verdict.NO_SIGN}
    trace = person is None or {*said, *(Verdict(person[network]) for network in pair.networks)} != none
    told = say("Neither shows evidence about this photo.") if trace else say("Neither finds a trace.")
    return Flip(pair.networks, False, told)


def truth(known: Mapping[str, bool], say: Say) -> str:
    """Tell what really happened to a photo, from the ledger; stands after "Truth:".

    Args:
        known: network to whether it was trained on this very photo; at least one.
        say: the language.
    """
    used = [network for network, member in known.items() if member]
    unused = [network for network, member in known.items() if not member]
    if used and unused:
        return say(
            "{used} was trained on this picture; {unused} was not", used=listed(used, say), unused=listed(unused, say)
        )
    if len(known) == 1:
        template = "{network} was trained on this picture" if used else "{network} was not trained on this picture"
        return say(template, network=listed([*known], say))
    if used:
        return say("{networks} were trained on this picture", networks=listed(used, say))
    *some, other = (inline(network, say) for network in unused)
    return say("neither {one} nor {other} was trained on this picture", one=", ".join(some), other=other)


def person_truth(known: Mapping[str, bool], say: Say) -> str:
    """Tell which network was trained on a person; stands after "Truth:".

    Args:
        known: network to whether it was trained on pictures of this person; at least one.
        say: the language.
    """
    used = [network for network, member in known.items() if member]
    if used:
        return say("{network} was trained on pictures of this person", network=listed(used, say))
    *some, other = (inline(network, say) for network in known)
    if not some:
        return say("{network} was not trained on this person", network=other)
    return say("neither {one} nor {other} was trained on this person", one=", ".join(some), other=other)


def false_alarm(rate: Found | None, say: Say) -> str:
    """Tell that an accusation is false, and how often such are to be expected.

    Args:
        rate: the measured false-positive rate of this question, as JSON; None where it was not measured.
        say: the language.
    """
    if rate is None:
        return say("False alarm; how many to expect was not measured.")
    if rate["value"] == 0:
        return say("False alarm, expected in fewer than {share} of 100.", share=in_100(rate["high"]))
    return say("False alarm, expected about {share} in 100.", share=in_100(rate["value"]))


def verdict_line(question: str, said: Found, say: Say, small: str = "", yours: bool = False) -> VerdictLine:
    """Tell one answer to one question: its word, and why; see ``reason``."""
    return VerdictLine(
        say(QUESTIONS[question]),
        Verdict(said["verdict"]),
        word(said["verdict"], say),
        reason(question, said, say, yours),
        small,
    )


def reason(question: str, said: Found, say: Say, yours: bool = False) -> str:
    """Tell why an answer is what it is, or why there is none; of "inconclusive" what it means.

    Args:
        question: ``photo`` or ``person``.
        said: the answer as JSON.
        say: the language.
        yours: whether the reader is asking about a photo of their own.
    """
    why = said.get("error")
    if not why and said.get("verdict") == Verdict.INCONCLUSIVE:
        return _inconclusive(question, said, say, yours)
    return sentence(say(why or said["reason"]))


def _inconclusive(question: str, said: Found, say: Say, yours: bool) -> str:
    """Tell that nothing was found, which people never used mostly hear; a p-value near the limit is told as such."""
    p = said["p_value"]
    if p is not None and p <= NEARLY:
        return say("Too little to count as evidence, and not enough to rule it out.")
    if question == PHOTO:
        return say("Nothing points to this photo; the test cannot rule it out.")
    photos = len(said["photos"]["judged"]) if "photos" in said else 1
    if photos == 1:
        return say(
            "Nothing points to you; one photo cannot rule it out."
            if yours
            else "Nothing points to this person; one photo cannot rule it out."
        )
    told = (
        "Nothing points to you; {n} photos cannot rule it out."
        if yours
        else "Nothing points to this person; {n} photos cannot rule it out."
    )
    return say(told, n=photos)


def caveat(tier: str, say: Say) -> tuple[str, str] | None:
    """Tell that no known member could check a test, as a name and a sentence; None where some did."""
    return (say("Reference tier."), say(REFERENCE_TIER)) if tier == REFERENCE else None


def left_out(photo: str, why: str, say: Say) -> str:
    """Tell that a photo is not judged under one network."""
    return say("{photo} is left out: {reason}.", photo=say.name(photo), reason=say(why))


def repeated(photo: str, of: str, say: Say, judged: bool = True) -> str:
    """Tell that a photo is one with another, or that neither is judged where the other is left out or not judged."""
    told = "{photo} repeats {of}: they are taken as one." if judged else "{photo} repeats {of}: neither is judged."
    return say(told, photo=say.name(photo), of=say.name(of))


def unusable(photo: str, why: str, say: Say) -> str:
    """Tell what is wrong with a photo."""
    return f"{say.name(photo)}: {sentence(say(why))}"


def more_faces(skipped: int, looked: int, say: Say) -> str:
    """Tell how many smaller faces of a photo were not looked at; nothing if all were."""
    if skipped == 1:
        return say("1 smaller face was not looked at: only the {n} largest are.", n=looked)
    told = "{more} smaller faces were not looked at: only the {n} largest are."
    return say(told, more=skipped, n=looked) if skipped else ""


def only_largest(others: Sequence[tuple[str, int]], say: Say) -> str:
    """Tell of which photos only the largest face was asked about, and how many others each shows; nothing if none does."""
    told = ", ".join(f"{say.name(photo)} ({number})" for photo, number in others)
    return (
        say(
            "Only the largest face of each photo is asked about, whoever it shows. Other faces, not asked about: {photos}.",
            photos=told,
        )
        if others
        else ""
    )


def not_judged(photos: int, names: Sequence[str], say: Say) -> str:
    """Tell which photos were not judged, because too few people with so many are known.

    Args:
        photos: how many.
        names: theirs; none in reports of before, which do not hold them.
        say: the language.
    """
    if names:
        told = ", ".join(map(say.name, names))
        return say("Not judged: {photos}. Too few people with that many photos are known to compare with.", photos=told)
    if photos == 1:
        return say("1 more photo was not judged: too few people with that many photos are known to compare with.")
    return say(
        "{n} more photos were not judged: too few people with that many photos are known to compare with.", n=photos
    )
