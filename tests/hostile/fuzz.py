"""Photos changed at random, for as long as you like: ``python -m tests.hostile.fuzz [--minutes 10] [--seed 0]``.

Each starts as one of the hostile photos and is then edited a few times. It opens or is refused with a clear message;
anything else, also more memory than ``MOST_MB``, ends the run with exit code 1 and the shortest example that hypothesis
finds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hostile.cases import FACE, Case, cases
from tests.hostile.outcomes import outcome_of
from tests.hostile.rounds import Rounds, quick, timed

MOST_BYTES = 200_000  # of a photo that is edited; larger ones only slow it down
ROUND = 200  # examples between two looks at the clock
EDGES = [0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF]

Edit = Callable[[bytes], bytes]


Photos = tuple[bytes, ...]


@cache
def to_edit(among: tuple[Case, ...]) -> Photos:
    """Those that are not too large, made once."""
    return tuple(data for case in among if 0 < len(data := case.data) <= MOST_BYTES)


@st.composite
def edits(draw: st.DrawFn, known: Photos) -> Edit:
    """One change: bits, numbers at the edge of their range, runs that go, come, or come twice, another file's tail."""
    kind = draw(st.sampled_from(["flip", "number", "cut", "put", "twice", "end", "tail"]))
    where, length = draw(st.floats(0, 1)), draw(st.integers(1, 64))
    if draw(st.booleans()):  # headers are where decoders decide
        where *= 0.01
    bit = draw(st.integers(0, 7))
    number = draw(st.sampled_from(EDGES)).to_bytes(4, draw(st.sampled_from(["big", "little"])))
    new = draw(st.binary(min_size=1, max_size=32))
    other = known[draw(st.integers(0, len(known) - 1))]

    def edit(data: bytes) -> bytes:
        at = int(where * max(len(data) - 1, 0))
        return {
            "flip": lambda: data[:at] + bytes(b ^ (1 << bit) for b in data[at : at + 1]) + data[at + 1 :],
            "number": lambda: data[:at] + number + data[at + 4 :],
            "cut": lambda: data[:at] + data[at + length :],
            "put": lambda: data[:at] + new + data[at:],
            "twice": lambda: data[: at + length] + data[at:],
            "end": lambda: data[:at],
            "tail": lambda: data[:at] + other[int(where * len(other)) :],
        }[kind]()

    return edit


@st.composite
def photos(draw: st.DrawFn, among: Callable[[], tuple[Case, ...]] = cases) -> bytes:
    """A hostile photo after one to six edits.

    Args:
        draw: hypothesis.
        among: the photos that it starts from, asked for when the first is drawn.
    """
    known = to_edit(among())
    data = known[draw(st.integers(0, len(known) - 1))]
    for edit in draw(st.lists(edits(known), min_size=1, max_size=6)):
        data = edit(data)
    return data


def main() -> None:
    """Run it, and print what came of how many."""
    asked = timed(__doc__).parse_args()
    outcome_of(FACE.read_bytes())
    messages: Counter[str] = Counter()
    with Rounds(asked.minutes) as rounds:

        @settings(quick, max_examples=ROUND)
        @given(photos())
        def one(data: bytes) -> None:
            outcome, message = outcome_of(data)
            messages[message] += 1
            rounds.tell(outcome)

        rounds.run(asked.seed, [one])
    rounds.print(asked.seed, different_messages=len(messages))


if __name__ == "__main__":
    main()
