"""The part of a tab that makes a report on the answer shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gradio as gr

from mint.i18n.translate import Say
from mint.ui import context
from mint.ui.components import panel
from mint.ui.context import JUDGE, PRINT, PageContext
from mint.ui.labels import Labels
from mint.ui.sessions import downloads

if TYPE_CHECKING:  # torch takes seconds to import: the page does not wait for it
    from mint.membership import MembershipTest
    from mint.report.document import Document

Make = Callable[["MembershipTest", Any, float, float, bool], "Document"]


class Reporting:
    """A folded part with a box, a button and, once made, the links.

    Args:
        shared: what all tabs share.
        prefix: of the elements' names.
        label: translates labels.
    """

    def __init__(self, shared: PageContext, prefix: str, label: Labels) -> None:
        self.shared = shared
        with gr.Accordion(
            label("Take a report with you"), open=False, elem_id=f"{prefix}report", elem_classes="sure report"
        ):
            self.thumbnail = gr.Checkbox(
                False, label=label("with the cut-out face"), elem_id=f"{prefix}thumbnail", elem_classes="box"
            )
            self.make = gr.Button(
                label("Make the report"), elem_id=f"{prefix}make", elem_classes="plain", variant="secondary"
            )
            self.links = panel("", f"{prefix}links")

    def of(self, make: Make, state: gr.State, sliders: tuple[gr.Slider, gr.Slider], language: gr.State) -> None:
        """Set what the report is made of; a moved slider removes the report."""

        def made(now: Any, thumbnail: bool, alpha: float, prior: float, spoken: str) -> str:
            if now is None:
                return ""
            try:
                document = make(self.shared.of(now.pair).get(), now, alpha, prior, thumbnail is True)
                return downloads.links(document, Say(spoken))
            except Exception as error:
                return context.problem(error, Say(spoken))

        self.make.click(made, [state, self.thumbnail, *sliders, language], self.links, **PRINT)
        for part in (*sliders, self.thumbnail):
            part.input(lambda: "", None, self.links, **JUDGE)
