"""The first screen needs no Gradio, and says what the page will."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mint.i18n.translate import LANGUAGES, Say
from mint.ui.early import screen
from mint.ui.early.choices import offered
from mint.ui.server.first_page import SPOKEN

ROOT = Path(__file__).parents[3]
ALONE = """
import sys
from mint.ui import serve
heavy = [name for name in ("gradio", "torch", "onnxruntime", "scipy", "pandas", "huggingface_hub") if name in sys.modules]
assert not heavy, heavy
"""


def test_what_answers_first_imports_nothing_that_takes_seconds() -> None:
    done = subprocess.run([sys.executable, "-c", ALONE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_screen_has_the_page_s_head_tabs_and_wall(served: Any, language: str) -> None:
    shared, say = served.page.shared, Say(language)
    html = screen.screen(shared, language)
    title = Say(language, strict=True)(screen.TITLE)
    assert f"<title>{title}</title>" in html
    spoken = SPOKEN.set(language)
    assert served.page.blocks.config["title"] == title, "gradio's script sets it once more"
    SPOKEN.reset(spoken)
    assert html.startswith(f'<!doctype html>\n<html lang="{language}"')
    assert screen.intro(say) in html
    for number, _, title in offered(shared.kiosk):
        assert f"{number} {say(title)}" in html
    assert screen.wall(shared, say).replace("flip-title", "first-title") in html
    assert "</body>" not in html, "the page follows"
    assert screen.failed(language).startswith('<p class="failed" role="alert">')
