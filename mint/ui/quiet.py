"""What the page's events take; what is not that is told so, and is not written down."""

from __future__ import annotations

import logging
from typing import Any

import gradio as gr
from gradio.route_utils import FnIndexInferError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

log = logging.getLogger(__name__)


async def _unknown(request: Request, error: Exception) -> Response:
    return PlainTextResponse("There is nothing of this name or number. /gradio_api/info says what there is.", 404)


# What gradio raises where a request names an event that there is not; it would be a traceback in the log and a 500.
UNKNOWN = {FnIndexInferError: _unknown, KeyError: _unknown}


class QuietBlocks(gr.Blocks):
    """Gradio would print the inputs that do not fit, which may be somebody's photo, and answer without a word."""

    async def preprocess_data(self, *args: Any, **more: Any) -> Any:
        """As gradio's.

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
