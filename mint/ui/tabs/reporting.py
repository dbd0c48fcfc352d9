"""The part of a tab that makes a report on the answer shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr

from mint.errors import MintError
from mint.i18n.translate import Say
from mint.report.case import LONGEST, Case
from mint.report.story.summary import FIELDS
from mint.ui import context
from mint.ui.components import panel
from mint.ui.context import JUDGE, PRINT, PageContext
from mint.ui.labels import Labels
from mint.ui.server.memory.gone import GONE
from mint.ui.sessions import downloads
from mint.ui.views import notices

if TYPE_CHECKING:  # torch takes seconds to import: the page does not wait for it
    from mint.report.document import Document

Make = Callable[..., "Document"]  # of test, state, alpha, prior, whether faces go in, case, and further states


class Reporting:
    """A folded part with a box, fields for an authority, a button and, once made, the links.

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
            with gr.Accordion(
                label("For an authority: case and roles"), open=False, elem_id=f"{prefix}case", elem_classes="sure case"
            ):
                self.case = tuple(
                    gr.Textbox(
                        label=label(name),
                        max_length=LONGEST,
                        elem_id=f"{prefix}case-{field.replace('_', '-')}",
                        placeholder=label("for example 2026-07-31") if field == "copy_date" else None,
                    )
                    for field, name in FIELDS.items()
                )
            self.make = gr.Button(
                label("Make the report"), elem_id=f"{prefix}make", elem_classes="plain", variant="secondary"
            )
            self.links = panel("", f"{prefix}links")

    def of(
        self,
        make: Make,
        state: gr.State,
        sliders: tuple[gr.Slider, gr.Slider],
        language: gr.Textbox,
        further: Sequence[gr.State] = (),
    ) -> None:
        """Set what the report is made of; a moved slider removes the report."""

        def made(now: Any, thumbnail: bool, alpha: float, prior: float, spoken: str, *more: Any) -> str:
            if not now:
                return context.gone(Say(spoken)) if now is GONE else ""
            case, states = more[: len(FIELDS)], more[len(FIELDS) :]
            try:
                stated = Case.from_dict(dict(zip(FIELDS, case, strict=True)))
            except MintError as error:  # a slip of the visitor's, and nothing for the log
                return notices.slip(error, Say(spoken))
            try:
                test = self.shared.of(now.pair).get()
                document = make(test, now, alpha, prior, thumbnail is True, stated, *states)
                return (downloads.shown if self.shared.kiosk else downloads.links)(document, Say(spoken))
            except Exception as error:
                return context.problem(error, Say(spoken))

        self.make.click(made, [state, self.thumbnail, *sliders, language, *self.case, *further], self.links, **PRINT)
        parts: tuple[Any, ...] = (*sliders, self.thumbnail, *self.case)
        for part in parts:
            part.input(lambda: "", None, self.links, **JUDGE)
