"""6. Many photos: one answer each, as a table, and the table as a file; and pictures whose truth is known, to take away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from mint.i18n.translate import Say
from mint.ui import context
from mint.ui.components import choosing, files_input, on_move, panel, sliders
from mint.ui.context import AFTER, FORGET_SECONDS, JUDGE, MODEL, PRINT, PageContext
from mint.ui.known_pictures import known_pictures
from mint.ui.labels import Labels
from mint.ui.server.memory.gone import GONE, Gone
from mint.ui.server.uploads import Upload
from mint.ui.sessions import downloads
from mint.ui.sessions import many_photos as many
from mint.ui.sessions.many_photos import AT_ONCE, PhotosSession
from mint.ui.sessions.photo import AnswerSettings
from mint.ui.views import notices
from mint.ui.views.work.known_pictures import offer

FILE = "mint-answers.csv"
SKIP = (gr.skip(), gr.skip(), gr.skip())


class ManyPhotos:
    """The tab.

    Args:
        shared: what all tabs share.
        language: field with the visitor's language.
        label: translates labels.
        pair: which pair of networks is asked, a key of ``PAIRS``.
    """

    def __init__(self, shared: PageContext, language: gr.Textbox, label: Labels, pair: gr.Radio | gr.State) -> None:
        self.shared = shared
        self.state = gr.State(None, time_to_live=FORGET_SECONDS)
        with gr.Row(elem_classes="bench"):
            with gr.Column(elem_classes="left", min_width=300, scale=4):
                self.files = files_input("many-files", label)
                self.clear = gr.Button(label("Remove all photos"), elem_id="many-clear", variant="secondary")
                self.how = panel(many.how(), "many-how")
            with gr.Column(elem_classes="right", min_width=300, scale=9):
                self.answer = panel(many.empty(), "many-answer", context.text("scroll.js"))
                self.sliders = sliders("many-", label)
                with gr.Column(elem_classes="report sure", elem_id="many-report"):
                    self.make = gr.Button(
                        label("Make the table (CSV)"), elem_id="many-make", elem_classes="plain", variant="secondary"
                    )
                    self.links = panel("", "many-links")
        self.known = known_pictures(shared.examples)
        self.take = panel(offer(self.known), "many-take")

        alpha, prior = self.sliders
        common = [self.state, alpha, prior, language]
        shown = [self.state, self.answer, self.links]
        quiet: dict[str, Any] = {"show_progress": "minimal", "show_progress_on": self.answer}
        adding: list[Any] = [
            self.files.upload(self._files, [self.files, *common, pair], shown, **MODEL, **quiet),
            *choosing(pair, self._again, [*common, pair], shown, quiet),
        ]
        for run in adding:
            run.then(self._settle, common, self.answer, **AFTER)
        # As for one person: photos that are still being added would come back, and an answer be drawn last.
        clearing = self.clear.click(self._clear, language, shown, cancels=adding, **JUDGE)
        clearing.then(self._clear, language, shown, **AFTER)
        self.make.click(self._table, common, self.links, **PRINT)
        on_move(self.sliders, self._judge, common, self.answer, JUDGE)
        for slider in self.sliders:
            slider.input(lambda: "", None, self.links, **JUDGE)

    def told(self, say: Say) -> dict[Any, Any]:
        """Return what stands here at the beginning, in a language."""
        return {self.answer: many.empty(say), self.how: many.how(say), self.take: offer(self.known, say)}

    def _files(
        self,
        photos: Sequence[Upload],
        now: PhotosSession | Gone | None,
        alpha: float,
        prior: float,
        language: str,
        pair: str,
    ) -> Iterator[tuple[Any, ...]]:
        """Add photos, of which nothing is on the disk any more when the first is looked at."""
        for photo in photos:
            photo.forget()
        if photos:
            given = [(photo.data, photo.name) for photo in photos]
            yield from self._add(now, given, alpha, prior, Say(language), pair)
        else:
            yield SKIP

    def _again(
        self, now: PhotosSession | Gone | None, alpha: float, prior: float, language: str, pair: str
    ) -> Iterator[tuple[Any, ...]]:
        """Ask the pair that was chosen about the photos that are there."""
        if not now:
            yield (gr.skip(), context.gone(Say(language)), "") if now is GONE else SKIP
        else:
            yield from self._add(now, (), alpha, prior, Say(language), pair)

    def _add(
        self,
        now: PhotosSession | Gone | None,
        photos: Sequence[tuple[bytes, str]],
        alpha: float,
        prior: float,
        say: Say,
        pair: str,
    ) -> Iterator[tuple[Any, ...]]:
        """Add one photo after the other; the page shows the table after each."""
        loading, asked = self.shared.of(pair), AnswerSettings(alpha, prior, say.language)
        given = photos[:AT_ONCE]
        now = now or PhotosSession(pair=pair, started_over=now is GONE)
        now = replace(now, left_out=now.left_out + len(photos) - len(given))
        new = not now.seen or now.pair != pair
        yield gr.skip(), notices.working(loading.waiting, say) if new else gr.skip(), ""
        try:
            if now.pair != pair:
                now = now.again(self.shared.of(now.pair).get(), loading.get(), pair, asked)
                yield now, self._answer(now, alpha, prior, say), ""
            for number, (photo, name) in enumerate(given, 1):
                now = now.add(loading.get(), photo, name, asked)
                yield now, self._answer(now, alpha, prior, say, len(given) - number), ""
        except Exception as error:
            yield None, context.problem(error, say), ""

    def _answer(self, now: PhotosSession, alpha: float, prior: float, say: Say, to_come: int = 0) -> str:
        return many.show_answers(self.shared.of(now.pair).get(), now, alpha, prior, say, to_come)

    def _settle(self, now: PhotosSession | Gone | None, alpha: float, prior: float, language: str) -> Any:
        """Judge again after a run if a slider was moved meanwhile."""
        if not now or now.asked == AnswerSettings(alpha, prior, language):
            return gr.skip()
        return self._judge(now, alpha, prior, language)

    def _judge(self, now: PhotosSession | Gone | None, alpha: float, prior: float, language: str) -> Any:
        """Judge again after a slider was moved. Runs no network."""
        if not now:
            return context.gone(Say(language)) if now is GONE else gr.skip()
        return self._answer(now, alpha, prior, Say(language))

    def _table(self, now: PhotosSession | Gone | None, alpha: float, prior: float, language: str) -> str:
        """Make the file, which its link holds: the server keeps none."""
        if not now:
            return context.gone(Say(language)) if now is GONE else ""
        try:
            csv = many.as_csv(self.shared.of(now.pair).get(), now, alpha, prior)
            return downloads.table(csv, FILE, Say(language))
        except Exception as error:
            return context.problem(error, Say(language))

    def _clear(self, language: str) -> tuple[Any, ...]:
        return None, many.empty(Say(language)), ""
