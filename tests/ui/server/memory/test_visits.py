"""What a page holds lasts from its last use; what is forgotten is wiped, and known to have been there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta

import gradio as gr
import pytest

from mint.ui.server.gradio_patches import without_apps
from mint.ui.server.memory.gone import GONE
from mint.ui.server.memory.visits import LEFT, Visits, forget_visitor

SECONDS = 900


class Page:
    """A page that holds one thing for each visitor, with a clock of its own.

    Attributes:
        wiped: what was wiped so far.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wiped: list[object] = []
        self.now = datetime(2026, 1, 1)
        for module in ("mint.ui.server.memory.visits", "gradio.state_holder"):
            monkeypatch.setattr(f"{module}.datetime", self._clock(module))
        asyncio.run(self._build())  # gradio makes loops of its own, and leaves them open, where none runs
        self.visits = Visits()
        self.visits.set_blocks(self.blocks)
        self.visits.capacity = 3

    async def _build(self) -> None:
        with without_apps(), gr.Blocks() as self.blocks:
            self.state = gr.State(None, time_to_live=SECONDS, delete_callback=self.wiped.append)

    def _clock(self, module: str) -> object:
        page = self

        class Clock:
            @staticmethod
            def now() -> datetime:
                return page.now

        if module.startswith("mint"):
            return Clock
        return type("datetime", (), {"datetime": Clock})

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.visits.delete_all_expired_state()

    def read(self, who: str) -> object:
        return self.visits[who][self.state._id]

    def write(self, who: str, what: object) -> None:
        self.visits[who][self.state._id] = what


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    return Page(monkeypatch)


def test_what_is_read_is_used(page: Page) -> None:
    page.write("somebody", "a face")
    for _ in range(4):
        page.later(0.6 * SECONDS)
        assert page.read("somebody") == "a face"
    page.later(SECONDS)
    assert page.read("somebody") == "a face", "not longer than that"
    page.later(SECONDS + 1)
    assert page.read("somebody") is GONE
    assert not GONE
    assert page.wiped == ["a face"]
    page.later(2 * SECONDS)
    assert page.wiped == ["a face"], "once"
    page.write("somebody", "another face")
    assert page.read("somebody") == "another face"


def test_of_nothing_nothing_was_forgotten(page: Page) -> None:
    assert page.read("somebody") is None
    page.write("somebody", "a face")
    page.write("somebody", None)
    page.later(SECONDS + 1)
    assert page.read("somebody") is None


def test_whoever_makes_room_is_wiped_and_told_when_they_come_back(page: Page) -> None:
    for who in ("one", "two", "three"):
        page.write(who, who)
    page.read("one")
    page.write("four", "four")
    assert page.wiped == ["two"], "away longest"
    assert list(page.visits.session_data) == ["three", "one", "four"]
    page.read("five")
    assert page.wiped == ["two", "three"]
    assert page.read("two") is GONE
    assert page.read("five") is None
    page.write("two", "again")
    assert page.read("two") == "again"


def test_whoever_leaves_is_wiped_and_of_those_who_held_something_the_latest_are_known(page: Page) -> None:
    page.blocks.state_holder = page.visits
    for number in range(LEFT + 5):
        page.write(f"visitor {number}", number)
        forget_visitor(page.blocks, f"visitor {number}")
        assert not page.visits.session_data
    assert page.wiped == list(range(LEFT + 5))
    assert len(page.visits.left) == LEFT
    page.read("nobody")
    forget_visitor(page.blocks, "nobody")
    assert "nobody" not in page.visits.left
    assert page.read("visitor 0") is None, "too long ago"
    assert page.read(f"visitor {LEFT + 4}") is GONE
    forget_visitor(page.blocks, "never came")


def test_no_copy_of_the_page_is_made_for_each_visitor_but_of_what_changes(page: Page) -> None:
    with without_apps(), page.blocks:
        said = gr.HTML("before")
    visit = page.visits["somebody"]
    assert visit.config_values == {}
    visit._update_value_in_config(said._id, "after")
    assert visit.config_values.keys() == {said._id}
    assert visit.config_values[said._id]["props"]["value"] == "after"
    assert page.visits["another"].config_values == {}
    assert page.visits["another"][said._id].value == "before"
