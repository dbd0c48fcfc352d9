"""5. How do you know? What was measured, what the papers report, what this cannot tell, the cards, and references."""

from __future__ import annotations

import logging
from typing import Any

import gradio as gr

from mint.errors import brief
from mint.i18n.translate import ENGLISH, Say
from mint.ui import context
from mint.ui.components import panel
from mint.ui.context import AFTER, JUDGE, PageContext
from mint.ui.labels import Labels
from mint.ui.views.proof.attacks import attacks
from mint.ui.views.proof.cards import card, heading, shipped
from mint.ui.views.proof.contents import contents
from mint.ui.views.proof.measured import proof
from mint.ui.views.proof.paper import papers

log = logging.getLogger("mint.ui")


class Proof:
    """The tab.

    Args:
        shared: what all tabs share.
        language: field with the visitor's language.
        label: translates labels.
    """

    def __init__(self, shared: PageContext, language: gr.Textbox, label: Labels) -> None:
        self.shared, self.language = shared, language
        self.seen = gr.State(False)  # whether the figures are there
        self.contents = panel(contents(), "contents")
        self.about = panel(context.told("about", ENGLISH), "about")
        self.figures = panel("", "proof")  # for whoever looks, see ``opened``
        self.attacks = panel(attacks(), "attacks")
        self.heading = panel(heading(), "cards-head")
        for name, title in shipped().items():
            self._folded(name, label(title), language)
        self.papers = panel(papers(ENGLISH, not shared.kiosk), "papers")

    def _folded(self, name: str, title: Any, language: gr.Textbox) -> None:
        """Fold a card that loads when it is opened: together they outweigh the rest of the page."""
        with gr.Accordion(title, open=False, elem_id=f"card-{name}", elem_classes="sure") as fold:
            body = panel("", f"card-{name}-body")

        def opened(spoken: str) -> str:
            return card(name, Say(spoken))

        fold.expand(opened, language, body, **JUDGE)

    def opened(self, tab: gr.Tab) -> None:
        """Set what happens when the tab is opened: it gets its figures, once the networks are there."""
        first = tab.select(self._first_measured, [self.seen, self.language], self.figures, **JUDGE)
        first.then(self._measured, [self.seen, self.language], [self.figures, self.seen], **AFTER)

    def _first_measured(self, seen: bool, language: str) -> Any:
        """Tell how good the test is for the networks that are asked first, or why there are none."""
        if seen:
            return gr.skip()
        say = Say(language)
        try:
            return proof(self.shared.loading.evaluations(), say)
        except Exception as error:
            return context.problem(error, say)

    def _measured(self, seen: bool, language: str) -> tuple[Any, Any]:
        """Tell it for all that can be chosen; a pair that nobody has chosen is not loaded for it."""
        if seen:
            return gr.skip(), gr.skip()
        found: dict[str, Any] = {}
        for choice in self.shared.choices:
            try:
                found |= self.shared.of(choice).evaluations()
            except Exception as error:  # the figures of the others are told; who chooses these networks is told why not
                log.error("%s could not be loaded: %s", choice, brief(error))
        return (proof(found, Say(language)) if self.shared.others else gr.skip()), bool(found)

    def told(self, say: Say) -> dict[Any, Any]:
        """Return what stands here before the networks are there, in a language."""
        return {
            self.contents: contents(say),
            self.about: context.told("about", say),
            self.attacks: attacks(say),
            self.heading: heading(say),
            self.papers: papers(say, not self.shared.kiosk),
        }
