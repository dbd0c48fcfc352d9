"""The page closes while visitors are there: what ``shutdown`` does at the real page; each of its moments: server/test_shutdown."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tests.hostile.visitor import API, Failed, QueueFull
from tests.ui.guest import Guest
from tests.ui.latch import LIMIT, wait_until
from tests.ui.reading import FACE
from tests.ui.served import Served

Visit = Callable[..., Guest]
CLOSED = "The page is being closed, and this was not answered. Your photo was removed. Try again in a minute."
SPANISH = "La página se está cerrando"


@pytest.fixture
def close(served: Served) -> Any:
    """Tell the page to stop, and give what runs so many seconds; it is left running for the other tests."""
    with ThreadPoolExecutor(1) as apart:
        yield lambda seconds: apart.submit(served.page.shutdown.drain, served.page.blocks._queue, seconds)
        served.test.looking.open()


def two(served: Served, visit: Visit) -> list[tuple[Guest, Future[dict[str, Any]]]]:
    """One visitor whose photo is looked at, and one who waits."""
    served.test.looking.hold()
    guests = [visit(), visit("es-ES")]
    jobs = [guests[0].begin("photo", "input", photo=guests[0].upload(FACE.read_bytes()))]
    served.test.looking.wait_for()
    jobs.append(guests[1].begin("examples", "click", {"pick": 0}))
    wait_until(lambda: len(served.page.blocks._queue) == 1, "the other one waits")
    return list(zip(guests, jobs, strict=True))


def test_what_runs_is_answered_and_what_waits_is_told_so(served: Served, visit: Visit, close: Any) -> None:
    (_, runs), (second, waits) = two(served, visit)
    late = visit("es-ES")
    photo = late.upload(FACE.read_bytes())
    closing = close(LIMIT)
    told = waits.exception(LIMIT)
    assert isinstance(told, Failed)
    assert SPANISH in str(told)

    refused = late.post(f"{API}/upload", files={"files": ("late.png", b"x", "image/png")})
    assert refused.status_code == 503
    assert refused.text.startswith(SPANISH)
    with pytest.raises(QueueFull, match=SPANISH):
        late.ask("photo", "input", photo=photo)
    with pytest.raises(QueueFull, match=SPANISH):
        second.ask("examples", "click", {"pick": 1})

    assert not closing.done(), "it waits for what runs"
    served.test.looking.open()
    assert "data-network" in runs.result(LIMIT)["answer"]
    assert "details" in runs.result(LIMIT), "what follows an answer is let in"
    closing.result(LIMIT)


def test_what_takes_too_long_is_told_so(served: Served, visit: Visit, close: Any) -> None:
    (_, runs), (_, waits) = two(served, visit)
    close(1e-6).result(LIMIT)
    for job, words in ((runs, CLOSED), (waits, SPANISH)):
        told = job.exception(LIMIT)
        assert isinstance(told, Failed)
        assert words in str(told)


@pytest.mark.parametrize(("begun", "words"), [(True, CLOSED), (False, "Something broke on our side.")])
def test_a_stream_of_gradios_that_is_cut_tells_nothing_of_this_server(
    served: Served, monkeypatch: pytest.MonkeyPatch, begun: bool, words: str
) -> None:
    """The server ends the request in the middle, as it does on a busy machine. Through all of the page's doors."""
    from gradio.server_messages import HeartbeatMessage

    app, shutdown = served.page.blocks.app, served.page.shutdown
    monkeypatch.setattr(shutdown, "loop", shutdown.loop)  # put back in the end: here is another one
    monkeypatch.setattr(shutdown, "begun", begun)
    sent: list[bytes] = []

    async def ask() -> None:
        messages: asyncio.Queue[Any] = asyncio.Queue()
        messages.put_nowait(HeartbeatMessage())
        served.page.blocks._queue.pending_messages_per_session["cut"] = messages
        streaming = asyncio.Event()

        async def receive() -> Any:
            await asyncio.Event().wait()  # nobody disconnects

        async def send(message: Any) -> None:
            sent.append(message.get("body", b""))
            if b"heartbeat" in sent[-1]:
                streaming.set()

        scope = {
            "type": "http", "method": "GET", "path": f"{API}/queue/data", "query_string": b"session_hash=cut",
            "headers": [(b"host", b"here")], "http_version": "1.1", "scheme": "http", "server": ("here", 80),
            "client": ("here", 1), "root_path": "",
        }  # fmt: skip
        asked = asyncio.create_task(app(scope, receive, send))
        await streaming.wait()
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)

    asyncio.run(ask())
    errors = [json.loads(event[6:]) for event in b"".join(sent).split(b"\n\n") if b"unexpected_error" in event]
    assert [error["message"].startswith(words) for error in errors] == [True]
    assert b"site-packages" not in b"".join(sent)
