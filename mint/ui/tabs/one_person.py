"""2. Was I used? Several photos of one person, and an answer that grows with each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from mint.i18n.labels import same_half
from mint.i18n.translate import Say
from mint.ui import context
from mint.ui.components import choosing, files_input, on_move, panel, photo_input, sliders
from mint.ui.context import AFTER, FORGET_SECONDS, JUDGE, MODEL, REMOVE, PageContext
from mint.ui.labels import Labels
from mint.ui.server.memory.gone import GONE, Gone
from mint.ui.server.uploads import Upload
from mint.ui.sessions import downloads
from mint.ui.sessions import person as person_session
from mint.ui.sessions.person import PersonSession
from mint.ui.sessions.photo import AnswerSettings
from mint.ui.tabs.reporting import Reporting
from mint.ui.views import notices
from mint.ui.views.play.example_wall import people_wall

SKIP = (gr.skip(), None, gr.skip(), gr.skip(), gr.skip())  # see one_photo.SKIP


class OnePerson:
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
                self.photo = photo_input("person-photo", label)
                self.files = files_input("person-files", label)
                self.photos = panel("", "person-photos", context.text("clicks.js"))
                self.clear = gr.Button(label("Remove all photos"), elem_id="person-clear", variant="secondary")
            with gr.Column(elem_classes="right", min_width=300, scale=9):
                self.answer = panel(
                    person_session.empty(), "person-answer", context.text("scroll.js") + context.text("clicks.js")
                )
                self.sliders = sliders("person-", label)
                self.report = Reporting(shared, "person-", label)
        self.people = panel(people_wall(shared.people, pairs=shared.pairs), "people", context.text("clicks.js"))

        alpha, prior = self.sliders
        shown = [self.state, self.photo, self.photos, self.answer, self.report.links]
        quiet: dict[str, Any] = {"show_progress": "minimal", "show_progress_on": self.answer}
        common = [self.state, alpha, prior, language]
        adding: list[Any] = [
            self.photo.input(self._photo, [self.photo, *common, pair], shown, **MODEL, **quiet),
            self.files.upload(self._files, [self.files, *common, pair], shown, **MODEL, **quiet),
            self.people.click(self._example, [alpha, prior, language, pair], shown, **MODEL, **quiet),
            *choosing(pair, self._again, [*common, pair], shown, quiet),
        ]
        for run in adding:
            run.then(self._settle, common, self.answer, **AFTER)
        left = [self.state, self.photos, self.answer, self.report.links]
        self.photos.click(self._remove, common, left, **REMOVE)
        self.answer.click(self._remove, common, left, **REMOVE)
        # Photos that are still being added would come back.
        clearing = self.clear.click(self._clear, language, left, cancels=adding, **JUDGE)
        # Once more: an answer that was on its way may be drawn last.
        clearing.then(self._clear, language, left, **AFTER)
        self.report.of(downloads.of_person, self.state, self.sliders, language)
        on_move(self.sliders, self._moved, common, [self.photos, self.answer], JUDGE)

    def told(self, say: Say) -> dict[Any, Any]:
        """Return what stands here at the beginning, in a language."""
        return {
            self.answer: person_session.empty(say),
            self.people: people_wall(self.shared.people, say, self.shared.pairs),
        }

    def _photo(
        self,
        photo: Upload | None,
        now: PersonSession | Gone | None,
        alpha: float,
        prior: float,
        language: str,
        pair: str,
    ) -> Iterator[tuple[Any, ...]]:
        if photo is None:
            yield SKIP
        else:
            yield from self._files((photo,), now, alpha, prior, language, pair)

    def _files(
        self,
        photos: Sequence[Upload],
        now: PersonSession | Gone | None,
        alpha: float,
        prior: float,
        language: str,
        pair: str,
    ) -> Iterator[tuple[Any, ...]]:
        if now and now.used_by is not None:  # an example's answer gives way to the visitor's own
            now = None
        try:
            now = now or replace(person_session.begin(pair=pair), started_over=now is GONE)
            yield from self._add(now, [p.data for p in photos], alpha, prior, Say(language), pair)
        finally:  # also when the visitor leaves before the end
            for photo in photos:
                photo.forget()

    def _example(
        self, alpha: float, prior: float, language: str, pair: str, event: gr.EventData
    ) -> Iterator[tuple[Any, ...]]:
        """Load all pictures of one person, after a click on the wall."""
        index = context.number(event)
        if 0 <= index < len(self.shared.people):
            person = self.shared.people[index]
            photos = [e.path.read_bytes() for e in person.pictures]
            used_by = [other for network in person.used_by for other in same_half(network)]
            yield from self._add(person_session.begin(used_by, pair), photos, alpha, prior, Say(language), pair)
        else:
            yield SKIP

    def _again(
        self, now: PersonSession | Gone | None, alpha: float, prior: float, language: str, pair: str
    ) -> Iterator[tuple[Any, ...]]:
        """Ask the pair that was chosen about the photos that are there."""
        if not now:
            yield (gr.skip(), None, "", context.gone(Say(language)), "") if now is GONE else SKIP
        else:
            yield from self._add(now, (), alpha, prior, Say(language), pair)

    def _add(
        self, now: PersonSession, photos: Sequence[bytes], alpha: float, prior: float, say: Say, pair: str
    ) -> Iterator[tuple[Any, ...]]:
        """Add one photo after the other; the page shows the answer after each.

        Photos that another pair was asked about are first shown to this one.
        """
        told = say("Finding the face in each photo, comparing the photos with each other.")
        loading = self.shared.of(pair)
        asked = AnswerSettings(alpha, prior, say.language)
        new = not now.look.given or now.pair != pair
        answer = notices.working(loading.waiting, say, told) if new else gr.skip()
        yield now, None, person_session.show_photos(now, say, adding=True), answer, ""
        try:
            if now.pair != pair:
                before, now = now, person_session.begin(now.used_by, pair)  # empty, if it cannot be done
                now = before.again(self.shared.of(before.pair).get(), loading.get(), pair, asked)
            if not photos:
                yield now, None, person_session.show_photos(now, say), self._answer(now, alpha, prior, say), ""
            for number, photo in enumerate(photos, 1):
                now = now.add(loading.get(), photo, asked)
                adding = number < len(photos)
                answer = self._answer(now, alpha, prior, say, adding)
                yield now, None, person_session.show_photos(now, say, adding), answer, ""
        except Exception as error:
            now = replace(now, asked=None)  # words on what went wrong are there to stay
            yield now, None, person_session.show_photos(now, say), context.problem(error, say), ""

    def _settle(self, now: PersonSession | Gone | None, alpha: float, prior: float, language: str) -> Any:
        """Judge again after a run if a slider was moved meanwhile."""
        if not now or now.asked in (None, AnswerSettings(alpha, prior, language)):
            return gr.skip()
        return self._judge(now, alpha, prior, language)

    def _answer(self, now: PersonSession, alpha: float, prior: float, say: Say, adding: bool = False) -> str:
        return person_session.show_answer(self.shared.of(now.pair).get(), now, alpha, prior, say, adding)

    def _remove(
        self, now: PersonSession | Gone | None, alpha: float, prior: float, language: str, event: gr.EventData
    ) -> tuple[Any, ...]:
        if not now:
            return gr.skip(), *self._moved(now, alpha, prior, language), gr.skip()
        now, say = now.remove(context.number(event)), Say(language)
        return now, person_session.show_photos(now, say), self._answer(now, alpha, prior, say), ""

    def _clear(self, language: str) -> tuple[Any, ...]:
        return None, "", person_session.empty(Say(language)), ""

    def _moved(self, now: PersonSession | Gone | None, alpha: float, prior: float, language: str) -> tuple[Any, Any]:
        """Judge again after a slider was moved; where the photos were forgotten, nothing of them is left to see."""
        if now is GONE:
            return "", context.gone(Say(language))
        return gr.skip(), self._judge(now or None, alpha, prior, language)

    def _judge(self, now: PersonSession | None, alpha: float, prior: float, language: str) -> Any:
        """Judge at the sliders as they stand. Runs no network."""
        return gr.skip() if now is None else self._answer(now, alpha, prior, Say(language))
