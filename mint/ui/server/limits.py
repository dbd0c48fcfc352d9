"""Limits on what visitors send: the size of a request, and the total size of pending uploads.

Gradio bounds each file of an upload, not all of them, and reads anything else into memory; the
folder of uploads may lie in memory.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mint.i18n.translate import Say, chosen
from mint.ui.server.asgi import AGAIN, UPLOADS
from mint.vision.images import MAX_BYTES

MOST_BYTES = 24 * 2**20  # the largest photo that is taken, as base64, and room for what goes with it
MOST_UPLOADED = 16 * MAX_BYTES + 2**20  # several photos at once, and the words between them
LEAST_BYTES = 2**16  # that a file counts, however small: there is an end to their number as well
LOOK_SECONDS = 0.5
SPARE_BYTES = 2**20  # of the disk that are left for other things


class _Refused(MultiPartException):
    """A body is too long; gradio removes the files of an upload that ends with this error."""


@dataclass
class _Body:
    """The body of a request, counted as it arrives.

    Attributes:
        most: bytes.
        quota: for an upload, what may wait of all visitors' together.
        came: bytes so far.
        status: that it is refused with; 0 while it is not.
        ended: whether that was all.
    """

    most: int
    quota: UploadQuota | None
    came: int = 0
    status: int = 0
    ended: bool = False

    def expect(self, told: str) -> bool:
        """Return whether a body of this announced length may come."""
        if not (told.isascii() and told.isdigit()) or int(told[:20]) > self.most:
            self.status = 413
        elif self.quota is not None and not self.quota.fits(int(told)):
            self.status = 503
        return not self.status

    def take(self, count: int) -> bool:
        """Count more bytes; return whether they are allowed."""
        self.came += count
        if self.came > self.most:
            self.status = 413
        elif self.quota is not None:
            self.quota.add(count)
            if not self.quota.fits():
                self.status = 503
        return not self.status

    async def swallow(self, receive: Receive) -> None:
        """Read a body that has no room to its end, so that the browser reads the refusal."""
        while self.status == 503 and not self.ended and self.came <= self.most:
            message = await receive()
            self.came += len(message.get("body", b""))
            self.ended = not message.get("more_body", False)


class BodyLimit:
    """ASGI middleware: 413 for a body that is too long, 503 while uploads fill their folder.

    Args:
        app: what answers.
        quota: of uploads.
        most: bytes of a request.
        most_uploaded: bytes of an upload, all its files together.
    """

    def __init__(
        self, app: ASGIApp, quota: UploadQuota, most: int = MOST_BYTES, most_uploaded: int = MOST_UPLOADED
    ) -> None:
        self.app = app
        self.quota = quota
        self.most = most
        self.most_uploaded = most_uploaded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        upload = scope["path"].rstrip("/") == UPLOADS
        body = _Body(self.most_uploaded, self.quota) if upload else _Body(self.most, None)
        headers = Headers(scope=scope)
        if not body.expect(headers.get("content-length", "0")):
            await body.swallow(receive)
            await _refusal(body.status, upload, headers)(scope, receive, send)
            return
        begun = False

        async def counted() -> Message:
            message = await receive()
            body.ended = not message.get("more_body", False)
            if not body.take(len(message.get("body", b""))):
                raise _Refused("the request is too long, or the folder full")
            return message

        async def noted(message: Message) -> None:
            nonlocal begun
            if not body.status:  # else it is gradio's own word on a body that ended early
                begun = True
                await send(message)

        try:
            await self.app(scope, counted, noted)
        except Exception:
            if not body.status:
                raise
        if body.status and not begun:
            await body.swallow(receive)
            await _refusal(body.status, upload, headers)(scope, receive, send)


def _refusal(status: int, upload: bool, asked: Headers) -> Response:
    """Refuse in plain words, which gradio shows as they are."""
    headers = {"connection": "close", **(AGAIN if status == 503 else {})}
    return PlainTextResponse(_told(status, upload, asked), status, headers)


async def disk_full(request: Request, error: Exception) -> Response:
    """Answer a full disk with the same words as a full folder.

    Raises:
        Exception: it is another error.
    """
    if not isinstance(error, OSError) or error.errno not in (errno.ENOSPC, errno.EDQUOT):
        raise error
    return PlainTextResponse(_told(503, True, request.headers), 503, AGAIN)


def _told(status: int, upload: bool, asked: Headers) -> str:
    say = Say(chosen(None, asked.get("accept-language", "")))
    if status == 503:
        return say(
            "Many photos are waiting at this moment, and there is no room for more. Wait a little, then try again."
        )
    if upload:
        return say("These photos are too large to be sent together. Add fewer at once.")
    return "This request is too long."


class UploadQuota:
    """The room in a folder: measured now and then, and counted in between.

    Args:
        folder: of uploads.
        most: bytes.
        look_seconds: how long a look at the folder holds.
    """

    def __init__(self, folder: Path, most: int, look_seconds: float = LOOK_SECONDS) -> None:
        self.folder = folder
        self.most = most
        self._look_seconds = look_seconds
        self._looked = float("-inf")
        self._held = 0
        self._most = most

    def fits(self, more: int = 0) -> bool:
        """Return whether so many more bytes fit."""
        now = time.monotonic()
        if now - self._looked >= self._look_seconds:
            self._looked, self._held = now, _held(self.folder)
            self._most = min(self.most, self._held + _free(self.folder) - SPARE_BYTES)
        return self._held + more <= self._most

    def add(self, came: int) -> None:
        """Count bytes that are being written."""
        self._held += came


def _free(folder: Path) -> int:
    """Return the free bytes of the disk."""
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    return shutil.disk_usage(there).free


def _held(folder: Path) -> int:
    """Return the bytes in a folder, without files that vanish meanwhile."""
    held = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                held += max(LEAST_BYTES, os.lstat(os.path.join(place, name)).st_size)
    return held
