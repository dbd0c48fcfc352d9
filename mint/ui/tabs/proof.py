"""5. How do you know? What was measured, what the papers report, what this cannot tell, the cards, and references."""

from __future__ import annotations

from typing import Any

import gradio as gr

from mint.ui import desk
from mint.ui.attacks import attacks
from mint.ui.cards import card, heading, shipped
from mint.ui.desk import JUDGE, Desk
from mint.ui.labels import Labels
from mint.ui.papers import papers
from mint.ui.parts import panel
from mint.words import ENGLISH, Say


class Proof:
    """The tab.

    Args:
        on: what all tabs share.
        language: state with the visitor's language.
        label: translates labels.
    """

    def __init__(self, on: Desk, language: gr.State, label: Labels) -> None:
        self.on = on
        self.about = panel(desk.told("about", ENGLISH), "about")
        self.figures = panel("", "proof")  # comes with the networks
        self.attacks = panel(attacks(), "attacks")
        self.heading = panel(heading(), "cards-head")
        for name, title in shipped().items():
            self._folded(name, label(title), language)
        self.papers = panel(papers(ENGLISH, not on.kiosk), "papers")

    def _folded(self, name: str, title: Any, language: gr.State) -> None:
        """Fold a card that loads when it is opened: together they outweigh the rest of the page."""
        with gr.Accordion(title, open=False, elem_id=f"card-{name}", elem_classes="sure") as fold:
            body = panel("", f"card-{name}-body")

        def opened(spoken: str) -> str:
            return card(name, Say(spoken))

        fold.expand(opened, language, body, **JUDGE)

    def told(self, say: Say) -> dict[Any, Any]:
        """Return what stands here before the networks are there, in a language."""
        return {
            self.about: desk.told("about", say),
            self.attacks: attacks(say),
            self.heading: heading(say),
            self.papers: papers(say, not self.on.kiosk),
        }
