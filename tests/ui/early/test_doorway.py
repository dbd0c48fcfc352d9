"""Who comes before the page gets the first screen and its pictures at once, and everything else once the page is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Self

import pytest

from mint.ui.early import doorway
from mint.ui.early.doorway import AT_ONCE, Doorway
from mint.ui.server.first_page import FirstPage
from mint.ui.server.headers import POLICY
from mint.ui.server.shipped_files import Pictures

WAIT = 60  # seconds, of which none is needed


class Server:
    """What a server does with a doorway: its life, and requests.

    Attributes:
        state: what the page keeps for its requests.
        lived: what the page was told of its life.
    """

    def __init__(self, pictures: Pictures | None = None) -> None:
        self.door = Doorway(
            lambda language: f"first {language}", lambda language: f" failed {language}", pictures or Pictures()
        )
        self.state: dict[str, Any] = {}
        self.lived: list[str] = []
        self._orders: asyncio.Queue[Any] = asyncio.Queue()
        self._told: asyncio.Queue[Any] = asyncio.Queue()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        await self.start()
        yield self
        await self.stop()

    async def start(self) -> None:
        scope = {"type": "lifespan", "state": self.state}
        self._life = asyncio.create_task(self.door(scope, self._orders.get, self._told.put))
        await self._orders.put({"type": "lifespan.startup"})
        assert await self._told.get() == {"type": "lifespan.startup.complete"}

    async def stop(self) -> None:
        await self._orders.put({"type": "lifespan.shutdown"})
        assert await self._told.get() == {"type": "lifespan.shutdown.complete"}
        await self._life

    async def open(self, page: Any) -> None:
        await asyncio.to_thread(self.door.open, page)
        self.door.release()

    def page(self, fails: bool = False) -> Callable[..., Any]:
        """A page that says what was asked of it."""

        async def app(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "lifespan":
                scope["state"]["kept"] = "by the page"
                while "shutdown" not in (told := (await receive())["type"]):
                    self.lived.append(told)
                    if fails:
                        raise OSError("no room")
                    await send({"type": "lifespan.startup.complete"})
                self.lived.append(told)
                await send({"type": "lifespan.shutdown.complete"})
                return
            body = f"<head>{scope['method']}</head><body>{scope['path']}</body>".encode()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": body})

        return FirstPage(app, lambda language: "a second first screen", lambda language: "failed as well")


class Visit:
    """One request and what came of it so far."""

    def __init__(self, server: Server, path: str = "/", method: str = "GET", headers: Any = ()) -> None:
        self.status, self.headers, self.body = 0, {}, b""
        self.came = asyncio.Event()
        scope = {"type": "http", "path": path, "method": method, "query_string": b"", "headers": [*headers]}
        self.task = asyncio.create_task(server.door(scope, self._receive, self._send))

    async def _receive(self) -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        self.body += message.get("body", b"")
        if self.body:
            self.came.set()

    async def begun(self) -> Self:
        """Wait until something has come."""
        await asyncio.wait_for(self.came.wait(), WAIT)
        return self

    async def end(self) -> bytes:
        await asyncio.wait_for(self.task, WAIT)
        return self.body


def test_the_first_screen_is_there_before_the_page_which_then_follows_once() -> None:
    async def run() -> None:
        async with Server().running() as server:
            visit = await Visit(server, headers=[(b"accept-language", b"es")]).begun()
            assert visit.body == b"first es"
            assert visit.headers[b"content-security-policy"].decode() == POLICY
            await server.open(server.page())
            assert await visit.end() == b"first esGET/</body></html>\n"
            assert server.lived == ["lifespan.startup"]
            assert server.state == {"kept": "by the page"}
        assert server.lived == ["lifespan.startup", "lifespan.shutdown"]

    asyncio.run(run())


def test_pictures_do_not_wait_and_everything_else_does() -> None:
    async def run() -> None:
        pictures = Pictures()
        address = pictures.add(b"a picture")
        async with Server(pictures).running() as server:
            assert await Visit(server, f"/{address}").end() == b"a picture"
            other = Visit(server, "/config")
            sent = Visit(server, "/gradio_api/upload", "POST")
            foreign = Visit(server, "/gradio_api/upload", "POST", [(b"origin", b"https://elsewhere.example")])
            await foreign.end()
            assert foreign.status == 403
            assert not other.task.done()
            assert not sent.task.done()
            await server.open(server.page())
            assert await other.end() == b"<head>GET</head><body>/config</body>"
            assert await sent.end() == b"<head>POST</head><body>/gradio_api/upload</body>"
            assert await Visit(server, "/later").end() == b"<head>GET</head><body>/later</body>"

    asyncio.run(run())


def test_without_a_page_whoever_waits_is_told() -> None:
    async def run() -> None:
        async with Server().running() as server:
            visit, other = Visit(server), Visit(server, "/config")
            await visit.begun()
            server.door.give_up()
            assert await visit.end() == b"first en failed en</body></html>\n"
            await other.end()
            assert other.status == 503

    asyncio.run(run())


def test_who_has_waited_goes_on_waiting_until_the_page_has_asked_itself() -> None:
    async def run() -> None:
        async with Server().running() as server:
            waiting = [await Visit(server).begun() for _ in range(3 * AT_ONCE)]
            await asyncio.to_thread(server.door.open, server.page())
            assert await Visit(server, "/gradio_api/startup-events").end(), "whoever comes now is answered"
            assert not [visit for visit in waiting if visit.task.done()]
            server.door.release()
            assert {await visit.end() for visit in waiting} == {b"first enGET/</body></html>\n"}

    asyncio.run(run())


def test_first_pages_that_were_waited_for_have_a_head_start_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        async with Server().running() as server:
            waiting = [await Visit(server).begun() for _ in range(3)]
            stream = Visit(server, "/gradio_api/heartbeat/1")  # which stays open as long as its visitor stays
            await asyncio.to_thread(server.door.open, server.page())
            monkeypatch.setattr(doorway, "HEAD_START", WAIT)
            server.door.release()
            await asyncio.to_thread(server.door.head_start)
            assert all(visit.task.done() for visit in waiting)
            await stream.end()
            await asyncio.to_thread(server.door.head_start)  # nobody waits any more

        async with Server().running() as server:
            visit = await Visit(server).begun()
            await asyncio.to_thread(server.door.open, server.page())
            monkeypatch.setattr(doorway, "HEAD_START", 0.01)
            await asyncio.to_thread(server.door.head_start)  # and who is not let in holds nobody up
            assert not visit.task.done()
            server.door.release()
            await visit.end()

    asyncio.run(run())


def test_a_page_that_fails_after_it_was_opened_is_told_to_whoever_waits() -> None:
    async def run() -> Server:
        async with Server().running() as server:
            visit = await Visit(server).begun()
            await asyncio.to_thread(server.door.open, server.page())
            server.door.give_up()
            assert await visit.end() == b"first en failed en</body></html>\n"
            return server

    asyncio.run(run()).door.give_up()  # the loop is closed by now


def test_who_leaves_takes_nobody_along() -> None:
    async def run() -> None:
        async with Server().running() as server:
            leaving, staying = await Visit(server).begun(), Visit(server)
            leaving.task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await leaving.task
            await server.open(server.page())
            assert await staying.end() == b"first enGET/</body></html>\n"

    asyncio.run(run())


def test_a_page_that_does_not_start_says_why() -> None:
    async def run() -> None:
        async with Server().running() as server:
            with pytest.raises(RuntimeError, match=r"could not be started: no room"):
                await server.open(server.page(fails=True))

    asyncio.run(run())
