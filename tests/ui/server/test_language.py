"""The language of the page is settled on the server, before anything of gradio's runs."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mint.ui.server.language import PageLanguage

PAGE = b'<!doctype html>\n<html\n\tlang="en" style="x">\n<head><title>t</title></head><body lang="en"></body></html>'


def ask(
    query: str = "", accept: str = "", kind: str = "text/html; charset=utf-8", parts: int = 3, **headers: str
) -> Any:
    """One request through the middleware to an application that sends the page in pieces."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        told = {"content-type": kind, "content-length": str(len(PAGE)), **headers}
        pairs = [(k.replace("_", "-").encode(), v.encode()) for k, v in told.items()]
        await send({"type": "http.response.start", "status": 200, "headers": pairs})
        step = len(PAGE) // parts
        for i in range(parts):
            piece = PAGE[i * step : (i + 1) * step if i < parts - 1 else None]
            await send({"type": "http.response.body", "body": piece, "more_body": i < parts - 1})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    scope = {
        "type": "http",
        "method": "GET",
        "query_string": query.encode(),
        "headers": [(b"accept-language", accept.encode())],
    }
    asyncio.run(PageLanguage(app, "go()")(scope, receive, send))
    return sent


@pytest.mark.parametrize(
    ("query", "accept", "language"),
    [
        ("", "", "en"),
        ("", "es-MX,es;q=0.9", "es"),
        ("lang=en", "es-MX,es;q=0.9", "en"),
        ("lang=es&x=1", "en", "es"),
        ("lang=fr", "es", "es"),
        ("", "de-DE,de;q=0.9,es;q=0.8", "es"),
        ("lang=%22%3E%3Cscript%3E", "en", "en"),
    ],
)
def test_a_page_says_the_language_and_runs_the_script_before_all_else(query: str, accept: str, language: str) -> None:
    start, body = ask(query, accept)
    text = body["body"].decode()
    assert text.count(f'<html\n\tlang="{language}"') == 1
    assert "<head><script>go()</script><title>" in text
    assert '<body lang="en">' in text, "only the first is the page's"
    assert dict(start["headers"])[b"content-length"] == str(len(body["body"])).encode()


@pytest.mark.parametrize("changed", [{"kind": "application/json"}, {"content_encoding": "br"}])
def test_everything_else_passes_untouched_and_in_pieces(changed: dict[str, str]) -> None:
    start, *bodies = ask("lang=es", **changed)
    assert b"".join(b["body"] for b in bodies) == PAGE
    assert len(bodies) == 3
    assert dict(start["headers"])[b"content-length"] == str(len(PAGE)).encode()
