"""Two photos in a row whose details come at the same time: whichever run ends last, the details are those of the last photo."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from tests.ui.guest import Guest
from tests.ui.latch import LIMIT, wait_until
from tests.ui.reading import FACE, Elements, side_by_side
from tests.ui.served import Served

Visit = Callable[..., Guest]


class Gates:
    """In the place of the latch between a verdict and its details: the first and the second run have a gate each."""

    def __init__(self) -> None:
        self.gates = (threading.Event(), threading.Event())
        self.came = 0

    def through(self) -> None:
        gate = self.gates[self.came]
        self.came += 1
        assert gate.wait(LIMIT), "nobody opened the gate"

    def open(self) -> None:
        """Let everybody through, as ``Latch`` does."""
        for gate in self.gates:
            gate.set()


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_details_are_of_the_last_photo_whichever_run_ends_last(
    served: Served, visit: Visit, monkeypatch: pytest.MonkeyPatch, order: tuple[int, int]
) -> None:
    between = Gates()
    monkeypatch.setattr(served, "settling", between)
    guest = visit()
    runs = []
    for number, photo in enumerate((FACE.read_bytes(), side_by_side(2))):
        runs.append(guest.begin("photo", "input", photo=guest.upload(photo)))
        wait_until(lambda: between.came > number, "its verdict is there")  # noqa: B023  # asked in this round only
    for number in order:
        between.gates[number].set()
        runs[number].result(LIMIT)
    shown = [step["details"] for step in guest.visitor.steps if step.get("details")]
    assert shown, "they have come"
    assert "track" in Elements(shown[-1]).values("class")
    chosen = guest.pick("faces", 1)
    assert 'aria-pressed="true"' in chosen["faces"]
    assert chosen["details"] != shown[-1], "the other face's"
    assert Elements(chosen["details"]).values("class").count("track") == 2 * 14
    assert guest.pick("faces", 0)["details"] == shown[-1], "those of the last photo's first face"
