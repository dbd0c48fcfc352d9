"""Properties of hypothesis again and again until a time, with how many examples that were and how memory went."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from hypothesis import HealthCheck, given, seed, settings
from hypothesis.strategies import SearchStrategy

from tests.hostile.memory import MOST_MB, Growth

quick = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))


class TimeIsUp(BaseException):
    """Ends a round in its middle: hypothesis lets it through, as it does Ctrl-C."""


class Rounds:
    """A fuzzer's time, its counts and its memory, as a context.

    Args:
        minutes: that it runs.
        most_mb: of memory above idle that one example, or all of them, may take.

    Attributes:
        found: what became of the examples.
        growth: of this process.
    """

    def __init__(self, minutes: float, most_mb: float = MOST_MB) -> None:
        self._started, self._minutes, self._most_mb = time.monotonic(), minutes, most_mb
        self.found: Counter[str] = Counter()
        self.growth = Growth()

    def __enter__(self) -> Self:
        """Begin to watch memory."""
        self.growth.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Stop to watch it."""
        self.growth.__exit__(kind, error, where)

    def tell(self, outcome: str) -> None:
        """Count an example.

        Raises:
            AssertionError: it took too much memory.
            TimeIsUp: it was the last.
        """
        assert self.growth.mb < self._most_mb, f"{self.growth.mb} MB above idle"
        self.found[outcome] += 1
        if self.seconds > 60 * self._minutes:
            raise TimeIsUp

    def counting(self, outcomes: SearchStrategy[str], examples: int) -> Callable[[], None]:
        """Make the property that draws outcomes, so many a turn, and counts them."""

        @settings(quick, max_examples=examples)
        @given(outcomes)
        def one(outcome: str) -> None:
            self.tell(outcome)

        return one

    def run(self, first: int, properties: Sequence[Callable[[], None]]) -> None:
        """Run properties in turns, each turn with the next seed, until the time is up."""
        number = first
        try:
            while True:
                for one in properties:
                    seed(number)(one)()
                number += 1
        except TimeIsUp:
            return

    @property
    def seconds(self) -> float:
        """So far."""
        return time.monotonic() - self._started

    def print(self, first: int, **more: object) -> None:
        """Print what came of how many, as JSON."""
        told = {
            "seconds": round(self.seconds), "seed": first, "examples": self.found.total(),
            "outcomes": dict(sorted(self.found.items())), "most_mb_above_idle": self.growth.mb, **more,
        }  # fmt: skip
        json.dump(told, sys.stdout, indent=1)
        print()


def timed(description: str | None) -> argparse.ArgumentParser:
    """The options that every fuzzer has."""
    parser = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    return parser
