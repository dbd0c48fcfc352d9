"""A lesson ends when the visitor wants it to, and what comes too late is wiped."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mint.errors import CannotTeach
from mint.ui.experiment import Experiment, forget
from mint.ui.lessons import Chosen
from tests.ui.fake_lesson import STEPS, FakeTaught, fake_teach
from tests.ui.fakes import a_face


def experiment(own: bool = False) -> Experiment:
    return Experiment(Chosen(a_face(1), a_face(2), own))


def lesson(seconds: float = 0.0, notes: list[str] | None = None, heeds: bool = True) -> Any:
    teach = fake_teach(seconds, [].append if notes is None else notes.append, heeds)
    return lambda report, stopped: teach(None, None, None, None, report, stopped)


def ended() -> None:
    """Wait for every lesson's thread."""
    for thread in threading.enumerate():
        if thread.name == "lesson":
            thread.join(10)
            assert not thread.is_alive()


def test_a_lesson_tells_its_steps_and_keeps_what_was_taught() -> None:
    now, notes = experiment(), []
    steps = list(now.run(lesson(0.2, notes)))
    assert steps[-1].number <= STEPS
    assert [s.number for s in steps] == sorted({s.number for s in steps})
    assert notes == ["began", "taught"]
    assert now.fresh
    assert now.taught is not None
    forget(now)
    assert notes[-1] == "wiped"
    assert now.taught is None
    assert not now.fresh


def test_forgetting_in_the_middle_ends_the_lesson_at_once_and_its_thread_soon() -> None:
    now, notes = experiment(), []
    run = now.run(lesson(20.0, notes))
    next(run)
    threading.Timer(0.1, now.forget).start()
    began = time.monotonic()
    assert len(list(run)) <= 2
    assert time.monotonic() - began < 5
    ended()
    assert notes == ["began", "stopped"]
    assert now.taught is None


@pytest.mark.parametrize("how", ["forget", "leave"])
def test_what_is_taught_after_the_visitor_has_gone_is_wiped(how: str) -> None:
    now, notes = experiment(), []
    run = now.run(lesson(0.5, notes, heeds=False))
    next(run)
    if how == "forget":
        now.forget()
    run.close()  # as gradio does when an event is cancelled
    ended()
    assert notes == ["began", "taught", "wiped"]
    assert now.taught is None
    assert not now.fresh


def test_closing_the_iterator_stops_the_lesson() -> None:
    now, notes = experiment(), []
    run = now.run(lesson(20.0, notes))
    next(run)
    run.close()
    ended()
    assert notes == ["began", "stopped"]
    assert not now.forgotten, "the photo is still there, to be taught again"


def test_a_second_lesson_forgets_the_first() -> None:
    now, notes = experiment(), []
    for _ in range(2):
        list(now.run(lesson(0.0, notes)))
    assert notes == ["began", "taught", "wiped", "began", "taught"]


def at_once() -> tuple[Experiment, FakeTaught]:
    """A lesson that ends at the moment when the visitor forgets it."""
    now, taught, both = experiment(), FakeTaught(), threading.Barrier(2)

    def teach(report: object, stopped: object) -> Any:
        both.wait(5)
        return taught

    def go() -> None:
        both.wait(5)
        now.forget()

    visitor = threading.Thread(target=go)
    visitor.start()
    list(now.run(teach))
    visitor.join(5)
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
        now = Experiment(Chosen(replace(a_face(), crop=crop.copy()), a_face(2), own))
        forget(now)
        assert now.chosen.face.crop.any() != own
    forget(None)
