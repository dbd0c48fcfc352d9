"""Tell how the test itself was checked, and which files it used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mint.bundles.bundle import on_record
from mint.evidence.score_table import MEMBERS, PERSON, PHOTO
from mint.i18n.figures import count, in_100, interval, percent, span
from mint.i18n.labels import CONTROLS, SOURCE_NAMES, auditor, kind_name, title
from mint.i18n.translate import Say
from mint.report.render.blocks import Block, Cell, Code, Fact, Facts, Heading, Table, Text
from mint.report.story.phrases import NONE, Found, auc, auditors_auc, whole
from mint.types import FULL, REFERENCE

HOW = (
    "Auditors and limits were fitted on some people; everything here was measured on others. AUC is the "
    "chance that a used photo scores higher than an unused one: 0.5 is a coin toss, 1 is perfect. The "
    "controls cannot know whether a photo was used, so they must stay near 0.5; an auditor that does not "
    "beat them can only answer “cannot say”. The positive controls must come near 1. Intervals are 95 %."
)
FIGURES = "Figures of the auditors"
NOT_EVALUATED = "This bundle carries no evaluation, so its figures cannot be shown."
LEVEL_SENTENCES = {"sample": "used photos against other photos of the same people",
          "identity": "used photos against people whom it never saw"}  # fmt: skip
SHORT = {"sample": "same people", "identity": "new people"}


def checks(document: Found, say: Say) -> Iterator[Block]:
    """Tell controls, gates and measured figures of every network."""
    yield Text(say(HOW))
    for network in document["networks"]:
        yield Heading(title(network["name"], say), 3)
        found = network["evaluation"]
        if found is None or not found["levels"]:
            yield Text(say(NOT_EVALUATED), "problem")
            continue
        yield Text(_gate(found["levels"][0], network, say))
        yield _controls(found["levels"], say)
        if found["verdicts"]:
            yield _verdicts(found["verdicts"], network.get("pool"), say)
            if (outside := _outside(network.get("outside"), say)) is not None:
                yield Text(outside, "fine")
        yield _auditors(found["levels"], say)
        rates = (found["verdicts"] or {}).get(PHOTO, {}).get("rates", ())
        members = next((row for row in rates if row["kind"] == MEMBERS), None)
        if (why := why_fewer(members, found["levels"][0]["auditors"], say)) is not None:
            yield Text(why, "fine")
        yield Text(_protocol(network, found["levels"][0]["protocol"], say), "fine")


def files(document: Found, say: Say) -> Iterator[Block]:
    """Tell hashes, training set and licence of every network."""
    for network in document["networks"]:
        yield Heading(title(network["name"], say), 3)
        facts = [
            (say("Network, SHA-256"), network["fingerprint"]),
            (say("Places where it is read"), ", ".join(tap["name"] for tap in network["opened_as"]["taps"])),
            (say("Face detector"), network["opened_as"]["finder"]),
            (say("Bundle {name}, SHA-256 of bundle.json", name=network["bundle"]), network["bundle_sha256"]),
            (say("Trained on"), _told(network["training_set"], say)),
            (say("Real faces it was compared with"), _told(network["real_faces"], say)),
            (say("Licence"), network["licence"]),
            (say("Made with"), ", ".join(f"{name} {value}" for name, value in network["made_with"].items())),
        ]
        yield Facts(tuple(Fact(name, str(value)) for name, value in facts if value))
        if commands := on_record(network["commands"]):
            yield Text(say("To make it again:"), "fine")
            yield Code(tuple(commands))


def _told(fact: str | None, say: Say) -> str | None:
    return fact and say(fact)


def _outside(found: Found | None, say: Say) -> str | None:
    """Tell how many test photos the rates count that would get "cannot say" in an answer; None where that is not known."""
    sides = [found[side] for side in ("used", "others") if found[side]["photos"]] if found else []
    if not sides:
        return None
    shares = [percent(side["outside"] / side["photos"]) for side in sides]
    if len(sides) == 1:
        return say(
            "Outside the range it was calibrated on lie {others} of these photos: an answer about such a photo is “cannot say”, "
            "but the rates count it as any other.",
            others=shares[0],
        )
    return say(
        "Outside the range it was calibrated on lie {used} of the used photos and {others} of the others: an answer about such a "
        "photo is “cannot say”, but the rates count it as any other.",
        used=shares[0],
        others=shares[1],
    )


def _protocol(network: Found, protocol: str | None, say: Say) -> str:
    """Tell whose word it is who was used; of a pool of MINT's own making a coin decided, and that is known."""
    if network["tier"] == REFERENCE:
        return say(
            "No member is known: all photos are of people of whom whoever made the test said that they were not used. "
            "Intervals are 95 %, by people."
        )
    if protocol != "same-source":
        return say("Protocol: {protocol}.", protocol=protocol)
    if network.get("pool") is True:
        return say(
            "Protocol: {protocol}. Members and non-members are made the same way, and a coin toss decided which "
            "is which. Intervals are 95 %, by people.",
            protocol=protocol,
        )
    return say(
        "Which photos were used, and which were not, is the word of whoever made the test. Whether both were made the same "
        "way is not known: what else tells them apart can look like use. Intervals are 95 %, by people."
    )


def _gate(level: Found, network: Found, say: Say) -> str:
    return gate_sentence(level["gate"], network["may_speak"]["photo"], level["auditors"], say, network["tier"])


def gate_sentence(
    gate: Found | None, may_speak: bool, auditors: Sequence[Found], say: Say, tier: str | None = FULL
) -> str:
    """Tell whether a network's auditors beat their controls, and by how much.

    The margin is that over the best single auditor of those controls that cannot know membership, which the table of controls
    does not show: there their auditors are combined.

    Args:
        gate: of one level; with margin, low and high where they were measured.
        may_speak: whether the answer for a photo may be more than "cannot say".
        auditors: that level's figures.
        say: the language.
        tier: of the bundle: without a member there is nothing to run controls on.
    """
    if tier == REFERENCE:
        return say(
            "No member is known, so no control could be run: there are p-values, and this network’s verdict is always “cannot say”."
        )
    if gate is None:
        return say("Whether the auditors beat their controls is not on record.")
    if not gate["passes"] and gate.get("margin") is None:
        return say(
            "The controls, pixels alone and an untrained network, were not run, so this network’s verdict is always “cannot say”."
        )
    if not gate["passes"] or not may_speak:
        return say("The auditors did not beat their controls, so this network’s verdict is always “cannot say”.")
    if gate.get("margin") is None:
        return say("The auditors beat their best control.")
    margin, within = auc({"auc": gate["margin"], "auc_low": gate["low"], "auc_high": gate["high"]})
    combined = next((row["auc"] for row in auditors if row.get("auditor") == "combined"), None)
    if combined is None:
        return say(
            "The auditors beat the best auditor on pixels or on an untrained network by {margin} AUC ({interval}).",
            margin=margin, interval=within,
        )  # fmt: skip
    return say(
        "The auditors beat the best auditor on pixels or on an untrained network by {margin} AUC ({interval}): {auc} against "
        "{best}, the best single one; the table of controls shows them combined.",
        margin=margin, interval=within, auc=f"{combined:.3f}", best=f"{combined - gate['margin']:.3f}",
    )  # fmt: skip


def _controls(levels: list[Found], say: Say) -> Table:
    names = dict.fromkeys(row["control"] for level in levels for row in level["controls"])
    rows = []
    for name in names:
        what, small, near = CONTROLS.get(name, (name, "", None))
        cells = []
        for level in levels:
            found: Found = next((row for row in level["controls"] if row["control"] == name), {})
            # People whom one twin used are strangers to the other: at identity level that is no control.
            value, between = (NONE, "") if (name, level["level"]) == ("other-twin", "identity") else auc(found)
            cells.append(Cell(value, between))
        rows.append((Cell(say(what), say(small) if small else ""), Cell(NONE if near is None else f"{near:g}"), *cells))
    head = (say("Control, AUC"), say("must be near"), *(say(LEVEL_SENTENCES[level["level"]]) for level in levels))
    return Table(say("Controls"), head, tuple(rows), (46, 14, *[40 / len(levels)] * len(levels)))


def why_fewer(found: Found | None, auditors: Sequence[Found], say: Say) -> str | None:
    """Tell why the auditors' figures rest on fewer members than the rates of the verdicts; None where they do not.

    Args:
        found: the rate of members, with n.
        auditors: figures of the first level.
        say: the language.
    """
    members = auditors[0].get("members") if auditors else None
    if found is None or not members or members >= found["n"]:
        return None
    return say(
        "The auditors are measured on {few} of the {all} used photos: those of generated people, as the unused ones beside them are. "
        "The rates of “evidence of use” count the few photographic fictional people as well.",
        few=count(members), all=count(found["n"]),
    )  # fmt: skip


def _verdicts(verdicts: Found, pool: object, say: Say) -> Table:
    by_question = {q: {row["kind"]: row for row in verdicts[q]["rates"]} for q in verdicts}
    alpha = next(iter(verdicts.values()))["alpha"]
    rows = []
    for kind in SOURCE_NAMES:
        rates = [found.get(kind) for found in by_question.values()]
        if any(rates):
            cells = (Cell(percent(r["value"]), interval(r), strong=True) if r else Cell(NONE) for r in rates)
            rows.append((Cell(say(kind_name(kind, pool))), *cells))
    words = {PHOTO: say("for this photo"), PERSON: say("for this person")}
    head = (
        who_gets_evidence(alpha, say),
        *(words.get(question, question) for question in by_question),
    )
    return Table(
        say("Who gets “evidence of use”"), head, tuple(rows), (44, *[56 / len(by_question)] * len(by_question))
    )


def who_gets_evidence(alpha: float, say: Say) -> str:
    """Return the heading of what share of each kind of photo gets "evidence of use"."""
    return say("Who gets “evidence of use” at α = {alpha}", alpha=whole(alpha))


def _auditors(levels: list[Found], say: Say) -> Table:
    """Return the auditors that run here; other presets are only in the JSON."""
    found = [{(row["auditor"], row["layer"]): row for row in level["auditors"]} for level in levels]
    rows = []
    for name, layer in dict.fromkeys(key for rows_of in found for key in rows_of):
        if "-" in name:
            continue
        here = [rows_of.get((name, layer), {}) for rows_of in found]
        what, small = auditor(name, layer, say)
        cells = [cell for row in here for cell in (Cell(*auditors_auc(row, say), strong=True), Cell(*_found(row)))]
        passes = next((row["passes"] for row in here if row.get("passes") is not None), None)
        rows.append((Cell(what, small), *cells, Cell(NONE if passes is None else say("yes") if passes else say("no"))))
    head = [
        part
        for level in levels
        for part in (
            say("AUC, {level}{sizes}", level=say(SHORT[level["level"]]), sizes=_sizes(level)),
            say("found at 1\u202f% false alarms"),
        )
    ]
    widths = (32, *[29 / len(levels), 29 / len(levels)] * len(levels), 10)
    return Table(say(FIGURES), (say("Auditor"), *head, say("may speak")), tuple(rows), widths)


def _found(row: Found) -> tuple[str, str]:
    """Return the share of members found at 1 % false alarms, and its interval."""
    value, low, high = (row.get(f"tpr_at_1pct_fpr{end}") for end in ("", "_low", "_high"))
    if value is None:
        return NONE, ""
    return percent(value), "" if low is None or high is None else span(in_100(low), percent(high))


def _sizes(level: Found) -> str:
    """Write how many members and others were compared: " (623 / 1 151)"."""
    first = level["auditors"][0] if level["auditors"] else {}
    if first.get("members") is None or first.get("non_members") is None:
        return ""
    return f" ({count(first['members'])}\u00a0/\u00a0{count(first['non_members'])})"
