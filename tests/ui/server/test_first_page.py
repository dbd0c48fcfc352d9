"""The first screen is sent in the visitor's language before gradio's page is written, and all of gradio's page behind it."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from typing import Any

import pytest

from mint.ui.server.first_page import SPOKEN, Compressed, FirstPage

GRADIO = (
    b'<!doctype html>\n<html\n\tlang="en" style="x">\n<head><script>config</script></head>\n<body style="y">\n<gradio-app>'
    b"</gradio-app></body>\n</html>"
)
ADDRESS = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}


class Gradio:
    """An application that sends its page in pieces.

    Attributes:
        told: the first messages that had been sent when it was asked, and in which language.
    """

    def __init__(self, body: bytes = GRADIO, status: int = 200, error: Exception | None = None) -> None:
        self.body, self.status, self.error = body, status, error
        self.told: tuple[list[Any], str] | None = None
        self.sent: list[Any] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.told = ([*self.sent], SPOKEN.get())
        if self.error:
            raise self.error
        start = {"type": "http.response.start", "status": self.status, "headers": [(b"content-length", b"3")]}
        await send(start)
        for at in range(0, len(self.body), 40):
            last = at + 40 >= len(self.body)
            await send({"type": "http.response.body", "body": self.body[at : at + 40], "more_body": not last})


def ask(gradio: Gradio, query: str = "", accept: str = "", packed: bool = False, **scope: Any) -> list[Any]:
    """One request through the middleware: the messages that it sent."""

    async def send(message: Any) -> None:
        gradio.sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    headers = [(b"accept-language", accept.encode()), *([(b"accept-encoding", b"br, gzip")] if packed else [])]
    door = FirstPage(gradio, lambda language: f"<!doctype html><{language}>", lambda language: f"failed {language}")
    asked = ADDRESS | {"query_string": query.encode(), "headers": headers} | scope
    asyncio.run(door(asked, receive, send))
    return gradio.sent


def text(messages: list[Any]) -> bytes:
    return b"".join(message.get("body", b"") for message in messages)


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
def test_the_screen_is_sent_before_gradio_is_asked(query: str, accept: str, language: str) -> None:
    gradio = Gradio()
    messages = ask(gradio, query, accept)
    assert gradio.told is not None
    before, spoken = gradio.told
    assert spoken == language
    assert text(before) == f"<!doctype html><{language}>".encode()
    expected = f"<!doctype html><{language}><script>config</script>\n<gradio-app></gradio-app></body></html>\n"
    assert text(messages) == expected.encode()
    assert [message.get("more_body") for message in messages] == [None, True, False]
    assert b"content-length" not in dict(messages[0]["headers"]), "nobody knows it yet"


def test_what_is_sent_first_can_be_read_first_when_it_is_compressed() -> None:
    gradio = Gradio()
    messages = ask(gradio, packed=True)
    assert gradio.told is not None
    assert dict(messages[0]["headers"])[b"content-encoding"] == b"gzip"
    assert zlib.decompressobj(wbits=31).decompress(text(gradio.told[0])) == b"<!doctype html><en>"
    plain = text(ask(Gradio()))
    assert gzip.decompress(text(messages)) == plain


@pytest.mark.parametrize("gradio", [Gradio(b"no page"), Gradio(status=500)])
def test_without_gradio_s_page_the_visitor_is_told(gradio: Gradio) -> None:
    assert text(ask(gradio, "lang=es")) == b"<!doctype html><es>failed es</body></html>\n"


def test_a_page_that_was_begun_is_ended_whatever_happens() -> None:
    gradio = Gradio(error=RuntimeError("broken"))
    with pytest.raises(RuntimeError, match="broken"):
        ask(gradio)
    assert text(gradio.sent) == b"<!doctype html><en>failed en</body></html>\n"
    assert gradio.sent[-1]["more_body"] is False


def test_who_asks_for_the_head_alone_gets_no_page() -> None:
    gradio = Gradio()
    messages = ask(gradio, method="HEAD")
    assert messages[0]["status"] == 200
    assert not text(messages)
    assert gradio.told is None


@pytest.mark.parametrize("other", [{"path": "/config"}, {"method": "POST"}, {"path": "/theme.css"}])
def test_everything_else_passes_untouched_and_in_pieces(other: dict[str, str]) -> None:
    gradio = Gradio()
    messages = ask(gradio, "lang=es", **other)
    assert text(messages) == GRADIO
    assert len(messages) > 3
    assert gradio.told == ([], "es"), "but knows the language"


@pytest.mark.parametrize(
    ("path", "packed"), [("/config", True), ("/gradio_api/run/predict", True), ("/file.zip", False)]
)
def test_long_answers_are_compressed_for_who_can_read_that(path: str, packed: bool) -> None:
    async def answer(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"3000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"x" * 3000})

    for accepts in ([(b"accept-encoding", b"gzip")], []):
        sent: list[Any] = []

        async def send(message: Any, sent: list[Any] = sent) -> None:
            sent.append(message)

        asyncio.run(Compressed(answer)(ADDRESS | {"path": path, "headers": accepts}, None, send))  # type: ignore[arg-type]
        small = packed and bool(accepts)
        assert (dict(sent[0]["headers"]).get(b"content-encoding") == b"gzip") is small
        assert (gzip.decompress(text(sent)) if small else text(sent)) == b"x" * 3000


def test_a_stream_is_never_held_up() -> None:
    """Compression keeps back what comes in small pieces."""
    from mint.ui.server.first_page import LONG

    assert not [path for path in LONG if "queue" in path or "heartbeat" in path]
