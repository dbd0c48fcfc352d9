"""3. Teach it my face: with consent, a copy of a twin learns one photo, and the test looks before and after."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import gradio as gr

from mint.errors import CannotTeach, NoFace
from mint.types import Face
from mint.ui import desk, lessons, visit
from mint.ui.desk import FORGET_SECONDS, JUDGE, MODEL, Desk
from mint.ui.labels import Labels
from mint.ui.lessons import Chosen
from mint.ui.parts import on_move, panel, photo_input, sliders
from mint.ui.upload import Upload
from mint.words import Say

if TYPE_CHECKING:  # torch takes seconds to import: the page does not wait for it
    from mint.lesson import Step
    from mint.teach import Known, Taught

NETWORK = "twin-a"
TEACH: Mapping[str, Any] = {"concurrency_id": "teach", "concurrency_limit": 1, "api_visibility": "private"}


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What is kept of the experiment while it is on the page, in memory only."""

    chosen: Chosen
    taught: Taught | None = None
    number: int = 0


def forget(now: Lesson | None) -> None:
    """Overwrite what a visitor's experiment left, whoever drops it: a button, a new photo, the end of the visit."""
    if now is not None:
        if now.taught is not None:
            now.taught.forget()
        if now.chosen.own:
            now.chosen.face.crop.setflags(write=True)
            now.chosen.face.crop.fill(0)


class Teaching:
    """The tab.

    Args:
        on: what all tabs share.
        language: state with the visitor's language.
        label: translates labels.
    """

    def __init__(self, on: Desk, language: gr.State, label: Labels) -> None:
        self.on = on
        self.state = gr.State(None, time_to_live=FORGET_SECONDS, delete_callback=forget)
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
                self.answer = panel(lessons.explained(NETWORK), "teach-answer", desk.text("scroll.js"))
                self.sliders = sliders("teach-", label)
        self.examples = panel(lessons.wall(on.examples, NETWORK), "teach-examples", desk.text("clicks.js"))

        alpha, prior = self.sliders
        shown = [self.state, self.photo, self.faces, self.answer, self.consent]
        # Not on the photo's field: gradio would look there for an upload that is none.
        quiet: dict[str, Any] = {"show_progress": "minimal", "show_progress_on": self.answer}
        self.photo.input(self._photo, [self.photo, self.state, language], shown, **MODEL, **quiet)
        self.examples.click(self._example, [self.state, language], shown, **MODEL, **quiet)
        self.start.click(
            self._teach, [self.state, self.consent, alpha, prior, language], [self.state, self.answer], **TEACH, **quiet
        )
        self.forget.click(self._forget, [self.state, language], shown, **dict(JUDGE) | quiet)
        on_move(self.sliders, self._judge, [self.state, alpha, prior, language], self.answer, JUDGE)

    def told(self, say: Say) -> dict[Any, Any]:
        """What stands here before anybody did anything, in a language."""
        return {
            self.answer: lessons.explained(NETWORK, say),
            self.examples: lessons.wall(self.on.examples, NETWORK, say),
        }

    @cached_property
    def known(self) -> Sequence[Known]:
        """The example faces, found once for all visitors."""
        from mint.teach import known_faces

        return known_faces(self.on.examples[0].path.parent) if self.on.examples else known_faces()

    def _photo(self, photo: Upload | None, now: Lesson | None, language: str) -> tuple[Any, ...]:
        """The visitor's own photo; consent is asked anew for each."""
        if photo is None:
            return gr.skip(), None, gr.skip(), gr.skip(), gr.skip()
        try:
            return self._chosen(photo.data, True, now, Say(language))
        finally:
            photo.forget()

    def _example(self, now: Lesson | None, language: str, event: gr.EventData) -> tuple[Any, ...]:
        index = desk.number(event)
        if not 0 <= index < len(self.on.examples):
            return gr.skip(), None, gr.skip(), gr.skip(), gr.skip()
        return self._chosen(self.on.examples[index].path.read_bytes(), False, now, Say(language))

    def _chosen(self, photo: bytes, own: bool, now: Lesson | None, say: Say) -> tuple[Any, ...]:
        """The largest face of a photo, and a control; what was there before is forgotten."""
        forget(now)
        try:
            _, faces = visit.read(photo)
            if not faces:
                raise NoFace
            chosen = Chosen(faces[0], self._control(faces[0]), own)
        except Exception as error:
            return None, None, "", desk.problem(error, say), False
        return (
            Lesson(chosen), None, lessons.chosen_panel(chosen, say), lessons.ready(chosen, NETWORK, say), False
        )  # fmt: skip

    def _control(self, face: Face) -> Face:
        """A known face of somebody else that the network was not trained on."""
        from mint.faces import fingerprint

        own = fingerprint(face.crop)
        person = next((k.person for k in self.known if fingerprint(k.face.crop) == own), None)
        return next(k.face for k in self.known if not any(k.member.values()) and k.person != person)

    def _teach(
        self, now: Lesson | None, consent: bool, alpha: float, prior: float, language: str
    ) -> Iterator[tuple[Any, ...]]:
        say = Say(language)
        if now is None:
            yield gr.skip(), lessons.photo_missing(say)
        elif now.chosen.own and consent is not True:
            yield gr.skip(), lessons.consent_missing(say)
        else:
            yield gr.skip(), lessons.progress(None, say)
            try:
                for step, taught in self._steps(now.chosen):
                    if taught is None:
                        yield gr.skip(), lessons.progress(step, say)
                    else:
                        now = replace(now, taught=taught, number=visit.number())
                        yield now, self._shown(now, alpha, prior, say)
            except Exception as error:
                yield gr.skip(), desk.problem(error, say)

    def _steps(self, chosen: Chosen) -> Iterator[tuple[Step | None, Taught | None]]:
        """The lesson in a thread of its own: its latest step, and at last what was taught. Raises what the lesson raised."""
        from mint.teach import teach

        bundle, known = self.on.loading.get().bundles.get(NETWORK), self.known
        if bundle is None:
            raise CannotTeach(f"{NETWORK} is not loaded. Start the page with it: mint serve --network {NETWORK}.")
        steps: queue.SimpleQueue[Step | None] = queue.SimpleQueue()  # None: it is over
        end: Future[Taught] = Future()
        left = threading.Event()

        def work() -> None:
            try:
                taught = teach(bundle, chosen.face, chosen.control, known, report=steps.put, stopped=left.is_set)
                end.set_result(taught)
            except BaseException as error:  # the page must hear of it, whatever it is
                end.set_exception(error)
            finally:
                steps.put(None)

        threading.Thread(target=work, name="lesson", daemon=True).start()
        try:
            while (step := steps.get()) is not None:
                while not steps.empty() and (later := steps.get()) is not None:
                    step = later
                yield step, None
                if end.done():
                    break
            yield None, end.result()
        finally:  # also when the visitor leaves before the end
            left.set()

    def _shown(self, now: Lesson, alpha: float, prior: float, say: Say) -> str:
        assert now.taught is not None
        return lessons.outcome(now.taught.judge(alpha, prior), now.chosen, NETWORK, now.number, say)

    def _forget(self, now: Lesson | None, language: str) -> tuple[Any, ...]:
        forget(now)
        say = Say(language)
        told = lessons.explained(NETWORK, say) if now is None else lessons.forgotten(say)
        return None, None, "", told, False

    def _judge(self, now: Lesson | None, alpha: float, prior: float, language: str) -> Any:
        """A moved slider: no network runs."""
        if now is None or now.taught is None or now.taught.forgotten:
            return gr.skip()
        return self._shown(now, alpha, prior, Say(language))
