"""What a browser gets first: a screen in its language, drawn before gradio's page is even written, and small answers."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from contextvars import ContextVar
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mint.i18n.translate import DEFAULT, chosen

# In which language the request that is being answered wants the page.
SPOKEN: ContextVar[str] = ContextVar("spoken", default=DEFAULT)
# Long answers of text. Streams are none of them: nothing may hold them up.
LONG = ("/config", "/gradio_api/info", "/gradio_api/run/predict")
BEGUN = (
    "mint.first-page"  # in the scope of a request whose first screen was sent, by a door that stands before this one
)
LEVEL = 5  # of compression
GZIP = 16 + zlib.MAX_WBITS
# Of gradio's page its head and its body, which follow the first screen.
_PARTS = re.compile(rb"<head>(?P<head>.*?)</head>\s*<body[^>]*>(?P<body>.*?)</body>", re.S)


class FirstPage:
    """ASGI middleware: send the first screen at once, in the visitor's language, and what gradio's page is made of behind it.

    Everything else passes untouched, but knows the language (``SPOKEN``).

    Args:
        app: what answers.
        screen: language to the HTML of a page up to the end of its first screen, from the doctype on.
        failed: language to HTML that tells that the rest did not come.
    """

    def __init__(self, app: ASGIApp, screen: Callable[[str], str], failed: Callable[[str], str]) -> None:
        self.app = app
        self._screen, self._failed = screen, failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        language = _language(scope)
        SPOKEN.set(language)  # for this request alone, which is a task of its own
        if scope["path"] == "/" and scope["method"] in ("GET", "HEAD") and BEGUN not in scope:
            await self._page(language, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _page(self, language: str, scope: Scope, receive: Receive, send: Send) -> None:
        packed = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        pack = zlib.compressobj(LEVEL, wbits=GZIP) if packed else None
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"vary", b"Accept-Encoding")]
        headers += [(b"content-encoding", b"gzip")] if pack else []
        await send({"type": "http.response.start", "status": 200, "headers": headers})

        async def give(html: bytes, more: bool) -> None:
            if pack:
                html = pack.compress(html) + pack.flush(zlib.Z_SYNC_FLUSH if more else zlib.Z_FINISH)
            await send({"type": "http.response.body", "body": html, "more_body": more})

        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        await give(self._screen(language).encode(), True)
        status, body = 0, b""

        async def kept(message: Message) -> None:
            nonlocal status, body
            status = message.get("status", status)
            body += message.get("body", b"")

        try:
            await self.app({**scope, BEGUN: True}, receive, kept)
        finally:  # whatever becomes of it, the page that was begun is ended
            found = _PARTS.search(body) if status == 200 else None
            rest = found["head"] + found["body"] if found else self._failed(language).encode()
            await give(rest + b"</body></html>\n", False)


class Compressed:
    """ASGI middleware: send long answers compressed to whoever can read that; pass everything else.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._compressing = GZipMiddleware(app, minimum_size=2000, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        long = scope["type"] == "http" and scope["path"] in LONG
        await (self._compressing if long else self.app)(scope, receive, send)


def _language(scope: Scope) -> str:
    """Choose the language as the page does: the address first, then the browser's choice."""
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("lang", [None])[0]
    return chosen(asked, Headers(scope=scope).get("accept-language", ""))
