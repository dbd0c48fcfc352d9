"""Translate labels of gradio's components, collected while the page is built."""

from __future__ import annotations

import re

import gradio as gr
from gradio.i18n import I18nData

from mint.ui.names import announced
from mint.words import LANGUAGES, Say


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
