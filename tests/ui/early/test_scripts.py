from __future__ import annotations

import json
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from mint.i18n.translate import LANGUAGES, Say
from mint.ui.early.scripts import ANSWER, NAMES, PHOTO, TOASTS, WAITING, script
from mint.ui.labels import announced
from mint.vision.images import FORMATS, MAX_BYTES

HERE = Path(__file__).parents[3] / "mint" / "ui" / "static"


@pytest.fixture(scope="module")
def gradio() -> dict[str, str]:
    """The scripts of gradio's page, by their names."""
    spec = find_spec("gradio")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "templates" / "frontend" / "assets"
    small = (path for path in folder.glob("*.js") if path.stat().st_size < 2**19)  # what draws plots is none of ours
    return {path.name: path.read_text("utf-8") for path in small}


def tables(name: str) -> Any:
    """What a script is given in the page's head, by language."""
    code = (HERE / name).read_text("utf-8").rpartition("(")[0]
    given = script().partition(code)[2].partition("\n")[0]
    return json.loads(given.removeprefix("(").removesuffix(");"))


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_every_name_is_told_and_keeps_its_place(language: str) -> None:
    for name in NAMES:
        told = Say(language, strict=True)(name)
        assert told != name
        assert re.findall(r"\{\w+\}", told) == re.findall(r"\{\w+\}", name)
        assert f"{name}" in script()


def test_gradio_still_uses_every_name_that_is_told_anew(gradio: dict[str, str]) -> None:
    scripts = "\n".join(gradio.values())
    assert not [name for name in NAMES if name not in (PHOTO, ANSWER) and name.partition("{")[0] not in scripts]


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
    own = tables("waiting.js")[language]
    assert own == {what: strict(text) for what, text in WAITING.items()}
    used = set(re.findall(r"own\.(\w+)", (HERE / "waiting.js").read_text("utf-8")))
    assert used == set(WAITING)
    assert "{n}" in own["place"]
    assert "{time}" in own["left"]
    assert "{position}" in announced(strict)["status.queue_position"]
    assert "{n}" not in announced(strict)["status.queue_position"]


def test_gradio_still_refuses_in_the_words_that_are_told_anew(gradio: dict[str, str]) -> None:
    """If this fails, look at what gradio says of files that it does not take, and mend ``toasts.js``."""
    scripts = "\n".join(gradio.values())
    for drawn in (
        r"`Invalid file type\$\{\w+\.length>1\?`s`:``\}: \$\{\w+\}\. Only \$\{\w+\} allowed\.`",
        r"\+=` and \$\{[\w.-]+\} more`",
        r"`File\(s\) exceed the maximum allowed size of \$\{.{1,30}?\}: \$\{.{1,60}?\}`",
        r"`Connection to the server was lost\.",
        r"`Connection errored out\. `",
        r"`HTTP \$\{[\w.]+\}: \$\{\w+\}`",
        r'data-testid="toast-text"',
    ):
        assert re.search(drawn, scripts), drawn


def test_the_script_knows_gradio_s_refusals() -> None:
    toasts = (HERE / "toasts.js").read_text("utf-8")
    assert "'[data-testid=toast-text]'" in toasts
    for start, text, found in (
        (r"\^Invalid", "Invalid file type: a. Only b.txt. Only image/* allowed.", ("a. Only b.txt",)),
        (r"\^Invalid", "Invalid file types: a.txt, b.pdf. Only .jpg, .png allowed.", ("a.txt, b.pdf",)),
        (r"\^\(\.\+\) and", "a.txt, b and c.txt and 2 more", ("a.txt, b and c.txt", "2")),
        (r"\^File", 'File(s) exceed the maximum allowed size of 60.0 Mb: "a: b.png"', ('"a: b.png"',)),
    ):
        (expression,) = re.findall(rf"/({start}.+?\$)/s\.exec", toasts)
        match = re.fullmatch(expression, text, re.S)
        assert match is not None, text
        assert match.groups() == found
    for said in ("Connection to the server was lost.", "Connection errored out."):
        assert f"text.startsWith('{said}')" in toasts


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_refusals_are_told_in_every_language_and_are_true(language: str) -> None:
    strict = Say(language, strict=True)
    own = tables("toasts.js")[language]
    size = str(MAX_BYTES // 2**20)
    assert own == {what: strict(text).replace("{size}", size) for what, text in TOASTS.items()}
    assert set(re.findall(r"own\.(\w+)", (HERE / "toasts.js").read_text("utf-8"))) == set(TOASTS)
    assert f"{size} MB" in own["size"]
    for what, places in {"kind": ["names"], "size": ["names"], "more": ["names", "n"]}.items():
        assert re.findall(r"\{(\w+)\}", own[what]) == places
    assert re.findall("JPEG|PNG|WEBP", own["kind"].upper()) == [*FORMATS]


def test_the_script_cannot_end_its_element() -> None:
    assert "</" not in script()
    assert not re.search(r"\b(?:TABLES|WORDS|TOASTS)\b", script())
