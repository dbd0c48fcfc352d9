"""Refuse inputs of events that do not fit, without logging them."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any

import gradio as gr
from gradio.route_utils import FnIndexInferError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from mint.ui.opening import App, Message, Receive, Send

log = logging.getLogger(__name__)


async def _unknown(request: Request, error: Exception) -> Response:
    return PlainTextResponse("There is nothing of this name or number. /gradio_api/info says what there is.", 404)


# What gradio raises where a request names an event that there is not; it would be a traceback in the log and a 500.
UNKNOWN = {FnIndexInferError: _unknown, KeyError: _unknown}


class QuietStreams:
    """ASGI middleware: end streams of unknown events without a traceback.

    Args:
        app: what answers.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except RuntimeError as error:  # Starlette's, of a refusal that comes too late to be an answer
            if not begun or not isinstance(error.__cause__, HTTPException):
                raise
            await send({"type": "http.response.body", "body": b""})


class QuietBlocks(gr.Blocks):
    """Blocks that never print inputs that do not fit, which may be somebody's photo."""

    async def preprocess_data(self, *args: Any, **more: Any) -> Any:
        """Preprocess as gradio does.

        Raises:
            gr.Error: the inputs are none that the page itself would send.
        """
        try:
            return await super().preprocess_data(*args, **more)
        except gr.Error as error:  # its words are for the visitor; a traceback says no more
            error.print_exception = False
            raise
        except Exception as error:
            log.warning("inputs that do not fit: %s", type(error).__name__)
            raise gr.Error(
                "These are not the inputs that this takes: a photo that was uploaded before, and numbers. "
                "/gradio_api/info says how; on the page itself, reload it.",
                print_exception=False,
            ) from None
