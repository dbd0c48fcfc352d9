"""Tell about photos: the answers in short, then every face with all its evidence."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence

from mint.evidence.score_table import PERSON, PHOTO
from mint.i18n.figures import membership, p_value, span
from mint.i18n.labels import auditor, inline, title
from mint.i18n.translate import Say
from mint.report.render.blocks import (
    Bar,
    Block,
    Card,
    Cards,
    Cell,
    Heading,
    Items,
    Picture,
    Pictures,
    Table,
    Text,
)
from mint.report.story.answers import certainty, doubtful, headline, more_faces, truth, unusable, verdict_line
from mint.report.story.phrases import NONE, Found, answer_facts, p_word, sentence, word
from mint.types import Verdict
from mint.vision.images import open_photo, to_png

BARS = (
    "Every auditor looks at one place in the network and gives a score. Its confidence is the chance "
    "that the face was used, if both answers were equally likely before, with a 95 % interval over the "
    "people it was calibrated on. A bar grows from the middle: to the right it says used, to the left "
    "unused; the thin line is the interval. Where an auditor cannot say, because it did not beat its "
    "controls or the face is unlike nearly all that it was calibrated on, its bar is pale and counts for nothing."
)


def photo_summary(document: Found, say: Say) -> Iterator[Block]:
    """Tell the answers in short: words and cards for one face, a table for several."""
    photos = document["photos"]
    faces = [(photo, number) for photo in photos for number in range(len(photo["faces"]))]
    if len(faces) == 1:
        photo, _ = faces[0]
        yield from _face(document, photo, 0, say, cards=True)
    elif faces:
        used = sum(_used(photo["faces"][number]) for photo, number in faces)
        yield Text(
            say("Evidence of use for {used} of {n} faces, by at least one network.", used=used, n=len(faces)), "lead"
        )
        yield _overview(faces, say)
    failed = [photo for photo in photos if photo["error"] is not None]
    if failed:
        yield Text(say("These photos could not be audited:"), "problem")
        yield Items(tuple(unusable(photo["name"], photo["error"], say) for photo in failed))


def photo_details(document: Found, say: Say) -> Iterator[Block]:
    """Tell of every face its answers, unless they stand above, and each auditor's score."""
    several = sum(len(photo["faces"]) for photo in document["photos"]) > 1
    yield Text(say(BARS))
    for photo in document["photos"]:
        yield Heading(photo["name"], 3, "" if photo["sha256"] is None else f"SHA-256 {photo['sha256']}")
        if photo["error"] is not None:
            yield Text(sentence(say(photo["error"])), "problem")
        for number in range(len(photo["faces"])):
            if len(photo["faces"]) > 1:
                yield Heading(_face_name(photo, number, say), 4)
            if several:
                yield from _face(document, photo, number, say, cards=True)
            for said in photo["faces"][number]["answers"]:
                yield _auditors(said, say)
        if photo["skipped"]:
            yield Text(more_faces(photo["skipped"], len(photo["faces"]), say), "fine")


def picture(thumbnail: str, caption: str) -> Picture:
    """Return a stored thumbnail, decoded and encoded anew, as documents are untrusted.

    Raises:
        BadPhoto, ValueError: it is no picture.
    """
    try:
        data = base64.b64decode(thumbnail, validate=True)
    except binascii.Error as error:
        raise ValueError(f"a thumbnail is not base64: {error}") from error
    return Picture(to_png(open_photo(data)), caption)


def _face(document: Found, photo: Found, number: int, say: Say, cards: bool) -> Iterator[Block]:
    face = photo["faces"][number]
    if face["thumbnail"] is not None:
        yield Pictures((picture(face["thumbnail"], photo["name"]),))
    yield Text(headline(PHOTO, {said["network"]: said["photo"]["verdict"] for said in face["answers"]}, say), "lead")
    for doubt in doubtful(certainty({a["network"]: a["photo"] for a in face["answers"]}), document["prior"], say):
        yield Text(doubt, "problem")
    if photo["truth"]:
        yield Text(f"{say('Truth:')} {truth(photo['truth'], say)}.")
    if cards:
        yield Cards(tuple(_card(document, said, say) for said in face["answers"]))


def _card(document: Found, said: Found, say: Say) -> Card:
    photo, person = said["photo"], said["person"]
    answers = (verdict_line(PHOTO, photo, say), verdict_line(PERSON, person, say, _p(person)))
    facts = answer_facts(photo, document["alpha"], document["prior"], say)
    return Card(title(said["network"], say), answers, facts)


def _used(face: Found) -> bool:
    return any(said["photo"]["verdict"] == Verdict.EVIDENCE for said in face["answers"])


def _face_name(photo: Found, number: int, say: Say) -> str:
    return say("face {n} of {all}", n=number + 1, all=len(photo["faces"]))


def _overview(faces: Sequence[tuple[Found, int]], say: Say) -> Table:
    rows = []
    for photo, number in faces:
        several = len(photo["faces"]) > 1
        name = Cell(photo["name"], _face_name(photo, number, say) if several else "", strong=True)
        for said in photo["faces"][number]["answers"]:
            verdicts = [
                Cell(word(said[q]["verdict"], say), _p(said[q]), verdict=Verdict(said[q]["verdict"]))
                for q in (PHOTO, PERSON)
            ]
            rows.append((name, Cell(title(said["network"], say)), *verdicts))
            name = Cell()
    head = (say("Photo"), say("Network"), say("This photo"), say("This person"))
    return Table(say("The answers in short"), head, tuple(rows), (30, 18, 26, 26), (0, 1, 2, 3))


def _p(said: Found) -> str:
    return p_word(said["p_value"])


def _auditors(said: Found, say: Say) -> Table:
    """Tabulate what every auditor of one network says of one face."""
    rows = [_auditor(layer, say) for layer in said["layers"]]
    photo = said["photo"]
    found, text = Verdict(photo["verdict"]), word(photo["verdict"], say)
    name, small = auditor("combined", "all", say)
    rows.append(
        (
            Cell(name, small, strong=True),
            Cell(bar=Bar(photo["membership"], None, None, found is not Verdict.CANNOT_SAY)),
            Cell(membership(photo["membership"]), strong=True),
            Cell(p_value(photo["p_value"])),
            Cell(NONE if photo["score"] is None else f"{photo['score']:.2f}"),
            Cell(text, verdict=found),
        )
    )
    head = (
        title(said["network"], say), say("unused – used"), say("Confidence"), say("p-value"), say("Score"), say("Answer"),
    )  # fmt: skip
    name = say("What the auditors of {network} say", network=inline(said["network"], say))
    return Table(name, head, tuple(rows), (24, 19, 14, 10, 10, 23), (0, 1, 5))


def _auditor(layer: Found, say: Say) -> tuple[Cell, ...]:
    name, small = auditor(layer["auditor"], layer["layer"], say)
    sure, speaks = layer["membership"], bool(layer["speaks"])
    found, text = Verdict(layer["verdict"]), word(layer["verdict"], say)
    between = "" if sure["low"] is None else _ends(sure["low"], sure["high"])
    return (
        Cell(name, small),
        Cell(bar=Bar(sure["value"], sure["low"], sure["high"], speaks)),
        Cell(membership(sure["value"]), between) if speaks else Cell(small=between or membership(sure["value"])),
        Cell(p_value(layer["p_value"])),
        Cell(f"{layer['score']:.2f}"),
        Cell(text, verdict=found),
    )


def _ends(low: float, high: float) -> str:
    """Write an interval in whole percent; empty where it rounds to its middle."""
    ends = [f"{100 * value:.0f}" for value in (low, high)]
    return "" if ends[0] == ends[1] else f"{span(*ends)}\u202f%"
