"""Tell about several photos of one person, judged together."""

from __future__ import annotations

from collections.abc import Iterator

from mint.i18n.labels import title
from mint.i18n.translate import Say
from mint.report.render.blocks import Block, Card, Cards, Cell, Fact, Heading, Items, Pictures, Table, Text, VerdictLine
from mint.report.story.photos import picture
from mint.report.story.phrases import NONE, Found, answer_facts, headline, sentence, word

SENTENCES = (
    "Evidence that photos of this person were used to train {networks}.",
    "No sign that photos of this person were used to train {networks}.",
    "No evidence that photos of this person were used to train {networks}.",
    "This test cannot say anything about these photos.",
)


def person_summary(document: Found, say: Say) -> Iterator[Block]:
    """Tell one answer a network, for all photos together."""
    person = document["person"]
    judged = [said for said in person["answers"] if said["error"] is None]
    if judged:
        yield Text(headline({said["network"]: said["verdict"] for said in judged}, *SENTENCES, say), "lead")
        yield Cards(tuple(_card(document, said, say) for said in judged))
    for error in dict.fromkeys(said["error"] for said in person["answers"] if said["error"] is not None):
        yield Text(sentence(say(error)), "problem")
    for said in judged:
        if said["warning"] is not None:
            yield Text(f"{title(said['network'], say)}: {sentence(say(said['warning']))}", "problem")


def person_details(document: Found, say: Say) -> Iterator[Block]:
    """Tell which photos counted, which did not, and why."""
    person = document["person"]
    yield Text(
        say(
            "The photos are judged together, and the answer counts people: so many strangers, with as many photos each, "
            "score as high. Copies and near-copies of a photo count once."
        )
    )
    pictures = (
        picture(photo["thumbnail"], photo["name"]) for photo in person["photos"] if photo["thumbnail"] is not None
    )
    if shown := tuple(pictures):
        yield Pictures(shown)
    head = (say("Photo"), *(title(said["network"], say) for said in person["answers"]))
    rows = []
    for photo in person["photos"]:
        counted = [Cell(_counted(photo["name"], said, say)) for said in person["answers"]]
        rows.append((Cell(photo["name"], photo["sha256"] or "", strong=True), *counted))
    if rows:
        others = len(person["answers"])
        widths = (40, *[60 / others] * others)
        yield Table(say("Which photos counted"), head, tuple(rows), widths, tuple(range(1 + others)))
    first = person["answers"][0]["photos"]
    if first["not_needed"]:
        yield Text(say("{n} more photos were not needed.", n=first["not_needed"]), "fine")
    notes = [
        f"{title(said['network'], say)}, {item['photo']}: {say(item['reason'])}"
        for said in person["answers"]
        for item in said["photos"]["left_out"]
    ]
    notes += [f"{item['photo']}: {say(item['error'])}" for item in first["errors"]]
    if notes:
        yield Heading(say("Why photos did not count"), 3)
        yield Items(tuple(notes))


def _card(document: Found, said: Found, say: Say) -> Card:
    answer = VerdictLine(say("Was this person used?"), *word(said["verdict"], say), sentence(say(said["reason"])))
    photos = said["photos"]
    brought = f"{len(photos['judged'])} {say('of')} {photos['given']}"
    facts = (Fact(say("Photos that counted"), brought), *answer_facts(said, document["alpha"], document["prior"], say))
    return Card(title(said["network"], say), (answer,), facts)


def _counted(name: str, said: Found, say: Say) -> str:
    photos = said["photos"]
    if name in photos["judged"]:
        return say("counted")
    for copy in photos["copies"]:
        if copy["photo"] == name:
            return say("repeats {photo}", photo=copy["of"])
    if any(item["photo"] == name for item in photos["left_out"]):
        return say("left out")
    return say("not usable") if any(item["photo"] == name for item in photos["errors"]) else NONE
