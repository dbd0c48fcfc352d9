"""Send security headers with every answer, and refuse requests from other origins."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

from mint.ui.opening import App, Message, Receive, Send

# Gradio writes its own scripts and styles into the page, so inline ones must be allowed; nothing may come from elsewhere,
# and nothing may go elsewhere. Spaces are shown in a frame of huggingface.co.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "frame-src 'none'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self' https://huggingface.co",
    )
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(self), microphone=(), geolocation=(), payment=(), usb=()"),
)
READING = ("GET", "HEAD", "OPTIONS")


class Guard:
    """ASGI middleware: add the headers above; answer 403 to what a page of another origin sends.

    A browser says in ``Origin`` whose page sends a request; programs say nothing, and are let in.

    Args:
        app: what answers.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = {name for name, _ in HEADERS}
                kept = [pair for pair in message.get("headers", ()) if pair[0].lower() not in ours]
                message = {**message, "headers": [*kept, *HEADERS]}
            await send(message)

        if scope["method"] not in READING and not same_origin(dict(scope["headers"])):
            body = b"This page takes nothing from pages of other origins."
            headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
            await guarded({"type": "http.response.start", "status": 403, "headers": headers})
            await guarded({"type": "http.response.body", "body": body})
            return
        await self.app(scope, receive, guarded)


def same_origin(headers: MutableMapping[bytes, bytes]) -> bool:
    """Return whether a request comes from a page of this server, or from no page at all.

    Behind a proxy, the address that the visitor sees is in ``X-Forwarded-Host``, which pages cannot set.

    Args:
        headers: names in lower case, as ASGI gives them.
    """
    origin = headers.get(b"origin")
    if origin is None:
        return True
    told = [headers.get(name, b"").decode("latin-1") for name in (b"host", b"x-forwarded-host")]
    here = {host.strip().lower() for hosts in told for host in hosts.split(",")} - {""}
    return urlsplit(origin.decode("latin-1")).netloc.lower() in here
