"""Photos that vanish before, while and after gradio opens them, through Starlette's own way of answering with a file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import FileResponse, PlainTextResponse

from mint.ui.server.previews import FILES, DeletedPreviews

IMAGE = [(b"sec-fetch-dest", b"image")]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "uploads" / "a1b2" / "face.png"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"pixels")
    return path


def ask(
    photo: Path, app: Callable[..., Any], headers: list[tuple[bytes, bytes]] = IMAGE, method: str = "GET"
) -> tuple[list[int], bytes]:
    """Statuses that were sent (one, if all is well), and the body."""
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.Event().wait()  # nobody disconnects

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": f"{FILES}{photo}", "headers": headers}
    asyncio.run(DeletedPreviews(app, photo.parents[1])(scope, receive, send))
    assert [m.get("more_body", False) for m in sent if m["type"] == "http.response.body"][-1:] == [False]
    return [m["status"] for m in sent if "status" in m], b"".join(m.get("body", b"") for m in sent)


def serving(photo: Path, gone_before: str = "") -> Callable[..., Any]:
    """As gradio: 404 for what is not there, a FileResponse for what is; the file goes at a moment that is named."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if gone_before == "look":
            photo.unlink()
        response = FileResponse(photo) if photo.exists() else PlainTextResponse("File not found", 404)
        if gone_before == "stat":
            photo.unlink()

        async def sending(message: Any) -> None:
            if gone_before == "open" and message["type"] == "http.response.start":
                photo.unlink()
            await send(message)

        await response(scope, receive, sending)

    return app


def test_a_photo_that_is_there_is_drawn(photo: Path) -> None:
    assert ask(photo, serving(photo)) == ([200], b"pixels")


@pytest.mark.parametrize("moment", ["look", "stat", "open"])
def test_a_photo_that_is_gone_is_nothing(photo: Path, moment: str) -> None:
    assert ask(photo, serving(photo, moment)) == ([204], b"")


def test_a_download_of_what_is_gone_fails(photo: Path) -> None:
    photo.unlink()
    assert ask(photo, serving(photo), [(b"sec-fetch-dest", b"document")]) == ([404], b"File not found")
    assert ask(photo, serving(photo), []) == ([404], b"File not found")


def test_other_errors_stay_what_they_are(photo: Path) -> None:
    async def failing(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("something else")

    with pytest.raises(RuntimeError, match="something else"):
        ask(photo, failing)
    assert ask(photo, PlainTextResponse("not yours", 403)) == ([403], b"not yours")

    async def torn(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"pix", "more_body": True})
        photo.unlink()
        raise RuntimeError("shorter than expected")

    with pytest.raises(RuntimeError, match="shorter"):  # half of it is sent: the connection must break
        ask(photo, torn)


def test_what_lies_elsewhere_is_none_of_its_business(photo: Path, tmp_path: Path) -> None:
    for path in (tmp_path / "gone.png", photo.parent / "deeper" / "gone.png", tmp_path / "\0"):
        sent: list[Any] = []

        async def send(message: Any, sent: list[Any] = sent) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": f"{FILES}{path}", "headers": IMAGE}
        asyncio.run(DeletedPreviews(PlainTextResponse("no", 404), tmp_path / "uploads")(scope, None, send))  # type: ignore[arg-type]
        assert sent[0]["status"] == 404
