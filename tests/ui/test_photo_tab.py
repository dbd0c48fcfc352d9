from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.ui.guest import Guest
from tests.ui.served import Served

Visit = Callable[..., Guest]
FACE = Path(__file__).parents[1] / "data" / "face.jpg"


def test_first(served: Served, visit: Visit) -> None:
    guest = visit()
    guest.add(FACE)
    assert "data-network" in guest.page["answer"]
    assert not served.waiting()


def test_second(served: Served, visit: Visit) -> None:
    guest = visit("es-ES")
    guest.pick("examples", 0)
    assert "gemela A" in guest.page["answer"]
    guest.leave()
