"""Say what the twins are, and draw one pool of pictures with the network that each part of it trained."""

from __future__ import annotations

from collections.abc import Sequence

from mint.i18n.labels import DEFAULT_PAIR
from mint.i18n.translate import ENGLISH, Say

COLUMNS, STEP = 6, 18  # of the dots of a part, which stand in two rows
PARTS = (("a", 14, "5"), ("none", 57, "2.5"), ("b", 100, "4.2"))  # style, place from the top, radius of a dot
ARROWS = (23, 109)  # from the parts of twin A and twin B


def twins(say: Say = ENGLISH, pairs: Sequence[str] = (DEFAULT_PAIR,)) -> str:
    """Render the section, the same drawing in every language.

    Args:
        say: the visitor's language.
        pairs: keys of ``PAIRS`` that can be asked.
    """
    told = say(
        "Twin A and twin B are two networks, built and trained in the same way. Only the pictures differ: each learnt from its "
        "own part of one collection of pictures of {people}, and no picture was used for both. So when a picture was used, the "
        "twin that learnt from it should show signs of it, and the other none: the answer flips.",
        people=f"<b>{say('fictional people')}</b>",
    )
    more = (
        f'<details class="more"><summary>{say("Two more networks can be asked")}</summary><p class="fine">'
        + say(
            "Augmented A and augmented B learnt from the same two parts, with each picture altered anew every time. Such networks recognise strangers better and keep less of a single photo, so the test "
            "finds fewer of those that were used."
        )
        + "</p></details>"
        if "augmented" in pairs
        else ""
    )
    return (
        f'<section class="twins" aria-labelledby="twins-title"><div class="told"><h2 id="twins-title">'
        f"{say('Two networks, one difference')}</h2><p>{told}</p>{more}</div>{_diagram(say)}</section>"
    )


def _diagram(say: Say) -> str:
    label = say(
        "One pool of pictures: one part trained twin A, another part trained twin B, a third part trained neither."
    )
    dots = "".join(f'<g class="dots-{style}">{_dots(top, radius)}</g>' for style, top, radius in PARTS)
    wires = "".join(f'<path d="M118 {y}h64"/><path d="M176 {y - 5}l6 5-6 5"/>' for y in ARROWS)
    words = (
        (20, say("trained twin A,")),
        (37, say("unknown to B")),
        (70, say("used by neither")),
        (106, say("trained twin B,")),
        (123, say("unknown to A")),
    )
    lines = "".join(f'<text x="242" y="{y}">{line}</text>' for y, line in words)
    return (
        f'<svg class="diagram" viewBox="0 0 420 132" role="img" aria-label="{label}">{dots}<g class="wires">{wires}</g>'
        '<g class="node node-a"><rect x="190" y="4" width="38" height="38" rx="5"/><text x="209" y="30">A</text></g>'
        '<g class="node node-b"><rect x="191.5" y="91.5" width="35" height="35" rx="5"/><text x="209" y="116">B</text></g>'
        f'<g class="words">{lines}</g></svg>'
    )


def _dots(top: int, radius: str) -> str:
    return "".join(
        f'<circle cx="{10 + column * STEP}" cy="{top + row * STEP}" r="{radius}"/>'
        for row in range(2)
        for column in range(COLUMNS)
    )
