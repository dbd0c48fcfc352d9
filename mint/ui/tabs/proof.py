"""5. How do you know? What was measured, what the papers report, what this cannot tell, and references."""

from __future__ import annotations

from typing import Any

import gradio as gr

from mint.ui import desk
from mint.ui.desk import Desk
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
        self.papers = panel(papers(ENGLISH, not on.kiosk), "papers")

    def told(self, say: Say) -> dict[Any, Any]:
        """What stands here before the networks are there, in a language."""
        return {self.about: desk.told("about", say), self.papers: papers(say, not self.on.kiosk)}
