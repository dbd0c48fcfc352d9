"""The first screen is there before gradio's scripts: it looks the same, answers, and nothing that was done on it is lost."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Profiles
from tests.browser.driving import WAIT_MS
from tests.ui.latch import LIMIT
from tests.ui.served import Served

SCRIPT = re.compile(r"/assets/index-[^/]*\.js$")  # gradio's

# Where the parts of the first screen lie, in the screen that is sent first and in the page that takes its place.
PLACES = """(root) => Object.fromEntries(Object.entries({
  title: '.masthead h1', claim: '.masthead .claim', languages: '.languages', stage: '.stage', face: '.portrait img',
  word: '.lamp .word', truth: '.told .truth', you: '.face.you', last: '.others .fine', sources: '.sources a', tab: '.ways button, button[role=tab]',
  networks: '.networks button, #pair label',
}).map(([name, selector]) => {
  const found = [...document.querySelectorAll(root)].flatMap((one) => [...one.querySelectorAll(selector)]);
  const boxes = found.filter((one) => one.getClientRects().length).map((one) => one.getBoundingClientRect());
  return [name, boxes.map(({ x, y, width, height }) => [x, y, width, height].map(Math.round))];
}))"""


class Held:
    """ASGI middleware: gradio's scripts wait at the server until they are let go, and no browser keeps them for the next test.

    A route of playwright's would hold them as well, but one that is let go late is "already handled", or never ends.
    """

    def __init__(self, app: Any) -> None:
        self.app = app
        self.came, self._open = threading.Event(), threading.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not SCRIPT.search(scope.get("path", "")):
            await self.app(scope, receive, send)
            return
        self.came.set()
        while not self._open.is_set():  # a thread would be one of few, which other answers want
            await asyncio.sleep(0.005)
        await self.app(scope, receive, partial(self._unkept, send))

    def let(self) -> None:
        """Answer whoever waits, and whoever comes from now on."""
        self._open.set()

    @staticmethod
    async def _unkept(send: Any, message: Any) -> None:
        if message["type"] == "http.response.start":
            kept = [(name, value) for name, value in message["headers"] if name.lower() != b"cache-control"]
            message = {**message, "headers": [*kept, (b"cache-control", b"no-store")]}
        await send(message)


@contextmanager
def held(page: Page, served: Served, address: str = "") -> Iterator[None]:
    """Open the page, with gradio's script on its way until the end of the block; then the page is there."""
    page.set_default_timeout(WAIT_MS)
    expect.set_options(timeout=WAIT_MS)
    app = served.page.blocks.app
    before, scripts = app.middleware_stack, Held(app.middleware_stack)
    app.middleware_stack = scripts
    try:
        page.goto(served.url + address, wait_until="commit")
        expect(page.locator("#first .you")).to_be_visible()
        page.wait_for_function("() => 'mintFlip' in window && document.querySelector('gradio-app')")
        assert scripts.came.wait(LIMIT), "gradio's script was never asked for"
        yield
        expect(page.locator("#first")).to_have_count(1)  # nothing came past the latch
        scripts.let()
        expect(page.locator("#first")).to_have_count(0)
    finally:
        scripts.let()
        app.middleware_stack = before


@pytest.fixture
def page(profiles: Profiles, served: Served) -> Iterator[Page]:
    with profiles.lent(viewport={"width": 1280, "height": 900}, locale="es-ES") as context:
        yield context.new_page()


@pytest.mark.parametrize("size", [(1280, 800), (390, 844), (768, 1024)])
def test_it_looks_as_the_page_will(page: Page, served: Served, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    with held(page, served):
        expect(page.locator("#first .flipwall")).to_contain_text("¿Qué gemela se entrenó con esta cara?")
        first: dict[str, Any] = page.evaluate(PLACES, "#first")
        painted = page.evaluate("performance.getEntriesByName('first-contentful-paint').length")
    assert painted == 1
    assert first["stage"]
    assert all(top + height <= size[1] for _, top, _, height in first["sources"]) or size[0] < 1000, (
        "paper and licence are in sight"
    )
    assert first["sources"]
    assert page.evaluate(PLACES, "gradio-app") == first


def test_a_face_that_was_chosen_stays_chosen_and_keeps_the_focus(page: Page, served: Served) -> None:
    with held(page, served):
        page.locator('#first [data-flip="2"]').focus()
        page.keyboard.press("Enter")
        told = page.locator("#first .trial:not([hidden])").get_attribute("data-told")
        assert told
        assert told.startswith("Cara 3.")
    expect(page.locator("#flip .trial:not([hidden])")).to_have_attribute("data-told", told)
    expect(page.locator('#flip [data-flip="2"]')).to_be_focused()
    stamps = page.locator("#flip .face .stamp:not([hidden])")
    expect(stamps).to_have_count(2)  # the first face's, and this one's


def test_what_was_pressed_meanwhile_is_done(page: Page, served: Served) -> None:
    with held(page, served):
        page.locator("#first .ways button").nth(4).click()
        expect(page.locator("#first .wanted")).to_have_count(1)
    expect(page.locator("#tab-how-button")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#proof .gate").first).to_be_visible()


def test_networks_are_asked_once_they_can_be(page: Page, served: Served) -> None:
    with held(page, served):
        page.locator('#first [data-flip="1"]').click()
        page.locator("#first .trial:not([hidden]) .ask").click()
    expect(page.locator("#answer .truth")).to_be_visible()
    picture = page.locator("#flip .trial:not([hidden]) .ask").get_attribute("data-pick")
    assert picture is not None
    expect(page.locator("#answer .result")).to_be_visible()


def test_the_camera_is_where_one_s_own_face_leads(page: Page, served: Served) -> None:
    with held(page, served):
        page.locator("#first [data-skip=photo]").click()
    expect(page.locator("#photo button:focus")).to_have_count(1)


def test_a_card_is_shown_at_once(page: Page, served: Served) -> None:
    with held(page, served, "/#card=2,twin-a,0.01,nosign,0.5000,evidence,0.0010,nosign,nosign"):
        expect(page.locator("dialog.card-home h2")).to_be_visible()
        page.locator("dialog.card-home button").click()
    expect(page.locator("#photo input[type=file]")).to_be_attached()
