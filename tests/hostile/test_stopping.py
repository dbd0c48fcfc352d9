"""SIGTERM or Ctrl-C while people are being answered: what runs is answered or told so, what is new is refused, all is wiped.

The gate has the same without a process: tests/ui/test_closing.py, server/test_shutdown.py.
"""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from tests.hostile.crowd import expect
from tests.hostile.planted import plant
from tests.hostile.visitor import Failed, QueueFull, Server, Visitor, running, visiting
from tests.ui.fakes import FakeTest
from tests.ui.latch import LIMIT

FACE = Path(__file__).parents[1] / "data" / "face.jpg"
CLOSED = "The page is being closed"
pytestmark = pytest.mark.full


async def stop(server: Server, photo: bytes, how: signal.Signals, held: Path, go: bool) -> tuple[list[object], Path]:
    """Three visitors at the end: one is audited, one waits, one comes too late.

    Args:
        server: see ``held``.
        photo: of all three.
        how: it is told to stop.
        held: the folder that holds the audit.
        go: whether the audit ends before the page closes; then the third one comes meanwhile.

    Returns:
        What the first two got, and where their photos lay.
    """
    async with visiting(server.url) as first, visiting(server.url) as second, visiting(server.url) as third:
        left = Path(await third.upload(photo))
        audits = [asyncio.create_task(visitor.audit(photo)) for visitor in (first, second)]
        while not (first.joined and second.joined and (held / "looking").exists()):
            await asyncio.sleep(0.02)
        assert not [audit for audit in audits if audit.done()]
        server.process.send_signal(how)
        if go:
            await too_late(third, left)
            (held / "go").touch()
        found = await asyncio.gather(*audits, return_exceptions=True)
    return found, left.parents[1]


async def too_late(visitor: Visitor, path: Path) -> None:
    """Somebody asks for an audit while the page closes."""
    async with asyncio.timeout(LIMIT):  # the server takes its time to hear a signal
        while True:
            answer = await visitor.client.post("/gradio_api/upload", files={"files": ("late.png", b"x", "image/png")})
            if answer.is_error:
                break
            await asyncio.sleep(0.05)
    assert answer.status_code == 503
    assert CLOSED in answer.text
    with pytest.raises(QueueFull, match=CLOSED):
        await visitor.ask("photo", "input", {"photo": {"path": str(path), "meta": {"_type": "gradio.FileData"}}})


def test_what_runs_is_answered_what_waits_is_told_so_and_then_all_is_wiped(tmp_path: Path) -> None:
    planted = plant(FACE.read_bytes(), 31)
    expected = expect(FakeTest(), planted)  # type: ignore[arg-type]
    with running(["-m", "tests.hostile.held", str(tmp_path), str(LIMIT)]) as server:
        found, folder = asyncio.run(stop(server, planted.data, signal.SIGTERM, tmp_path, go=True))
        assert server.process.wait(LIMIT) == 128 + signal.SIGTERM
    assert expected.audits in found
    (told,) = (answer for answer in found if isinstance(answer, Failed))
    assert CLOSED in str(told)
    assert not folder.exists()
    assert "Traceback" not in "".join(server.said)


def test_what_takes_too_long_is_told_so(tmp_path: Path) -> None:
    planted = plant(FACE.read_bytes(), 32)
    with running(["-m", "tests.hostile.held", str(tmp_path), "1"]) as server:
        found, folder = asyncio.run(stop(server, planted.data, signal.SIGINT, tmp_path, go=False))
        assert server.process.wait(LIMIT) == 128 + signal.SIGINT, "it does not wait for the look, which never ends"
    for told in found:
        assert isinstance(told, Failed)
        assert CLOSED in str(told)
    assert not folder.exists()
    assert "Traceback" not in "".join(server.said)
