"""On a phone an answer's page is short: stops fold up until they are asked for, the wall's rows are pushed along."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.accessible import heard
from tests.browser.conftest import Open
from tests.browser.contrast import faint
from tests.browser.driving import choose_example

WIDTH, HEIGHT = 390, 844
ANSWERED = (
    700  # pixels from the top: within them lie faces to choose from, one of them large, and what both twins say of it
)
MOST = 8.5  # screens that an answer with all its details takes; it was 12 to 13 of them


@pytest.mark.parametrize("locale", ["en-GB", "es-ES"])
def test_an_answer_is_not_too_long(real: str, opened: Open, locale: str) -> None:
    page = opened(real, WIDTH, HEIGHT, locale=locale)
    choose_example(page, 0)
    expect(page.locator("#details .scan")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollHeight") <= MOST * HEIGHT
    for figures in page.locator("#answer .facts:visible").all():
        assert figures.locator("dd").count(), "what an answer counts with is not folded away"
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH


@pytest.mark.parametrize(("scheme", "locale"), [("light", "en-GB"), ("dark", "es-ES")])
def test_the_first_screen_has_faces_and_an_answer(opened: Open, url: str, scheme: str, locale: str) -> None:
    page = opened(url, WIDTH, HEIGHT, scheme, locale=locale)
    expect(page.locator("#flip .stage .portrait")).to_be_visible()
    ends = page.evaluate(
        """(parts) => parts.map((part) => [...document.querySelectorAll(part)].filter((one) => one.getClientRects().length)
             .map((one) => one.getBoundingClientRect()).map(({ right, bottom }) => [right, bottom]))""",
        ["#flip .stage .portrait", "#flip .lamp .word", "#flip .told .truth", "#flip .choices .face:not(.you)"],
    )
    portrait, words, truth, faces = ends
    assert len(words) == 2
    assert max(bottom for _, bottom in (*portrait, *words)) <= ANSWERED
    assert max(bottom for _, bottom in truth) <= HEIGHT
    assert len([1 for right, bottom in faces if right <= WIDTH and bottom <= ANSWERED]) >= 4
    you = page.locator("#flip .you")
    you.focus()
    expect(you).to_be_in_viewport(ratio=0.98)
    assert not [text for text in faint(page)[1] if "flip" in str(text["where"])]
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_stops_unfold_and_stay_so(opened: Open, url: str, scheme: str) -> None:
    page = opened(url, WIDTH, HEIGHT, scheme)
    choose_example(page, 0)
    stops, head = page.locator("#details .stop:visible"), page.locator("#details .whole > summary")
    expect(head).to_be_visible()
    expect(stops).to_have_count(0)
    head.focus()
    page.keyboard.press("Enter")
    expect(stops).not_to_have_count(0)
    strips, scales = (page.locator(f"#details .on-same > {part}:visible") for part in (".cloud", ".scale"))
    expect(strips).not_to_have_count(0)
    expect(scales).to_have_count(strips.count())  # of those that say nothing as well
    heard(page)
    assert not faint(page)[1]
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH
    choose_example(page, 1)
    expect(stops).not_to_have_count(0)
    head.click()
    expect(stops).to_have_count(0)
    choose_example(page, 2)
    expect(head).to_be_visible()
    expect(stops).to_have_count(0)
    page.set_viewport_size({"width": 1280, "height": 900})  # turned, or on a larger screen: there is room
    expect(stops).not_to_have_count(0)
    expect(head).to_be_hidden()


def test_the_last_of_a_row_comes_into_sight_by_key(opened: Open, url: str) -> None:
    page = opened(url, WIDTH, HEIGHT)
    rows = page.locator("#examples .tiles").all()
    assert rows
    for row in rows:
        last = row.locator("[data-pick]").last
        last.focus()
        expect(last).to_be_in_viewport(ratio=0.98)  # rows begin at fractions of a pixel
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH
