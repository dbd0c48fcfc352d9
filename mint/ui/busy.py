"""What a visitor reads when the line before the networks is full."""

from __future__ import annotations

import json
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mint.ui.opening import App, Message, Receive, Send
from mint.words import Say, chosen

AGAIN_SECONDS = 10


class Busy:
    """ASGI middleware: gradio's 503 for a full queue becomes a 429 with a sentence in the visitor's language.

    Gradio's script shows what a 429 says; on a 503 it shows "This application is currently busy" in English.

    Args:
        app: what answers.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "POST" or not _joins(scope["path"]):
            await self.app(scope, receive, send)
            return
        full = False

        async def changed(message: Message) -> None:
            nonlocal full
            if message["type"] == "http.response.start" and message["status"] == 503:
                full = True
            elif not full:
                await send(message)
            elif not message.get("more_body", False):
                body = json.dumps({"detail": _told(scope)}, ensure_ascii=False).encode()
                headers = [
                    (b"content-type", b"application/json; charset=utf-8"),
                    (b"content-length", str(len(body)).encode()),
                    (b"retry-after", str(AGAIN_SECONDS).encode()),
                ]
                await send({"type": "http.response.start", "status": 429, "headers": headers})
                await send({"type": "http.response.body", "body": body})

        await self.app(scope, receive, changed)


def _joins(path: str) -> bool:
    """Whether a request asks for a place in the line."""
    return path.rstrip("/").endswith("/queue/join") or "/gradio_api/call/" in path


def _told(scope: MutableMapping[str, Any]) -> str:
    headers = {name.lower(): value.decode("latin-1") for name, value in scope.get("headers", ())}
    asked = parse_qs(urlsplit(headers.get(b"referer", "")).query).get("lang", [None])[-1]
    say = Say(chosen(asked, headers.get(b"accept-language")))
    return say("Many people are asking at this moment, and the line is full. Wait a little, then try again.")
