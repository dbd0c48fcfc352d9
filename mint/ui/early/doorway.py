"""Answer before the page is there: the first screen and its pictures at once, everything else as soon as there is a page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mint.ui.server.first_page import BEGUN, FirstPage
from mint.ui.server.headers import SecurityHeaders
from mint.ui.server.shipped_files import Pictures, ShippedPictures

HEAD_START = 0.3  # seconds at most that first pages which were waited for have, before networks are loaded beside them
AT_ONCE = 8  # first pages that are written at a time, of those that were waited for: others that come get a turn


class NeverCame(Exception):
    """The page that requests waited for could not be made."""


class Doorway:
    """ASGI application in front of a page that is still to come.

    Args:
        screen, failed: see ``FirstPage``.
        pictures: those of the first screen, by their addresses.
    """

    def __init__(self, screen: Callable[[str], str], failed: Callable[[str], str], pictures: Pictures) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._scope: Scope = {}
        self._page: asyncio.Future[ASGIApp]
        self._released: asyncio.Future[None]
        self._few = asyncio.Semaphore(AT_ONCE)
        self._waiting: set[asyncio.Task[Any]] = set()  # for a first page
        self._ended: Callable[[], Any] | None = None
        first = FirstPage(self._wait, screen, failed)
        self._early = SecurityHeaders(ShippedPictures(first, pictures))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or live as long as the server does."""
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        elif self._page.done() and not self._page.cancelled():
            await self._page.result()(scope, receive, send)
        else:
            with suppress(NeverCame):  # what was begun is ended, and says so
                await self._early(scope, receive, send)

    def open(self, page: ASGIApp) -> None:
        """Let the page answer whoever comes from now on; called from another thread than the server's.

        Returns once the page has started. Raises what it raises then. Who has waited goes on waiting until ``release``: the
        page asks itself whether it answers, and would wait behind a crowd.
        """
        assert self._loop is not None, "the server has started"
        asyncio.run_coroutine_threadsafe(self._open(page), self._loop).result()

    def release(self) -> None:
        """Let the page answer whoever has waited; called likewise."""
        assert self._loop is not None, "the server has started"
        self._loop.call_soon_threadsafe(self._released.set_result, None)

    def head_start(self) -> None:
        """Return when whoever has waited for a first page has it, or soon; called likewise, after ``release``."""
        assert self._loop is not None, "the server has started"
        asyncio.run_coroutine_threadsafe(self._answered(), self._loop).result()

    def give_up(self) -> None:
        """Tell whoever waits that there will be no page; called likewise."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the server has ended, and nobody waits
                self._loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        self._page.cancel()
        self._released.cancel()

    async def _wait(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for the page, and let it answer."""
        task = asyncio.current_task()
        if BEGUN in scope and task is not None:
            self._waiting.add(task)
            task.add_done_callback(self._waiting.discard)
        try:
            page = await asyncio.shield(self._page)
            await asyncio.shield(self._released)
        except asyncio.CancelledError:
            if not (self._page.cancelled() or self._released.cancelled()):  # it is the visitor who left
                raise
            if scope["type"] == "http":
                await PlainTextResponse("", 503)(scope, receive, send)
            raise NeverCame from None
        async with self._few if BEGUN in scope else nullcontext():
            await page(scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Start at once; at the end let the page end first."""
        self._scope = scope
        self._loop = asyncio.get_running_loop()
        self._page, self._released = self._loop.create_future(), self._loop.create_future()
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self._ended is not None:
            await self._ended()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answered(self) -> None:
        if self._waiting:
            await asyncio.wait(self._waiting, timeout=HEAD_START)

    async def _open(self, page: ASGIApp) -> None:
        self._ended = await begun(page, self._scope)
        self._page.set_result(page)


async def begun(page: ASGIApp, scope: Scope) -> Callable[[], Any]:
    """Start an application as a server does, and return what ends it.

    Args:
        page: the application.
        scope: of the server's life; what the application keeps in its state, requests will see.

    Raises:
        RuntimeError: it could not start, and says why.
    """
    orders: asyncio.Queue[Message] = asyncio.Queue()
    told: asyncio.Queue[Message] = asyncio.Queue()
    life = asyncio.ensure_future(_lived(page, scope, orders.get, told.put))
    await orders.put({"type": "lifespan.startup"})
    answer = await told.get()
    if answer["type"] != "lifespan.startup.complete":
        await life
        raise RuntimeError(f"The page could not be started: {answer.get('message', '')}")

    async def end() -> None:
        await orders.put({"type": "lifespan.shutdown"})
        await life

    return end


async def _lived(page: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    try:
        await page(scope, receive, send)
    except Exception as error:
        await send({"type": "lifespan.startup.failed", "message": str(error)})
