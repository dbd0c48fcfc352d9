"""Render a bundle's model card: population, protocols, figures, controls, limits, licence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mint.lab.cards.metadata import front_matter
from mint.lab.cards.strength import strength_section

Row = Mapping[str, Any]
LEVEL_TITLES = {"sample": "used photos against other photos of the same people",
          "identity": "used photos against photos of people it never saw"}  # fmt: skip
NON_MEMBER_KINDS = {"siblings": "other photos of trained people", "outsiders": "generated people", "openpeople": "photographic fictional people",
         "real": "real faces"}  # fmt: skip
CONTROLS = {
    "pixels": "auditors that see the crop and no network: near 0.5",
    "untrained": "the same auditors on a network with random weights: near 0.5",
    "other-twin": "the same photos under the network that did not use them: near 0.5 at sample level; at identity level the other twin's "
    "own people stand among the non-members, so it falls below",
    "shuffled-labels": "auditors fitted to shuffled labels, scored against shuffled labels: near 0.5",
    "swapped-halves": "score under this twin minus score under the other, for what this one used against what the other one used: a "
    "detector of databases gives the same score under both, only membership flips the sign: near 1",
    "positive": "a network overfitted on purpose (few pictures, no flips, no weight decay): must be above 0.95",
}


def card(
    name: str,
    found: Mapping[str, Any],
    facts: Mapping[str, Any],
    tried: list[dict[str, Any]],
    people: Iterable[str] = (),
) -> str:
    """Render a model card.

    Args:
        name: of the network.
        found: its ``evaluation.json``.
        facts: of its bundle.
        tried: what was tried to strengthen the consistency auditor.
        people: lines of the section on several photos of one person.
    """
    return front_matter(name, found, facts) + "\n".join(
        [
            *_about(name, facts), *_plots(name), *_recognition(found["recognition"]),
            *(line for level in LEVEL_TITLES for line in _level(level, found[level])),
            *_cross(found.get("cross-database")), *_controls(found), *_doses(found), *_checkpoints(found),
            *people, *strength_section(tried), *_limits(),
        ]
    )  # fmt: skip


def table(*rows: Iterable[Any]) -> list[str]:
    """Return the lines of a Markdown table; the first row is its head."""
    lines = [f"| {' | '.join(map(str, row))} |" for row in rows]
    return [lines[0], "|" + "---|" * (lines[0].count(" | ") + 1), *lines[1:], ""]


def interval(row: Row | None, name: str = "auc") -> str:
    """Write ``0.985 (0.979–0.991)``, or why there is no figure."""
    if row is None or name not in row:
        return "–"
    if row[name] is None:
        return "too few"
    return f"{row[name]:.3f} ({row[f'{name}_low']:.3f}–{row[f'{name}_high']:.3f})"


def share(rate: Row | None) -> str:
    """Write ``1.7% (1.1%–2.7%), n = 1151``, with people where they are counted."""
    if rate is None:
        return "–"
    of = f" of {rate['people']} people" if "people" in rate else ""
    return f"{rate['value']:.1%} ({rate['low']:.1%}–{rate['high']:.1%}), n = {rate['n']}{of}"


def _about(name: str, facts: Mapping[str, Any]) -> list[str]:
    return [
        "", f"# {name}", "",
        "A small IResNet face recogniser, trained by this project so that its training set is known, with the auditors that were "
        "trained for it.", "",
        f"- **Licence**: {facts['licence']}",
        f"- **Training set**: {facts['training set']}",
        f"- **Population** of every figure: fictional people of the same pool (seed {facts['pool']['seed']}, {facts['pool']['crops']} crops), "
        f"unknown to auditors, fusion and calibration; and real faces: {facts['real faces']}",
        "- **Protocols**: *same source*: members and non-members are made the same way, and a coin decided who is which. *Cross-database*: the "
        "papers', where non-members are another database.",
        "- **Intervals**: 95 %, bootstrap over people; rates Clopper-Pearson, by people where people are counted (Korn and Graubard 1998). "
        "TPR at a false-positive rate is refused where fewer than ten non-members would be allowed above the threshold.",
        f"- **Made with**: {', '.join(f'{k} {v}' for k, v in facts['made with'].items())}, seed {facts['seed']}", "",
        "To make it again:", "", "```", *facts["commands"], "```", "",
        f"To recompute every figure from the scores that ship with it: `mint lab evaluate weights/{name}`, "
        f"`mint lab evaluate weights/{name} --protocol cross-database`, `mint lab controls weights/{name}`.", "",
    ]  # fmt: skip


def _plots(name: str) -> list[str]:
    return [
        f"![ROC at sample level, log-log](plots/{name}/roc-sample.svg) ![ROC at identity level, log-log](plots/{name}/roc-identity.svg) "
        f"![Scores of each kind of photo](plots/{name}/scores.svg) ![Said and so: reliability](plots/{name}/reliability.svg)", "",
    ]  # fmt: skip


def _recognition(found: Mapping[str, Any]) -> list[str]:
    lines = ["## Recognition", ""]
    for people in ("fictional people", "real people"):
        r = found[people]
        lines.append(
            f"- {people} it never saw: {r['accuracy']:.1%} of {r['pairs']} pairs right ({r['low']:.1%} to {r['high']:.1%}), {r['people']} people"
        )
    return [*lines, "", "It was trained to memorise a few thousand pictures, not to recognise the world.", ""]


def _level(level: str, found: Mapping[str, Any]) -> list[str]:
    first = found["rows"][0]
    head = (
        "layer",
        "auditor",
        "AUC",
        "balanced accuracy",
        "TPR at 1 % FPR",
        "TPR at 0.1 % FPR",
        "calibration error",
        "may speak",
    )
    rows = [
        (
            r["layer"], r["auditor"], *(interval(r, k) for k in ("auc", "accuracy", "tpr_at_1pct_fpr", "tpr_at_01pct_fpr", "calibration_error")),
            "–" if "gate" not in r else "yes" if r["gate"]["passes"] else "no: *cannot say*",
        )
        for r in found["rows"]
    ]  # fmt: skip
    gate = found["gate"]
    said = "passed" if gate["passes"] else "NOT passed"
    lines = [
        f"## Same source, {level} level: {LEVEL_TITLES[level]}", "",
        f"{first['members']} members of {first['member_people']} people against {first['non_members']} non-members of {first['non_member_people']} "
        "people, generated people on both sides. The threshold of the accuracy was fixed on calibration people.", "",
        *table(head, *rows),
        f"Gate: {said}; the combined AUC is {gate['margin']:.3f} above the best auditor on pixels or on an untrained network "
        f"({gate['low']:.3f} to {gate['high']:.3f}). An auditor that does not pass can only answer *cannot say*.", "",
    ]  # fmt: skip
    if level == "sample":
        shown = [r for r in found["rows"] if r.get("gate", {}).get("passes")]
        lines += [
            "False alarms of the auditors that may speak, at α = 0.01, by kind of non-member:", "",
            *table(("auditor", *NON_MEMBER_KINDS.values()), *((r["auditor"], *(share(r["fpr"].get(k)) for k in NON_MEMBER_KINDS)) for r in shown)),
        ]  # fmt: skip
    return lines


def _cross(found: Mapping[str, Any] | None) -> list[str]:
    if found is None:
        return []
    sample, identity = found["sample"], found["identity"]
    rows = [
        (
            r["layer"], r["auditor"], interval(r), interval(r["without_membership"]), interval(i["without_membership"]),
            interval(r["same_source"]), share(r["fpr"]["siblings"]),
        )
        for r, i in zip(sample["rows"], identity["rows"], strict=True)
    ]  # fmt: skip
    controls = [
        (name, r.get("auditor", "combined"), interval(r))
        for name, control in sample["controls"].items()
        for r in (control, *control["rows"])
    ]
    first, gate = sample["rows"][0], sample["gate"]
    return [
        "## The papers' protocol: cross-database", "",
        f"{first['members']} members against {first['non_members']} real faces, as the papers do; the auditors were fitted on such pairs of other people. "
        "The next two columns ask the same auditors about pictures *that were never used*, of the members' own source: what is left above 0.5 there is "
        "the database, not membership. The column after them is the same auditors' figure when the database no longer helps.", "",
        *table(
            ("layer", "auditor", "members / real faces", "unused photos of trained people / real faces", "people never seen / real faces",
             "members / unused photos of the same people", "unused photos of trained people called members"),
            *rows,
        ),
        *table(("control", "auditor", "AUC, members / real faces"), *controls),
        f"Gate under this protocol: {'passed' if gate['passes'] else 'NOT passed'} ({gate['margin']:+.3f}, {gate['low']:+.3f} to {gate['high']:+.3f}): "
        "auditors fitted this way could only answer *cannot say*." if not gate["passes"] else "Gate under this protocol: passed.", "",
    ]  # fmt: skip


def _controls(found: Mapping[str, Any]) -> list[str]:
    both = [found[level]["controls"] for level in LEVEL_TITLES]
    rows = []
    for name in both[0]:
        for a, b in zip((both[0][name], *both[0][name]["rows"]), (both[1][name], *both[1][name]["rows"]), strict=True):
            rows.append(
                (name, a.get("auditor", "combined"), interval(a), interval(b), f"{a['members']} / {a['non_members']}")
            )
    return [
        "## Controls", "", *(f"- *{name}*: {CONTROLS[name]}" for name in both[0]), "",
        *table(("control", "auditor", "AUC, sample level", "AUC, identity level", "members / others, sample level"), *rows),
    ]  # fmt: skip


def _doses(found: Mapping[str, Any]) -> list[str]:
    sample, identity = (found[level].get("dose_response", []) for level in LEVEL_TITLES)
    if not sample:
        return []
    rows = [
        (f"× {a['exposure']}", x["auditor"], interval(x), interval(y), x["members"])
        for a, b in zip(sample, identity, strict=True)
        for x, y in zip(a["rows"], b["rows"], strict=True)
    ]
    return [
        "## Dose and response", "",
        "A separate pair of networks, trained shortly, saw each of its pictures once, three or ten times an epoch, by a draw per picture. If a score is "
        "membership, it grows with the dose.", "",
        *table(("shown", "auditor", "AUC, sample level", "AUC, identity level", "members"), *rows),
    ]  # fmt: skip


def _checkpoints(found: Mapping[str, Any]) -> list[str]:
    rows = []
    for number, line in enumerate(found["recognition"]["checkpoints"]):
        both = [found[level]["checkpoints"][number]["rows"] for level in LEVEL_TITLES]
        rows += [
            (
                line["epoch"],
                f"{line['accuracy']:.3f}",
                a["auditor"],
                interval(a),
                interval(a, "tpr_at_1pct_fpr"),
                interval(b),
            )
            for a, b in zip(*both, strict=True)
        ]
    head = (
        "epoch",
        "training accuracy",
        "auditor",
        "AUC, sample level",
        "TPR at 1 % FPR, sample level",
        "AUC, identity level",
    )
    return ["## Strength along training", "", *table(head, *rows)]


def _limits() -> list[str]:
    return [
        "## Limits", "",
        "The pool is small and mostly generated at 64 × 64; a network trained once on millions of pictures remembers each far less. "
        "These figures say how well the auditors read this network, and nothing about any other. "
        "Other photos of trained people come from a few dozen calibration people, so their false-alarm rate varies with people more than its "
        "promise says; it is measured in the table above. "
        "The penalty of the fusion and the treatment of the photographic people were settled after the test split had been seen once: "
        "read *combined* beside *prototype* and *consistency*, which were not touched by it. "
        "*Recall* was tried on calibration people. Four other forms of it were seen on test people: every auditor at the best cut, which lost "
        "members; one fixed handicap for both twins, which lost photos of altered brightness; and a wider search, over contrast and gamma as well, once "
        "read by a regression that was fitted on edited faces and once as it is read now. Both found photos of altered contrast, and lost resized ones of "
        "twin-a at α = 0.01: the more the search may change, the closer it brings other photos of trained people. The twins search in calibration, in the test and in the controls *other-twin* and "
        "*swapped-halves*; the other controls and the checkpoints have no such auditor.", "",
    ]  # fmt: skip
