"""Tell a data-protection officer on two pages what was found, how sure that is, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mint.evidence.score_table import PERSON, PHOTO
from mint.i18n.labels import title
from mint.i18n.translate import Say
from mint.report.precision import every_answer
from mint.report.render.blocks import Block, Break, Cell, Fact, Facts, Heading, Items, Table, Text
from mint.report.story.answers import caveat, certainty, doubtful, headline
from mint.report.story.error_rates import PRIVACY, alarms_table, precision_table, privacy_lines, short
from mint.report.story.phrases import NONE, Found, capital, p_word, word
from mint.types import Verdict

MOST_NETWORKS = 2  # more would not fit two pages
FIELDS = {
    "number": "Case number",
    "organisation": "Organisation",
    "auditor": "Auditor (person)",
    "controller": "Controller",
    "legal_basis": "Legal basis of this test",
    "copy_version": "Version of the audited copy",
    "copy_date": "Date of the audited copy",
}
STEPS = {
    Verdict.EVIDENCE: "Ask the controller, with the letters at the end: the result is consistent with use, and only a look into the "
    "training set can confirm it.",
    Verdict.INCONCLUSIVE: "No step follows from this result alone: it does not point to use, and does not rule it out. Whoever holds the "
    "training set can look the photos up in it.",
    Verdict.CANNOT_SAY: "Ask the controller to look the photos up in the training set: this test has no answer here.",
}
NEXT = (
    "To ask whether data were used: the letter on access at the end of this report (GDPR, Art. 15). Once use is confirmed: the "
    "letter on erasure (Art. 17).",
    "Deleting photos from a training set leaves the network as it is. To be rid of their traces it must be trained anew "
    "without them, and tested again.",
    "Augmentation, early stopping and differential privacy with a small ε lower the risk for everybody in the training set.",
    "Test again whenever the network’s file changes, because another hash is another network, and at the latest after a year.",
    "Where the training set is not public, no membership test proves that something was used (Zhang et al. 2024, see the "
    "references). What it may say is “consistent with use”.",
)
PRECISION = (
    "Computed with the highest false-alarm rate that the 95 % intervals leave open for any kind of people, however few they are. "
    "The prior is how likely use seemed before the test: it is low where many people are tested without a reason."
)

BOLD = "Bold: the kind of people where false alarms are most frequent, however few they are. Below: 95 % intervals."


def summary(document: Found, say: Say) -> Iterator[Block]:
    """Tell the summary, and end its page."""
    networks = document["networks"][:MOST_NETWORKS]
    names = {network["name"] for network in networks}
    yield Heading(say("Summary for the data-protection officer"))
    for network in networks:
        if told := caveat(network["tier"], say):
            yield Text(f"{short(title(network['name'], say))}: {' '.join(told)}", "problem")
    said = list(every_answer(document))
    yield from _found(document, said, say)
    if shown := [one for one in said if one[0] in names]:
        yield _table(shown, say)
    if others := document["networks"][MOST_NETWORKS:]:
        yield Text(
            say("Other networks that were asked: {n}. The pages after this summary tell of them.", n=len(others)),
            "fine",
        )
    yield from _sure(document, names, say)
    yield from _case(document, networks, say)
    yield from _privacy(networks, document["alpha"], say)
    yield from _groups(networks, say)
    yield Heading(say("What was not tested"), 3)
    yield _not_tested(document, say)
    yield Heading(say("What to do next"), 3)
    yield Items(tuple(say(text) for text in NEXT))
    yield Break()


def more(document: Found, say: Say) -> Iterator[Block]:
    """Tell the same figures of the networks that the summary has no room for."""
    networks = document["networks"][MOST_NETWORKS:]
    if networks:
        yield from _sure(document, {network["name"] for network in networks}, say)
        yield from _privacy(networks, document["alpha"], say)
        yield from _groups(networks, say)


def step(verdicts: Sequence[str]) -> Verdict:
    """Return which of ``STEPS`` follows from all answers of a report: the first that any of them asks for."""
    found = {Verdict(verdict) for verdict in verdicts}
    if Verdict.EVIDENCE in found:
        return Verdict.EVIDENCE
    return Verdict.CANNOT_SAY if found <= {Verdict.CANNOT_SAY} else Verdict.INCONCLUSIVE


def _found(document: Found, said: Sequence[tuple[str, str, Found]], say: Say) -> Iterator[Block]:
    faces = sum(len(photo["faces"]) for photo in document["photos"])
    asked = PERSON if document["person"] is not None else PHOTO
    if faces == 1 or (asked == PERSON and any(answer["error"] is None for _, _, answer in said)):
        judged = {n: answer for n, question, answer in said if question == asked and answer.get("error") is None}
        counted = max((len(a["photos"]["judged"]) for a in judged.values()), default=0) if asked == PERSON else 0
        yield Text(headline(asked, {n: a["verdict"] for n, a in judged.items()}, say, counted), "lead")
        for doubt in doubtful(certainty(judged), document["prior"], say):
            yield Text(doubt, "problem")
    yield Text(say(STEPS[step([answer["verdict"] for _, _, answer in said])]))


def _table(said: Sequence[tuple[str, str, Found]], say: Say) -> Table:
    """Tabulate the answers; of several faces, how many have evidence."""
    questions = dict.fromkeys(question for _, question, _ in said)
    rows = []
    for network in dict.fromkeys(n for n, _, _ in said):
        cells = [_cell([a for n, q, a in said if (n, q) == (network, question)], say) for question in questions]
        rows.append((Cell(short(title(network, say)), strong=True), *cells))
    heads = {PHOTO: say("This photo"), PERSON: say("This person")}
    head = (say("Network"), *(heads[question] for question in questions))
    places = tuple(range(len(head)))
    return Table(say("The answers of each network"), head, tuple(rows), (30, *[35] * len(questions)), places)


def _cell(answers: Sequence[Found], say: Say) -> Cell:
    if len(answers) == 1:
        (said,) = answers
        p = NONE if said["p_value"] is None else p_word(said["p_value"])
        return Cell(word(said["verdict"], say), p, verdict=Verdict(said["verdict"]))
    used = sum(answer["verdict"] == Verdict.EVIDENCE for answer in answers)
    return Cell(say("evidence for {used} of {n} faces", used=used, n=len(answers)))


def _sure(document: Found, names: set[str], say: Say) -> Iterator[Block]:
    rows = [row for row in document["precision"] if row["network"] in names]
    if rows:
        yield Heading(say("How sure an accusation is"), 3)
        yield precision_table(rows, say)
        yield Text(say(PRECISION), "fine")


def _privacy(networks: Sequence[Found], alpha: float, say: Say) -> Iterator[Block]:
    yield Heading(say(PRIVACY), 3)
    yield Items(tuple(line for network in networks for line in privacy_lines(network, alpha, say)))


def _groups(networks: Sequence[Found], say: Say) -> Iterator[Block]:
    if (alarms := alarms_table(networks, say)) is not None:
        yield Heading(say("Risk by group: who is accused wrongly"), 3)
        yield alarms
        yield Text(say(BOLD), "fine")


def _case(document: Found, networks: Sequence[Found], say: Say) -> Iterator[Block]:
    case = document["case"]
    facts = [Fact(say(name), case[field]) for field, name in FIELDS.items() if case[field]]
    copies = (
        say("Audited copy of {network}: SHA-256 {hash}", network=short(title(n["name"], say)), hash=n["fingerprint"])
        for n in networks
    )
    yield Heading(say("Case, roles and audited copy"), 3)
    if facts:
        yield Facts(tuple(facts), 3)
    yield from (Text(copy, "fine") for copy in copies)
    lacking = [say(name) for field, name in FIELDS.items() if not case[field]]
    if lacking:
        yield Text(say("Not stated: {fields}.", fields="; ".join(lacking)), "fine")
    if not case["legal_basis"]:
        yield Text(
            say(
                "A face that is processed to recognise somebody is biometric data (GDPR, Art. 9): the test itself needs a legal basis."
            ),
            "fine",
        )


def _not_tested(document: Found, say: Say) -> Table:
    rows = tuple(
        (Cell(capital(say(one["test"])), strong=True), Cell(say(one["what"])), Cell(say("not tested")))
        for one in document["not_tested"]
    )
    head = (say("Attack"), say("What it would answer"), say("Result"))
    return Table(say("What was not tested"), head, rows, (24, 60, 16), (0, 1, 2))
