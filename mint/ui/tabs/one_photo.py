"""1. Was this photo used?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from mint.i18n.labels import of_every_pair
from mint.i18n.translate import ENGLISH, Say
from mint.ui import context
from mint.ui.components import choosing, on_move, panel, photo_input, sliders
from mint.ui.context import AFTER, FORGET_SECONDS, JUDGE, MODEL, PageContext
from mint.ui.early import screen
from mint.ui.labels import Labels
from mint.ui.server.memory.gone import GONE, Gone
from mint.ui.server.uploads import Upload
from mint.ui.sessions import downloads
from mint.ui.sessions import photo as photo_session
from mint.ui.sessions.example_looks import ExampleLooks
from mint.ui.sessions.photo import AnswerSettings, PhotoSession
from mint.ui.tabs.over_versions import OverVersions
from mint.ui.tabs.reporting import Reporting
from mint.ui.views import notices
from mint.ui.views.play.example_wall import wall
from mint.ui.views.twins import twins

if TYPE_CHECKING:  # torch takes seconds to import: the page does not wait for it
    from mint.membership import MembershipTest
    from mint.report.case import Case
    from mint.report.document import Document

# Change nothing. The photo's field is emptied instead of skipped: on gr.skip() gradio builds a new
# component for this visitor, which would read photos in its own way again.
SKIP = (gr.skip(), None, gr.skip(), gr.skip(), gr.skip(), gr.skip())


class OnePhoto:
    """The tab.

    Args:
        shared: what all tabs share.
        language: field with the visitor's language.
        label: translates labels.
        pair: which pair of networks is asked, a key of ``PAIRS``.
    """

    def __init__(self, shared: PageContext, language: gr.Textbox, label: Labels, pair: gr.Radio | gr.State) -> None:
        self.shared = shared
        self.looks = ExampleLooks(shared.examples)
        self.state = gr.State(None, time_to_live=FORGET_SECONDS)
        self.flip = panel(screen.wall(shared, ENGLISH), "flip", context.text("clicks.js"))
        self.twins = panel(twins(pairs=shared.pairs), "twins")
        with gr.Row(elem_classes="bench"):
            with gr.Column(elem_classes="left", min_width=300, scale=4):
                self.photo = photo_input("photo", label)
                self.status = panel(notices.status(None), "status")
                self.faces = panel("", "faces", context.text("clicks.js"))
            with gr.Column(elem_classes="right", min_width=300, scale=9):
                self.answer = panel(notices.empty_photo(), "answer", context.text("scroll.js"))
                self.sliders = sliders("", label)
                self.report = Reporting(shared, "", label)
        self.over_time = OverVersions(shared, self.state)
        self.details = panel("", "details", context.text("clicks.js") + context.text("scan.js"))
        self.examples = panel(wall(shared.known, pairs=shared.pairs), "examples", context.text("clicks.js"))

        alpha, prior = self.sliders
        sliders_now = [alpha, prior, language]
        shown = [self.state, self.photo, self.faces, self.answer, self.details, self.report.links]
        quiet: dict[str, Any] = {"show_progress": "minimal", "show_progress_on": self.answer}
        self.over_time.give_way((self.photo.input, self.examples.click, self.flip.click, self.details.click))
        for run in (
            self.photo.input(self._audit, [self.photo, *sliders_now, pair], shown, **MODEL, **quiet),
            self.examples.click(self._example, [*sliders_now, pair], shown, **MODEL, **quiet),
            self.flip.click(self._example, [*sliders_now, pair], shown, **MODEL, **quiet),
            self.details.click(self._example, [*sliders_now, pair], shown, **MODEL, **quiet),
            *choosing(pair, self._again, [self.state, *sliders_now, pair], shown, quiet),
        ):
            # From the verdict on the page is the visitor's, who may move a slider or choose another face meanwhile:
            # each step writes what it alone brings, and reads where things stand by then.
            run = run.then(self._settle, [self.state, *sliders_now], self.answer, **AFTER)
            run.then(self._details, [self.state, *sliders_now], self.details, **AFTER)
            self.over_time.after(run, alpha, language, self.report.links)
        chosen = self.faces.click(
            self._choose,
            [self.state, *sliders_now],
            [self.state, self.faces, self.answer, self.details],
            **AFTER,
        )
        self.over_time.follow(chosen, self.sliders, language)
        self.report.of(self._report, self.state, self.sliders, language, self.over_time.states)
        moved = [self.faces, self.answer, self.details]
        on_move(self.sliders, self._moved, [self.state, *sliders_now], moved, JUDGE)
        # The words below an answer follow the limit as well; the prior changes none of them.
        on_move((alpha,), self._details, [self.state, *sliders_now], self.details, JUDGE)

    def told(self, say: Say) -> dict[Any, Any]:
        """Return what stands here at the beginning, in a language."""
        return {
            self.flip: screen.wall(self.shared, say),
            self.twins: twins(say, self.shared.pairs),
            self.answer: notices.empty_photo(say),
            self.examples: wall(self.shared.known, say, self.shared.pairs),
        }

    def arrived(self, say: Say) -> tuple[Any, Any]:
        """Return both walls once the networks are there, if they would give other answers than the stored ones."""
        if all(now is before for now, before in zip(self.shared.known, self.shared.examples, strict=True)):
            return gr.skip(), gr.skip()
        return screen.wall(self.shared, say), wall(self.shared.known, say, self.shared.pairs)

    def _audit(
        self, photo: Upload | None, alpha: float, prior: float, language: str, pair: str
    ) -> Iterator[tuple[Any, ...]]:
        """Audit a new photo from webcam, file or clipboard."""
        if photo is None:  # the visitor has only emptied the field
            yield SKIP
        else:
            try:
                yield from self._run(photo.data, alpha, prior, Say(language), pair)
            finally:  # also when the visitor leaves before the end
                photo.forget()

    def _example(
        self, alpha: float, prior: float, language: str, pair: str, event: gr.EventData
    ) -> Iterator[tuple[Any, ...]]:
        """Audit an example after a click on the wall."""
        index = context.number(event)
        if 0 <= index < len(self.shared.examples):
            photo = self.shared.examples[index].path.read_bytes()
            yield from self._run(photo, alpha, prior, Say(language), pair, index)
        else:
            yield SKIP

    def _again(
        self, now: PhotoSession | Gone | None, alpha: float, prior: float, language: str, pair: str
    ) -> Iterator[tuple[Any, ...]]:
        """Ask the pair that was chosen about the faces that are there."""
        say = Say(language)
        if not now:
            yield (None, None, "", context.gone(say), "", "") if now is GONE else SKIP
            return
        try:
            if now.pair != pair:
                yield gr.skip(), None, gr.skip(), notices.working(self.shared.of(pair).waiting, say), "", ""
                before, test = self.shared.of(now.pair).get(), self.shared.of(pair).get()
                now = now.again(before, test, pair, AnswerSettings(alpha, prior, say.language))
            yield now, None, gr.skip(), self._judge(now, alpha, prior, language), gr.skip(), ""
        except Exception as error:
            yield None, None, gr.skip(), context.problem(error, say), "", ""

    def _run(
        self,
        photo: bytes,
        alpha: float,
        prior: float,
        say: Say,
        pair: str,
        index: int | None = None,
    ) -> Iterator[tuple[Any, ...]]:
        """Yield what is known so far: that it began, the faces, the answer for the largest, and that for the others.

        ``index`` is the number of an example.
        """
        loading, examples = self.shared.of(pair), self.shared.examples
        seen = None if index is None else self.looks.get(loading, index)
        if seen is None:  # else the answer is there as soon as these words would be
            yield None, None, "", notices.working(loading.waiting, say), "", ""
        decoded, faces = None, ""
        try:
            decoded = photo_session.read(photo)
            test = loading.get()
            example = None if index is None else examples[index]
            truth = None if example is None else of_every_pair(example.truth)
            person_truth = None if example is None else of_every_pair(example.person_truth) or None
            asked = AnswerSettings(alpha, prior, say.language)
            if seen is None:
                found = photo_session.find(test, decoded)
                if len(found.faces) > 1:  # boxes are there at once; those of one face come with its answer
                    faces = photo_session.show_found(found, say)
                    yield None, None, faces, gr.skip(), gr.skip(), gr.skip()
                seen = photo_session.see(test, decoded, found)
                if index is not None:
                    self.looks.keep(loading, test, index, seen)
            now = photo_session.begin(test, decoded, truth, asked, pair, person_truth, seen)
            now = self.over_time.cut(now, test, decoded)
            now = now if index is None else replace(now, following=(index + 1) % len(examples))
            faces, answer = photo_session.show_faces(now, say), photo_session.show_answer(test, now, alpha, prior, say)
            yield now, None, faces, answer, "", ""
            if now.waiting:
                now = now.complete(test, decoded)
                yield now, None, photo_session.show_faces(now, say), gr.skip(), gr.skip(), gr.skip()
        except Exception as error:
            if decoded is not None and not faces:  # encoding a whole photo takes as long as a network
                faces = photo_session.show_photo(decoded.rgb, say)
            yield None, None, faces, context.problem(error, say), "", ""

    def _settle(self, now: PhotoSession | Gone | None, alpha: float, prior: float, language: str) -> Any:
        """Answer again after a run if a slider or the language was moved before the answer came."""
        if not now or now.asked == AnswerSettings(alpha, prior, language):
            return gr.skip()
        return self._judge(now, alpha, prior, language)

    def _details(self, now: PhotoSession | Gone | None, alpha: float, prior: float, language: str) -> Any:
        """Render the evidence; the verdict does not wait for it."""
        if not now:
            return "" if now is GONE else gr.skip()
        test, known = self.shared.of(now.pair).get(), self.shared.known
        return photo_session.show_details(test, now, alpha, prior, known, Say(language))

    def _report(
        self,
        test: MembershipTest,
        now: PhotoSession,
        alpha: float,
        prior: float,
        thumbnail: bool,
        case: Case,
        *seen: Any,
    ) -> Document:
        """Make the report of the photo, with its answer over the versions where there is one."""
        return downloads.of_photo(test, now, alpha, prior, thumbnail, case, self.over_time.part(now, alpha, *seen))

    def _choose(
        self, now: PhotoSession | Gone | None, alpha: float, prior: float, language: str, event: gr.EventData
    ) -> tuple[Any, ...]:
        """Choose another face after a click."""
        if not now:
            return gr.skip(), *self._moved(now, alpha, prior, language)
        now = now.choose(context.number(event))
        answer, details = (show(now, alpha, prior, language) for show in (self._judge, self._details))
        return now, photo_session.show_faces(now, Say(language)), answer, details

    def _moved(self, now: PhotoSession | Gone | None, alpha: float, prior: float, language: str) -> tuple[Any, ...]:
        """Judge again after a slider was moved; where the photo was forgotten, nothing of it is left to see."""
        if now is GONE:
            return "", context.gone(Say(language)), ""
        return gr.skip(), self._judge(now or None, alpha, prior, language), gr.skip()

    def _judge(self, now: PhotoSession | None, alpha: float, prior: float, language: str) -> Any:
        """Judge at the sliders as they stand. Runs no network."""
        if now is None:
            return gr.skip()
        return photo_session.show_answer(self.shared.of(now.pair).get(), now, alpha, prior, Say(language))
