"""Shut down gracefully: finish what runs, tell who waits, begin nothing new.

Left alone, gradio takes the answer of an audit that is just ending and sends "Server stopped unexpectedly." in its place.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import TimeoutError as TooLate
from contextlib import suppress

from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mint.i18n.translate import Say
from mint.ui.server import gradio_patches as patches
from mint.ui.server.asgi import AGAIN, UPLOADS, joins_queue, queue_refusal, visitor_language
from mint.ui.server.gradio_patches import Event, Queue

FOLLOW_UP_SECONDS = 0.5  # in which an answer arrives, and its page asks for what comes after it
DELIVERY_SECONDS = 3  # at most, in which those who are told something hear it
STEP_SECONDS = 0.02


class GracefulShutdown:
    """The state of the shutdown.

    Args:
        clock: seconds that only grow.
        sleep: waits so many seconds of that clock.

    Attributes:
        begun: whether nothing new is taken any more.
        posts: that are being answered. ``Visitors`` counts all requests; here only what follows an answer may hold up the end,
            not the pages and files that newcomers ask for.
        loop: the server's, once somebody came.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self.begun = False
        self.posts = 0
        self.loop: asyncio.AbstractEventLoop | None = None

    def drain(self, queue: Queue, seconds: float) -> None:
        """Refuse new requests, tell those who wait, and give running ones time.

        Called from another thread than the server's.

        Args:
            queue: gradio's line.
            seconds: that running events have.
        """
        if self.loop is None:  # nobody came yet
            return
        ending = asyncio.run_coroutine_threadsafe(self._drain(queue, seconds), self.loop)
        with suppress(TooLate):  # the server hangs
            ending.result(seconds + DELIVERY_SECONDS + 1)

    async def _drain(self, queue: Queue, seconds: float) -> None:
        self.begun = True
        told: list[Event] = []
        if not await self._quiet(queue, seconds, told):
            told += _tell(queue, patches.running(queue))
        await self._delivered(queue, told)

    async def _quiet(self, queue: Queue, seconds: float, told: list[Event]) -> bool:
        """Turn away who waits until all else is answered and pages ask for nothing more.

        Returns:
            Whether that came in time. Who was turned away is added to ``told``.
        """
        now = self._clock()
        end, last = now + seconds, now
        while now < end:
            # Again and again: some were on their way into the line when the door was shut.
            told += _tell(queue, patches.turn_away(queue))
            if self._busy(queue):
                last = now
            elif now - last >= FOLLOW_UP_SECONDS:
                return True
            await self._sleep(STEP_SECONDS)
            now = self._clock()
        return not self._busy(queue)

    async def _delivered(self, queue: Queue, told: list[Event]) -> None:
        """Wait until gradio has sent what these were told."""
        end = self._clock() + DELIVERY_SECONDS
        while self._clock() < end and not all(patches.has_heard(queue, event) for event in told):
            await self._sleep(STEP_SECONDS)

    def _busy(self, queue: Queue) -> bool:
        return bool(self.posts or patches.running(queue))


class ShutdownGate:
    """ASGI middleware: while the server shuts down, refuse photos and new requests.

    What follows an answer is still let in: it costs little, and the answer is not whole without it.

    Args:
        app: what answers.
        shutdown: whether it has begun.
    """

    def __init__(self, app: ASGIApp, shutdown: GracefulShutdown) -> None:
        self.app = app
        self.shutdown = shutdown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self.shutdown.loop = asyncio.get_running_loop()
        if scope["type"] != "http" or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        if self.shutdown.begun and (joins_queue(scope["path"]) or scope["path"].rstrip("/") == UPLOADS):
            await _refusal(scope)(scope, receive, send)
            return
        self.shutdown.posts += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.shutdown.posts -= 1


def _refusal(scope: Scope) -> Response:
    """Refuse in the form in which gradio's script shows the words."""
    words = closing_message(visitor_language(scope))
    return queue_refusal(words) if joins_queue(scope["path"]) else PlainTextResponse(words, 503, AGAIN)


def closing_message(say: Say) -> str:
    """Return what a visitor is told who gets no answer because the page closes."""
    return say("The page is being closed, and this was not answered. Your photo was removed. Try again in a minute.")


def _tell(queue: Queue, events: list[Event]) -> list[Event]:
    for event in events:
        patches.fail(queue, event, closing_message(visitor_language(patches.scope_of(event))))
    return events
