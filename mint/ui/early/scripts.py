"""What the page's scripts are given to say, in every language."""

from __future__ import annotations

import json
from collections.abc import Mapping

from mint.i18n.translate import DEFAULT, LANGUAGES, Say
from mint.ui.context import text
from mint.ui.views.play import take_home
from mint.vision.images import MAX_BYTES

PHOTO = "The photo to audit"
ANSWER = "Answer"  # what ``scroll.js`` calls the place where it stands
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
    ANSWER,
)

PLACE = "You are number {n} in line"
WAITING = {  # drawn as text, where gradio would write something else
    "camera": "Click to use the webcam",
    "place": PLACE,
    "working": "Working on it …",
    "left": "about {time}",
}
TOASTS = {  # in the place of what gradio's script says where it refuses something itself
    "kind": "This page cannot read {names}. It takes photos as JPEG, PNG or WebP.",
    "size": "Too large: {names}. A photo may have {size} MB at most.",
    "more": "{names} and {n} more",
    "lost": "The connection to the server was lost. The page tries to reach it again.",
    "unreachable": "The server cannot be reached. Look at your connection, then try again.",
}


def script() -> str:
    """Return JavaScript for the page's head."""
    names = {code: {name: Say(code)(name) for name in NAMES} for code in LANGUAGES if code != DEFAULT}
    waiting, toasts = ({code: _told(words, Say(code)) for code in LANGUAGES} for words in (WAITING, TOASTS))
    given: dict[str, tuple[str, Mapping[str, Mapping[str, object]]]] = {
        "names.js": ("TABLES", names),
        "waiting.js": ("WORDS", waiting),
        "toasts.js": ("TOASTS", toasts),
    }
    return text("rewriting.js") + "".join(_given(name, place, tables) for name, (place, tables) in given.items())


def card() -> str:
    """Return JavaScript that shows a card which an address carries; it belongs before all of gradio's."""
    tables = {code: take_home.tables(Say(code)) for code in LANGUAGES}
    return _given("card.js", "TABLES_OF_CARDS", tables)


def _told(words: Mapping[str, str], say: Say) -> dict[str, str]:
    return {what: say(text).replace("{size}", str(MAX_BYTES // 2**20)) for what, text in words.items()}


def _given(name: str, place: str, tables: Mapping[str, Mapping[str, object]]) -> str:
    """A script with its tables, in which no "<" could end the script's element."""
    return text(name).replace(place, json.dumps(tables).replace("<", "\\u003c"))
