from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mint.ui.server.headers import BlockedRoutes


@pytest.mark.parametrize(
    ("kind", "path", "passed"),
    [
        ("http", "/", True),
        ("http", "/gradio_api/deep_link", False),
        ("http", "/gradio_api/deep_link/", False),
        ("http", "/gradio_api/run-history/records", False),
        ("http", "/gradio_api/proxy=http://x/", False),
        ("http", "/gradio_api/runs", False),
        ("http", "/gradio_api/run/predict", True),
        ("http", "/gradio_api/queue/join", True),
        ("lifespan", "", True),
    ],
)
def test_only_these_doors_are_shut(kind: str, path: str, passed: bool) -> None:
    heard: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        heard.append("passed")

    async def send(message: Any) -> None:
        heard.append(message.get("status", message["type"]))

    asyncio.run(BlockedRoutes(app)({"type": kind, "path": path}, None, send))  # type: ignore[arg-type]
    assert heard == (["passed"] if passed else [404, "http.response.body"])
