"""Write letters to the controller: access (GDPR, Art. 15) and erasure (Art. 17). They say "consistent with use" at most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from mint.evidence.score_table import PERSON, PHOTO
from mint.i18n.figures import p_value, percent
from mint.i18n.labels import title
from mint.i18n.translate import Say
from mint.report.precision import at_most, every_answer, tells_any_kind
from mint.report.render.blocks import Block, Break, Heading, Items, Text
from mint.report.story.error_rates import short
from mint.report.story.phrases import Found, limit
from mint.types import Verdict

MOST_IN_A_LETTER = 4
TEMPLATE = (
    "A template, not legal advice: fill in what stands in brackets, leave out what does not apply, and add this report."
)
FINDINGS = {
    PHOTO: "A membership inference test of {day} gave a result that is consistent with use of my photo in its training (p = {p} at "
    "a limit of {alpha}).",
    PERSON: "A membership inference test of {day} gave a result that is consistent with use of photos of me in its training (p = {p} "
    "at a limit of {alpha}).",
}
ERRS = (
    "This is no proof. Of those who were not used the test accuses {share} among the kind of people where it errs most, and of no "
    "kind that was measured more than {high} (95 % confidence)."
)
ERRS_ALONE = (  # in a report that does not tell of every kind
    "This is no proof. Of those who were not used the test accuses {share}, at most {high} (95 % confidence), among the kind of "
    "people where it errs most."
)
NO_FINDING = "A membership inference test of {day} gave no result that is consistent with use. It does not rule use out, which is why I ask."
ACCESS = (
    "I ask you to confirm whether you process personal data about me (GDPR, Art. 15(1)): in particular, whether photos of me were "
    "used to train, validate or test the face-recognition network named below, and whether you hold such photos, or embeddings or "
    "templates made from them."
)
ACCESS_WANTED = (
    "the purposes (Art. 15(1)(a)), the legal basis (Art. 6), and for biometric data the ground of Art. 9(2)",
    "the categories of data, and the recipients to whom they were or will be disclosed (Art. 15(1)(b) and (c))",
    "how long they are stored (Art. 15(1)(d))",
    "where the photos come from, if they were not collected from me (Art. 15(1)(g))",
    "whether there is automated decision-making (Art. 15(1)(h)), and the safeguards for third countries (Art. 15(2))",
    "a copy of the data, with the names of the files and the data sets that hold them (Art. 15(3))",
)
LOOK_UP = (
    "If you need more to find me, tell me what (Art. 11(2) and 12(6)). The hashes of the photos stand in the report. Use what I "
    "send to answer this letter, and for nothing else."
)
ERASURE = (
    "I ask you to erase, without undue delay, the personal data about me that belong to the face-recognition network named below "
    "(GDPR, Art. 17(1)): photos, cut-out faces, embeddings, templates and labels, in the sets for training, validation and test, and "
    "in copies of them."
)
GROUNDS = (
    "the data are no longer necessary for their purpose (Art. 17(1)(a))",
    "I withdraw my consent, should I have given it (Art. 17(1)(b))",
    "I object to the processing (Art. 21 and 17(1)(c))",
    "the data were processed unlawfully, biometric data among them (Art. 9 and 17(1)(d))",
)
TRACES = (
    "A network can keep traces of what it was trained on. Tell me how you assessed whether it still holds personal data about me "
    "(EDPB, Opinion 28/2024), and how the traces are removed: by training anew without my data, or in which other way, and how that "
    "was tested."
)
RESTRICT = (
    "Until this is decided, restrict the processing (Art. 18(1)). Tell every recipient (Art. 19), and other controllers if you made "
    "the data public (Art. 17(2))."
)
ANSWER = (
    "Please answer within one month (Art. 12(3)); if you refuse, with the reasons (Art. 12(4)). I may lodge a complaint with a "
    "supervisory authority (Art. 77)."
)


def letters(document: Found, say: Say) -> Iterator[Block]:
    """Write both letters, each on a page of its own."""
    networks, finding = _addressed(document, say)
    yield from _letter(document, say("Letter: access to personal data (GDPR, Art. 15)"), say)
    yield Text(say(ACCESS))
    yield Items(networks)
    yield Text(finding)
    yield Text(say("If you do, please send me:"))
    yield Items(tuple(say(wanted) for wanted in ACCESS_WANTED))
    yield Text(say(LOOK_UP))
    yield from _end(say)
    yield from _letter(document, say("Letter: erasure of personal data (GDPR, Art. 17)"), say)
    yield Text(say(ERASURE))
    yield Items(networks)
    yield Text(finding)
    yield Text(say("I rely on those of these grounds that apply:"))
    yield Items(tuple(say(ground) for ground in GROUNDS))
    yield Text(say(TRACES))
    yield Text(say(RESTRICT))
    yield from _end(say)


def _letter(document: Found, name: str, say: Say) -> Iterator[Block]:
    case = document["case"]
    yield Break()
    yield Heading(name)
    yield Text(say(TEMPLATE), "fine")
    yield Text(say("To: {controller}", controller=case["controller"] or say("[controller, address]")))
    yield Text(say("From: [name, address, e-mail]"))
    number = case["number"]
    yield Text(say("Case: {number}. Date: [date]", number=number) if number else say("Date: [date]"))


def _end(say: Say) -> Iterator[Block]:
    yield Text(say(ANSWER))
    yield Text(say("[signature]"))


def _addressed(document: Found, say: Say) -> tuple[tuple[str, ...], str]:
    """Return the networks that a letter names, those with evidence if there are any, and what it says was found."""
    made = f"{datetime.fromisoformat(document['made']):%Y-%m-%d}"
    found = [one for one in every_answer(document) if one[2]["verdict"] == Verdict.EVIDENCE]
    names = {network for network, _, _ in found}
    shown = [n for n in document["networks"] if n["name"] in names or not names][:MOST_IN_A_LETTER]
    told = tuple(f"{short(title(n['name'], say))}, SHA-256 {n['fingerprint']}" for n in shown)
    if not found:
        return told, say(NO_FINDING, day=made)
    _, question, said = _strongest(found)
    p, alarms = p_value(said["p_value"]), said["false_positive_rate"]
    text = say(FINDINGS[question], day=made, p=p, alpha=limit(document["alpha"]))
    if alarms is None:
        return told, f"{text} {say('This is no proof: how often the test errs was not measured.')}"
    errs = say(
        ERRS if tells_any_kind(alarms) else ERRS_ALONE, share=percent(alarms["value"]), high=percent(at_most(alarms))
    )
    return told, f"{text} {errs}"


def _strongest(found: Sequence[tuple[str, str, Found]]) -> tuple[str, str, Found]:
    """Return the answer that a letter leans on: one about a photo before one about a person, then the lowest p."""
    return min(found, key=lambda one: (one[1] != PHOTO, one[2]["p_value"]))
