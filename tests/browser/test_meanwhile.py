"""What a visitor does while a run is going on holds: whatever comes late must not write over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from mint.paths import EXAMPLES
from tests.browser import driving
from tests.browser.driving import choose_example, go, note, open_sliders, set_slider, settled, unfold, upload
from tests.browser.test_page import several, word

SECONDS = "2"  # of a look and of the maps, each: time to do something meanwhile
FILES = "#person-files input[type=file], input#person-files, #tab-person input[type=file][multiple]"


@pytest.fixture(scope="module")
def slow(examples: Path) -> Iterator[str]:
    with driving.serving("-m", "tests.browser.server", str(examples), SECONDS, "--details", SECONDS) as url:
        yield url


@pytest.fixture
def page(browser: Browser, slow: str) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    driving.open_page(page, slow)
    open_sliders(page)
    yield page
    context.close()


def test_a_slider_moved_before_the_details_came_stays_heard(page: Page) -> None:
    choose_example(page, 0)
    expect(word(page, "twin-a")).to_have_text("Evidence of use")
    expect(page.locator("#details .chart")).to_have_count(0)  # not yet
    set_slider(page, "alpha", "0.001")
    expect(word(page, "twin-a")).to_have_text("Inconclusive")  # its p-value is 0.0024
    expect(page.locator("#details .chart .track")).to_have_count(2 * 14)
    expect(word(page, "twin-a")).to_have_text("Inconclusive")


def test_a_slider_moved_before_the_verdict_is_what_it_is_judged_by(page: Page) -> None:
    note(page)
    page.locator('#examples [data-pick="0"]').click()
    expect(page.locator('#answer [data-visit="working"]')).to_be_visible()
    set_slider(page, "alpha", "0.001")
    settled(page)
    expect(page.locator("#details .chart .track")).to_have_count(2 * 14)
    expect(word(page, "twin-a")).to_have_text("Inconclusive")
    expect(page.locator("#answer .truth")).to_be_visible()


def test_details_come_for_the_last_of_two_photos_in_a_row(page: Page) -> None:
    choose_example(page, 0)
    choose_example(page, 1)  # while the first one's maps are drawn
    expect(page.locator("#answer .headline")).to_contain_text("only twin B")
    expect(page.locator("#details .chart .track")).to_have_count(2 * 14)


def test_a_face_chosen_before_the_details_came_is_the_one_they_are_of(page: Page, tmp_path: Path) -> None:
    upload(page, several(tmp_path))
    thumbs = page.locator("#faces .thumb")
    thumbs.nth(1).click()
    expect(thumbs.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#details .chart")).to_have_count(0)  # not yet
    expect(page.locator("#details .chart .track")).to_have_count(2 * 14)
    expect(thumbs.nth(1)).to_have_attribute("aria-pressed", "true")
    early = page.locator("#details .html-container").inner_html()
    thumbs.nth(0).click()
    expect(thumbs.nth(0)).to_have_attribute("aria-pressed", "true")
    page.wait_for_function("early => document.querySelector('#details .html-container').innerHTML !== early", arg=early)
    first = page.locator("#details .html-container").inner_html()
    thumbs.nth(1).click()
    page.wait_for_function("first => document.querySelector('#details .html-container').innerHTML !== first", arg=first)
    assert page.locator("#details .html-container").inner_html() == early


def test_photos_of_a_person_that_are_removed_while_more_are_added_do_not_come_back(page: Page) -> None:
    go(page, "person")
    page.set_input_files(FILES, [str(EXAMPLES / "people" / f"01-{i}-gan.png") for i in (1, 2, 3)])
    expect(page.locator("#person-photos li img")).to_have_count(1)
    page.locator("#person-clear").click()
    expect(page.locator("#person-answer .empty")).to_be_visible()
    page.wait_for_timeout(1000 * (2 * int(SECONDS) + 1))  # by then both others would have come
    expect(page.locator("#person-photos li img")).to_have_count(0)
    expect(page.locator("#person-answer .empty")).to_be_visible()
    page.set_input_files(FILES, [str(EXAMPLES / "people" / "01-1-gan.png")])
    expect(page.locator("#person-photos li img")).to_have_count(1)


def test_a_slider_moved_while_photos_are_added_is_heard(page: Page) -> None:
    go(page, "person")
    page.locator('#people [data-pick="0"]').click()
    expect(page.locator("#person-photos li img")).to_have_count(1)
    expect(page.locator("#person-photos .remove")).to_have_count(0)  # the run would bring it back
    unfold(page, "person-sure")
    set_slider(page, "person-alpha", "0.001")
    expect(page.locator("#person-photos li img")).to_have_count(3)
    expect(page.locator("#person-photos .remove")).to_have_count(3)
    expect(page.locator("#person-answer")).to_contain_text("0.1 %")
