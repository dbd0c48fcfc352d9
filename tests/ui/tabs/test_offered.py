"""Bundles that the owner of the page offers: chosen by name, and nothing else that a browser sends opens anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mint.errors import BundleMismatch
from mint.ui.loading import NOT_OPENED
from tests.ui.guest import Guest, Guests
from tests.ui.reading import FACE, text, words
from tests.ui.served import LET_GRADIO_WARN, Served, lent, serving_here

pytestmark = LET_GRADIO_WARN
Visit = Callable[..., Guest]
MINE = "a network of mine"


@pytest.fixture(scope="module")
def offering(served_once: Served, written_examples: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving_here(written_examples, tmp_path_factory.mktemp("uploads"), who=served_once.who, others=[MINE]) as page:
        yield page


@pytest.fixture
def page(offering: Served) -> Iterator[Served]:
    with lent(offering) as page:
        yield page


@pytest.fixture
def visit(page: Served) -> Iterator[Visit]:
    with Guests(page.url, page.config) as guests:
        yield guests.come


def choose(guest: Guest, name: str) -> dict[str, Any]:
    guest.fields["pair"] = name
    return guest.ask("pair", "input")


def test_it_is_offered_by_its_name_beside_the_twins(page: Served) -> None:
    (radio,) = [c["props"] for c in page.config["components"] if c["props"].get("elem_id") == "pair"]
    (first, twin), mine = radio["choices"]
    assert (twin, list(mine)) == ("twin", [MINE, MINE])
    key = str(first).partition('"key": "')[2].partition('"')[0]
    assert page.config["i18n_translations"]["en"][key] == "twin-a, twin-b: trained on pictures as they are"
    (wall,) = [c["props"]["value"] for c in page.config["components"] if c["props"].get("elem_id") == "examples"]
    assert "Used by twin A<" in wall, "of this network nobody knows what it used"


def test_it_answers_on_every_tab_that_asks(page: Served, visit: Visit) -> None:
    guest = visit()
    guest.pick("examples", 0)
    assert list(words(guest.page["answer"])) == ["twin-a", "twin-b"]
    choose(guest, MINE)
    assert list(words(guest.page["answer"])) == [MINE]
    assert "Truth" not in guest.page["answer"], "nobody knows it for this network"
    assert MINE in text(guest.page["details"])
    guest.pick("people", 0)
    assert list(words(guest.page["person-answer"])) == [MINE]
    assert "Truth" not in guest.page["person-answer"]
    guest.ask("many-files", "upload", **{"many-files": [guest.upload(FACE.read_bytes(), "me.jpg")]})
    assert MINE in text(guest.page["many-answer"])
    choose(guest, "twin")
    assert "Twin B" in text(guest.page["many-answer"])
    assert MINE not in text(guest.page["many-answer"])
    assert MINE in text(guest.page["proof"])


@pytest.mark.parametrize("sent", ["/etc/passwd", "../weights/twin-a", "owner/name", "augmented", "https://example.org"])
def test_whatever_else_a_browser_sends_asks_the_twins(page: Served, visit: Visit, sent: str) -> None:
    assert page.page.shared.of(sent) is page.page.shared.loading


def test_one_that_cannot_be_opened_says_so_and_the_others_answer(page: Served, visit: Visit) -> None:
    page.others[MINE].error = BundleMismatch(NOT_OPENED, name=MINE)
    guest = visit("es-ES")
    assert "Gemela A" in text(guest.page["proof"]), "the figures of the others are told"
    guest.pick("examples", 0)
    choose(guest, MINE)
    assert f"{MINE} no se puede abrir aquí" in text(guest.page["answer"])
    choose(guest, "twin")
    guest.pick("examples", 0)
    assert list(words(guest.page["answer"])) == ["twin-a", "twin-b"]
