"""Headers on every answer, and nothing taken from pages of other origins."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from mint.ui.server.headers import HEADERS, SecurityHeaders, same_origin


async def hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello", headers={"Referrer-Policy": "unsafe-url"})


def ask(method: str, path: str = "/", **headers: str) -> httpx.Response:
    import asyncio

    async def run() -> httpx.Response:
        app = Starlette(routes=[Route("/", hello, methods=["GET", "POST"])], middleware=[Middleware(SecurityHeaders)])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here.test") as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(run())


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/nowhere", 404)])
def test_every_answer_has_each_header_once(path: str, status: int) -> None:
    answer = ask("GET", path)
    assert answer.status_code == status
    for name, value in HEADERS.items():
        assert answer.headers.get_list(name) == [value]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://here.test"}, 200),
        ({"Origin": "https://space.test", "X-Forwarded-Host": "space.test"}, 200),
        ({"Origin": "https://evil.test"}, 403),
        ({"Origin": "http://here.test.evil.test"}, 403),
        ({"Origin": "http://here.test:81"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
    ],
)
def test_only_its_own_pages_may_send(headers: dict[str, str], status: int) -> None:
    answer = ask("POST", **headers)
    assert answer.status_code == status
    assert (answer.text == "hello") == (status == 200)
    assert ask("GET", **headers).status_code == 200, "reading is the browser's own rule"


def test_the_host_is_compared_without_case() -> None:
    assert same_origin(Headers({"origin": "https://Space.Test", "host": "space.test"}))
    assert not same_origin(Headers({"origin": "https://space.test"}))
