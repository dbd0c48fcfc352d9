"""Gradio's labels in the visitor's language: ours, and what it calls its own parts in English."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import gradio as gr

from mint.i18n.translate import DEFAULT, LANGUAGES, Say
from mint.ui.context import text
from mint.ui.server.gradio_patches import I18nData

PHOTO = "The photo to audit"
NAMES = (
    "Empty value",
    "File upload",
    "Upload file",
    "Capture from camera",
    "Paste from clipboard",
    "grant webcam access",
    "capture photo",
    "select input source",
    "Remove Image",
    "Clear",
    "Reset to default value",
    "number input for {what}",
    "range slider for {what}",
    "Close",
    PHOTO,
)

PLACE = "You are number {n} in line"
WAITING = {  # drawn as text, where gradio would write something else
    "camera": "Click to use the webcam",
    "place": PLACE,
    "turn": "It is your turn",
    "left": "about {time}",
}


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


def script() -> str:
    """Return JavaScript for the page's head."""
    names = {code: {name: Say(code)(name) for name in NAMES} for code in LANGUAGES if code != DEFAULT}
    waiting = {code: {what: Say(code)(words) for what, words in WAITING.items()} for code in LANGUAGES}
    return _given("names.js", "TABLES", names) + _given("waiting.js", "WORDS", waiting)


def _given(name: str, place: str, tables: Mapping[str, Mapping[str, str]]) -> str:
    """A script with its tables, in which no "<" could end the script's element."""
    return text(name).replace(place, json.dumps(tables).replace("<", "\\u003c"))


def announced(say: Say) -> dict[str, str]:
    """What gradio's status line for screen readers says, by gradio's own keys."""
    return {"status.queue_position": say(PLACE, n="{position}"), "common.complete": say("Done")}
