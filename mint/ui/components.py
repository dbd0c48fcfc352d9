"""Gradio's components as this page uses them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from mint.i18n.labels import DEFAULT_PAIR
from mint.i18n.translate import DEFAULT, chosen
from mint.ui.context import AFTER, MODEL
from mint.ui.early.choices import named
from mint.ui.early.scripts import PHOTO
from mint.ui.labels import Labels
from mint.ui.server.gradio_patches import preprocess_with
from mint.ui.server.programs.settings import LEAST_ALPHA, MOST_ALPHA, number_between
from mint.ui.server.uploads import receive, receive_many
from mint.vision.images import SUFFIXES


def panel(value: str, name: str, js: str | None = None) -> gr.HTML:
    """Show finished HTML.

    Gradio would evaluate ``{{value}}`` as JavaScript, so no template contains a value.
    """
    return gr.HTML(value, elem_id=name, js_on_load=js, apply_default_css=False)


def spoken_language() -> gr.Textbox:
    """Make the field in which the page carries the visitor's language; nobody sees it, and whatever else comes is the default."""
    field = gr.Textbox(DEFAULT, visible=False, elem_id="spoken")
    preprocess_with(field, lambda sent: chosen(sent if isinstance(sent, str) else None, None))
    return field


def photo_input(name: str, label: Labels) -> gr.Image:
    """Make the input of one photo: webcam, file or clipboard; it gives an ``Upload``."""
    photo = gr.Image(
        label=label("Add a photo"),
        show_label=False,
        sources=["webcam", "upload", "clipboard"],
        type="filepath",
        image_mode=None,
        buttons=[],
        height=280,
        elem_id=name,
        elem_classes="photo-input",
        webcam_options=gr.WebcamOptions(mirror=False),
        alt_text=PHOTO,
        placeholder=label("Drop a photo here\nor click to choose one"),  # type: ignore[arg-type]
    )
    preprocess_with(photo, receive)
    return photo


def files_input(name: str, label: Labels) -> gr.UploadButton:
    """Make the input of several files; it gives ``Upload`` values."""
    button = gr.UploadButton(
        label("Add several photos at once"),  # type: ignore[arg-type]  # its label is translated all the same
        file_count="multiple",
        file_types=list(SUFFIXES),
        elem_id=name,
        variant="secondary",
    )
    preprocess_with(button, receive_many)
    return button


def sliders(prefix: str, label: Labels, open_: bool = False) -> tuple[gr.Slider, gr.Slider]:
    """Make the sliders of limit and prior, folded away.

    Args:
        prefix: of the elements' names.
        label: translates.
        open_: whether they are in sight from the start.
    """
    with gr.Accordion(label("How sure do you want to be?"), open=open_, elem_id=f"{prefix}sure", elem_classes="sure"):
        alpha = gr.Slider(
            LEAST_ALPHA,
            MOST_ALPHA,
            0.01,
            step=0.001,
            label=label("False alarms that you accept (α)"),
            info=label("0.01 means: of 100 photos that were not used, about one is wrongly called used."),
            elem_id=f"{prefix}alpha",
            buttons=["reset"],
        )
        prior = gr.Slider(
            0,
            1,
            0.5,
            step=0.01,
            label=label("How likely did you think it before looking? (prior)"),
            info=label("Moves only the chance of being right. For your own photo, the true value here is 0."),
            elem_id=f"{prefix}prior",
            buttons=["reset"],
        )
    preprocess_with(alpha, number_between(LEAST_ALPHA, MOST_ALPHA))
    preprocess_with(prior, number_between(0, 1))
    return alpha, prior


def on_move(sliders: Sequence[gr.Slider], fn: Any, inputs: list[Any], outputs: Any, options: Any) -> None:
    """Judge again whenever a slider is moved; only the last position counts.

    Two moves can be on their way at once, and come back in the wrong order: each is followed by a look at where the sliders
    stand by then.
    """
    for slider in sliders:
        moved = slider.input(fn, inputs, outputs, trigger_mode="always_last", **options)
        moved.then(fn, inputs, outputs, **AFTER)


def pair_choice(choices: Sequence[str], label: Labels) -> gr.Radio | gr.State:
    """Make the choice of the networks that are asked; where there is but one, nothing is shown.

    Args:
        choices: keys of ``PAIRS``, the default one first, and names of bundles. A pair beside bundles is named as well.
        label: translates labels.
    """
    if len(choices) == 1:
        return gr.State(DEFAULT_PAIR)
    return gr.Radio(
        [(told, choice) for choice, told in named(choices, label).items()],
        value=DEFAULT_PAIR,
        label=label("Networks"),
        elem_id="pair",
    )


def choosing(pair: gr.Radio | gr.State, fn: Any, inputs: list[Any], outputs: list[Any], options: Any) -> list[Any]:
    """Ask again when another pair is chosen; return the events to go on from, none where there is no choice."""
    return [pair.input(fn, inputs, outputs, **MODEL, **options)] if isinstance(pair, gr.Radio) else []
