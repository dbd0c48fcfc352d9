from __future__ import annotations

import asyncio
from typing import Any

from mint.ui.server.shipped_files import ShippedFile


def ask(door: ShippedFile, path: str, method: str = "GET", kind: str = "http") -> tuple[int, bytes, dict[bytes, bytes]]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    asyncio.run(door({"type": kind, "method": method, "path": path, "headers": []}, receive, send))
    return sent[0]["status"], b"".join(m.get("body", b"") for m in sent), dict(sent[0]["headers"])


async def page(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"the page"})


def test_one_address_is_answered_and_the_file_made_once() -> None:
    made = []

    def make() -> bytes:
        made.append(1)
        return b"a file"

    door = ShippedFile(page, "file.zip", make)
    assert not made, "for whoever asks first"
    status, body, headers = ask(door, "/file.zip")
    assert (status, body, headers[b"content-length"]) == (200, b"a file", b"6")
    status, body, headers = ask(door, "/file.zip", "HEAD")
    assert (status, body, headers[b"content-length"]) == (200, b"", b"6")
    assert made == [1]


def test_everything_else_passes() -> None:
    door = ShippedFile(page, "file.zip", lambda: b"a file")
    for path, method in (("/", "GET"), ("/file.zip", "POST"), ("/file.zip/more", "GET"), ("/a/file.zip", "GET")):
        assert ask(door, path, method)[:2] == (299, b"the page")
    assert ask(ShippedFile(page, "file.zip", None), "/file.zip")[0] == 299, "there is none"
