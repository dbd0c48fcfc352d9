"""Serve what ships with the page: a file to take away, and its own pictures. No visitor has a part in either."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable
from functools import cache

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

PICTURES = "pictures"
_ADDRESS = re.compile(rf"/{PICTURES}/([0-9a-f]{{24}})\.jpg")
FOREVER = {"cache-control": "public, max-age=31536000, immutable"}  # another picture has another address


class Pictures:
    """The page's own pictures, each at an address made of what it shows: a browser fetches it once, when it is in sight."""

    def __init__(self) -> None:
        self._jpegs: dict[str, bytes] = {}

    def add(self, jpeg: bytes) -> str:
        """Keep a picture that ships with the page and return its address, below the page's. No visitor's comes here."""
        name = hashlib.sha256(jpeg).hexdigest()[:24]
        self._jpegs[name] = jpeg
        return f"{PICTURES}/{name}.jpg"

    def at(self, path: str) -> bytes | None:
        """Return the picture at a path, or None."""
        found = _ADDRESS.fullmatch(path)
        return self._jpegs.get(found[1]) if found else None


class ShippedPictures:
    """ASGI middleware: answer a GET of a picture; pass everything else.

    Args:
        app: what answers.
        pictures: that there are.
    """

    def __init__(self, app: ASGIApp, pictures: Pictures) -> None:
        self.app = app
        self._pictures = pictures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        asked = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        jpeg = self._pictures.at(scope["path"]) if asked else None
        if jpeg is None:
            await self.app(scope, receive, send)
            return
        answer = Response(jpeg if scope["method"] == "GET" else b"", 200, FOREVER, "image/jpeg")
        answer.headers["content-length"] = str(len(jpeg))
        await answer(scope, receive, send)


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
