"""Answer requests for previews of photos that were removed already.

Gradio finds the file, then no longer, and answers with an error; that the photo is gone is none.
"""

from __future__ import annotations

from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mint.ui.server.asgi import FILES
from mint.ui.server.uploads import uploaded


class DeletedPreviews:
    """ASGI middleware: answer 204 for the preview of a removed upload; pass everything else.

    Args:
        app: what answers.
        folder: of uploads.
    """

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self.app = app
        self.folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = self._pictured(scope)
        if path is None:
            await self.app(scope, receive, send)
            return
        starts: list[Message] = []  # held back until the file is open
        begun = gone = False

        async def held(message: Message) -> None:
            nonlocal begun, gone
            if message["type"] == "http.response.start":
                starts.append(message)
                gone = message["status"] >= 400 and not path.exists()
                return
            if not gone:
                for start in starts:
                    await send(start)
                starts.clear()
                begun = True
                await send(message)

        try:
            await self.app(scope, receive, held)
        except (RuntimeError, FileNotFoundError):  # the first is Starlette's word for it
            if begun or path.exists():
                raise
            gone = True
        if gone:
            await Response(status_code=204)(scope, receive, send)

    def _pictured(self, scope: Scope) -> Path | None:
        """Return the upload that a page wants to draw; downloads of removed ones must fail."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(FILES):
            return None
        if Headers(scope=scope).get("sec-fetch-dest") != "image":
            return None
        try:
            return uploaded(Path(scope["path"].removeprefix(FILES)), self.folder)
        except (ValueError, OSError):  # it lies elsewhere, or is no name that a file could have
            return None
