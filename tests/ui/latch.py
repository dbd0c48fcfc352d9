"""Waiting in tests: for a condition, never for a time. A limit is there only so that what is broken ends at all."""

from __future__ import annotations

import threading
from collections.abc import Callable

LIMIT = 300.0  # seconds; a machine that stalls takes long, and a wait ends as soon as its condition holds


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Return once a condition holds.

    Args:
        condition: asked again and again.
        what: is waited for, for whoever reads the failure.
    """
    never = threading.Event()
    for _ in range(int(LIMIT / 0.005)):
        if condition():
            return
        never.wait(0.005)
    raise AssertionError(f"it never came about that {what}")


class Latch:
    """A place in a fake's work. Passed at once, until a test holds it: then whoever comes waits to be let through.

    Attributes:
        came: how many have come to it.
    """

    def __init__(self) -> None:
        self.came = 0
        self._passed = 0
        self._most: float = float("inf")  # that may have passed
        self._changed = threading.Condition()

    def hold(self) -> None:
        """Let nobody through from now on."""
        with self._changed:
            self._most = self._passed

    def let(self, count: int = 1) -> None:
        """Let so many more through."""
        with self._changed:
            self._most += count
            self._changed.notify_all()

    def open(self) -> None:
        """Let everybody through from now on."""
        self.let(float("inf"))  # type: ignore[arg-type]

    def wait_for(self, count: int = 1) -> None:
        """Return once so many have come to it since it was made."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.came >= count, LIMIT), f"{self.came} came, not {count}"

    def through(self) -> None:
        """What the fake calls: come to the latch, and return once let through."""
        with self._changed:
            self.came += 1
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: self._passed < self._most, LIMIT), "nobody opened the latch"
            self._passed += 1


class Notes(list[str]):
    """What a fake has told, in order."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition()

    def __call__(self, told: str) -> None:
        """One note more."""
        with self._changed:
            self.append(told)
            self._changed.notify_all()

    def wait_for(self, last: str) -> list[str]:
        """All notes, once the last one is this."""
        with self._changed:
            assert self._changed.wait_for(lambda: self[-1:] == [last], LIMIT), f"{list(self)} does not end with {last}"
            return list(self)
