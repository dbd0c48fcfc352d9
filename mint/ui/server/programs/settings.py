"""α and the prior as the page takes them, from its sliders and from programs."""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr

from mint.evidence.verdict import is_between

LEAST_ALPHA, MOST_ALPHA = 0.001, 0.05
SETTINGS = f"α is a number from {LEAST_ALPHA} to {MOST_ALPHA} here, and the prior one from 0 to 1."


def number_between(least: float, most: float) -> Callable[[object], float]:
    """Return what reads a slider: gradio would let through NaN, which is beyond no end, and truth values."""

    def read(sent: object) -> float:
        if not is_between(sent, least, most):
            raise gr.Error(SETTINGS, print_exception=False)
        return float(sent)  # type: ignore[arg-type]

    return read
