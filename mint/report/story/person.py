"""Tell about several photos of one person, judged together."""

from __future__ import annotations

from collections.abc import Iterator

from mint.evidence.score_table import PERSON
from mint.i18n.labels import title
from mint.i18n.translate import Say
from mint.report.render.blocks import Block, Card, Cards, Cell, Heading, Items, Pictures, Table, Text
from mint.report.story.answers import (
    certainty,
    doubtful,
    headline,
    left_out,
    not_judged,
    only_largest,
    unusable,
    verdict_line,
)
from mint.report.story.photos import picture
from mint.report.story.phrases import NONE, Found, answer_facts, sentence, together_fact


def person_summary(document: Found, say: Say) -> Iterator[Block]:
    """Tell one answer a network, for all photos together."""
    person = document["person"]
    judged = [said for said in person["answers"] if said["error"] is None]
    if judged:
        counted = max(len(said["photos"]["judged"]) for said in judged)
        yield Text(headline(PERSON, {said["network"]: said["verdict"] for said in judged}, say, counted), "lead")
        for doubt in doubtful(certainty({said["network"]: said for said in judged}), document["prior"], say):
            yield Text(doubt, "problem")
        yield Cards(tuple(_card(document, said, say) for said in judged))
        others = judged[0]["photos"].get("other_faces", ())  # reports of before do not hold it
        if told := only_largest([(one["photo"], one["faces"]) for one in others], say):
            yield Text(told)
    for error in dict.fromkeys(said["error"] for said in person["answers"] if said["error"] is not None):
        yield Text(sentence(say(error)), "problem")
    for said in judged:
        if said["warning"] is not None:
            yield Text(f"{title(said['network'], say)}: {sentence(say(said['warning']))}", "problem")
        elif said.get("one_person") is not None:  # reports of before do not hold it
            yield Text(f"{title(said['network'], say)}: {sentence(say(said['one_person']))}", "fine")


def person_details(document: Found, say: Say) -> Iterator[Block]:
    """Tell which photos were judged, which were not, and why."""
    person = document["person"]
    yield Text(
        say(
            "The photos are judged together. The p-value counts people: of strangers with as many photos "
            "each, at most this share scores at least as high, at 90 % confidence. Copies and near-copies of a photo are taken as one."
        )
    )
    pictures = (
        picture(photo["thumbnail"], say.name(photo["name"]))
        for photo in person["photos"]
        if photo["thumbnail"] is not None
    )
    if shown := tuple(pictures):
        yield Pictures(shown)
    head = (say("Photo"), *(title(said["network"], say) for said in person["answers"]))
    rows = []
    for photo in person["photos"]:
        judged = [Cell(_said(photo["name"], said, say)) for said in person["answers"]]
        rows.append((Cell(say.name(photo["name"]), photo["sha256"] or "", strong=True), *judged))
    if rows:
        others = len(person["answers"])
        widths = (40, *[60 / others] * others)
        yield Table(say("Which photos were judged"), head, tuple(rows), widths, tuple(range(1 + others)))
    first = person["answers"][0]["photos"]
    for said in person["answers"]:
        if said["photos"]["not_needed"]:
            names = said["photos"].get("not_judged", ())  # reports of before do not hold it
            told = not_judged(said["photos"]["not_needed"], names, say)
            yield Text(f"{title(said['network'], say)}: {told}", "fine")
    notes = [
        f"{title(said['network'], say)}: {left_out(item['photo'], item['reason'], say)}"
        for said in person["answers"]
        for item in said["photos"]["left_out"]
    ]
    notes += [unusable(item["photo"], item["error"], say) for item in first["errors"]]
    if notes:
        yield Heading(say("Why photos were not judged"), 3)
        yield Items(tuple(notes))


def _card(document: Found, said: Found, say: Say) -> Card:
    facts = (together_fact(said["photos"], say), *answer_facts(said, document["alpha"], document["prior"], say))
    return Card(title(said["network"], say), (verdict_line(PERSON, said, say),), facts)


def _said(name: str, said: Found, say: Say) -> str:
    photos = said["photos"]
    if name in photos["judged"]:
        return say("judged")
    for copy in photos["copies"]:
        if copy["photo"] == name:
            return say("repeats {photo}", photo=say.name(copy["of"]))
    if any(item["photo"] == name for item in photos["left_out"]):
        return say("left out")
    if name in photos.get("not_judged", ()):
        return say("not judged")
    return say("not usable") if any(item["photo"] == name for item in photos["errors"]) else NONE
