"""A report's HTML in a real browser: on a phone and a desk, light and dark, on paper."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Browser, sync_playwright

from mint.report.files import write_report
from tests.browser import driving
from tests.report import papers

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not driving.has_chromium(), reason=f"there is no browser at {driving.CHROMIUM}"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = driving.chromium(playwright)
        yield found
        found.close()
    gc.collect()  # what playwright left open is complained of here, not in the next test of another folder


@pytest.fixture(scope="module", params=["photos", "person"])
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A report on photos, or on a person; with hostile names."""
    folder = tmp_path_factory.mktemp("report")
    path: Path = folder / "report.html"
    test = papers.make_test(folder)
    documents = {"photos": papers.many, "person": partial(papers.person, name=papers.HOSTILE)}
    write_report(path, documents[request.param](test, thumbnail=True), "es")
    return path.as_uri()


@pytest.mark.parametrize("width", [390, 1280, 3840])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_nothing_is_asked_for_and_nothing_runs(
    browser: Browser, address: str, width: int, scheme: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not said
    assert not [url for url in asked if url != address and not url.startswith("data:image/png")]
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(245, 245, 241)") == (scheme == "light")
    assert page.locator("script").count() == 0
    assert page.locator("img").count() == page.locator('img[src^="data:image/png"]').count()
    assert page.locator("img").count() in (2, 4)
    assert "<script>alert(2)</script>" in page.inner_text("body")
    assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth === 112)")
    page.close()


def test_paper_is_white_even_in_the_dark(browser: Browser, address: str) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(address)
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.close()
