"""The rules of the game: of twelve faces, the visitor guesses who was used."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from mint.ui.examples import Example

DEALT = 12
FEWEST_USED, MOST_USED = 3, 7  # how many of them were used is not told


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of answers against the truth.

    Attributes:
        found: used pictures that were called used.
        used: used pictures.
        alarms: unused pictures that were called used.
        unused: unused pictures.
    """

    found: int = 0
    used: int = 0
    alarms: int = 0
    unused: int = 0

    @property
    def right(self) -> int:
        """The number of right answers."""
        return self.found + self.unused - self.alarms

    @property
    def n(self) -> int:
        """The number of all answers."""
        return self.used + self.unused

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.found + other.found, self.used + other.used, self.alarms + other.alarms, self.unused + other.unused
        )


@dataclass(frozen=True, slots=True)
class Round:
    """Twelve pictures on the table.

    Attributes:
        network: whose training pictures are to be found.
        dealt: numbers of examples, in the order that they lie.
        guesses: places (not numbers) that the visitor called used; None before.
        before: what the visitor did in earlier rounds.
    """

    network: str
    dealt: tuple[int, ...]
    guesses: frozenset[int] | None = None
    before: Tally = Tally()

    def guess(self, places: Collection[int]) -> Round:
        """Take the visitor's answer. Places off the table do not count; a second answer does nothing."""
        if self.guesses is not None:
            return self
        return replace(self, guesses=frozenset(p for p in places if 0 <= p < len(self.dealt)))


def deal(examples: Sequence[Example], network: str, draw: random.Random, before: Tally | None = None) -> Round | None:
    """Deal a new round, or None where too few pictures have a known truth."""
    known = [i for i, e in enumerate(examples) if network in e.truth and network in e.p_values]
    used = [i for i in known if examples[i].truth[network]]
    unused = [i for i in known if not examples[i].truth[network]]
    if len(used) < FEWEST_USED or len(known) < DEALT:
        return None
    most = min(MOST_USED, len(used))
    count = draw.randint(max(FEWEST_USED, DEALT - len(unused)), most)
    dealt = draw.sample(used, count) + draw.sample(unused, DEALT - count)
    draw.shuffle(dealt)
    return Round(network, tuple(dealt), None, before or Tally())


def tally(called: Collection[int], dealt: Sequence[int], examples: Sequence[Example], network: str) -> Tally:
    """Count the places that were ``called`` used against the truth."""
    truth = [examples[i].truth[network] for i in dealt]
    return Tally(sum(truth[p] for p in called), sum(truth), sum(not truth[p] for p in called), len(truth) - sum(truth))


def called_by_network(dealt: Sequence[int], examples: Sequence[Example], network: str, alpha: float) -> frozenset[int]:
    """Return the places that the test calls used at a limit on the p-value."""
    return frozenset(place for place, i in enumerate(dealt) if examples[i].p_values[network] <= alpha)
