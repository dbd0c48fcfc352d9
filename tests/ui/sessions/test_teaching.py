"""A lesson ends when the visitor wants it to, and what comes too late is wiped."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest

from mint.errors import CannotTeach
from mint.teaching.trace import Trace
from mint.ui.sessions.teaching import TeachingSession, forget
from mint.ui.views.play.lesson import Chosen
from tests.ui.fake_lesson import STEPS, FakeTaught, fake_teach
from tests.ui.fakes import a_face
from tests.ui.latch import LIMIT, Latch


def experiment(own: bool = False) -> TeachingSession:
    return TeachingSession(Chosen(a_face(1), a_face(2), own))


def lesson(notes: list[str] | None = None, heeds: bool = True, step: Latch | None = None) -> Any:
    teach = fake_teach(0, [].append if notes is None else notes.append, heeds, step)
    return lambda report, stopped: teach(None, None, None, None, report, stopped)


def ended() -> None:
    """Wait for every lesson's thread."""
    for thread in threading.enumerate():
        if thread.name == "lesson":
            thread.join(LIMIT)
            assert not thread.is_alive()


def held() -> Latch:
    """After a step, a lesson goes on when it is let."""
    step = Latch()
    step.hold()
    return step


def first_step(run: Iterator[Trace]) -> Trace:
    """Pass by what comes before the first step."""
    return next(told for told in run if told.step is not None)


def test_a_lesson_tells_its_steps_and_keeps_what_was_taught() -> None:
    now, notes, step = experiment(), [], held()
    told = []
    for shown in now.run(lesson(notes, step=step)):
        if shown.step is None:
            assert now.home == now.last
        else:
            told.append(shown.step.number)
            step.let()
    assert told == list(range(1, STEPS + 1))
    assert now.home is not None
    assert now.home.taught == now.home.control, "before it began"
    assert now.last == shown
    assert notes == ["began", "taught"]
    assert now.fresh
    assert now.taught is not None
    forget(now)
    assert notes[-1] == "wiped"
    assert now.taught is None
    assert (now.home, now.last) == (None, None)
    assert not now.fresh


def test_who_is_slow_to_look_sees_the_latest_step() -> None:
    now, notes, step = experiment(), [], held()
    run = now.run(lesson(notes, step=step))
    assert first_step(run).step.number == 1
    step.let(3)
    step.wait_for(4)
    assert next(run).step.number == 4
    step.open()
    assert [shown.step.number for shown in run][-1:] == [STEPS]


def test_forgetting_in_the_middle_ends_the_lesson_at_once_and_its_thread_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page does not wait for the next step, nor for the thread that is in the middle of one."""
    looking = Latch()

    class Steps(SimpleQueue[Any]):
        def get(self, *how: Any) -> Any:
            looking.through()
            return super().get(*how)

    monkeypatch.setattr("mint.ui.sessions.teaching.SimpleQueue", Steps)
    now, notes, step, rest = experiment(), [], held(), []
    run = now.run(lesson(notes, step=step))
    first_step(run)
    page = threading.Thread(target=lambda: rest.extend(run), daemon=True)
    page.start()
    looking.wait_for(4)  # after both faces and the first step it waits for the second
    now.forget()
    page.join(LIMIT)
    assert not page.is_alive()
    assert rest == []
    assert notes == ["began"], "it is in the middle of a step"
    step.open()
    ended()
    assert notes == ["began", "stopped"]
    assert now.taught is None


@pytest.mark.parametrize("how", ["forget", "leave"])
def test_what_is_taught_after_the_visitor_has_gone_is_wiped(how: str) -> None:
    now, notes, step = experiment(), [], held()
    run = now.run(lesson(notes, False, step))
    first_step(run)
    if how == "forget":
        now.forget()
    run.close()  # as gradio does when an event is cancelled
    step.open()
    ended()
    assert notes == ["began", "taught", "wiped"]
    assert now.taught is None
    assert not now.fresh


def test_closing_the_iterator_stops_the_lesson() -> None:
    now, notes, step = experiment(), [], held()
    run = now.run(lesson(notes, step=step))
    first_step(run)
    run.close()
    step.open()
    ended()
    assert notes == ["began", "stopped"]
    assert not now.forgotten, "the photo is still there, to be taught again"


def test_a_second_lesson_forgets_the_first() -> None:
    now, notes = experiment(), []
    for _ in range(2):
        list(now.run(lesson(notes)))
    assert notes == ["began", "taught", "wiped", "began", "taught"]


def at_once() -> tuple[TeachingSession, FakeTaught]:
    """A lesson that ends at the moment when the visitor forgets it."""
    now, taught, both = experiment(), FakeTaught(), threading.Barrier(2)

    def teach(report: object, stopped: object) -> Any:
        both.wait(LIMIT)
        return taught

    def go() -> None:
        both.wait(LIMIT)
        now.forget()

    visitor = threading.Thread(target=go)
    visitor.start()
    list(now.run(teach))
    visitor.join(LIMIT)
    ended()
    return now, taught


def test_forgetting_and_ending_at_the_same_time_leaves_nothing() -> None:
    for _ in range(200):
        now, taught = at_once()
        assert now.taught is None
        assert taught.forgotten


def test_what_a_lesson_raises_is_heard() -> None:
    def refuse(report: object, stopped: object) -> Any:
        raise CannotTeach("not this one")

    with pytest.raises(CannotTeach, match="not this one"):
        list(experiment().run(refuse))


def test_the_visitor_s_face_is_overwritten_and_an_example_s_is_not() -> None:
    crop = np.full((112, 112, 3), 7, np.uint8)
    crop.setflags(write=False)
    for own in (True, False):
        now = TeachingSession(Chosen(replace(a_face(), crop=crop.copy()), a_face(2), own))
        forget(now)
        assert now.chosen.face.crop.any() != own
    forget(None)
