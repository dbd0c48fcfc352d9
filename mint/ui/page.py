"""Gradio's part of the page: components, events, launch. The only importer of gradio.

What it shows is rendered elsewhere to finished HTML in which everything foreign is escaped; gradio's
own ``{{value}}`` would be evaluated as JavaScript, so no template contains a value.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from mint import __version__
from mint.errors import NoFace
from mint.images import MAX_BYTES
from mint.ui import notices, visit
from mint.ui.gallery import Example
from mint.ui.loading import Loading
from mint.ui.privacy import KEPT_SECONDS
from mint.ui.proof import proof
from mint.ui.tiles import wall
from mint.ui.upload import Upload, receive
from mint.ui.visit import Visit

log = logging.getLogger("mint.ui")
HERE = Path(__file__).parent
QUEUE = 16
FORGET_SECONDS = 15 * 60  # an answer that nobody touches for so long leaves the memory
SYSTEM_FONTS = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif")
PLAIN_STYLES, NESTED_STYLES = ("tokens.css", "gradio.css"), ("style.css", "answer.css", "examples.css")


def _text(name: str) -> str:
    return (HERE / name).read_text("utf-8")


# Change nothing. The photo's field is emptied instead of skipped: on gr.skip() gradio builds a new
# component for this visitor, which would read photos in its own way again.
SKIP = (gr.skip(), None, gr.skip(), gr.skip())


def _style() -> str:
    """The style sheets, ours nested so that they outweigh gradio's."""
    plain, nested = ("".join(map(_text, names)) for names in (PLAIN_STYLES, NESTED_STYLES))
    return f"{plain}.gradio-container {{\n{nested}}}"


def _panel(value: str, name: str, js: str | None = None) -> gr.HTML:
    return gr.HTML(value, elem_id=name, js_on_load=js, apply_default_css=False)


class Page:
    """The page around one membership test.

    Args:
        loading: the test, on its way.
        examples: pictures whose truth is known.
    """

    def __init__(self, loading: Loading, examples: Sequence[Example]) -> None:
        self.loading = loading
        self.examples = examples
        # The age is short, and privacy.PrivateFolder also removes what gradio has lost sight of.
        self.blocks = gr.Blocks(
            title="MINT: was this photo used?",
            analytics_enabled=False,
            fill_width=True,
            delete_cache=(10, int(KEPT_SECONDS)),
        )
        with self.blocks:
            self._build()
        self.blocks.queue(max_size=QUEUE)

    def launch(self, started: Callable[[], object] = lambda: None, **more: Any) -> None:
        """Serve until told to stop; gradio reads host and port from its own environment variables.

        Args:
            started: called once the page answers.
            more: for ``Blocks.launch``.
        """
        self.blocks.launch(
            share=False,
            ssr_mode=False,
            quiet=True,
            prevent_thread_lock=True,
            max_file_size=MAX_BYTES,
            run_history=False,
            enable_monitoring=False,
            footer_links=[],
            theme=_theme(),
            head=f"<style>{_style()}</style>",  # gradio would rewrite the selectors of css=
            favicon_path=HERE / "favicon.svg",
            state_session_capacity=64,
            **more,
        )
        print(f"MINT is at {self.blocks.local_url}", flush=True)
        started()
        self.blocks.block_thread()

    def _build(self) -> None:
        _panel(_text("intro.html"), "intro")
        state = gr.State(None, time_to_live=FORGET_SECONDS)
        with gr.Row(elem_id="bench"):
            with gr.Column(elem_id="left", min_width=300, scale=4):
                photo = _photo_input()
                status = _panel(notices.status(None), "status")
                faces = _panel("", "faces", _text("clicks.js"))
            with gr.Column(elem_id="right", min_width=300, scale=9):
                answer = _panel(notices.EMPTY, "answer", _text("scroll.js"))
                alpha, prior = _sliders()
        examples = _panel(wall(self.examples), "examples", _text("clicks.js"))
        proof_panel = _panel("", "proof")
        _panel(_text("about.html") + f'<footer class="colophon">MINT {__version__}</footer>', "about")

        model: dict[str, Any] = {"concurrency_id": "model", "concurrency_limit": 1, "api_visibility": "private"}
        judge: dict[str, Any] = {
            "concurrency_id": "judge",
            "concurrency_limit": 2,
            "api_visibility": "private",
            "show_progress": "hidden",
        }
        shown = [state, photo, faces, answer]
        quiet: dict[str, Any] = {"show_progress": "minimal", "show_progress_on": answer}
        photo.input(self._audit, [photo, alpha, prior], shown, **model, **quiet)
        examples.click(self._example, [alpha, prior], shown, **model, **quiet)
        faces.click(self._choose, [state, alpha, prior], [state, faces, answer], **judge)
        for slider in (alpha, prior):
            slider.input(self._judge, [state, alpha, prior], answer, trigger_mode="always_last", **judge)
        self.blocks.load(self._arrived, None, [status, proof_panel], **judge | {"concurrency_id": "proof"})

        self.blocks.unload(self._forget)

        # For programs: the same audit as JSON. No visitor of the page can set it off.
        with gr.Row(visible=False):
            button, result = gr.Button(), gr.JSON()
        button.click(
            self._report, [photo, alpha, prior], result, api_name="audit", **model | {"api_visibility": "public"}
        )

    def _audit(self, photo: Upload | None, alpha: float, prior: float) -> Iterator[tuple[Any, ...]]:
        """A new photo: from webcam, file or clipboard."""
        if photo is None:  # the visitor has only emptied the field
            yield SKIP
        else:
            try:
                yield from self._run(photo.data, None, alpha, prior)
            finally:  # also when the visitor leaves before the end
                photo.forget()

    def _example(self, alpha: float, prior: float, event: gr.EventData) -> Iterator[tuple[Any, ...]]:
        """A click on the wall."""
        index = _picked(event)
        if 0 <= index < len(self.examples):
            example = self.examples[index]
            yield from self._run(example.path.read_bytes(), example.truth, alpha, prior)
        else:
            yield SKIP

    def _run(
        self, photo: bytes, truth: Mapping[str, bool] | None, alpha: float, prior: float
    ) -> Iterator[tuple[Any, ...]]:
        yield None, None, "", notices.working(self.loading.waiting)
        faces = ""
        try:
            rgb, found = visit.read(photo)
            faces = visit.show_photo(rgb)
            if not found:
                raise NoFace
            now = visit.begin(self.loading.get(), rgb, found, truth)
            yield now, None, visit.show_faces(now), visit.show_answer(self.loading.get(), now, alpha, prior)
        except Exception as error:
            yield None, None, faces, _problem(error)

    def _choose(self, now: Visit | None, alpha: float, prior: float, event: gr.EventData) -> tuple[Any, ...]:
        """A click on another face."""
        if now is None:
            return gr.skip(), gr.skip(), gr.skip()
        now = now.choose(_picked(event))
        return now, visit.show_faces(now), visit.show_answer(self.loading.get(), now, alpha, prior)

    def _judge(self, now: Visit | None, alpha: float, prior: float) -> Any:
        """A moved slider: no network runs."""
        return gr.skip() if now is None else visit.show_answer(self.loading.get(), now, alpha, prior)

    def _arrived(self) -> tuple[str, str]:
        """Once the networks are there: say so, and how good the test is."""
        try:
            bundles = self.loading.get().bundles
            return notices.status(len(bundles)), proof({name: bundle.evaluation for name, bundle in bundles.items()})
        except Exception as error:
            return notices.status(0), _problem(error)

    def _forget(self, request: gr.Request) -> None:
        """The visitor has left. Gradio would keep what the page showed for an hour, in case they return."""
        self.blocks.state_holder.session_data.pop(request.session_hash or "", None)

    def _report(self, photo: Upload | None, alpha: float, prior: float) -> list[dict[str, Any]]:
        """Audit a photo: one object per network, faces largest first.

        Args:
            photo: JPEG, PNG or WebP.
            alpha: promised false-alarm rate.
            prior: belief before the test.
        """
        try:
            data = b"" if photo is None else photo.data
            return [a.to_dict() for a in self.loading.get().audit(data, "photo", alpha, prior)]
        except Exception as error:
            log.error("audit failed: %s", type(error).__name__)
            raise gr.Error("The audit failed.", print_exception=False) from None


def _problem(error: Exception) -> str:
    if notices.unexpected(error):
        log.error("an audit failed", exc_info=error)
    return notices.problem(error)


def _picked(event: gr.EventData) -> int:
    """Which one was clicked; -1 for anything that is no number."""
    picked = (event._data or {}).get("pick")
    return picked if isinstance(picked, int) and not isinstance(picked, bool) else -1


def _photo_input() -> gr.Image:
    photo = gr.Image(
        label="Add a photo",
        show_label=False,
        sources=["webcam", "upload", "clipboard"],
        type="filepath",
        image_mode=None,
        buttons=[],
        height=280,
        elem_id="photo",
        webcam_options=gr.WebcamOptions(mirror=False),
        alt_text="The photo to audit",
        placeholder="Drop a photo here\nor click to choose one",
    )
    # Gradio would open the file itself and fail without words on what is no picture.
    photo.preprocess = receive  # type: ignore[method-assign, assignment]
    return photo


def _sliders() -> tuple[gr.Slider, gr.Slider]:
    with gr.Accordion("How sure do you want to be?", open=False, elem_id="sure"):
        alpha = gr.Slider(
            0.001,
            0.05,
            0.01,
            step=0.001,
            label="False alarms that you accept (α)",
            info="0.01 means: of 100 photos that were not used, about one is wrongly called used.",
            elem_id="alpha",
            buttons=["reset"],
        )
        prior = gr.Slider(
            0,
            1,
            0.5,
            step=0.01,
            label="How likely did you think it before looking? (prior)",
            info="Moves only the chance of being right. For your own photo, the true value here is 0.",
            elem_id="prior",
            buttons=["reset"],
        )
    return alpha, prior


def _theme() -> gr.themes.Base:
    theme = gr.themes.Base(font=list(SYSTEM_FONTS), font_mono=["ui-monospace", "Menlo", "Consolas", "monospace"])
    return theme.set(body_background_fill="#f5f5f1", body_background_fill_dark="#121416")
