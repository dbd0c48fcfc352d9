from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from mint.ui.server.queue import QUIET_SECONDS, CountRequests, QueueFull, Visitors


class Line(list[str]):
    """In the place of gradio's: who waits in it, and what is being answered."""

    def __init__(self) -> None:
        super().__init__()
        self.active_jobs: list[list[str] | None] = [None]


def test_nobody_waits_once_all_was_quiet_for_a_while() -> None:
    now, line = 100.0, Line()
    visitors = Visitors(lambda: now)

    def nobody() -> bool:
        return visitors.nobody_waits(line)  # type: ignore[arg-type]

    assert not nobody(), "somebody may be about to come"
    now += QUIET_SECONDS
    assert nobody()
    visitors.came()
    visitors.came()
    visitors.went()
    now += 10 * QUIET_SECONDS
    assert not nobody(), "one is still being answered"
    visitors.went()
    now += QUIET_SECONDS * 0.99
    assert not nobody(), "a page on its way asks for its next file"
    now += QUIET_SECONDS * 0.02
    assert nobody()
    line.append("somebody")
    assert not nobody()
    line.clear()
    line.active_jobs = [None, ["somebody"]]
    assert not nobody()
    line.active_jobs = [None]
    assert nobody()


@pytest.mark.parametrize(
    ("method", "path", "counts"),
    [
        ("GET", "/", True),
        ("GET", "/config", True),
        ("POST", "/gradio_api/upload", True),
        ("POST", "/gradio_api/queue/join", True),
        ("GET", "/gradio_api/heartbeat/abc", False),
        ("GET", "/gradio_api/queue/data", False),
        ("GET", "/gradio_api/mcp/", False),
        ("POST", "/gradio_api/mcp/", True),
    ],
)
def test_every_request_counts_that_somebody_waits_for(method: str, path: str, counts: bool) -> None:
    visitors, during = Visitors(), []

    async def app(*_: object) -> None:
        during.append(visitors.requests)
        raise ConnectionError  # the visitor has left

    with pytest.raises(ConnectionError):
        asyncio.run(CountRequests(app, visitors)({"type": "http", "method": method, "path": path}, None, None))  # type: ignore[arg-type]
    assert (during, visitors.requests) == ([int(counts)], 0)


def asked(
    path: str,
    status: int,
    headers: list[tuple[bytes, bytes]] | None = None,
    folder: Path = Path("nowhere"),
    body: bytes = b"",
) -> tuple[int, dict[bytes, bytes], bytes]:
    """What comes back when the app behind answers with this status, in two pieces."""
    heard: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": status, "headers": [(b"x", b"y")]})
        await send({"type": "http.response.body", "body": b'{"detail":', "more_body": True})
        await send({"type": "http.response.body", "body": b'"theirs"}'})

    async def send(message: Any) -> None:
        heard.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "headers": headers or []}
    asyncio.run(QueueFull(app, folder)(scope, receive, send))  # type: ignore[arg-type]
    start, *rest = heard
    return start["status"], dict(start["headers"]), b"".join(message["body"] for message in rest)


def test_a_full_line_is_told_in_words() -> None:
    status, headers, body = asked("/gradio_api/queue/join", 503)
    assert (status, headers[b"retry-after"]) == (429, b"10")
    assert int(headers[b"content-length"]) == len(body)
    assert json.loads(body)["detail"].startswith("The queue is full.")


@pytest.mark.parametrize(
    "headers",
    [[(b"accept-language", b"es-ES,es;q=0.9")], [(b"referer", b"http://here/?lang=es"), (b"accept-language", b"en")]],
)
def test_in_the_visitors_language(headers: list[tuple[bytes, bytes]]) -> None:
    _, _, body = asked("/gradio_api/call/audit", 503, headers)
    assert "cola" in json.loads(body)["detail"]


@pytest.mark.parametrize(
    ("path", "status"), [("/gradio_api/queue/join", 200), ("/gradio_api/queue/join", 500), ("/x", 503)]
)
def test_everything_else_passes_untouched(path: str, status: int) -> None:
    assert asked(path, status) == (status, {b"x": b"y"}, b'{"detail":"theirs"}')


def test_a_photo_that_is_turned_away_is_removed_and_nothing_outside_the_folder(tmp_path: Path) -> None:
    inside, outside = tmp_path / "uploads" / "x", tmp_path / "other"
    for folder in (inside, outside):
        folder.mkdir(parents=True)
        for name in ("one.png", "two.png"):
            (folder / name).touch()
    (tmp_path / "uploads" / "way").symlink_to(outside)
    (tmp_path / "uploads" / "in-use").touch()
    wishes = [
        {"path": str(inside / "one.png")},
        [{"path": str(inside / "two.png")}, {"path": str(outside / "one.png")}],
        {"path": f"{inside}/../../other/two.png"},
        {"path": f"{tmp_path}/uploads/way/one.png"},
        {"path": str(tmp_path / "uploads")},
        {"path": str(inside)},
        {"path": f"{inside}/\0"},
        {"path": str(tmp_path / "uploads" / "in-use")},
        {"path": 3},
        None,
        0.5,
    ]
    body = json.dumps({"data": wishes}).encode()
    assert asked("/gradio_api/queue/join", 200, None, tmp_path / "uploads", body)[0] == 200
    assert len(list(inside.iterdir())) == 2, "whoever is let in keeps the photo"
    assert asked("/gradio_api/queue/join", 503, None, tmp_path / "uploads", body)[0] == 429
    assert not list(inside.iterdir())
    assert len(list(outside.iterdir())) == 2
    assert (tmp_path / "uploads" / "in-use").is_file(), "the lock tells other starts that this run lives"
    for odd in (b"", b"[]", b'{"data": 3}', b"[" * 100_000):
        assert asked("/gradio_api/queue/join", 503, None, tmp_path / "uploads", odd)[0] == 429
