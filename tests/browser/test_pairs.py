"""The choice of the pair of networks in a browser: by mouse and by keys, and gone where it has no say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import Open
from tests.browser.contrast import faint
from tests.browser.driving import choose_example, go
from tests.ui.served import LET_GRADIO_WARN, Served, lent, serving_here

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = LET_GRADIO_WARN


@pytest.fixture(scope="module")
def offering(served_once: Served, written_examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    uploads = tmp_path_factory.mktemp("uploads")
    with serving_here(written_examples, uploads, who=served_once.who, others=["augmented"]) as page:
        yield page


@pytest.fixture
def served(offering: Served) -> Iterator[Served]:
    """The page that offers both pairs, as new."""
    with lent(offering) as page:
        yield page


def answers(page: Page, tab: str = "answer") -> list[str]:
    return [str(card.get_attribute("data-network")) for card in page.locator(f"#{tab} .card").all()]


def test_a_pair_is_chosen_by_keys_and_the_answer_follows(page: Page) -> None:
    from playwright.sync_api import expect

    choose_example(page, 0)
    radios = page.locator("#pair input[type=radio]")
    expect(radios).to_have_count(2)
    radios.first.focus()
    for key, network in (("ArrowRight", "augmented-a"), ("ArrowDown", "twin-a"), ("ArrowLeft", "augmented-a")):
        page.keyboard.press(key)
        expect(page.locator(f'#answer [data-network="{network}"]')).to_be_visible()
        assert page.evaluate("document.activeElement.checked"), "the choice goes with the focus"
    go(page, "person")
    page.locator('#people [data-pick="0"]').click()
    expect(page.locator('#person-answer [data-network="augmented-a"]')).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_and_fits_a_phone(opened: Open, url: str, scheme: str) -> None:
    page = opened(url, 390, 844, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for label in page.locator("#pair label").all():
        box = label.bounding_box()
        assert box is not None
        assert box["height"] >= 24, "WCAG 2.5.8"
        assert box["x"] + box["width"] <= 390
    assert not [text for text in faint(page)[1] if "#pair" in str(text["where"])]


def test_it_is_out_of_sight_where_it_has_no_say(page: Page) -> None:
    for tab, seen in (
        ("photo", True),
        ("person", True),
        ("teach", False),
        ("play", False),
        ("how", True),
        ("many", True),
    ):
        go(page, tab)
        assert page.locator("#pair").is_visible() == seen, tab
