"""What a visitor does in the middle of a lesson holds: it ends, and what it taught is gone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import driving
from tests.browser.driving import WAIT_MS, go, set_slider, unfold

SECONDS = 3  # of a lesson


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What became of each lesson, a line each."""
    return tmp_path_factory.mktemp("lessons") / "notes"


@pytest.fixture(scope="module")
def slow(examples: Path, notes: Path) -> Iterator[str]:
    with driving.serving(
        "-m", "tests.browser.server", str(examples), "--lesson", str(SECONDS), "--notes", str(notes)
    ) as url:
        yield url


@pytest.fixture
def page(browser: Browser, slow: str, notes: Path) -> Iterator[Page]:
    notes.write_text("")
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    driving.open_page(page, slow)
    go(page, "teach")
    yield page
    context.close()
    if notes.read_text().endswith("taught\n"):
        told(notes, "wiped")


def begin(page: Page) -> None:
    """Teach the first example, and come back while the lesson is going on."""
    page.locator("#teach-examples [data-pick]").first.click()
    expect(page.locator('#teach-answer [data-visit="ready"]')).to_be_visible()
    page.locator("#teach-start").click()
    page.wait_for_function("() => document.querySelector('#teach-answer [aria-valuenow]')?.ariaValueNow > 0")


def told(notes: Path, last: str) -> list[str]:
    """All notes, once the last one is this."""
    deadline = time.monotonic() + WAIT_MS / 1000
    while not (found := notes.read_text().split()) or found[-1] != last:
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    return found


def test_forget_in_the_middle_of_a_lesson_holds(page: Page, notes: Path) -> None:
    begin(page)
    page.locator("#teach-forget").click()
    expect(page.locator("#teach-answer")).to_contain_text("Forgotten.")
    assert told(notes, "stopped") == ["began", "stopped"]
    page.wait_for_timeout(1000 * (SECONDS + 1))  # by then it would have been over
    expect(page.locator("#teach-answer")).to_contain_text("Forgotten.")
    expect(page.locator("#teach-answer .lesson")).to_have_count(0)
    unfold(page, "teach-sure")
    set_slider(page, "teach-alpha", "0.001")  # nothing is there that could be judged
    page.wait_for_timeout(1000)
    expect(page.locator("#teach-answer")).to_contain_text("Forgotten.")


def test_another_photo_in_the_middle_of_a_lesson_takes_its_place(page: Page, notes: Path) -> None:
    begin(page)
    first = page.locator("#teach-faces img").first.get_attribute("src")
    page.locator("#teach-examples [data-pick]").nth(1).click()
    expect(page.locator('#teach-answer [data-visit="ready"]')).to_be_visible()
    assert page.locator("#teach-faces img").first.get_attribute("src") != first
    assert told(notes, "stopped") == ["began", "stopped"]
    page.wait_for_timeout(1000 * (SECONDS + 1))
    expect(page.locator('#teach-answer [data-visit="ready"]')).to_be_visible()
    page.locator("#teach-start").click()  # the line is free again
    expect(page.locator("#teach-answer .lesson .cell")).to_have_count(4)
    assert told(notes, "taught") == ["began", "stopped", "began", "taught"]
    page.locator("#teach-forget").click()
    assert told(notes, "wiped")[-2:] == ["taught", "wiped"]


def test_a_photo_without_a_face_in_the_middle_of_a_lesson_is_told_so(page: Page, notes: Path, tmp_path: Path) -> None:
    begin(page)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture at all")
    page.set_input_files("#teach-photo input[type=file]", str(broken))
    expect(page.locator("#teach-answer .problem")).to_contain_text("cannot be read")
    told(notes, "stopped")
    page.wait_for_timeout(1000 * (SECONDS + 1))
    expect(page.locator("#teach-answer .problem")).to_contain_text("cannot be read")


def test_a_slider_moved_in_the_middle_of_a_lesson_is_heard(page: Page) -> None:
    begin(page)
    unfold(page, "teach-sure")
    set_slider(page, "teach-alpha", "0.001")
    words = page.locator("#teach-answer .lesson .word")
    expect(words).to_have_count(4)
    expect(words.nth(1)).to_have_text("Inconclusive")  # its p-value is 0.0024
    set_slider(page, "teach-alpha", "0.01")
    expect(words.nth(1)).to_have_text("Evidence of use")


@pytest.mark.parametrize("how", ["closes", "reloads"])
def test_whoever_leaves_in_the_middle_of_a_lesson_ends_it(page: Page, notes: Path, how: str) -> None:
    begin(page)
    page.close() if how == "closes" else page.reload()
    assert told(notes, "stopped") == ["began", "stopped"]


def test_whoever_leaves_after_a_lesson_takes_it_along(page: Page, notes: Path) -> None:
    begin(page)
    expect(page.locator("#teach-answer .lesson .cell")).to_have_count(4)
    page.close()
    assert told(notes, "wiped") == ["began", "taught", "wiped"]
