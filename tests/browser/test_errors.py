"""An error of each kind, in every tab that can meet it: words that say what happened and what to do, and the page goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from mint.errors import WeightsMissing
from tests.browser import driving
from tests.browser.conftest import FACE, Open
from tests.browser.driving import choose_example, go
from tests.ui.reading import TROUBLES
from tests.ui.served import LET_GRADIO_WARN, Served, serving_here

PHOTO, ANSWER = "#{}photo input[type=file]", "#{}answer"
FILES = "input#person-files, #person-files input[type=file], #tab-person input[type=file][multiple]"
TABS = {"photo": "", "person": "person-", "teach": "teach-"}

DENIED = """{
  const media = navigator.mediaDevices, ask = media.getUserMedia.bind(media);
  media.getUserMedia = (...wishes) => ask(...wishes).catch((error) => { window.denied = error.name; throw error; });
}"""


@pytest.mark.parametrize("tab", TABS)
def test_a_photo_that_cannot_be_used_gets_words_and_the_next_one_an_answer(
    page: Page, tmp_path: Path, tab: str
) -> None:
    go(page, tab)
    field, answer = PHOTO.format(TABS[tab]), page.locator(ANSWER.format(TABS[tab]))
    for data, words in TROUBLES.values():
        (tmp_path / "photo.png").write_bytes(data)
        page.set_input_files(field, str(tmp_path / "photo.png"))
        expect(answer).to_contain_text(words)
        expect(answer).not_to_contain_text("Traceback")
        page.set_input_files(field, str(FACE))
        expect(answer).not_to_contain_text(words)
        expect(answer.locator(".problem")).to_have_count(0)
        if tab == "person":  # a photo that is there already is no news
            page.locator("#person-clear").click()
            expect(page.locator("#person-photos .collected")).to_have_count(0)


@pytest.mark.parametrize("tab", ["photo", "person"])
def test_networks_that_could_not_be_loaded_are_named_with_what_to_do(opened: Open, served: Served, tab: str) -> None:
    served.networks.error = WeightsMissing("weights/twin-a is missing. Restore it from the repository.")
    page = opened(served.url)
    expect(page.locator("#status")).to_contain_text("The networks could not be loaded.")
    go(page, tab)
    page.set_input_files(PHOTO.format(TABS[tab]), str(FACE))
    answer = page.locator(ANSWER.format(TABS[tab]))
    expect(answer).to_contain_text("The test cannot run.")
    expect(answer).to_contain_text("Restore it from the repository.")


def test_a_camera_that_is_denied_leaves_the_other_ways(playwright, url: str) -> None:  # type: ignore[no-untyped-def]
    browser: Browser = driving.chromium(playwright, ("--use-fake-device-for-media-stream", "--deny-permission-prompts"))
    try:
        page = browser.new_page(locale="en-GB")
        page.add_init_script(DENIED)
        driving.open_page(page, url)
        page.locator("#photo").get_by_role("button", name="Click to use the webcam").click()
        page.wait_for_function("window.denied === 'NotAllowedError'")
        page.set_input_files(PHOTO.format(""), str(FACE))
        expect(page.locator("#answer .result")).to_be_visible()
    finally:
        browser.close()


def test_photos_that_are_too_much_together_are_refused_in_words(browser: Browser, url: str) -> None:
    """The server's answer is given here in its place: tests/ui/server/test_limits.py and tests/hostile/test_web.py get it."""
    words = "These photos are too large to be sent together. Add fewer at once."
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    driving.open_page(page, url)
    page.route("**/gradio_api/upload*", lambda route: route.fulfill(status=413, content_type="text/plain", body=words))
    go(page, "person")
    page.set_input_files(FILES, [str(FACE), str(FACE)])
    expect(page.get_by_test_id("toast-text")).to_have_text(words)  # and not which number of HTTP that is
    page.unroute("**/gradio_api/upload*")
    page.set_input_files(FILES, [str(FACE)])
    expect(page.locator("#person-photos .collected")).to_be_visible()
    context.close()


@LET_GRADIO_WARN
def test_a_server_that_is_gone_is_told_and_what_is_there_stays(
    browser: Browser, written_examples: Path, tmp_path: Path
) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    with serving_here(written_examples, tmp_path) as gone:
        driving.open_page(page, gone.url)
        choose_example(page, 0)
    page.locator('#examples [data-pick="1"]').click()
    lost = "The connection to the server was lost. The page tries to reach it again."
    expect(page.get_by_test_id("toast-text")).to_have_text(lost)
    expect(page.locator("#answer .truth")).to_be_visible()  # the answer that was there
    page.set_input_files(PHOTO.format(""), str(FACE))
    unreachable = "The server cannot be reached. Look at your connection, then try again."
    expect(page.get_by_test_id("toast-text")).to_have_text([lost, unreachable])
    context.close()
