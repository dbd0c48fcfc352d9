"""Whatever takes a visitor's photo removes its file: when it is done, when it fails, and when the visitor has left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from mint.ui.page import Page
from mint.ui.server.uploads import Upload
from mint.ui.tabs.one_person import OnePerson
from mint.ui.tabs.one_photo import OnePhoto
from mint.ui.tabs.teaching import Teaching


class Broken(Exception):
    """What the work behind a handler may raise."""


def steps(*asked: Any) -> Iterator[tuple[str]]:
    yield ("first",)
    yield ("second",)


def broken_steps(*asked: Any) -> Iterator[tuple[str]]:
    yield ("first",)
    raise Broken


def broken(*asked: Any) -> Any:
    raise Broken


@pytest.fixture
def photo(tmp_path: Path) -> Upload:
    path = tmp_path / "upload.png"
    path.write_bytes(b"somebody's photo")
    return Upload(path.read_bytes(), path)


Work = Callable[..., Iterator[Any]]
# A tab's handler of a photo, on a tab of which there is nothing but what the handler calls.
STREAMS: dict[str, Callable[[Upload, Work], Iterator[Any]]] = {
    "one photo": lambda photo, work: OnePhoto._audit(SimpleNamespace(_run=work), photo, 0.01, 0.5, "en", "twin"),  # type: ignore[arg-type]
    "one person": lambda photo, work: OnePerson._files(
        SimpleNamespace(_add=work), (photo,), None, 0.01, 0.5, "en", "twin"
    ),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("tab", STREAMS)
def test_a_tab_keeps_the_file_while_it_works_and_no_longer(tab: str, photo: Upload) -> None:
    assert photo.path is not None
    answers = STREAMS[tab](photo, steps)
    assert next(answers) == ("first",)
    assert photo.path.exists()
    assert list(answers) == [("second",)]
    assert not photo.path.exists()


@pytest.mark.parametrize("tab", STREAMS)
def test_a_visitor_who_leaves_before_the_end_leaves_no_file(tab: str, photo: Upload) -> None:
    assert photo.path is not None
    answers = STREAMS[tab](photo, steps)
    next(answers)
    answers.close()  # type: ignore[attr-defined]
    assert not photo.path.exists()


@pytest.mark.parametrize("tab", STREAMS)
def test_work_that_fails_leaves_no_file(tab: str, photo: Upload) -> None:
    assert photo.path is not None
    with pytest.raises(Broken):
        list(STREAMS[tab](photo, broken_steps))
    assert not photo.path.exists()


def test_the_tab_that_teaches_leaves_no_file(photo: Upload) -> None:
    assert photo.path is not None
    tab = SimpleNamespace(_chosen=lambda data, own, now, say: (data, own))
    assert Teaching._photo(tab, photo, None, "en") == (b"somebody's photo", True)  # type: ignore[arg-type]
    assert not photo.path.exists()
    photo.path.touch()
    with pytest.raises(Broken):
        Teaching._photo(SimpleNamespace(_chosen=broken), photo, None, "en")  # type: ignore[arg-type]
    assert not photo.path.exists()


def test_the_door_for_programs_leaves_no_file(photo: Upload) -> None:
    assert photo.path is not None

    def page(audit: Callable[..., Any]) -> Any:
        loading = SimpleNamespace(get=lambda: SimpleNamespace(audit=audit))
        return SimpleNamespace(shared=SimpleNamespace(loading=loading), _forget=forgotten.append)

    program, forgotten = gr.Request(), list[gr.Request]()
    assert Page.audit(page(lambda *asked: []), photo, 0.01, 0.5, program) == []
    assert not photo.path.exists()
    photo.path.touch()
    with pytest.raises(gr.Error, match="The audit failed"):
        Page.audit(page(broken), photo, 0.01, 0.5, program)
    assert not photo.path.exists()
    assert forgotten == [program, program]
