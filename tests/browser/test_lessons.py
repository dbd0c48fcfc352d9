"""What a visitor does in the middle of a lesson holds: it ends, and what it taught is gone.

``served.step`` is a latch after each step of a lesson: it lasts for as long as the test wants.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Open
from tests.browser.driving import go, open_page, set_slider, unfold
from tests.ui.latch import wait_until
from tests.ui.served import Served


@pytest.fixture
def page(opened: Open, url: str) -> Page:
    page = opened(url)
    go(page, "teach")
    return page


def begin(page: Page, served: Served) -> None:
    """Teach the first example, and come back in the middle of the lesson."""
    served.step.hold()
    page.locator("#teach-examples [data-pick]").first.click()
    expect(page.locator('#teach-answer [data-visit="ready"]')).to_be_visible()
    page.locator("#teach-start").click()
    served.step.wait_for()
    page.wait_for_function("() => document.querySelector('#teach-answer [aria-valuenow]')?.ariaValueNow > 0")


def let_it_end(served: Served) -> None:
    """Time for the lesson to be over: with it, everything that the server does."""
    served.step.open()
    wait_until(served.idle, "the lesson is over")


def test_forget_in_the_middle_of_a_lesson_holds(page: Page, served: Served) -> None:
    begin(page, served)
    page.locator("#teach-forget").click()
    expect(page.locator("#teach-answer")).to_contain_text("Forgotten.")
    let_it_end(served)
    assert served.notes.wait_for("stopped") == ["began", "stopped"]
    unfold(page, "teach-sure")
    with page.expect_response("**/run/predict*") as judged:
        set_slider(page, "teach-alpha", "0.001")  # nothing is there that could be judged
    assert judged.value.ok
    expect(page.locator("#teach-answer")).to_contain_text("Forgotten.")
    expect(page.locator("#teach-answer .lesson")).to_have_count(0)


def test_another_photo_in_the_middle_of_a_lesson_takes_its_place(page: Page, served: Served) -> None:
    begin(page, served)
    first = page.locator("#teach-faces img").first.get_attribute("src")
    page.locator("#teach-examples [data-pick]").nth(1).click()
    expect(page.locator('#teach-answer [data-visit="ready"]')).to_be_visible()
    assert page.locator("#teach-faces img").first.get_attribute("src") != first
    let_it_end(served)
    assert served.notes.wait_for("stopped") == ["began", "stopped"]
    expect(page.locator('#teach-answer [data-visit="ready"]')).to_be_visible()
    page.locator("#teach-start").click()  # the line is free again
    expect(page.locator("#teach-answer .lesson .cell")).to_have_count(4)
    assert served.notes.wait_for("taught") == ["began", "stopped", "began", "taught"]
    page.locator("#teach-forget").click()
    assert served.notes.wait_for("wiped")[-2:] == ["taught", "wiped"]


def test_a_photo_without_a_face_in_the_middle_of_a_lesson_is_told_so(
    page: Page, served: Served, tmp_path: Path
) -> None:
    begin(page, served)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture at all")
    page.set_input_files("#teach-photo input[type=file]", str(broken))
    expect(page.locator("#teach-answer .problem")).to_contain_text("cannot be read")
    let_it_end(served)
    assert served.notes.wait_for("stopped") == ["began", "stopped"]
    expect(page.locator("#teach-answer .problem")).to_contain_text("cannot be read")


def test_a_slider_moved_in_the_middle_of_a_lesson_is_heard(page: Page, served: Served) -> None:
    begin(page, served)
    unfold(page, "teach-sure")
    set_slider(page, "teach-alpha", "0.001")
    served.step.open()
    words = page.locator("#teach-answer .lesson .word")
    expect(words).to_have_count(4)
    expect(words.nth(1)).to_have_text("Inconclusive")  # its p-value is 0.0024
    set_slider(page, "teach-alpha", "0.01")
    expect(words.nth(1)).to_have_text("Evidence of use")


@pytest.mark.parametrize("how", ["closes", "reloads"])
def test_whoever_leaves_in_the_middle_of_a_lesson_ends_it(browser: Browser, served: Served, how: str) -> None:
    context = browser.new_context(locale="en-GB")  # in which gradio may complain that its stream broke off
    page = context.new_page()
    open_page(page, served.url)
    go(page, "teach")
    begin(page, served)
    here = served.sessions
    page.close() if how == "closes" else page.reload()
    wait_until(lambda: not here & served.sessions, "the server has heard that they left")
    served.step.open()
    assert served.notes.wait_for("stopped") == ["began", "stopped"]
    context.close()


def test_whoever_leaves_after_a_lesson_takes_it_along(page: Page, served: Served) -> None:
    begin(page, served)
    served.step.open()
    expect(page.locator("#teach-answer .lesson .cell")).to_have_count(4)
    page.close()
    assert served.notes.wait_for("wiped") == ["began", "taught", "wiped"]


def test_the_card_s_address_opens_the_card_and_is_forgotten_with_it(page: Page, served: Served) -> None:
    begin(page, served)
    served.step.open()
    code = page.locator("#teach-answer [data-card]").get_attribute("data-card")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{served.url}/?lang=es#card={code}")
    page.reload()  # the same page with another fragment is no new one
    card = page.locator("dialog.card-home")
    expect(card.locator("h2")).to_have_text("Una cara deja una huella")
    expect(card).to_contain_text("sin indicios de uso (p = 0.41)")
    expect(card).to_contain_text("indicios de uso (p = 0.0024)")
    assert asked
    assert not [url for url in asked if code is not None and code in url.partition("#")[0]], (
        "the server hears nothing of it"
    )
    card.locator("button").click()
    expect(card).to_have_count(0)
    expect(page).to_have_url(f"{served.url}/?lang=es")
    page.evaluate("location.hash = '#card=2,twin-a,0.01,<img src=x onerror=alert(1)>'")
    expect(card.locator("h2")).to_contain_text("no lleva ninguna tarjeta")
    expect(card.locator("img")).to_have_count(0)
