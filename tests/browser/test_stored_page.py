"""The page of stored answers, opened as a file: by click, by key, in both languages and themes, without a request."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from mint.ui.stored_page import write_stored_page
from tests.browser.contrast import faint
from tests.browser.driving import WAIT_MS


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_stored_page(tmp_path_factory.mktemp("site")).as_uri()


@pytest.fixture(params=[(1280, 900, "light", "en-GB"), (390, 844, "dark", "es-ES")], ids=["desk", "phone"])
def opened(browser: Browser, file: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height, scheme, locale = request.param
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, locale=locale, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file)
    yield page
    assert [url for url in asked if not url.startswith("data:")] == [file]
    assert not said
    context.close()


def test_a_face_is_answered_where_it_lies_and_the_language_changes(opened: Page) -> None:
    language = opened.evaluate("document.documentElement.lang")
    shown = opened.locator("main > [lang]:visible")
    expect(shown).to_have_count(1)
    expect(shown).to_have_attribute("lang", language)
    opened.wait_for_function("[...document.images].every((image) => image.complete && image.naturalWidth > 100)")
    faces = shown.locator("[data-flip]")
    faces.nth(2).focus()
    opened.keyboard.press("Enter")
    expect(faces.nth(2)).to_have_attribute("aria-pressed", "true")
    expect(shown.locator('.trial[data-place="2"] .lamp').first).to_be_visible()
    expect(shown.locator('.trial[data-place="0"] .lamp').first).to_be_hidden()
    assert opened.evaluate("document.documentElement.scrollWidth") <= opened.viewport_size["width"]  # type: ignore[index]
    texts, found = faint(opened)
    assert texts > 20
    assert not found
    other = "en" if language == "es" else "es"
    shown.locator(f'.languages a[hreflang="{other}"]').click()
    expect(opened.locator("html")).to_have_attribute("lang", other)
    expect(opened.locator("main > [lang]:visible")).to_have_attribute("lang", other)
