"""The line: whether anybody waits for the server, and what is told, and removed, where it is full."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mint.ui.server import gradio_patches as patches
from mint.ui.server.asgi import joins_queue, queue_refusal, stays_open, visitor_language
from mint.ui.server.gradio_patches import Queue
from mint.ui.server.uploads import uploaded

MOST_BYTES = 2**20  # of a request that is remembered; names of files are short
QUIET_SECONDS = 1.0  # without any request; a page that is still on its way asks for its next file sooner


class Visitors:
    """Whether visitors wait for the server, so that what nobody asked for gives way to them.

    Args:
        clock: seconds that only grow.

    Attributes:
        painted: set once a browser has drawn a page; before, the first visitor may still be looking at nothing.
        requests: that are being answered; those that stay open as long as a page does are left out.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = clock()
        self.painted = threading.Event()
        self.requests = 0

    def came(self) -> None:
        """Count a request; called where they are answered, so by one thread."""
        self.requests += 1

    def went(self) -> None:
        """Note that one was answered, or given up."""
        self.requests -= 1
        self._last = self._clock()

    def nobody_waits(self, queue: Queue) -> bool:
        """Return whether nothing was asked for a while, and nothing is being answered.

        Args:
            queue: gradio's line.
        """
        quiet = self._clock() - self._last >= QUIET_SECONDS
        return quiet and not (self.requests or len(queue) or patches.running(queue))


class CountRequests:
    """ASGI middleware: let it be known when somebody waits.

    Args:
        app: what answers.
        visitors: who count.
    """

    def __init__(self, app: ASGIApp, visitors: Visitors) -> None:
        self.app = app
        self.visitors = visitors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or stays_open(scope):
            await self.app(scope, receive, send)
            return
        self.visitors.came()
        try:
            await self.app(scope, receive, send)
        finally:
            self.visitors.went()


class QueueFull:
    """ASGI middleware: turn gradio's 503 for a full queue into a translated 429.

    Gradio's script shows what a 429 says; on a 503 it shows "This application is currently busy" in English. A photo
    that nobody will look at is removed at once: a crowd that tries again and again would fill the folder.

    Args:
        app: what answers.
        folder: of uploads.
    """

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self.app = app
        self.folder = folder.resolve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "POST" or not joins_queue(scope["path"]):
            await self.app(scope, receive, send)
            return
        full = False
        sent = bytearray()

        async def heard() -> Message:
            message = await receive()
            sent.extend(message.get("body", b"")[: MOST_BYTES - len(sent)])
            return message

        async def changed(message: Message) -> None:
            nonlocal full
            if message["type"] == "http.response.start" and message["status"] == 503:
                full = True
            elif not full:
                await send(message)
            elif not message.get("more_body", False):
                self._forget(bytes(sent))
                await queue_refusal(_told(scope))(scope, receive, send)

        await self.app(scope, heard, changed)

    def _forget(self, sent: bytes) -> None:
        """Remove the uploads that a request names; names of others' cannot be guessed."""
        try:
            found = json.loads(sent)["data"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return
        for path in _paths(found):
            with contextlib.suppress(OSError, ValueError):  # gone already, or no name that a file could have
                uploaded(path, self.folder).unlink()


def _paths(data: Any) -> Iterator[Path]:
    """Yield the files among an event's inputs, single or in a list."""
    for given in data if isinstance(data, list) else []:
        for file in given if isinstance(given, list) else [given]:
            if isinstance(file, dict) and isinstance(file.get("path"), str):
                yield Path(file["path"])


def _told(scope: Scope) -> str:
    say = visitor_language(scope)
    return say("The queue is full. Wait a little, then try again.")
