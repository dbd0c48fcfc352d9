"""SIGTERM or Ctrl-C while people are being answered: what runs is answered or told so, what is new is refused, all is wiped."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path

import pytest

from mint.ui.page import CLOSING_SECONDS
from tests.hostile.crowd import expect
from tests.hostile.planted import plant
from tests.hostile.test_load import SERVER
from tests.hostile.visitor import Failed, QueueFull, Server, Visitor, running, visiting
from tests.ui.fakes import FakeTest

FACE = Path(__file__).parents[1] / "data" / "face.jpg"
CLOSED = "The page is being closed"
pytestmark = pytest.mark.full


async def stop(server: Server, photo: bytes, how: signal.Signals) -> tuple[list[object], str, Path]:
    """Three visitors at the end: one is audited, one waits, one comes too late.

    Returns:
        What the first two got, what the third was told, and where their photos lay.
    """
    async with visiting(server.url) as first, visiting(server.url) as second, visiting(server.url) as third:
        left = Path(await third.upload(photo))
        audits = [asyncio.create_task(visitor.audit(photo)) for visitor in (first, second)]
        while not (first.joined and second.joined):
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.2)
        assert not [audit for audit in audits if audit.done()]
        server.process.send_signal(how)
        late = await too_late(third, left)
        found = await asyncio.gather(*audits, return_exceptions=True)
    return found, late, left.parents[1]


async def too_late(visitor: Visitor, path: Path) -> str:
    """What somebody is told who asks for an audit while the page closes."""
    for _ in range(100):  # a busy machine takes its time to hear a signal
        await asyncio.sleep(0.05)
        answer = await visitor.client.post("/gradio_api/upload", files={"files": ("late.png", b"x", "image/png")})
        if answer.is_error:
            break
    assert answer.status_code == 503
    assert CLOSED in answer.text
    with pytest.raises(QueueFull) as refused:
        await visitor.ask("photo", "input", {"photo": {"path": str(path), "meta": {"_type": "gradio.FileData"}}})
    return str(refused.value)


def test_what_runs_is_answered_what_waits_is_told_so_and_then_all_is_wiped() -> None:
    planted = plant(FACE.read_bytes(), 31)
    expected = expect(FakeTest(), planted)
    with running(["-c", SERVER, "2"]) as server:
        found, late, folder = asyncio.run(stop(server, planted.data, signal.SIGTERM))
        assert server.process.wait(20) == 128 + signal.SIGTERM
    assert expected.audits in found
    (told,) = (answer for answer in found if isinstance(answer, Failed))
    assert CLOSED in str(told)
    assert CLOSED in late
    assert not folder.exists()
    assert "Traceback" not in "".join(server.said)


def test_what_takes_too_long_is_told_so() -> None:
    planted = plant(FACE.read_bytes(), 32)
    with running(["-c", SERVER, "20"]) as server:
        found, _, folder = asyncio.run(stop(server, planted.data, signal.SIGINT))
        began = time.monotonic()
        assert server.process.wait(20) == 128 + signal.SIGINT
        assert time.monotonic() - began < CLOSING_SECONDS + 5  # after the visitors have left
    for told in found:
        assert isinstance(told, Failed)
        assert CLOSED in str(told)
    assert not folder.exists()
    assert "Traceback" not in "".join(server.said)
