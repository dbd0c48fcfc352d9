from __future__ import annotations

import asyncio
import errno
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from mint.errors import CannotWrite
from mint.ui.server.limits import LEAST_BYTES, SPARE_BYTES, BodyLimit, UploadQuota
from mint.ui.server.private_folder import PrivateFolder
from tests.hostile.visitor import API
from tests.ui.guest import Guest
from tests.ui.reading import FACE
from tests.ui.served import Served

UPLOAD = "/gradio_api/upload"
Visit = Callable[..., Guest]
WORDS = {"en-GB": "there is no room for more", "es-ES": "no queda sitio para más"}
HEAD = b'--x\r\nContent-Disposition: form-data; name="files"; filename="large.png"\r\n\r\n'


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
    bounded = BodyLimit(app, quota or UploadQuota(Path("nowhere"), 10**6), most=10, most_uploaded=30)
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
    assert ask([b"1" * 15], b"15", UPLOAD, quota=full)[:2] == ([200], 1)
    assert ask([b"1" * 16], b"16", UPLOAD, quota=full)[:2] == ([503], 0)
    assert ask([b"1" * 10], b"10", "/gradio_api/queue/join", quota=full)[:2] == ([200], 1), "no file comes with these"
    (tmp_path / "somebody" / "waiting.png").unlink()
    assert ask([b"1" * 16], b"16", UPLOAD, quota=full)[:2] == ([200], 1)


def test_what_comes_between_two_looks_counts(tmp_path: Path) -> None:
    slow = UploadQuota(tmp_path, 20, look_seconds=60)
    assert ask([b"1" * 8] * 3, None, UPLOAD, quota=slow)[:2] == ([503], 2)
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


def left_on_disk(patch: pytest.MonkeyPatch, free: int) -> None:
    """Let every disk have so many bytes left."""
    there = shutil.disk_usage("/")
    patch.setattr(shutil, "disk_usage", lambda path: there._replace(free=free))


def test_a_disk_has_an_end_before_the_folder_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "waiting.png").write_bytes(bytes(LEAST_BYTES))
    room = UploadQuota(tmp_path, 10**12, look_seconds=0)
    for free, more, fits in ((5000, 5000, True), (5000, 5001, False), (0, 0, True), (0, 1, False), (-1, 0, False)):
        left_on_disk(monkeypatch, SPARE_BYTES + free)
        assert room.fits(more) is fits, (free, more)


@pytest.mark.parametrize("language", WORDS)
def test_a_full_disk_says_so_and_the_next_is_served(
    served: Served, visit: Visit, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    guest = visit(language)
    photo = FACE.read_bytes()

    async def pieces() -> AsyncIterator[bytes]:  # their length is not told beforehand
        yield HEAD
        for start in range(0, len(photo), 2**12):
            yield photo[start : start + 2**12]
        yield b"\r\n--x--\r\n"

    whole: dict[str, Any] = {"files": {"files": ("large.png", photo, "image/png")}}
    parts = {"content": pieces(), "headers": {"Content-Type": "multipart/form-data; boundary=x"}}
    for sent, free in ((whole, len(photo) // 2), (parts, -1)):  # not enough for all of it, and nothing any more
        left_on_disk(monkeypatch, SPARE_BYTES + free)
        answer = guest.post(f"{API}/upload", **sent)
        assert answer.status_code == 503
        assert WORDS[language] in answer.text
        assert int(answer.headers["retry-after"]) > 0
        assert not served.waiting(), "half a photo takes no room"
    monkeypatch.undo()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(served.uploads))
    guest.add(photo)
    assert "data-network" in guest.page["answer"]


def test_a_disk_that_another_has_filled_meanwhile_says_the_same(
    served: Served, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from starlette.datastructures import UploadFile

    async def write(file: Any, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    guest = visit("es-ES")
    with monkeypatch.context() as patch:
        patch.setattr(UploadFile, "write", write)
        answer = guest.post(f"{API}/upload", files={"files": ("photo.png", FACE.read_bytes(), "image/png")})
    assert (answer.status_code, WORDS["es-ES"] in answer.text) == (503, True)
    for path in served.waiting():  # gradio leaves its file; what sweeps the folder removes it
        assert not path.stat().st_size
        path.unlink()
    guest.add(FACE)
    assert "data-network" in guest.page["answer"]


def test_without_any_place_for_uploads_there_is_no_page(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match=r"There is no place for uploads.*set TMPDIR to a folder"):
        PrivateFolder(tmp_path / "nowhere")
