"""Names that are scripts, wherever the page shows a name, in a real browser: none of them runs. Reports: see test_report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import driving
from tests.browser.driving import go, note, settled
from tests.ui.served import Served

FACE = Path(__file__).parents[1] / "data" / "face.jpg"
# As text, in an attribute, and for whoever takes the page for a template.
NETWORK = (
    "\"'><img src=x onerror=\"window.ran='image'\"><svg onload=\"window.ran='svg'\"></svg>"
    "<script>window.ran='script'</script>{{window.ran='braces'}}${window.ran='dollar'}"
)
FILE = "\"'><img src=x onerror=window.ran=1>${window.ran=2}.jpg"


@pytest.fixture
def visit(browser: Browser, served: Served) -> Iterator[tuple[Page, list[str]]]:
    """A page, and what opened a window of words."""
    served.ask(("twin-a", NETWORK))
    context = browser.new_context(locale="en-GB")
    page, dialogs = context.new_page(), []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    driving.open_page(page, served.url)
    yield page, dialogs
    context.close()


def ran(page: Page) -> object:
    """What a name has set off, once every picture is there or has failed and has said so."""
    page.wait_for_function("[...document.images].every((e) => e.complete || e.loading === 'lazy')")
    return page.evaluate("new Promise((done) => setTimeout(() => done(window.ran ?? null)))")


def file() -> dict[str, object]:
    return {"name": FILE, "mimeType": "image/jpeg", "buffer": FACE.read_bytes()}


def test_names_of_files_and_networks_are_no_scripts(visit: tuple[Page, list[str]]) -> None:
    page, dialogs = visit
    note(page)
    page.set_input_files("#photo input[type=file]", file())  # type: ignore[arg-type]
    settled(page)
    expect(page.locator("#answer")).to_contain_text(NETWORK)
    expect(page.locator("#details .scan .switch")).to_have_count(2)
    expect(page.locator("#details .scan")).to_contain_text(NETWORK)
    page.locator("#details .chart summary").click()
    expect(page.locator("#details .chart .track").first).to_be_visible()
    assert ran(page) is None

    go(page, "person")
    several = "#person-files input[type=file], input#person-files, #tab-person input[type=file][multiple]"
    page.set_input_files(several, [file()])  # type: ignore[list-item]
    expect(page.locator("#person-photos li img")).to_have_count(1)
    expect(page.locator("#person-answer")).to_contain_text(NETWORK)
    assert ran(page) is None
    for tab in ("teach", "play", "how"):
        go(page, tab)
        assert ran(page) is None

    assert not dialogs


@pytest.mark.parametrize("name", [NETWORK, FILE])
def test_they_would_run_if_they_were_let(visit: tuple[Page, list[str]], name: str) -> None:
    page, _ = visit
    page.evaluate("name => { document.querySelector('#answer').innerHTML = `<b title=\"${name}\">`; }", name)
    assert ran(page) is not None
