"""Security headers on every answer, requests of other origins, and the routes of Gradio that are blocked."""

from __future__ import annotations

from collections.abc import MutableMapping
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

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

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
BLOCKED = (
    "/gradio_api/component_server",  # functions of components; none here has any
    "/gradio_api/deep_link",  # saves all that a visit shows, the photo too, as a file for whoever has the link
    "/gradio_api/dev/reload",  # a stream without an end, for developers
    "/gradio_api/process_recording",  # writes a film of a visitor's to a file, and runs another program on it
    "/gradio_api/profiling",
    "/gradio_api/proxy=",  # fetches addresses of Hugging Face
    "/gradio_api/run-history",  # keeps what visitors sent
    "/gradio_api/runs",
    "/gradio_api/undo-vibe-edit",  # an editor of this program, with its three doors below
    "/gradio_api/vibe-code",
    "/gradio_api/vibe-edit",
    "/gradio_api/vibe-starter-queries",
    "/monitoring",  # figures of visits
    "/openapi.json",  # every door of gradio's; the one for programs is in /gradio_api/info
)


class SecurityHeaders:
    """ASGI middleware: add the headers above; answer 403 to what a page of another origin sends.

    A browser says in ``Origin`` whose page sends a request; programs say nothing, and are let in.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
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

        if scope["method"] not in SAFE_METHODS and not same_origin(dict(scope["headers"])):
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


class BlockedRoutes:
    """ASGI middleware: answer 404 on these routes and below; pass everything else.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not _is_blocked(scope["path"]):
            await self.app(scope, receive, send)
            return
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 404, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def _is_blocked(path: str) -> bool:
    return any(path == door or path.startswith(door if door.endswith("=") else f"{door}/") for door in BLOCKED)
