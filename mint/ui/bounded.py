"""Requests have an end: gradio bounds uploads, and would read anything else into memory as a whole."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from mint.ui.opening import App, Message, Receive, Send

MOST_BYTES = 24 * 2**20  # the largest photo that is taken, as base64, and room for what goes with it
UPLOADS = "/gradio_api/upload"


class _TooLong(Exception):
    """More came than a request may have."""


class Bounded:
    """ASGI middleware: 413 for a body that is too long, whether its length was told or not; uploads have another bound.

    Args:
        app: what answers.
        most: bytes.
    """

    def __init__(self, app: App, most: int = MOST_BYTES) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"].rstrip("/") == UPLOADS:
            await self.app(scope, receive, send)
            return
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if not told.isdigit() or int(told[:20]) > self.most:
            await _refuse(send)
            return
        came, begun = 0, False

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self.most:
                raise _TooLong
            return message

        async def noted(message: Message) -> None:
            nonlocal begun
            if came <= self.most:  # else it is gradio's own word on a body that ended early
                begun = True
                await send(message)

        try:
            await self.app(scope, counted, noted)
        except Exception:
            if came <= self.most:
                raise
        if came > self.most and not begun:
            await _refuse(send)


async def _refuse(send: Send) -> None:
    body = b"This request is too long."
    headers = [
        (b"content-type", b"text/plain"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
