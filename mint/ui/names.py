"""Translate names that gradio gives its own parts in English."""

from __future__ import annotations

import json

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
    PHOTO,
)


def script() -> str:
    """Return JavaScript for the page's head; it has no effect in English."""
    tables = {code: {name: Say(code)(name) for name in NAMES} for code in LANGUAGES if code != DEFAULT}
    # No "<" that could end the script's element.
    return text("names.js").replace("TABLES", json.dumps(tables).replace("<", "\\u003c"))
