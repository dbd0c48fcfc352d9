"""What the page's events take; what is not that is told so, and is not written down."""

from __future__ import annotations

import logging
from typing import Any

import gradio as gr

log = logging.getLogger(__name__)


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
