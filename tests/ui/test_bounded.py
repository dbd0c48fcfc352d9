from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mint.ui.bounded import Bounded


def ask(pieces: list[bytes], told: bytes | None, path: str = "/gradio_api/queue/join", swallow: bool = False) -> Any:
    """What is answered to a body that comes in pieces, and how many the application read."""
    headers = [] if told is None else [(b"content-length", told)]
    came, read, heard = list(pieces), [], []

    async def receive() -> Any:
        return {"type": "http.request", "body": came.pop(0), "more_body": bool(came)}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            while True:
                message = await receive()
                read.append(message["body"])
                if not message["more_body"]:
                    break
        except Exception:
            if not swallow:
                raise
            await send({"type": "http.response.start", "status": 400, "headers": []})
            await send({"type": "http.response.body", "body": b"error parsing the body"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    async def send(message: Any) -> None:
        heard.append(message)

    scope = {"type": "http", "path": path, "headers": headers}
    asyncio.run(Bounded(app, most=10)(scope, receive, send))
    return [message["status"] for message in heard if "status" in message], len(read)


@pytest.mark.parametrize("swallow", [False, True])
@pytest.mark.parametrize(
    ("pieces", "told", "status", "read"),
    [
        ([b"12345", b"67890"], b"10", 200, 2),
        ([b"12345", b"67890"], None, 200, 2),
        ([b"12345", b"67890", b"1"], b"11", 413, 0),
        ([b"12345", b"67890", b"1", b"2"], None, 413, 2),
        ([b"12345", b"67890", b"1", b"2"], b"10", 413, 2),
        ([b""], b"9" * 5000, 413, 0),
        ([b""], b"-1", 413, 0),
    ],
)
def test_a_body_has_an_end(pieces: list[bytes], told: bytes | None, status: int, read: int, swallow: bool) -> None:
    assert ask(pieces, told, swallow=swallow) == ([status], read)


def test_uploads_have_another() -> None:
    assert ask([b"1" * 20], b"20", "/gradio_api/upload") == ([200], 1)


def test_other_errors_are_not_hidden() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(Bounded(app)({"type": "http", "path": "/", "headers": []}, None, None))  # type: ignore[arg-type]
