"""Doors of gradio that this page keeps shut: they would write down what a visitor sees."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from mint.ui.opening import App, Receive, Send

# Saves everything that a visit shows, the photo too, as a file that whoever has the link may open.
SHUT = ("/gradio_api/deep_link",)


class Closed:
    """ASGI middleware: 404 for these doors, everything else passes untouched.

    Args:
        app: what answers.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"].rstrip("/") not in SHUT:
            await self.app(scope, receive, send)
            return
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 404, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
