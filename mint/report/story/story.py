"""Turn a document into a story: findings and meaning first, evidence and checks after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from mint.i18n.labels import pair_of, title
from mint.i18n.sentences import restored
from mint.i18n.translate import Say
from mint.report.formats import current
from mint.report.render.blocks import Block, Cell, Code, Fact, Heading, Items, Story, Table, Text
from mint.report.story.answers import caveat
from mint.report.story.checks import checks, files
from mint.report.story.commands import VERIFY
from mint.report.story.letters import letters
from mint.report.story.over_time import over_time_summary, series_files
from mint.report.story.person import person_details, person_summary
from mint.report.story.photos import photo_details, photo_summary
from mint.report.story.phrases import capital, limit, listed, rate_fact, whole
from mint.report.story.summary import more, summary
from mint.report.story.usage import usage_summary
from mint.types import Verdict

Document = dict[str, Any]

MEANINGS = {
    Verdict.EVIDENCE: "The network reacts to this as it does to what it was trained on. At most a share α = {alpha} of "
    "unused photos score this high.",
    Verdict.NO_SIGN: "Nearly all photos that are known to have been used score higher.",
    Verdict.INCONCLUSIVE: "Used and unused photos score like this.",
    Verdict.CANNOT_SAY: "The face is unlike nearly all that the test was calibrated on, or the test did not beat its controls. "
    "This is not a “no”.",
}


def story(document: Document, say: Say) -> Story:
    """Tell a document in a language.

    Args:
        document: as ``schema.json`` describes it.
        say: the language.

    Raises:
        KeyError, TypeError, ValueError, AttributeError, IndexError: it is not such a document.
    """
    document = current(restored(document, document.get("sentences", {})))  # some earlier reports have no sentences
    person = document["subject"] == "person"
    made = datetime.fromisoformat(document["made"])
    zone = f"{made:%z}"
    day, zone = f"{made:%Y-%m-%d %H:%M:%S}", f"UTC{zone[:3]}:{zone[3:5]}"
    version = f"MINT {document['mint']['version']}"
    about = (
        _subject(document, person, say),
        Fact(say("Made"), day, zone),
        Fact(say("With"), version),
        Fact(say("Networks asked"), ", ".join(title(n["name"], say) for n in document["networks"])),
        Fact(say("Limit α"), whole(document["alpha"]), say("false alarms that were accepted")),
        Fact(say("Prior belief"), whole(document["prior"]), say("how likely use seemed before the test")),
    )
    return Story(
        language=say.language,
        title=say("Membership inference report"),
        subject=say("Was this person’s face used to train a face-recognition network?")
        if person
        else say("Was this photo used to train a face-recognition network?"),
        about=about,
        foot=f"{version} · {day} {zone}",
        page=say("page {n} of {all}"),
        unshown=say(
            "{sign} stands for a character that the font of this PDF does not have; the HTML and JSON forms of the report "
            "show it."
        ),
        blocks=tuple(_blocks(document, person, say)),
    )


def _subject(document: Document, person: bool, say: Say) -> Fact:
    if person:
        return Fact(say("Person"), document["person"]["name"])
    names = [photo["name"] for photo in document["photos"]]
    return Fact(say("Photo"), names[0]) if len(names) == 1 else Fact(say("Photos"), f"{len(names)}")


def _blocks(document: Document, person: bool, say: Say) -> Iterator[Block]:
    yield from summary(document, say)
    yield Heading(say("What was found"))
    yield from person_summary(document, say) if person else photo_summary(document, say)
    yield from usage_summary(document, say)
    yield from over_time_summary(document, say)
    for network in document["networks"]:
        if told := caveat(network["tier"], say):
            yield Text(f"{title(network['name'], say)}: {' '.join(told)}", "problem")
    yield Heading(say("What it means"))
    yield from _meaning(document, person, say)
    yield Heading(say("What it does not mean"))
    yield Items(tuple(say(text) for text in document["limits"]))
    yield Heading(say("The evidence in detail"))
    yield from person_details(document, say) if person else photo_details(document, say)
    yield Heading(say("How the test was checked"))
    yield from checks(document, say)
    yield from more(document, say)
    yield Heading(say("Networks and files"))
    yield from files(document, say)
    yield from series_files(document, say)
    yield Heading(say("How to check this report"))
    yield from _again(document, say)
    yield Heading(say("References and licence"))
    yield from _credits(document, say)
    yield from letters(document, say)


def _meaning(document: Document, person: bool, say: Say) -> Iterator[Block]:
    yield Text(
        say(
            "A membership inference test shows a face to a network and watches how it reacts inside. A network reacts to "
            "pictures that it was trained on a little differently, and the test knows how it reacts to many pictures that "
            "were used and to many that were not."
        )
    )
    if not person:
        yield Text(
            say(
                "Two questions are kept apart: was this photo used, and was this person used, in whichever photo. A new "
                "picture of a person whose other photos were used rightly answers no to the first and yes to the second."
            )
        )
    rows = tuple(
        (
            Cell(capital(say(str(verdict))), strong=True, verdict=verdict),
            Cell(say(text, alpha=limit(document["alpha"]))),
        )
        for verdict, text in MEANINGS.items()
    )
    yield Table(say("The four answers"), (say("Answer"), say("What it means")), rows, (28, 72), (0, 1))
    yield Text(
        say(
            "The p-value is how many of those never used score at least as high: at most this share, at 90 % confidence, among "
            "the kind for which it is largest. At or below the limit α, here {alpha}, the answer is “evidence of use”.",
            alpha=limit(document["alpha"]),
        )
    )
    yield from _alarms(document, person, say)


def _alarms(document: Document, person: bool, say: Say) -> Iterator[Block]:
    """Tell how often the test errs at this limit, and what that means for so many questions."""
    answers = (
        document["person"]["answers"]
        if person
        else next((photo["faces"][0]["answers"] for photo in document["photos"] if photo["faces"]), [])
    )
    head = (say("Measured at this limit"), say("False alarms"), say("Found of what was used"))
    rows = []
    for said in answers:
        for question, name in (("photo", say("this photo")), ("person", say("this person"))):
            rates = said if person else said[question]
            if not person or question == "person":
                cells = [rate_fact("", rates[key], say) for key in ("false_positive_rate", "true_positive_rate")]
                label = f"{title(said['network'], say)}, {name}"
                rows.append((Cell(label), *(Cell(fact.value, fact.small, strong=True) for fact in cells)))
    if rows:
        yield Table(say("How often the test errs"), head, tuple(rows), (40, 30, 30))
        yield Text(
            say(
                "Counted over people on whom nothing was fitted or calibrated, for the kind of people with the most "
                "false alarms. The 95 % interval of a figure stands in brackets or below it; n is the number of "
                "cases."
            ),
            "fine",
        )
    faces = sum(len(photo["faces"]) for photo in document["photos"])
    asked = faces * len(document["networks"])
    if faces > 1:
        yield Text(
            say(
                "This report answers {n} times whether a photo was used, so {expected} false alarms are to be expected at "
                "this limit even if nothing was used.",
                n=asked,
                expected=f"{asked * document['alpha']:.2g}",
            )
        )


def _again(document: Document, say: Say) -> Iterator[Block]:
    names = [network["name"] for network in document["networks"]]
    yield Text(
        say(
            "This report was computed by an open program, and everything in it can be computed again, from the same photo "
            "files, with {version} and the network files of {networks}. The first command compares every file with its "
            "hash, the second asks the same question again. They run in the folder that holds what they name.",
            version=f"MINT {document['mint']['version']}",
            networks=listed(names, say),
        )
    )
    own = [name for name in names if pair_of(name) is None]
    if own and document["check"]["verify"] == VERIFY:  # in earlier reports
        yield Text(
            say(
                "The first command compares what ships with MINT alone, and nothing of {networks}.",
                networks=listed(own, say),
            ),
            "problem",
        )
    more_asked = (document[part]["check"] for part in ("usage", "over_time") if part in document)
    yield Code((document["check"]["verify"], document["check"]["audit"], *more_asked))
    yield Text(
        say(
            "Compare the hashes under “Networks and files” with those of your files, and the figures with those here. "
            "Another processor may change the last digits of a score. The same report as JSON holds every figure "
            "unrounded and follows a published schema; mint report FILE.json --out FILE.pdf renders it."
        ),
        "fine",
    )


def _credits(document: Document, say: Say) -> Iterator[Block]:
    yield Items(tuple(_reference(reference) for reference in document["references"]))
    yield Text(
        say(
            "MINT is free software under the {licence} licence. This report may be copied freely.",
            licence=document["mint"]["licence"],
        ),
        "fine",
    )


def _reference(found: dict[str, Any]) -> str:
    url = f" {found['url']}" if found["url"] else ""
    return f"{found['authors']}: {found['title']}. {found['where']}, {found['year']}.{url}"
