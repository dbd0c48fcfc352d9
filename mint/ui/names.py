"""Translate names that gradio gives its own parts in English."""

from __future__ import annotations

import json
from collections.abc import Mapping

from mint.ui.desk import text
from mint.words import DEFAULT, LANGUAGES, Say

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
