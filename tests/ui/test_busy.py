from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from mint.ui.busy import Busy


def asked(
    path: str, status: int, headers: list[tuple[bytes, bytes]] | None = None
) -> tuple[int, dict[bytes, bytes], bytes]:
    """What comes back when the app behind answers with this status, in two pieces."""
    heard: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": [(b"x", b"y")]})
        await send({"type": "http.response.body", "body": b'{"detail":', "more_body": True})
        await send({"type": "http.response.body", "body": b'"theirs"}'})

    async def send(message: Any) -> None:
        heard.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "headers": headers or []}
    asyncio.run(Busy(app)(scope, None, send))  # type: ignore[arg-type]
    start, *rest = heard
    return start["status"], dict(start["headers"]), b"".join(message["body"] for message in rest)


def test_a_full_line_is_told_in_words() -> None:
    status, headers, body = asked("/gradio_api/queue/join", 503)
    assert (status, headers[b"retry-after"]) == (429, b"10")
    assert int(headers[b"content-length"]) == len(body)
    assert json.loads(body)["detail"].startswith("Many people are asking")


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
