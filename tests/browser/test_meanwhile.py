"""What a visitor does while a run is going on holds: whatever comes late must not write over it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from mint.storage.paths import EXAMPLES
from tests.browser.conftest import Open
from tests.browser.driving import choose_example, go, note, open_sliders, set_slider, settled, unfold, upload
from tests.browser.test_page import several, word
from tests.ui.latch import wait_until
from tests.ui.served import Served

FILES = "#person-files input[type=file], input#person-files, #tab-person input[type=file][multiple]"


@pytest.fixture
def page(opened: Open, url: str) -> Page:
    page = opened(url)
    open_sliders(page)
    return page


def test_a_slider_moved_before_the_details_came_stays_heard(page: Page, served: Served) -> None:
    served.settling.hold()
    choose_example(page, 0)
    expect(word(page, "twin-a")).to_have_text("Evidence of use")
    served.settling.wait_for()
    expect(page.locator("#details .chart")).to_have_count(0)
    set_slider(page, "alpha", "0.001")
    expect(word(page, "twin-a")).to_have_text("Inconclusive")  # its p-value is 0.0024
    served.settling.open()
    expect(page.locator("#details .chart .track")).to_have_count(2 * 14)
    expect(word(page, "twin-a")).to_have_text("Inconclusive")


def test_a_slider_moved_before_the_verdict_is_what_it_is_judged_by(page: Page, served: Served) -> None:
    served.test.looking.hold()
    note(page)
    page.locator('#examples [data-pick="0"]').click()
    served.test.looking.wait_for()
    expect(page.locator('#answer [data-visit="working"]')).to_be_visible()
    set_slider(page, "alpha", "0.001")
    served.test.looking.open()
    settled(page)
    expect(page.locator("#details .chart .track")).to_have_count(2 * 14)
    expect(word(page, "twin-a")).to_have_text("Inconclusive")
    expect(page.locator("#answer .truth")).to_be_visible()


def test_details_come_for_the_last_of_two_photos_in_a_row(page: Page, served: Served) -> None:
    served.settling.hold()
    choose_example(page, 0)
    served.settling.wait_for()
    choose_example(page, 1)  # while the first one's details are still to come
    expect(page.locator("#answer .headline")).to_contain_text("only twin B")
    expect(page.locator("#details .chart")).to_have_count(0)
    served.settling.open()
    expect(page.locator("#details .chart .track")).to_have_count(2 * 14)


def test_a_face_chosen_before_the_details_came_is_the_one_they_are_of(
    page: Page, served: Served, tmp_path: Path
) -> None:
    served.settling.hold()
    upload(page, several(tmp_path))
    thumbs = page.locator("#faces .thumb")
    thumbs.nth(1).click()
    expect(thumbs.nth(1)).to_have_attribute("aria-pressed", "true")
    served.settling.wait_for()
    expect(page.locator("#details .chart .track")).to_have_count(2 * 14)  # they come with the face
    served.settling.open()
    wait_until(served.idle, "those that follow the verdict have come")
    expect(thumbs.nth(1)).to_have_attribute("aria-pressed", "true")
    early = page.locator("#details .html-container").inner_html()
    thumbs.nth(0).click()
    expect(thumbs.nth(0)).to_have_attribute("aria-pressed", "true")
    page.wait_for_function("early => document.querySelector('#details .html-container').innerHTML !== early", arg=early)
    first = page.locator("#details .html-container").inner_html()
    thumbs.nth(1).click()
    page.wait_for_function("first => document.querySelector('#details .html-container').innerHTML !== first", arg=first)
    assert page.locator("#details .html-container").inner_html() == early


def test_photos_of_a_person_that_are_removed_while_more_are_added_do_not_come_back(page: Page, served: Served) -> None:
    go(page, "person")
    served.test.looking.hold()
    page.set_input_files(FILES, [str(EXAMPLES / "people" / f"01-{i}-gan.png") for i in (1, 2, 3)])
    served.test.looking.let()
    expect(page.locator("#person-photos li img")).to_have_count(1)
    served.test.looking.wait_for(2)
    page.locator("#person-clear").click()
    expect(page.locator("#person-answer .empty")).to_be_visible()
    served.test.looking.open()
    wait_until(served.idle, "the others would have come")
    expect(page.locator("#person-photos li img")).to_have_count(0)
    expect(page.locator("#person-answer .empty")).to_be_visible()
    page.set_input_files(FILES, [str(EXAMPLES / "people" / "01-1-gan.png")])
    expect(page.locator("#person-photos li img")).to_have_count(1)


def test_a_slider_moved_while_photos_are_added_is_heard(page: Page, served: Served) -> None:
    go(page, "person")
    served.test.looking.hold()
    page.locator('#people [data-pick="0"]').click()
    served.test.looking.let()
    expect(page.locator("#person-photos li img")).to_have_count(1)
    expect(page.locator("#person-photos .remove")).to_have_count(0)  # the run would bring it back
    unfold(page, "person-sure")
    set_slider(page, "person-alpha", "0.001")
    served.test.looking.open()
    expect(page.locator("#person-photos li img")).to_have_count(3)
    expect(page.locator("#person-photos .remove")).to_have_count(3)
    expect(page.locator("#person-answer")).to_contain_text("0.1 %")
