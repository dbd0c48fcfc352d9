"""Block routes of gradio that this page does not need."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from mint.ui.opening import App, Receive, Send

SHUT = (
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


class Closed:
    """ASGI middleware: answer 404 on these routes and below; pass everything else.

    Args:
        app: what answers.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not _shut(scope["path"]):
            await self.app(scope, receive, send)
            return
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 404, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def _shut(path: str) -> bool:
    return any(path == door or path.startswith(door if door.endswith("=") else f"{door}/") for door in SHUT)
