"""Answer requests for events that there are not, and end their streams, without a traceback."""

from __future__ import annotations

import json

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mint.i18n.translate import Say
from mint.ui.server.asgi import visitor_language
from mint.ui.server.gradio_patches import FnIndexInferError
from mint.ui.server.shutdown import GracefulShutdown, closing_message


async def _unknown(request: Request, error: Exception) -> Response:
    return PlainTextResponse("There is nothing of this name or number. /gradio_api/info says what there is.", 404)


# What gradio raises where a request names an event that there is not; it would be a traceback in the log and a 500.
UNKNOWN_EVENTS = {FnIndexInferError: _unknown, KeyError: _unknown}


NOT_FOUND = str(HTTPException(404))  # gradio's word for an event that there is not; it says nothing of this server
UNEXPECTED = b'data: {"msg":"unexpected_error"'  # as a page hears of a stream that failed
ENDED = b"event: error\ndata: "  # as a program does


class QuietStreams:
    """ASGI middleware: end streams of unknown events without a traceback.

    Gradio sends the text of the exception: paths and tasks of this server, if the stream was cut because the page closes.
    Its words for events that there are not are left as they are; those streams are ended as Starlette does not.

    Args:
        app: what answers.
        shutdown: whether the page closes.
    """

    def __init__(self, app: ASGIApp, shutdown: GracefulShutdown) -> None:
        self.app = app
        self.shutdown = shutdown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            if message.get("body", b"").startswith((UNEXPECTED, ENDED)):  # gradio sends each event in one piece
                message = {**message, "body": _worded(message["body"], self._told(scope))}
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except RuntimeError as error:  # Starlette's, of a refusal that comes too late to be an answer
            if not begun or not isinstance(error.__cause__, HTTPException):
                raise
            await send({"type": "http.response.body", "body": b""})

    def _told(self, scope: Scope) -> str:
        say = visitor_language(scope)
        return closing_message(say) if self.shutdown.begun else broken(say)


def broken(say: Say) -> str:
    """Return what a visitor is told of a fault of ours; the log says what it was."""
    tip = say("The fault is ours, not your photo's. Try once more; if it happens again, the server's log says why.")
    return f"{say('Something broke on our side.')} {tip}"


def _worded(event: bytes, words: str) -> bytes:
    """One event of a stream with other words in the place of an exception's text."""
    head, _, sent = event.partition(b"data: ")
    error = json.loads(sent)
    if isinstance(error, str):  # for programs; what else they are told of an error is an object, and ours
        error = error if error == NOT_FOUND else words
    elif error.get("msg") == "unexpected_error" and not error["session_not_found"]:
        error["message"] = words
    return head + b"data: " + json.dumps(error).encode() + b"\n\n"
