from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from mint.ui.server.limits import LEAST_BYTES, BodyLimit, UploadQuota

UPLOAD = "/gradio_api/upload"


def room(folder: Path, most: int = 10**6) -> UploadQuota:
    return UploadQuota(folder, most, look_seconds=0)


def ask(
    pieces: list[bytes],
    told: bytes | None,
    path: str = "/gradio_api/queue/join",
    swallow: bool = False,
    quota: UploadQuota | None = None,
    language: bytes = b"en",
) -> Any:
    """What is answered to a body that comes in pieces, how many the application read, and the words."""
    headers = [(b"accept-language", language)] + ([] if told is None else [(b"content-length", told)])
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
    bounded = BodyLimit(app, room or UploadQuota(Path("nowhere"), 10**6), most=10, most_uploaded=30)
    asyncio.run(bounded(scope, receive, send))
    statuses = [message["status"] for message in heard if "status" in message]
    return statuses, len(read), b"".join(message.get("body", b"") for message in heard).decode()


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
    assert ask(pieces, told, swallow=swallow)[:2] == ([status], read)


@pytest.mark.parametrize("path", [UPLOAD, f"{UPLOAD}/"])
@pytest.mark.parametrize(
    ("pieces", "told", "status", "read"),
    [
        ([b"1" * 15] * 2, b"30", 200, 2),
        ([b"1" * 15] * 3, None, 413, 2),
        ([b"1" * 15] * 3, b"30", 413, 2),
        ([b"1" * 15] * 3, b"45", 413, 0),
    ],
)
def test_so_has_an_upload_all_its_files_together(
    pieces: list[bytes], told: bytes | None, status: int, read: int, path: str
) -> None:
    assert ask(pieces, told, path)[:2] == ([status], read)


def test_uploads_of_all_visitors_together_have_one(tmp_path: Path) -> None:
    (tmp_path / "somebody").mkdir()
    (tmp_path / "somebody" / "waiting.png").write_bytes(bytes(LEAST_BYTES + 5))
    full = room(tmp_path, LEAST_BYTES + 20)
    assert ask([b"1" * 15], b"15", UPLOAD, room=full)[:2] == ([200], 1)
    assert ask([b"1" * 16], b"16", UPLOAD, room=full)[:2] == ([503], 0)
    assert ask([b"1" * 10], b"10", "/gradio_api/queue/join", room=full)[:2] == ([200], 1), "no file comes with these"
    (tmp_path / "somebody" / "waiting.png").unlink()
    assert ask([b"1" * 16], b"16", UPLOAD, room=full)[:2] == ([200], 1)


def test_what_comes_between_two_looks_counts(tmp_path: Path) -> None:
    slow = UploadQuota(tmp_path, 20, look_seconds=60)
    assert ask([b"1" * 8] * 3, None, UPLOAD, room=slow)[:2] == ([503], 2)
    assert not slow.fits()


def test_small_files_count_as_well(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}").touch()
    assert room(tmp_path, 3 * LEAST_BYTES).fits()
    assert not room(tmp_path, 3 * LEAST_BYTES).fits(1)
    assert not room(tmp_path, 3 * LEAST_BYTES - 1).fits()


@pytest.mark.parametrize(("language", "words"), [(b"en", "Add fewer at once."), (b"es-ES", "Añada menos de una vez.")])
def test_the_words_are_the_visitors(language: bytes, words: str) -> None:
    assert ask([b""], b"99", UPLOAD, language=language)[2].endswith(words)


def test_other_errors_are_not_hidden() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise ZeroDivisionError

    bounded = BodyLimit(app, UploadQuota(Path("nowhere"), 10))
    with pytest.raises(ZeroDivisionError):
        asyncio.run(bounded({"type": "http", "path": "/", "headers": []}, None, None))  # type: ignore[arg-type]
