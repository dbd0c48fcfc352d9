"""3. Teach it my face: with consent, a copy of a twin learns one photo, and the test looks before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

import gradio as gr

from mint.errors import CannotTeach, Forgotten
from mint.i18n.translate import Say
from mint.types import Face
from mint.ui import context
from mint.ui.components import on_move, panel, photo_input, sliders
from mint.ui.context import AFTER, FORGET_SECONDS, JUDGE, MODEL, PageContext
from mint.ui.labels import Labels
from mint.ui.server.gradio_patches import event_data
from mint.ui.server.memory.gone import GONE, Gone
from mint.ui.server.uploads import Upload
from mint.ui.sessions.teaching import Teach, TeachingSession, forget, show_home, show_trace
from mint.ui.views.play import lesson, take_home
from mint.ui.views.play.lesson import Chosen

if TYPE_CHECKING:  # torch takes seconds to import: the page does not wait for it
    from mint.teaching.experiment import Known, Outcome
    from mint.teaching.trace import Trace

NETWORK = "twin-a"
TEACH: Mapping[str, Any] = {"concurrency_id": "teach", "concurrency_limit": 1, "api_visibility": "private"}


class Teaching:
    """The tab.

    Args:
        shared: what all tabs share.
        language: field with the visitor's language.
        label: translates labels.
    """

    def __init__(self, shared: PageContext, language: gr.Textbox, label: Labels) -> None:
        self.shared = shared
        self.state = gr.State(None, time_to_live=FORGET_SECONDS, delete_callback=forget)
        self.next = gr.State(None, time_to_live=FORGET_SECONDS)  # what the answer says next
        with gr.Row(elem_classes="bench"):
            with gr.Column(elem_classes="left", min_width=300, scale=4):
                self.photo = photo_input("teach-photo", label)
                self.faces = panel("", "teach-faces")
                self.consent = gr.Checkbox(
                    False,
                    label=label(
                        "I agree: this photo is taught to a copy of the network, in memory only, until I forget it"
                    ),
                    elem_id="teach-consent",
                )
                self.start = gr.Button(label("Teach"), elem_id="teach-start", variant="primary")
                self.forget = gr.Button(label("Forget"), elem_id="teach-forget", variant="secondary")
            with gr.Column(elem_classes="right", min_width=300, scale=9):
                self.answer = panel(
                    lesson.explained(NETWORK), "teach-answer", context.text("scroll.js") + context.text("take_home.js")
                )
                self.card = panel("", "teach-card", context.text("card_shown.js"))
                self.sliders = sliders("teach-", label)
        self.examples = panel(lesson.wall(shared.examples, NETWORK), "teach-examples", context.text("clicks.js"))

        alpha, prior = self.sliders
        shown = [self.state, self.photo, self.faces, self.next, self.consent]
        # Not on the photo's field: gradio would look there for an upload that is none.
        quiet: dict[str, Any] = {"show_progress": "minimal", "show_progress_on": self.answer}
        common = [self.state, alpha, prior, language]
        teaching = self.start.click(
            self._teach, [self.state, self.consent, alpha, language], self.answer, **TEACH, **quiet
        )
        # From the state, not from the run: by then the visitor may have forgotten it, or moved a slider.
        taught = teaching.then(self._taught, common, self.answer, **AFTER)
        witnessed = taught.then(self._witnesses, self.state, None, **TEACH, show_progress="hidden")
        witnessed.then(self._judge, common, self.answer, **AFTER)
        self.answer.click(self._card, language, self.card, **JUDGE)
        ending = (
            self.photo.input(
                self._photo, [self.photo, self.state, language], shown, cancels=teaching, **MODEL, **quiet
            ),
            self.examples.click(self._example, [self.state, language], shown, cancels=teaching, **MODEL, **quiet),
            self.forget.click(self._forget, common, shown, cancels=teaching, **dict(JUDGE) | quiet),
        )
        for end in ending:  # one way to the server later: a step that was on its way is then no longer drawn over it
            end.then(self._say, self.next, [self.next, self.answer], **AFTER)
        on_move(self.sliders, self._judge, common, self.answer, JUDGE)
        # What was made of another lesson, or at other limits.
        for start in (self.start.click, self.photo.input, self.examples.click, *(s.input for s in self.sliders)):
            start(lambda: "", None, self.card, **JUDGE)

    def told(self, say: Say) -> dict[Any, Any]:
        """Return what stands here at the beginning, in a language."""
        return {
            self.answer: lesson.explained(NETWORK, say),
            self.examples: lesson.wall(self.shared.examples, NETWORK, say),
        }

    @cached_property
    def known(self) -> Sequence[Known]:
        """Return the example faces, found once for all visitors."""
        from mint.teaching.experiment import known_faces

        test = self.shared.loading.get()
        return known_faces(
            lambda rgb: test.find(rgb)[1], *(example.path.parent for example in self.shared.examples[:1])
        )

    def _photo(self, photo: Upload | None, now: TeachingSession | Gone | None, language: str) -> tuple[Any, ...]:
        """Take the visitor's own photo; consent is asked anew for each."""
        if photo is None:
            return gr.skip(), None, gr.skip(), gr.skip(), gr.skip()
        try:
            return self._chosen(photo.data, True, now, Say(language))
        finally:
            photo.forget()

    def _example(self, now: TeachingSession | Gone | None, language: str, event: gr.EventData) -> tuple[Any, ...]:
        index = context.number(event)
        if not 0 <= index < len(self.shared.examples):
            return gr.skip(), None, gr.skip(), gr.skip(), gr.skip()
        return self._chosen(self.shared.examples[index].path.read_bytes(), False, now, Say(language))

    def _chosen(self, photo: bytes, own: bool, now: TeachingSession | Gone | None, say: Say) -> tuple[Any, ...]:
        """Choose the largest face of a photo, and a control; forget what was there before."""
        forget(now or None)
        try:
            _, (face, *others) = self.shared.loading.get().find(photo)
            member, person = self._known(face)
            chosen = Chosen(face, self._control(person), own, member, len(others))
        except Exception as error:
            return None, None, "", context.problem(error, say), False
        return (
            TeachingSession(chosen), None, lesson.chosen_panel(chosen, say), lesson.ready(chosen, NETWORK, say), False
        )  # fmt: skip

    def _known(self, face: Face) -> tuple[bool | None, str | None]:
        """Return whether the network was trained on this very picture, and of whom it is; None for what nobody knows."""
        from mint.teaching.training_pictures import listed
        from mint.vision.faces import fingerprint

        own = fingerprint(face.crop)
        for known in self.known:
            if fingerprint(known.face.crop) == own:
                return known.member.get(NETWORK), known.person
        bundle = self.shared.loading.get().bundles.get(NETWORK)
        found = None if bundle is None else listed(face.crop, bundle)
        return (None, None) if found is None else (found.member, found.person)

    def _control(self, person: str | None) -> Face:
        """Choose a known face of somebody else that the network was not trained on."""
        return next(k.face for k in self.known if not any(k.member.values()) and k.person != person)

    def _teach(self, now: TeachingSession | Gone | None, consent: bool, alpha: float, language: str) -> Iterator[Any]:
        """Yield the progress of the lesson, or why there is none; see ``_taught`` for the result."""
        say = Say(language)
        if now is GONE:
            yield context.gone(say)
        elif not now or now.forgotten:
            yield lesson.photo_missing(say)
        elif now.chosen.own and consent is not True:
            yield lesson.consent_missing(say)
        else:
            yield lesson.progress(None, say)
            try:
                before = None
                for told in now.run(self._lesson(now.chosen)):
                    yield lesson.progress(told, say, self._trace(now, told, before, alpha, say))
                    before = told
            except Exception as error:
                yield context.problem(error, say)

    def _lesson(self, chosen: Chosen) -> Teach:
        """Return what teaches. Raises CannotTeach."""
        from mint.teaching.experiment import teach

        bundle, known = self.shared.loading.get().bundles.get(NETWORK), self.known
        if bundle is None:
            raise CannotTeach(
                "Only {network} can be taught here, and this page was started without it.", network=NETWORK
            )
        return lambda report, stopped: teach(bundle, chosen.face, chosen.control, known, report=report, stopped=stopped)

    def _taught(self, now: TeachingSession | Gone | None, alpha: float, prior: float, language: str) -> Any:
        """Show the photo before and after, if the lesson ended and was not forgotten."""
        if not now or not now.fresh:
            return gr.skip()
        now.fresh = False
        return self._judge(now, alpha, prior, language, now.last)

    def _witnesses(self, now: TeachingSession | Gone | None) -> None:
        """Look at the witnesses, after both faces were shown."""
        taught = now.taught if now else None
        if taught is not None:
            with suppress(Forgotten):
                taught.look_at_witnesses()

    def _card(self, language: str, event: gr.EventData) -> str:
        """Make the card to take home, of what the page shows."""
        sent = event_data(event)
        card = take_home.parse(sent.get("card"))
        return "" if card is None else take_home.take_home(card, sent.get("place"), Say(language), self.shared.kiosk)

    def _trace(self, now: TeachingSession, told: Trace, before: Trace | None, alpha: float, say: Say) -> str:
        bundle = self.shared.loading.get().bundles.get(NETWORK)
        return "" if bundle is None else show_trace(bundle, now, told, before, alpha, say)

    def _forget(self, now: TeachingSession | Gone | None, alpha: float, prior: float, language: str) -> tuple[Any, ...]:
        say = Say(language)
        told = lesson.explained(NETWORK, say)
        try:
            if now:
                found, bundle = self._outcome(now, alpha, prior), self.shared.loading.get().bundles.get(NETWORK)
                taken = None if found is None else lesson.card(found, NETWORK)
                told = lesson.forgotten(say, "" if bundle is None else show_home(bundle, now, alpha, say), taken)
        finally:  # whatever becomes of the drawing
            forget(now or None)
        return None, None, "", told, False

    def _say(self, said: str | Gone | None) -> tuple[Any, Any]:
        return None, said or gr.skip()

    def _judge(
        self,
        now: TeachingSession | Gone | None,
        alpha: float,
        prior: float,
        language: str,
        before: Trace | None = None,
    ) -> Any:
        """Judge again after a slider was moved. Runs no network."""
        if not now:
            return context.gone(Say(language)) if now is GONE else gr.skip()
        found = self._outcome(now, alpha, prior)
        if found is None:
            return gr.skip()
        from mint.teaching.experiment import measured

        say, bundle = Say(language), self.shared.loading.get().bundles[NETWORK]
        drawn = show_trace(bundle, now, lesson.ended(found), before, alpha, say)
        return lesson.outcome(found, now.chosen, NETWORK, now.number, say, measured(bundle), drawn)

    def _outcome(self, now: TeachingSession, alpha: float, prior: float) -> Outcome | None:
        """Return what was taught as it is judged now; None where nothing was, or it is forgotten at this very moment."""
        taught = now.taught
        try:
            return None if taught is None else taught.judge(alpha, prior)
        except Forgotten:
            return None
