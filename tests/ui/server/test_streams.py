"""A stream of events that fails in the middle ends in words for the visitor, not in the insides of this server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.responses import StreamingResponse

INSIDE = (
    "Cancelled via cancel scope 7f2a; reason: <Task 'run_asgi()' running at /usr/lib/site-packages/uvicorn/http.py:3>"
)
CLOSED, BROKEN = "The page is being closed", "Something broke on our side."
FIRST = b'data: {"msg":"process_starts","event_id":"1","eta":null}\n\n'
PAGE, PROGRAM = "/gradio_api/queue/data", "/gradio_api/call/audit/1"


def gradios(message: Any) -> bytes:
    """An event as gradio writes it for a page."""
    import orjson

    return f"data: {orjson.dumps(message.model_dump(), default=str).decode('utf-8')}\n\n".encode()


def unexpected(text: str, **more: bool) -> bytes:
    from gradio.server_messages import UnexpectedErrorMessage

    return gradios(UnexpectedErrorMessage(message=text, **more))


def streamed(app: Callable[..., Any], begun: bool, path: str = PAGE, language: str = "en", cut: bool = False) -> bytes:
    """All that a visitor is sent.

    Args:
        app: that streams.
        begun: whether the page closes.
        path: that is asked for.
        language: the visitor's.
        cut: whether the server ends the request as soon as the first event was sent.
    """
    from mint.ui.server.errors import QuietStreams

    sent: list[bytes] = []

    async def ask() -> None:
        first = asyncio.Event()

        async def receive() -> Any:
            await asyncio.Event().wait()  # nobody disconnects

        async def send(message: Any) -> None:
            sent.append(message.get("body", b""))
            if sent[-1]:
                first.set()

        scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"accept-language", language.encode())]}
        asked = asyncio.create_task(QuietStreams(app, SimpleNamespace(begun=begun))(scope, receive, send))  # type: ignore[arg-type]
        if cut:
            await first.wait()
            asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)

    asyncio.run(ask())
    return b"".join(sent)


def saying(*events: bytes) -> Callable[..., Any]:
    async def events_() -> AsyncIterator[bytes]:
        for event in events:
            yield event

    return StreamingResponse(events_(), media_type="text/event-stream")


async def waits(scope: Any, receive: Any, send: Any) -> None:
    """As gradio's own stream: one event, then a wait, and if that is cut short the words of the exception."""

    async def events() -> AsyncIterator[bytes]:
        try:
            yield FIRST
            await asyncio.Event().wait()
        except BaseException:
            yield unexpected(INSIDE)
            raise

    await StreamingResponse(events(), media_type="text/event-stream")(scope, receive, send)


def errors(stream: bytes) -> list[Any]:
    return [json.loads(event.partition(b"data: ")[2]) for event in stream.split(b"\n\n") if b"error" in event]


@pytest.mark.parametrize(
    ("begun", "language", "words"),
    [
        (True, "en", CLOSED),
        (True, "es-ES,es;q=0.9", "La página se está cerrando"),
        (False, "en", BROKEN),
        (False, "es", "Algo se rompió por nuestra parte."),
    ],
)
def test_a_stream_that_is_cut_says_so_in_the_visitors_language(begun: bool, language: str, words: str) -> None:
    stream = streamed(waits, begun, language=language, cut=True)
    assert stream.startswith(FIRST)
    (error,) = errors(stream)
    assert error["msg"] == "unexpected_error"
    assert error["success"] is False
    assert error["message"].startswith(words)
    assert b"site-packages" not in stream


def test_a_program_is_told_the_same_in_its_own_way() -> None:
    stream = streamed(saying(b"event: error\ndata: " + json.dumps(INSIDE).encode() + b"\n\n"), True, PROGRAM)
    assert stream.startswith(b"event: error\ndata: ")
    assert stream.endswith(b"\n\n")
    (error,) = errors(stream)
    assert error.startswith(CLOSED)


def test_gradios_word_for_a_stopped_server_is_ours() -> None:
    (error,) = errors(streamed(saying(FIRST, unexpected("Server stopped unexpectedly.")), True))
    assert error["message"].startswith(CLOSED)


@pytest.mark.parametrize(
    "event",
    [
        b'event: error\ndata: "404: Not Found"\n\n',
        b'event: error\ndata: {"error": "These are not the inputs that this takes"}\n\n',
        b'event: complete\ndata: [[{"network": "twin-a"}]]\n\n',
        b"event: heartbeat\ndata: null\n\n",
    ],
    ids=["unknown", "ours", "answer", "heartbeat"],
)
def test_what_a_program_is_told_otherwise_is_left_as_it_is(event: bytes) -> None:
    assert streamed(saying(FIRST, event), True, PROGRAM) == FIRST + event


def test_what_a_page_is_told_otherwise_is_left_as_it_is() -> None:
    from gradio.server_messages import CloseStreamMessage, HeartbeatMessage, ProcessCompletedMessage

    failed = ProcessCompletedMessage(output={"error": "unexpected_error"}, success=False)
    events = [gradios(message) for message in (failed, HeartbeatMessage(), CloseStreamMessage())]
    assert streamed(saying(*events), True) == b"".join(events)
    (unknown,) = errors(streamed(saying(unexpected("404: Not Found", session_not_found=True)), False))
    assert (unknown["message"], unknown["session_not_found"]) == ("404: Not Found", True), "the page's script reads it"
