"""Serve what ships with the page to whoever wants to take it away; no visitor has a part in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send


class ShippedFile:
    """ASGI middleware: answer a GET of one address with a file; pass everything else.

    Args:
        app: what answers.
        name: of the file, which is its address below the page's.
        make: makes its bytes, once, for whoever asks first; None where there is no such file.
    """

    def __init__(self, app: ASGIApp, name: str, make: Callable[[], bytes] | None) -> None:
        self.app = app
        self.name = name
        self._bytes = None if make is None else cache(make)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        asked = scope["type"] == "http" and scope["path"] == f"/{self.name}" and scope["method"] in ("GET", "HEAD")
        if not asked or self._bytes is None:
            await self.app(scope, receive, send)
            return
        data = await asyncio.to_thread(self._bytes)
        headers = {"content-disposition": f'attachment; filename="{self.name}"'}
        answer = Response(data if scope["method"] == "GET" else b"", 200, headers, "application/zip")
        if scope["method"] == "HEAD":
            answer.headers["content-length"] = str(len(data))
        await answer(scope, receive, send)
