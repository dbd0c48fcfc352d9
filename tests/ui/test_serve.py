"""What is put together for a page that people visit, in which order; the process itself: test_start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mint.ui import serve as start
from mint.ui.early.doorway import Doorway
from mint.ui.loading import Loading


class Folder:
    """In the place of the private one."""

    def __init__(self, done: list[object]) -> None:
        self.done = done

    def use(self) -> None:
        self.done.append("uploads have a place")

    def wipe(self) -> None:
        self.done.append("wiped")


class Listening:
    """In the place of the server: says where, and that it gave up."""

    address = "http://here/"

    def __init__(self, done: list[object], door: Doorway, *where: object) -> None:
        self.done, self.door = done, door
        done.append(where)

    def give_up(self, *seconds: float) -> None:
        self.done.append("who waits is told")


class Page:
    """In the place of the page: people come, and it is told to stop."""

    def __init__(self, done: list[object], shared: Any) -> None:
        self.done, self.shared = done, shared
        done.append(f"{len(shared.examples)} examples, {len(shared.people)} people, kiosk: {shared.kiosk}")

    def look_ahead(self) -> None:
        self.done.append("examples ahead")

    def launch(
        self, listening: Listening, started: Callable[[], object], answered: Callable[[], object], **more: object
    ) -> None:
        self.done.append(("served at", listening.address, more))
        assert self.shared.loading.waiting, "the page is there before the networks"
        started()
        self.shared.loading.get()
        answered()
        raise SystemExit(143)


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What happened so far."""
    done: list[object] = []
    monkeypatch.setattr(start, "silence", lambda: done.append("nobody is told"))
    monkeypatch.setattr(start, "share_heaps", lambda: None)
    monkeypatch.setattr(start, "PrivateFolder", lambda: Folder(done))
    monkeypatch.setattr(start, "end", lambda status: done.append(f"ended with {status}"))
    monkeypatch.setattr(start, "Listening", lambda door, *where: Listening(done, door, *where))
    monkeypatch.setattr("mint.ui.page.Page", lambda on: Page(done, on))
    return done


def test_silence_comes_first_and_all_is_wiped_before_the_end(
    done: list[object], written_examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loading = Loading(lambda: done.append("loaded"))  # type: ignore[arg-type, func-returns-value]
    start.serve(loading, written_examples, host="127.0.0.1", port=8000)
    assert done == [
        "nobody is told", "uploads have a place", ("127.0.0.1", 8000), "15 examples, 2 people, kiosk: False",
        "examples ahead", ("served at", "http://here/", {}), "loaded", "wiped", "who waits is told", "ended with 143",
    ]  # fmt: skip
    assert capsys.readouterr().out == "MINT is at http://here/\n"


def test_a_page_that_cannot_be_made_is_told_to_whoever_waits(
    done: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(shared: object) -> None:
        raise MemoryError("too small")

    monkeypatch.setattr("mint.ui.page.Page", broken)
    with pytest.raises(MemoryError):
        start.serve(Loading(lambda: None), tmp_path)  # type: ignore[arg-type, return-value]
    assert done[-1] == "who waits is told"


def test_a_kiosk_and_a_tool_of_language_models_are_asked_for(done: list[object], tmp_path: Path) -> None:
    start.serve(Loading(lambda: None), tmp_path, kiosk=True, mcp=True, ahead=False)  # type: ignore[arg-type, return-value]
    assert done[2:5] == [
        (None, None), "0 examples, 0 people, kiosk: True", ("served at", "http://here/", {"mcp_server": True}),
    ]  # fmt: skip
