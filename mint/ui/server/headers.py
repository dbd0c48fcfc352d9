"""Security headers on every answer, requests of other origins, and the routes of Gradio that are blocked."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
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

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
}

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
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        answer = self.app
        if scope["method"] not in SAFE_METHODS and not same_origin(Headers(scope=scope)):
            answer = PlainTextResponse("This page takes nothing from pages of other origins.", 403)
        await answer(scope, receive, guarded)


def same_origin(headers: Headers) -> bool:
    """Return whether a request comes from a page of this server, or from no page at all.

    Behind a proxy, the address that the visitor sees is in ``X-Forwarded-Host``, which pages cannot set.
    """
    origin = headers.get("origin")
    if origin is None:
        return True
    told = [headers.get(name, "") for name in ("host", "x-forwarded-host")]
    here = {host.strip().lower() for hosts in told for host in hosts.split(",")} - {""}
    return urlsplit(origin).netloc.lower() in here


class BlockedRoutes:
    """ASGI middleware: answer 404 on these routes and below; pass everything else.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        blocked = scope["type"] == "http" and _is_blocked(scope["path"])
        await (PlainTextResponse("", 404) if blocked else self.app)(scope, receive, send)


def _is_blocked(path: str) -> bool:
    return any(path == door or path.startswith(door if door.endswith("=") else f"{door}/") for door in BLOCKED)
