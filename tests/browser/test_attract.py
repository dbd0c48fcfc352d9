"""A kiosk that nobody touches: the wall goes on by itself, whatever is pressed ends it, and it begins again when it starts over."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessible import heard
from tests.browser.contrast import faint
from tests.browser.driving import choose_example, open_page
from tests.ui.served import Served, serving_here

LAMPS = ".flipwall .lamp .word >> visible=true"
# What fades in is there; what never ends is not waited for.
SETTLED = """Promise.all(document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime < Infinity)
  .map((one) => one.finished.catch(() => {}))).then(() => null)"""
HALFWAY = """(share) => document.getAnimations().forEach((one) => {
  const { delay, duration } = one.effect.getTiming();
  if (one.effect.getComputedTiming().endTime < Infinity) { one.pause(); one.currentTime = delay + share * duration; }
})"""
BOXES = "(found) => found.map((one) => one.getBoundingClientRect().toJSON())"
YES, NO = "Evidence of use", "No sign of use"


@pytest.fixture
def kiosk(written_examples: Path, tmp_path: Path) -> Iterator[Served]:
    with serving_here(written_examples, tmp_path, kiosk=True) as served:
        yield served


def visit(browser: Browser, url: str, **options: object) -> Page:
    size = {"width": 1920, "height": 1080}
    page = browser.new_context(viewport=size, locale="en-GB", **options).new_page()  # type: ignore[arg-type]
    open_page(page, url)
    return page


def bottom(page: Page, what: str) -> float:
    box = page.locator(what).bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def test_it_begins_with_a_face_and_its_answer_and_ends_at_a_touch(browser: Browser, kiosk: Served) -> None:
    page = visit(browser, kiosk.url)
    for width, height in ((1920, 1080), (3840, 2160)):
        page.set_viewport_size({"width": width, "height": height})
        expect(page.locator("#tab-photo-button")).to_be_hidden()
        expect(page.locator(LAMPS)).to_have_text([YES, NO])
        assert bottom(page, ".stage .portrait") < 700
        assert bottom(page, ".trial:not([hidden]) .lamp.evidence") < 700
    assert not faint(page, "#flip")[1]
    page.evaluate("mintAttract()")
    for share in (0.1, 0.5, 0.9):  # of every movement: what is on its way can be read, or is not there yet
        page.evaluate(HALFWAY, share)
        assert not faint(page, "#flip")[1], share
    page.evaluate("document.getAnimations().forEach((one) => one.play())")
    expect(page.locator(LAMPS)).to_have_text([NO, YES])
    expect(page.locator(".flipwall [role=status]")).to_have_text("")  # what nobody asked for is not read out
    page.locator("[data-flip]").nth(2).click()
    expect(page.locator("#tab-photo-button")).to_be_visible()
    expect(page.locator(LAMPS)).to_have_text([NO, NO])
    page.evaluate("mintAttract()")
    expect(page.locator(LAMPS)).to_have_text([NO, NO])  # it has ended
    for width, height in ((1920, 1080), (3840, 2160)):
        page.set_viewport_size({"width": width, "height": height})
        assert bottom(page, ".stage .portrait") < 700
    page.context.close()


def test_who_passes_by_reads_what_is_tested_and_sees_all_of_the_wall(browser: Browser, kiosk: Served) -> None:
    page = visit(browser, kiosk.url, reduced_motion="reduce")
    for width, height in ((1920, 1080), (3840, 2160)):
        page.set_viewport_size({"width": width, "height": height})
        expect(page.locator("#tab-photo-button")).to_be_hidden()
        expect(page.locator(".masthead .kind >> visible=true")).to_contain_text("membership inference")
        assert bottom(page, ".stage .portrait") < 700
        assert bottom(page, ".flipwall .others") <= height
    page.context.close()


@pytest.mark.parametrize("language", ["en", "es"])
def test_nothing_of_the_wall_lies_on_something_else(browser: Browser, kiosk: Served, language: str) -> None:
    page = visit(browser, f"{kiosk.url}/?lang={language}", reduced_motion="reduce")
    for width, height in ((1366, 768), (1280, 800), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        you, *parts = (box for box in page.locator(".face.you, .face.you > *").evaluate_all(BOXES) if box["height"])
        assert you["top"] <= parts[0]["top"]
        assert parts[-1]["bottom"] <= you["bottom"]
        assert all(above["bottom"] <= below["top"] for above, below in pairwise(parts)), (width, parts)
        below = page.locator(".trial:not([hidden]) .truth").evaluate_all(BOXES)[0]["top"]
        for lamp in page.locator(".trial:not([hidden]) .lamp").all():
            who, *_, checked = lamp.locator("> *").evaluate_all(BOXES)
            assert checked["bottom"] < below, (width, checked)
            assert bottom(page, ".masthead") < who["top"], (width, who)
        assert bottom(page, ".flipwall .others") <= height
        tile = page.locator(".face:has(.stamp:not([hidden]))").first
        face, stamp = (tile.evaluate_all(BOXES)[0], tile.locator(".stamp").evaluate_all(BOXES)[0])
        assert stamp["height"] < face["height"] / 4, (width, stamp, "one line, which leaves the face to be seen")
    for number in (1, 0):  # one answer may take two lines where the other takes one
        page.locator("[data-flip]").nth(number).click()
        expect(page.locator("#tab-photo-button")).to_be_visible()
        names = page.locator(".trial:not([hidden]) .lamp .who").evaluate_all(BOXES)
        assert names[0]["top"] == names[1]["top"], names
        (stamp,) = page.locator(".trial:not([hidden]) > .stamp").evaluate_all(BOXES)
        left, right = page.locator(".trial:not([hidden]) .lamp .checked").evaluate_all(BOXES)
        assert left["right"] + 20 < stamp["left"] < stamp["right"] < right["left"] - 20, (left, stamp, right)
    page.context.close()


def test_after_the_last_face_comes_the_visitor_s_own(browser: Browser, kiosk: Served) -> None:
    page = visit(browser, kiosk.url, permissions=["camera"])
    for _ in range(page.locator("[data-flip]").count()):
        page.evaluate("mintAttract()")
    expect(page.locator(".invitation .headline")).to_have_text("Your face?")
    expect(page.locator(LAMPS)).to_have_count(0)
    expect(page.locator(".portrait.live video")).to_be_visible()
    tracks = page.evaluate_handle("document.querySelector('.mirror').srcObject.getTracks()")
    page.keyboard.press("Escape")
    expect(page.locator(LAMPS)).to_have_text([YES, NO])
    assert tracks.evaluate("(all) => all.map((track) => track.readyState)") == ["ended"], "the camera is off"
    page.context.close()


def test_without_leave_for_the_camera_nobody_is_asked_for_it(browser: Browser, kiosk: Served) -> None:
    page = visit(browser, kiosk.url)
    page.evaluate(
        "() => { navigator.permissions.query = async () => ({ state: 'prompt' });"
        " navigator.mediaDevices.getUserMedia = () => { throw window.asked = true; }; }"
    )
    for _ in range(page.locator("[data-flip]").count()):
        page.evaluate("mintAttract()")
    expect(page.locator(".invitation .head svg")).to_be_visible()
    assert page.evaluate("window.asked") is None
    page.context.close()


def test_who_wants_no_motion_gets_a_wall_that_stands_still(browser: Browser, kiosk: Served) -> None:
    page = visit(browser, kiosk.url, reduced_motion="reduce")
    for _ in range(3):
        page.evaluate("mintAttract()")
    expect(page.locator(LAMPS)).to_have_text([YES, NO])
    assert page.evaluate("document.getAnimations().filter((a) => a.effect.target.closest('.flipwall')).length") == 0
    assert page.evaluate("getComputedStyle(document.querySelector('.portrait')).translate") in ("none", "0px")
    page.context.close()


def test_it_is_back_when_the_page_starts_over_in_the_language_that_was_chosen(browser: Browser, kiosk: Served) -> None:
    page = visit(browser, kiosk.url)
    page.locator(".languages a[hreflang=es]").click()
    expect(page.locator("#flip-title")).to_contain_text("gemela")
    page.keyboard.press("Escape")
    expect(page.locator("#tab-photo-button")).to_be_visible()
    page.locator("#examples [data-pick]").first.click()
    expect(page.locator("#answer .truth")).to_be_visible()
    page.evaluate("mintIdle(1)")
    expect(page.locator("#tab-photo-button")).to_be_hidden()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.locator(LAMPS)).to_have_text(["Indicios de uso", "Sin indicios de uso"])
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_is_heard_and_can_be_read(browser: Browser, kiosk: Served, scheme: str) -> None:
    page = visit(browser, kiosk.url, color_scheme=scheme, permissions=["camera"])

    def held() -> None:
        heard(page)
        page.evaluate(SETTLED)
        assert not faint(page)[1]

    expect(page.locator("#tab-photo-button")).to_be_hidden()
    held()
    for _ in range(page.locator("[data-flip]").count()):  # the last is the mirror
        page.evaluate("mintAttract()")
        held()
    expect(page.locator(".invitation .headline")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#tab-photo-button")).to_be_visible()
    held()
    page.locator("[data-flip]").nth(2).click()
    held()
    choose_example(page, 0)
    expect(page.locator("#details .scan")).to_be_visible()
    held()
    page.context.close()
