"""Gradio's labels in the visitor's language: ours, and what it calls its own parts in English."""

from __future__ import annotations

import re

import gradio as gr

from mint.i18n.translate import LANGUAGES, Say
from mint.ui.early.scripts import PLACE
from mint.ui.server.gradio_patches import I18nData


class Labels:
    """Turn English labels into keys that the browser looks up."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}

    def __call__(self, english: str, before: str = "") -> I18nData:
        """Return the key of a label.

        It is made of the label's letters, because dots in a key would mean nested tables.

        Args:
            english: the label.
            before: what stands before it in every language.
        """
        key = "mint-" + re.sub(r"\W+", "-", (before + english).lower()).strip("-")[:60]
        for language, known in self._tables.items():
            told = before + Say(language)(english)
            if known.setdefault(key, told) != told:
                raise ValueError(f"two labels have the key {key}")
        return I18nData(key)

    def i18n(self) -> gr.I18n:
        """Return the tables for ``Blocks.launch``."""
        return gr.I18n(**{language: known | announced(Say(language)) for language, known in self._tables.items()})


def announced(say: Say) -> dict[str, str]:
    """Return what gradio's status line for screen readers says, by gradio's own keys."""
    return {"status.queue_position": say(PLACE, n="{position}"), "common.complete": say("Done")}
