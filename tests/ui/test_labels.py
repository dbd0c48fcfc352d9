from __future__ import annotations

import json
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from mint.i18n.translate import LANGUAGES, Say
from mint.ui.labels import NAMES, PHOTO, WAITING, announced, script

HERE = Path(__file__).parents[2] / "mint" / "ui" / "static"


@pytest.fixture(scope="module")
def gradio() -> dict[str, str]:
    """The scripts of gradio's page, by their names."""
    spec = find_spec("gradio")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "templates" / "frontend" / "assets"
    small = (path for path in folder.glob("*.js") if path.stat().st_size < 2**19)  # what draws plots is none of ours
    return {path.name: path.read_text("utf-8") for path in small}


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_every_name_is_told_and_keeps_its_place(language: str) -> None:
    for name in NAMES:
        told = Say(language, strict=True)(name)
        assert told != name
        assert re.findall(r"\{\w+\}", told) == re.findall(r"\{\w+\}", name)
        assert f"{name}" in script()


def test_gradio_still_uses_every_name_that_is_told_anew(gradio: dict[str, str]) -> None:
    scripts = "\n".join(gradio.values())
    assert not [name for name in NAMES if name != PHOTO and name.partition("{")[0] not in scripts]


def test_gradio_still_draws_what_the_script_looks_for(gradio: dict[str, str]) -> None:
    """If this fails, look at how gradio draws the place in line and the camera's button, and mend ``waiting.js``."""
    (tracker,) = (text for name, text in gradio.items() if name.startswith("statustracker-"))
    (webcam,) = (text for text in gradio.values() if "Click to Access Webcam" in text)
    for drawn in ('data-testid="status-tracker"', "progress-text", "`processing |`"):
        assert drawn in tracker, drawn
    assert re.search(r"`queue: \$\{[\w.]+\+1\}/\$\{.{1,40}?\} \|`", tracker), "queue: 3/11 |"
    assert re.search(r"`\$\{.{1,20}?\}\$\{[\w()]+\?`/\$\{.{1,20}?\}`:``\}s`", tracker), "4.2/19.6s, or 4.2s"
    assert re.search(r'<button class="[\w-]+"><div class="wrap [\w-]+">', webcam)
    for key in announced(Say()):
        assert key.rpartition(".")[2] in "".join(gradio.values()), key
        assert f"i18n(`{key}`)" in tracker, key


def test_the_script_looks_for_what_gradio_draws() -> None:
    waiting = (HERE / "waiting.js").read_text("utf-8")
    boxes = "'[data-testid=status-tracker] .progress-text, .photo-input button .wrap'"
    for drawn in (boxes, "'processing |'", "'Click to Access Webcam'"):
        assert drawn in waiting
    for pattern, text, found in (
        (r"/(\^queue.+)/\.exec", "queue: 3/11 |", ("3",)),
        (r"/(\^\(.+)/\.exec", "4.2/19.6s", ("4.2", "19.6")),
        (r"/(\^\(.+)/\.exec", "4.2s", ("4.2", None)),
    ):
        (expression,) = re.findall(pattern, waiting)
        match = re.fullmatch(expression.replace(r"\/", "/"), text)
        assert match is not None, text
        assert match.groups() == found


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_place_in_line_and_the_camera_are_told_in_every_language(language: str) -> None:
    strict = Say(language, strict=True)
    (words,) = re.findall(r"^\}\)\((.*)\);$", script().rpartition("const own = words")[2], re.M)
    own = json.loads(words)[language]
    assert own == {what: strict(text) for what, text in WAITING.items()}
    used = set(re.findall(r"own\.(\w+)", (HERE / "waiting.js").read_text("utf-8")))
    assert used == set(WAITING)
    assert "{n}" in own["place"]
    assert "{time}" in own["left"]
    assert "{position}" in announced(strict)["status.queue_position"]
    assert "{n}" not in announced(strict)["status.queue_position"]


def test_the_script_cannot_end_its_element() -> None:
    assert "</" not in script()
    assert "TABLES" not in script()
    assert "WORDS" not in script()
