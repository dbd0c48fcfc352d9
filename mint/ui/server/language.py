"""Set the page's language before gradio's scripts run."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mint.i18n.translate import chosen

HEAD, LANG = b"<head>", b'lang="en"'


class PageLanguage:
    """ASGI middleware: put the visitor's language and a first script into every HTML page.

    Everything else passes untouched.

    Args:
        app: what answers.
        script: JavaScript without its element.
    """

    def __init__(self, app: ASGIApp, script: str) -> None:
        self.app = app
        self._head = HEAD + b"<script>" + script.encode() + b"</script>"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start: Message | None = None  # of an HTML page; held back, because its length will change
        body = b""

        async def changed(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_html(message):
                start = message
            elif start is not None and message["type"] == "http.response.body":
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    spoken = f'lang="{_language(scope)}"'.encode()
                    page = body.replace(LANG, spoken, 1).replace(HEAD, self._head, 1)
                    headers = MutableHeaders(scope=start)
                    del headers["content-length"]
                    if scope["method"] != "HEAD":
                        headers["content-length"] = str(len(page))
                    await send(start)
                    await send({**message, "body": page})
            else:
                await send(message)

        await self.app(scope, receive, changed)


def _language(scope: Scope) -> str:
    """Choose the language as the page does: the address first, then the browser's choice."""
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("lang", [None])[0]
    return chosen(asked, Headers(scope=scope).get("accept-language", ""))


def _is_html(start: Message) -> bool:
    """Return whether an answer is HTML and not compressed."""
    headers = Headers(scope=start)
    return headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers
