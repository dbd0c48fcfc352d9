"""What a report says of the test itself: how it was checked, and which files it used."""

from __future__ import annotations

from collections.abc import Iterator

from mint.report.blocks import Block, Cell, Code, Fact, Facts, Heading, Table, Text
from mint.report.phrases import NONE, Found, auc, interval
from mint.words import Say
from mint.words.figures import count, percent, span
from mint.words.labels import CONTROLS, KINDS, auditor, title

LEVELS = {"sample": "used photos against other photos of the same people",
          "identity": "used photos against people that it never saw"}  # fmt: skip


def checks(document: Found, say: Say) -> Iterator[Block]:
    """Controls, gates and measured figures of every network."""
    yield Text(
        say(
            "Auditors and limits were made with some people, and everything here was measured on others. AUC is the chance "
            "that a used photo scores higher than an unused one: 0.5 is a coin toss, 1 is perfect. The controls cannot "
            "know whether a photo was used, so they must stay near 0.5; an auditor that does not beat them can only answer "
            "“cannot say”. The sure finds must come near 1."
        )
    )
    for network in document["networks"]:
        yield Heading(title(network["name"], say), 3)
        found = network["evaluation"]
        if found is None or not found["levels"]:
            yield Text(say("This bundle carries no evaluation, so its figures cannot be shown."), "problem")
            continue
        yield Text(_gate(network, found["levels"][0], say))
        yield _controls(found["levels"], say)
        if found["verdicts"]:
            yield _verdicts(found["verdicts"], say)
        for level in found["levels"]:
            yield _auditors(level, say)
        protocol = found["levels"][0]["protocol"]
        yield Text(
            say(
                "Protocol: {protocol}. Members and non-members are made the same way, and a coin decided who is which. "
                "Intervals are 95 %, by people.",
                protocol=protocol,
            )
            if protocol == "same-source"
            else say("Protocol: {protocol}.", protocol=protocol),
            "fine",
        )


def files(document: Found, say: Say) -> Iterator[Block]:
    """Hashes, training set and licence of every network."""
    for network in document["networks"]:
        yield Heading(title(network["name"], say), 3)
        facts = [
            (say("Network, SHA-256"), network["fingerprint"]),
            (say("Bundle {name}, SHA-256 of bundle.json", name=network["bundle"]), network["bundle_sha256"]),
            (say("Trained on"), network["training_set"]),
            (say("Real faces it was compared with"), network["real_faces"]),
            (say("Licence"), network["licence"]),
            (say("Made with"), ", ".join(f"{name} {value}" for name, value in network["made_with"].items())),
        ]
        yield Facts(tuple(Fact(name, str(value)) for name, value in facts if value))
        if network["commands"]:
            yield Text(say("To make it again:"), "fine")
            yield Code(tuple(network["commands"]))


def _gate(network: Found, level: Found, say: Say) -> str:
    gate = level["gate"]
    if gate is None or not gate["passes"] or not network["may_speak"]["photo"]:
        return say("The auditors did not beat their controls, so this network’s verdict is always “cannot say”.")
    if gate["margin"] is None:
        return say("The auditors beat their best control.")
    return say(
        "The auditors beat their best control by {margin} AUC ({interval}).",
        margin=f"{gate['margin']:.3f}",
        interval=span(f"{gate['low']:.3f}", f"{gate['high']:.3f}"),
    )


def _controls(levels: list[Found], say: Say) -> Table:
    names = dict.fromkeys(row["control"] for level in levels for row in level["controls"])
    rows = []
    for name in names:
        what, small, near = CONTROLS.get(name, (name, "", None))
        cells = []
        for level in levels:
            found = next((row for row in level["controls"] if row["control"] == name), {})
            # People whom one twin used are strangers to the other: at identity level that is no control.
            value, between = (NONE, "") if (name, level["level"]) == ("other-twin", "identity") else auc(found)
            cells.append(Cell(value, between))
        rows.append(
            (Cell(say(what), say(small) if small else ""), Cell(NONE if near is None else f"{near:g}"), *cells)
        )
    head = (say("Control, AUC"), say("must be near"), *(say(LEVELS[level["level"]]) for level in levels))
    return Table(say("Controls"), head, tuple(rows), (42, 12, *[46 / len(levels)] * len(levels)))


def _verdicts(verdicts: Found, say: Say) -> Table:
    by_question = {q: {row["kind"]: row for row in verdicts[q]["rates"]} for q in verdicts}
    alpha = percent(next(iter(verdicts.values()))["alpha"])
    rows = []
    for kind, name in KINDS.items():
        rates = [found.get(kind) for found in by_question.values()]
        if any(rates):
            cells = (Cell(percent(r["value"]), interval(r), strong=True) if r else Cell(NONE) for r in rates)
            rows.append((Cell(say(name)), *cells))
    words = {"photo": say("for this photo"), "person": say("for this person")}
    head = (
        say("Who gets “evidence of use” at α = {alpha}", alpha=alpha),
        *(words.get(question, question) for question in by_question),
    )
    return Table(say("Who gets “evidence of use”"), head, tuple(rows), (44, *[56 / len(by_question)] * len(by_question)))


def _auditors(level: Found, say: Say) -> Table:
    """The auditors that run here; those of other published forms were measured only, and are in the JSON."""
    rows = []
    for row in level["auditors"]:
        if "-" in row["auditor"]:
            continue
        name, small = auditor(row["auditor"], row["layer"], say)
        found, share = row["tpr_at_1pct_fpr"], (NONE, "")
        if found is not None:
            low, high = row["tpr_at_1pct_fpr_low"], row["tpr_at_1pct_fpr_high"]
            share = percent(found), "" if low is None else span(percent(low).removesuffix("\u202f%"), percent(high))
        sizes = " / ".join(NONE if row[key] is None else count(row[key]) for key in ("members", "non_members"))
        speaks = NONE if row["passes"] is None else say("yes") if row["passes"] else say("no")
        value, between = auc(row)
        rows.append((Cell(name, small), Cell(value, between, strong=True), Cell(*share), Cell(sizes), Cell(speaks)))
    head = (
        say("Auditor, {level}", level=say(LEVELS[level["level"]])),
        "AUC",
        say("Found at 1\u202f% false alarms"),
        say("Members / others"),
        say("may speak"),
    )
    return Table(say("Figures of the auditors"), head, tuple(rows), (38, 20, 18, 14, 10))
