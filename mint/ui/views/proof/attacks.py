"""Summarise the card on attacks: edited photos and adversaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mint.i18n.translate import ENGLISH, Say
from mint.storage.files import read_json
from mint.storage.paths import WEIGHTS
from mint.ui.html import badge, count, title
from mint.ui.views.proof.measured import figures_table, share

MEASURED = WEIGHTS / "cards" / "attacks.json"
ALPHA = "0.01"
# As the card calls them, and as this page does: the first is what nothing was done to.
EDITS = {
    "an exact copy (PNG)": "An exact copy",
    "JPEG, quality 70": "Saved as JPEG, quality 70",
    "blurred, sigma 1": "Blurred a little",
    "darker by a quarter": "Darker by a quarter",
    "less contrast (0.7)": "With less contrast",
    "mirrored": "Mirrored",
    "resized to 50 %": "Resized to 50 %",
    "through a messenger (60 %, JPEG 70)": "Sent through a messenger",
    "grey": "Without colour",
}
STRONGEST = "gradient, within 8/255"
Row = Mapping[str, Any]


def attacks(say: Say = ENGLISH, path: Path = MEASURED) -> str:
    """Render edited used photos, edited unused photos, and adversaries, if measured.

    Args:
        say: the visitor's language.
        path: what ``tests.benchmarks.attacks`` wrote.
    """
    if not path.is_file():
        return ""
    twins: Mapping[str, Mapping[str, Sequence[Row]]] = read_json(path)["twins"]
    heads = "".join(f'<th scope="col">{badge(name)} {title(name, say)}</th>' for name in twins)
    found = {
        name: {row["what"]: row for row in of["members"] if row["kind"] == "members"} for name, of in twins.items()
    }
    rows = "".join(
        f'<tr><th scope="row">{say(label)}</th>{"".join(share(rows[what][ALPHA]) for rows in found.values())}</tr>'
        for what, label in EDITS.items()
        if all(what in rows for rows in found.values())
    )
    told = say(
        "An answer is about the picture as it is. These photos were used; each was edited as a whole and then audited. The "
        "share that still gets “evidence of use” at α = 1 %:"
    )
    name = say("When a photo was edited")
    table = (name, say("Share that gets evidence of use"))
    return (
        f'<section class="proof attacks" aria-labelledby="attacks-title"><h2 id="attacks-title">{name}</h2>'
        f'<p class="lead">{told}</p>{figures_table(table, ("<td></td>", heads), rows)}'
        f'<p class="lead">{_accused([row for of in twins.values() for row in of["others"]], say)}</p></section>'
    )


def _accused(rows: Sequence[Row], say: Say) -> str:
    """Tell what accidental and intended editing does to unused photos."""
    forged = [row for row in rows if row["kind"].startswith("adversary") and row["what"] == STRONGEST]
    edited = [row for row in rows if not row["kind"].startswith("adversary")]
    ways = {(row["kind"], row["what"]) for row in edited}
    broken = {(row["kind"], row["what"]) for row in edited if row[ALPHA]["low"] > float(ALPHA)}
    told = say(
        "Photos that were not used were edited and drawn over in {n} ways, up to {most} photos each; in {broken} of them the "
        "promise of 1 % was clearly broken.",
        n=count(len(ways)), most=max((row["shown"] for row in edited), default=0), broken=count(len(broken)),
    )  # fmt: skip
    if forged:
        photos = sum(row[ALPHA]["n"] for row in forged)
        hits = sum(round(row[ALPHA]["value"] * row[ALPHA]["n"]) for row in forged)
        told += " " + say(
            "But whoever has the network and the auditors can forge evidence: with grey values changed by at most 8 of 255, "
            "{hits} of {n} unused photos were called used.",
            hits=count(hits), n=count(photos),
        )  # fmt: skip
    return told
