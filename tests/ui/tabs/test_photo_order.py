"""Two photos in a row whose maps are drawn at the same time: whichever ends last, the details are those of the last photo."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.ui.guest import Guest
from tests.ui.latch import LIMIT, wait_until
from tests.ui.reading import FACE, Elements, side_by_side
from tests.ui.served import Served

Visit = Callable[..., Guest]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_details_are_of_the_last_photo_whichever_maps_are_there_last(
    served: Served, visit: Visit, monkeypatch: pytest.MonkeyPatch, order: tuple[int, int]
) -> None:
    draw, gates, came = served.test.activity, (threading.Event(), threading.Event()), []

    def activity(faces: Any) -> Any:
        came.append(len(faces))
        assert gates[len(came) - 1].wait(LIMIT)
        return draw(faces)

    monkeypatch.setattr(served.test, "activity", activity)
    guest = visit()
    runs = []
    for number, photo in enumerate((FACE.read_bytes(), side_by_side(2))):
        runs.append(guest.begin("photo", "input", photo=guest.upload(photo)))
        wait_until(lambda: len(came) > number, "its maps are being drawn")  # noqa: B023  # asked in this round only
    assert came == [1, 2]
    for number in order:
        gates[number].set()
        runs[number].result(LIMIT)
    shown = [step["details"] for step in guest.visitor.steps if step.get("details")]
    assert shown, "they have come"
    assert "track" in Elements(shown[-1]).values("class")
    chosen = guest.pick("faces", 1)
    assert 'aria-pressed="true"' in chosen["faces"]
    assert chosen["details"] != shown[-1], "the other face's maps"
    assert Elements(chosen["details"]).values("class").count("track") == 2 * 14
