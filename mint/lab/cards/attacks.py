"""Render the card on edits, drawings and adversaries (``tests.benchmarks.attacks``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mint.lab.cards.model_card import share, table
from mint.storage.files import read_json, write_bytes

FIGURES, CARD = "attacks.json", "attacks.md"
PHOTO_KINDS = {
    "members": "whole photo",
    "members, cut out": "the aligned face",
    "siblings": "other photos of trained people",
    "outsiders": "generated people",
    "real": "real faces",
    "drawn siblings": "drawings of other photos of trained people",
    "drawn real": "drawings of real faces",
    "drawn": "drawn from nothing",
    "adversary siblings": "adversary, other photos of trained people",
    "adversary outsiders": "adversary, generated people",
    "adversary real": "adversary, real faces",
}
Row = Mapping[str, Any]
Rows = Sequence[Row]


def render_attacks(cards: Path) -> None:
    """Write the card into the folder of cards, if there are measurements."""
    if (cards / FIGURES).is_file():
        write_bytes(cards / CARD, attacks_card(read_json(cards / FIGURES)).encode())


def attacks_card(found: Mapping[str, Any]) -> str:
    """Render which edits a member survives, and what makes a non-member look used."""
    twins, alphas = found["twins"], [f"{alpha}" for alpha in found["alphas"]]
    lines = [
        "# Honesty under attack",
        "",
        "What the verdict on *this photo* says once the photo was edited, drawn or attacked. Whole photos are edited, and the face is "
        f"then found and aligned again, as on the page. Generated people and real people of the {found['purpose']} purpose; nothing was chosen "
        'on them. Each cell is the share that gets "evidence of use", its 95 % interval (Clopper-Pearson, at the effective number where '
        "several photos are of one person) and n. `python -m tests.benchmarks.attacks --pool POOL --lfw FACES "
        f"--most {found['most']}` measures it again.",
        "",
        "## Members: is the photo still found?",
        "",
        "A photo in which no face was found counts as not found. The last lines edit the aligned face itself, so that the detector's "
        "landmarks stay where they were: what is lost above and kept here is lost by a face that is cut out a little differently, not by what the edit does to pixels.",
        "",
        *_table(twins, "members", alphas, "the photo"),
        *_lost(twins, alphas[0]),
        "## Non-members: is anybody accused more often than promised?",
        "",
        'Only photos with a face are counted; one that got "cannot say" was not accused. **Bold**: the whole interval lies above α, the '
        "promise is broken. So few photos show a gross break and no more: the rate of unedited photos is in the model cards, over the whole test.",
        "",
        *_table(twins, "others", alphas, "who, and what was done"),
        *_broken(twins, alphas),
        f"Adversaries hold the public bundle and hand over the aligned face itself. *Gradient* climbs the score in {found['steps']} steps through network, "
        "views and auditors, and rounds to whole grey values; *smoothings* are tried in turn, and the highest score is kept. "
        "Nothing here stands against the gradient, and a check that stood would have to stand against somebody who knows it. "
        'So "evidence of use" is a statement about a photo that nobody made in order to get it. Where somebody gains by it, take the photo '
        "from a source that is older than the network.",
        "",
    ]
    return "\n".join(lines)


def _table(twins: Mapping[str, Any], part: str, alphas: Sequence[str], head: str) -> list[str]:
    heads = [column for name in twins for column in (*(f"{name}, α = {a}" for a in alphas), "no face, cannot say")]
    rows = []
    for first in next(iter(twins.values()))[part]:
        found = [_same(twin[part], first) for twin in twins.values()]
        cells = [cell for row in found for cell in _cells(row, alphas, bold=part == "others")]
        rows.append((f"{PHOTO_KINDS[first['kind']]}: {first['what']}", *cells))
    return table((head, *heads), *rows)


def _same(rows: Rows, wanted: Row) -> Row | None:
    return next((row for row in rows if all(row[k] == wanted[k] for k in ("kind", "what"))), None)


def _cells(row: Row | None, alphas: Sequence[str], bold: bool) -> Iterator[str]:
    for alpha in alphas:
        text = share(None if row is None else row[alpha])
        yield f"**{text}**" if bold and row is not None and _above(row, alpha) else text
    yield "–" if row is None else f"{row['no face']}, {row['cannot say']} of {row['shown']}"


def _above(row: Row, alpha: str) -> bool:
    return bool(row[alpha] is not None and row[alpha]["low"] > float(alpha))


def _lost(twins: Mapping[str, Any], alpha: str) -> list[str]:
    """List for each twin the edits after which most members are missed."""
    lines = []
    for name, twin in twins.items():
        missed = [row for row in twin["members"] if row[alpha]["value"] < 0.5]
        words = "; ".join(f"{PHOTO_KINDS[row['kind']]} {row['what']}" for row in missed)
        lines.append(
            f"- {name}, α = {alpha}: most members are **missed** after {len(missed)} of {len(twin['members'])} edits"
            + (f": {words}." if missed else ".")
        )
    return [*lines, ""]


def _broken(twins: Mapping[str, Any], alphas: Sequence[str]) -> list[str]:
    """List for each twin where the promise does not hold."""
    lines = []
    for name, twin in twins.items():
        for alpha in alphas:
            rows = [row for row in twin["others"] if row[alpha] is not None]
            worse = [f"{PHOTO_KINDS[row['kind']]}, {row['what']}" for row in rows if _above(row, alpha)]
            lines.append(
                f"- {name}, α = {alpha}: broken in {len(worse)} of {len(rows)} lines"
                + (f": {'; '.join(worse)}." if worse else ".")
            )
    return [*lines, ""]
