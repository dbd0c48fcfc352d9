"""5. How do you know? What was measured, what the papers report, what this cannot tell, the cards, and references."""

from __future__ import annotations

from typing import Any

import gradio as gr

from mint.i18n.translate import ENGLISH, Say
from mint.ui import context
from mint.ui.components import panel
from mint.ui.context import JUDGE, PageContext
from mint.ui.labels import Labels
from mint.ui.views.proof.attacks import attacks
from mint.ui.views.proof.cards import card, heading, shipped
from mint.ui.views.proof.paper import papers


class Proof:
    """The tab.

    Args:
        shared: what all tabs share.
        language: state with the visitor's language.
        label: translates labels.
    """

    def __init__(self, shared: PageContext, language: gr.State, label: Labels) -> None:
        self.shared = shared
        self.about = panel(context.told("about", ENGLISH), "about")
        self.figures = panel("", "proof")  # comes with the networks
        self.attacks = panel(attacks(), "attacks")
        self.heading = panel(heading(), "cards-head")
        for name, title in shipped().items():
            self._folded(name, label(title), language)
        self.papers = panel(papers(ENGLISH, not shared.kiosk), "papers")

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
            self.about: context.told("about", say),
            self.attacks: attacks(say),
            self.heading: heading(say),
            self.papers: papers(say, not self.shared.kiosk),
        }
