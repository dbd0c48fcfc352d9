"""Lead from the head of the tab to each of its sections."""

from __future__ import annotations

from mint.i18n.translate import ENGLISH, Say
from mint.ui.views.proof import attacks, paper

# Heading of each section to its words, in the order in which they stand.
SECTIONS = {
    "about-title": "What this tells you, and what it cannot",
    "proof-title": "What was measured",
    "attacks-title": "When a photo was edited",
    "cards-title": "The cards, whole",
    "papers-title": "The papers’ tables, with the controls",
    "references-title": "References",
}


def contents(say: Say = ENGLISH) -> str:
    """Render the table of contents; sections that did not ship are left out. ``focus.js`` follows its links."""
    shipped = {"attacks-title": attacks.MEASURED.is_file(), "papers-title": any(paper.MEASURED.glob("*.json"))}
    links = "".join(
        f'<li><a href="#{name}" data-skip="#{name}">{say(told)}</a></li>'
        for name, told in SECTIONS.items()
        if shipped.get(name, True)
    )
    return f'<nav class="contents" aria-label="{say("Contents")}"><ul>{links}</ul></nav>'
