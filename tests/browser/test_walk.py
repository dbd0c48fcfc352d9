"""The one walk through a real browser that every run of the tests takes: all tabs once, by mouse and by keys, and nobody complains.

The page is served by this process, so a lesson ends when the test lets it. Everything else in a browser, and every detail:
the other modules of this folder. What the page answers without a browser: tests/ui.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mint.ui import context
from tests.browser import driving
from tests.browser.accessible import heard
from tests.browser.conftest import outside
from tests.ui.latch import LIMIT
from tests.ui.served import Served

pytest.importorskip("playwright.sync_api", reason="there is no playwright: pip install 'mint-audit[test]'")

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page


# Whatever gradio draws of the line is told anew before anybody sees it: no frame shows it.
WATCH = """(() => {
  const look = () => {
    for (const box of document.querySelectorAll('[data-testid=status-tracker], [data-testid=toast-text]')) {
      const text = box.checkVisibility({ visibilityProperty: true }) ? box.innerText : '';
      if (/processing|queue|\\d\\.\\d+s|Invalid|Only/.test(text)) console.error(`in the words of gradio: ${text}`);
    }
    requestAnimationFrame(look);
  };
  look();
})()"""


def complains(said: ConsoleMessage) -> bool:
    """Whether it is an error; that a stream is broken off when the page is left is none."""
    return said.type == "error" and not said.text.startswith("AbortError")


@pytest.fixture
def page(served: Served) -> Iterator[Page]:
    """A page in a browser; in the end, nothing was complained of and nothing was asked of other machines."""
    from playwright.sync_api import expect, sync_playwright

    complaints: list[str] = []
    strangers: list[str] = []
    with sync_playwright() as playwright:
        browser = driving.chromium(playwright)
        page = browser.new_page(locale="en-GB", viewport={"width": 1280, "height": 900})
        page.set_default_timeout(1000 * LIMIT)
        expect.set_options(timeout=1000 * LIMIT)
        page.add_init_script(WATCH)
        page.on("console", lambda said: complaints.append(said.text) if complains(said) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: strangers.append(request.url) if outside(request.url) else None)
        yield page
        browser.close()
    gc.collect()  # what playwright left open is complained of here, not in the next test of another folder
    assert not strangers
    assert not complaints


# Labels of facts that are narrower than five letters, though they hold longer words.
BROKEN_WORDS = """() => [...document.querySelectorAll("#answer .facts dt")]
    .filter(label => label.clientWidth < 5 * parseFloat(getComputedStyle(label).fontSize) / 2).map(label => label.textContent)"""


# How far down the face lies that is answered first, and both answers to it.
LOWEST = """() => Math.max(...[".stage .portrait", ".trial:not([hidden]) .lamp"].flatMap(
    (what) => [...document.querySelectorAll(`.flipwall ${what}`)].map((part) => part.getBoundingClientRect().bottom)))"""


def test_a_walk_through_every_tab(page: Page, served: Served, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    def enter(tab: str) -> None:
        page.locator(f"#tab-{tab}-button").click()
        expect(page.locator(f"#tab-{tab}")).to_be_visible()
        heard(page)

    def refused(field: str, words: str) -> None:
        """A file that is no photo, which gradio's script refuses by itself."""
        page.set_input_files(field, str(letter))
        expect(page.get_by_test_id("toast-text").last).to_have_text(words)
        page.get_by_test_id("toast-close").click()
        expect(page.get_by_test_id("toast-body")).to_have_count(0)

    letter = tmp_path / "a letter.txt"
    letter.write_text("no photo")

    page.goto(served.url)
    expect(page.locator("#status .ready")).to_be_visible()
    expect(page.locator("#answer .empty")).to_be_visible()
    heard(page)

    lamps = page.locator(".flipwall .lamp .word >> visible=true")
    for width, height in ((390, 844), (1280, 800)):
        page.set_viewport_size({"width": width, "height": height})
        expect(lamps).to_have_text(["Evidence of use", "No sign of use"])  # nobody has pressed anything
        expect(page.locator(".flipwall .truth >> visible=true")).to_contain_text("twin A was trained on this picture")
        assert 0 < page.evaluate(LOWEST) < 700, "a face and its answer are seen without scrolling"
    page.set_viewport_size({"width": 1280, "height": 900})
    another = page.locator("[data-flip]").nth(1)
    another.focus()
    page.keyboard.press("Enter")
    expect(lamps).to_have_text(["No sign of use", "Evidence of use"])
    expect(another).to_be_focused()
    expect(page.locator(".flipwall [role=status]")).to_contain_text("Truth: twin B was trained on this picture")
    heard(page)
    page.locator("[data-skip=photo]").press("Enter")
    assert page.evaluate("document.querySelector('#photo').contains(document.activeElement)"), "it leads to the camera"
    page.reload()
    expect(page.locator("#status .ready")).to_be_visible()

    past = page.locator(".skip a")
    page.keyboard.press("Tab")
    expect(past.first).to_be_focused()
    assert (past.first.bounding_box() or {"width": 0})["width"] > 100, "it is seen"
    expect(past.last).to_be_hidden()  # there is no answer yet
    page.keyboard.press("Enter")
    expect(page.locator("#tab-photo")).to_be_focused()

    words = page.locator("#answer .cards .card > .word")
    page.locator('#examples [data-pick="0"]').click()
    expect(words).to_have_text(["Evidence of use", "No sign of use"])
    expect(page.locator("#answer .truth")).to_contain_text("twin A was trained on this picture")
    expect(page.locator("#details .chart .track")).to_have_count(2 * 14)
    expect(page.locator("#answer")).to_be_focused()
    heard(page)

    # The scan's switches are the browser's own: arrows move them, and nothing is asked of the server.
    strips, dots = (
        page.locator("#details .cloud >> visible=true"),
        page.locator("#details .cloud:has(.dot) >> visible=true"),
    )
    expect(strips).to_have_count(13)
    expect(dots).to_have_count(13)
    page.get_by_role("radio", name="Same source").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("radio", name="Papers’ data")).to_be_checked()
    expect(strips).to_have_count(8)  # of the auditors that were measured so
    expect(dots).to_have_count(0)
    expect(page.locator("#details .meaning >> visible=true")).to_contain_text("against real faces of another database")
    heard(page)
    page.keyboard.press("ArrowRight")
    page.get_by_role("radio", name="Twin B").check()
    expect(page.locator("#details .pass >> visible=true")).to_have_attribute("data-place", "1")
    expect(strips).to_have_count(13)
    stamp = page.locator("#details .zoom summary >> visible=true").first
    before = stamp.bounding_box() or {"width": 0}
    stamp.press("Enter")
    expect(page.locator("#details .zoom[open] .fine")).to_be_visible()
    assert (stamp.bounding_box() or {"width": 0})["width"] > 2 * before["width"], "a map grows on demand"
    heard(page)
    page.locator("#details .chart summary").click()
    expect(page.locator("#details .chart .track").first).to_be_visible()

    # Who asks and goes on meanwhile is left where they are.
    served.test.looking.hold()
    page.locator('#examples [data-pick="3"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator('#answer [data-visit="working"]')).to_be_visible()
    page.keyboard.press("Tab")
    served.test.looking.open()
    expect(words).to_have_text(["Evidence of use", "No sign of use"])
    expect(page.locator("#details .chart .track")).to_have_count(2 * 14)
    expect(page.locator('#examples [data-pick="6"]')).to_be_focused()  # the next of its group
    past.first.focus()
    page.keyboard.press("Tab")
    expect(past.last).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_be_focused()

    refused("#photo input[type=file]", "This page cannot read a letter.txt. It takes photos as JPEG, PNG or WebP.")
    page.set_input_files("#photo input[type=file]", str(served.examples / "faces" / "01.png"))
    expect(words).to_have_text(["No sign of use", "Evidence of use"])
    expect(page.locator("#answer .truth")).to_have_count(0)
    expect(page.locator("#faces .crop img")).to_be_visible()
    assert not page.evaluate(BROKEN_WORDS), "a figure beside a label leaves room for its words"

    enter("person")
    page.locator('#people [data-pick="0"]').click()
    expect(page.locator("#person-photos li button")).to_have_count(3)
    expect(page.locator("#person-answer .headline")).to_contain_text("only twin A")
    page.get_by_label("Remove Photo 2").click()
    expect(page.locator("#person-photos li img")).to_have_count(2)

    enter("teach")
    served.step.hold()
    page.locator("#teach-examples [data-pick]").first.click()
    expect(page.locator('#teach-answer [data-visit="ready"]')).to_be_visible()
    expect(page.locator("#teach-consent")).to_be_hidden()  # an example needs none
    page.locator("#teach-start").click()
    expect(page.locator('#teach-answer .bar[aria-valuenow="10"]')).to_be_visible()
    served.step.open()
    expect(page.locator("#teach-answer .lesson .word")).to_have_text(
        ["No sign of use", "Evidence of use", "No sign of use", "No sign of use"]
    )
    expect(page.locator("#teach-answer .witnesses")).to_contain_text("Checked afterwards")
    expect(page.locator("#teach-answer .trace .mark image")).to_have_count(2)
    page.locator("#teach-answer [data-card]").click()
    expect(page.locator("#teach-card .takehome")).to_be_focused()
    expect(page.locator("#teach-card .qr")).to_be_visible()
    heard(page)
    page.locator("#teach-forget").click()
    expect(page.locator("#teach-answer")).to_contain_text("Forgotten.")
    expect(page.locator("#teach-answer .trace .mark")).to_have_count(1)
    expect(page.locator("#teach-answer image, #teach-faces img")).to_have_count(0)  # no face is left
    heard(page)
    assert served.notes.wait_for("wiped") == ["began", "taught", "wiped"]

    enter("play")
    page.locator("#game label").nth(3).click()
    page.locator("#game [data-done]").click()
    expect(page.locator("#game .told .checked", has_text="you: used")).to_have_count(1)
    expect(page.locator("#score .headline")).to_contain_text("of 12")
    expect(page.locator("#score .roc .curve")).to_have_count(2)
    expect(page.locator("#game .told").first).to_be_in_viewport()  # the page stays with the answers
    heard(page)

    enter("how")
    expect(page.locator("#proof .gate").first).to_be_visible()
    page.locator("#card-attacks > button").click()
    expect(page.locator("#card-attacks .shipped h3")).to_have_text("Honesty under attack")
    for summary in page.locator("#tab-how summary").all():
        summary.click()
    heard(page)

    page.locator(".languages a[hreflang=es]").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.locator("#tab-photo-button")).to_contain_text("¿Se usó esta foto?")
    expect(page.locator("#status .ready")).to_contain_text("Las dos redes están listas.")
    expect(page).to_have_title("MINT: ¿se usó esta foto?")
    page.locator('#examples [data-pick="1"]').click()
    expect(page.locator("#answer .headline")).to_contain_text("Indicios de que la gemela B")
    page.locator("#report > button").click()
    page.locator("#make").click()
    expect(page.locator("#links a.download")).to_have_count(3)
    page.set_viewport_size({"width": 390, "height": 844})
    heard(page)
    refused("#photo input[type=file]", "Esta página no puede leer a letter.txt. Acepta fotos en JPEG, PNG o WebP.")
    expect(page.locator(".colophon a").first).to_have_text("Artículo: arXiv 2503.08332")

    # As on a screen that strangers pass by, once nobody has touched it for long.
    page.evaluate(context.text("kiosk.js"))
    heard(page)
    page.evaluate("mintIdle(1)")
    expect(page.locator("#answer .empty")).to_be_visible()
    expect(page).to_have_url(re.compile(r"^[^?]*\?lang=es$"))  # the next visitor most likely speaks the same
    expect(page.locator("#status .ready")).to_be_visible()
