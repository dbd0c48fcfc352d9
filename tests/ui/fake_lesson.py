"""A lesson without a network: as long as it is told to be, and it tells what becomes of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from mint.errors import Forgotten, TeachingStopped
from mint.teaching.experiment import Comparison, Outcome
from mint.teaching.lesson import Step
from mint.teaching.trace import Standing, Trace
from mint.types import Face
from tests.ui.fakes import face_audit
from tests.ui.latch import Latch

STEPS = 10


def standing(number: int) -> Standing:
    """Where the taught face stands at a step: from "no sign" to "evidence"."""
    return Standing(-1.7 + 3.8 * number / STEPS, 0.41 - 0.4076 * number / STEPS)


class FakeTaught:
    """Judges as ``Taught`` does: no sign before, evidence after. Tells when it is wiped."""

    measured = None

    def __init__(self, note: Callable[[str], None] = lambda told: None) -> None:
        self.forgotten, self._note = False, note
        self._looked = False

    def judge(self, alpha: float, prior: float) -> Outcome:
        if self.forgotten:
            raise Forgotten("It is wiped.")
        before, after = face_audit(False, alpha, prior), face_audit(True, alpha, prior)
        witnesses = ((None, True, Comparison(before, after)), (None, False, Comparison(before, before)))
        return Outcome(Comparison(before, after), Comparison(before, before), witnesses if self._looked else None)  # type: ignore[arg-type]

    def look_at_witnesses(self) -> None:
        self.judge(0.01, 0.5)
        self._looked = True

    def forget(self) -> None:
        if not self.forgotten:
            self.forgotten = True
            self._note("wiped")


def fake_teach(
    seconds: float, note: Callable[[str], None] = lambda told: None, heeds: bool = True, step: Latch | None = None
) -> Any:
    """In the place of ``mint.teaching.experiment.teach``.

    Args:
        seconds: how long a lesson takes.
        note: is told "began", and "stopped" or "taught".
        heeds: whether it asks if it should stop; the last look at both photos, which takes seconds, does not.
        step: a latch after every step is told.
    """
    step = step or Latch()

    def teach(
        bundle: object,
        face: Face,
        control: Face,
        known: object,
        report: Callable[[Trace], None],
        stopped: Callable[[], bool],
    ) -> FakeTaught:
        note("began")
        control = Standing(-1.7, 0.41)
        report(Trace(control))
        report(Trace(control, control))
        for number in range(1, STEPS + 1):
            if heeds and stopped():
                note("stopped")
                raise TeachingStopped("The teaching was stopped.")
            report(Trace(standing(number), control, Step(number, number / STEPS, 1.0, number / STEPS)))
            step.through()
            time.sleep(seconds / STEPS)
        note("taught")
        return FakeTaught(note)

    return teach
