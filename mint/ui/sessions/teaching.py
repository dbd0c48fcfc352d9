"""One visitor's teaching experiment. Once forgotten, it takes nothing more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TYPE_CHECKING

from mint.evidence.score_table import PHOTO
from mint.i18n.translate import ENGLISH, Say
from mint.ui.sessions import photo as photo_session
from mint.ui.views.nearest import Known
from mint.ui.views.play.lesson import Chosen
from mint.ui.views.play.trace import Place, trace

if TYPE_CHECKING:  # torch takes seconds to import: the page does not wait for it
    from mint.bundles.bundle import Bundle
    from mint.teaching.experiment import Taught
    from mint.teaching.trace import Trace

Teach = Callable[[Callable[["Trace"], None], Callable[[], bool]], "Taught"]


class TeachingSession:
    """The state of a lesson while it is on the page, in memory only.

    A lesson may end after the visitor has forgotten it, so what was taught is not handed to the page but kept
    here, where both are settled under one lock.

    Attributes:
        chosen: the face, and the control.
        number: tells one outcome from the next.
        fresh: whether something was taught that the page has not shown yet.
        home: where both faces stood before the lesson; None before they were judged, and once they are forgotten.
        last: where they stood when that was last told.
    """

    def __init__(self, chosen: Chosen) -> None:
        self.chosen = chosen
        self.number = photo_session.number()
        self.fresh = False
        self.home: Trace | None = None
        self.last: Trace | None = None
        self._taught: Taught | None = None
        self._forgotten = False
        self._lock = threading.Lock()
        self._steps: SimpleQueue[Trace | None] = SimpleQueue()  # None: it is over

    @property
    def forgotten(self) -> bool:
        """Return whether the experiment was forgotten."""
        return self._forgotten

    @property
    def taught(self) -> Taught | None:
        """The result; None before the lesson ends, and once it is forgotten."""
        return self._taught

    def forget(self) -> None:
        """Stop the lesson and wipe its traces and the face. A second call does nothing."""
        with self._lock:
            self._forgotten = True
            self._wipe()
            self.home = self.last = None
        self._steps.put(None)
        if self.chosen.own:
            self.chosen.face.crop.setflags(write=True)
            self.chosen.face.crop.fill(0)

    def run(self, teach: Teach) -> Iterator[Trace]:
        """Teach in a thread; an earlier result is forgotten.

        Args:
            teach: is given what to call with every change, and what to ask whether to stop.

        Yields:
            The latest trace. Closing the iterator stops the lesson, and so does ``forget``.

        Raises:
            Exception: what ``teach`` raised, unless the visitor has forgotten it all.
        """
        steps: SimpleQueue[Trace | None] = SimpleQueue()
        self._steps = steps
        left = threading.Event()
        end: Future[None] = Future()
        with self._lock:
            self._wipe()

        def work() -> None:
            try:
                self._keep(teach(steps.put, lambda: left.is_set() or self._forgotten), left)
                end.set_result(None)
            except BaseException as error:  # the page must hear of it, whatever it is
                end.set_exception(error)
            finally:
                steps.put(None)

        threading.Thread(target=work, name="lesson", daemon=True).start()
        try:
            while not self._forgotten and (told := steps.get()) is not None:
                self._note(told)
                while not steps.empty() and (later := steps.get()) is not None:
                    told = later
                    self._note(told)
                yield told
                if end.done():
                    break
            if not self._forgotten:
                end.result()
        finally:  # also when the visitor leaves before the end
            left.set()

    def _note(self, told: Trace) -> None:
        """Remember where the faces stand, unless they are forgotten."""
        with self._lock:
            if not self._forgotten:
                self.home, self.last = told if told.step is None else self.home, told

    def _keep(self, taught: Taught, left: threading.Event) -> None:
        """Keep the result; wipe it if the experiment was forgotten meanwhile."""
        with self._lock:
            if not (self._forgotten or left.is_set()):
                self._taught, self.fresh = taught, True
                return
        taught.forget()

    def _wipe(self) -> None:
        if self._taught is not None:
            self._taught.forget()
        self._taught, self.fresh = None, False


def show_trace(
    bundle: Bundle, now: TeachingSession, told: Trace, before: Trace | None, alpha: float, say: Say = ENGLISH
) -> str:
    """Draw where both faces stand among known scores, and let them move there from where they stood ``before``."""
    from mint.judging.photo import evidence_from

    taught = Place(now.chosen.face.crop, told.taught.score, None if before is None else before.taught.score)
    control = None
    if told.control is not None:
        stood = None if before is None or before.control is None else before.control.score
        control = Place(now.chosen.control.crop, told.control.score, stood)
    return trace(Known.of(bundle), evidence_from(bundle, PHOTO, alpha), taught, control, say)


def show_home(bundle: Bundle, now: TeachingSession | None, alpha: float, say: Say = ENGLISH) -> str:
    """Draw the mark of the taught face as it slides back to where it stood, without any face.

    To be drawn before they are forgotten; nothing where neither was judged yet.
    """
    from mint.judging.photo import evidence_from

    home, last = (None, None) if now is None else (now.home, now.last)
    if home is None or last is None:
        return ""
    mark = Place(None, home.taught.score, last.taught.score)
    return trace(Known.of(bundle), evidence_from(bundle, PHOTO, alpha), mark, None, say)


def forget(now: TeachingSession | None) -> None:
    """Forget an experiment, for a button, a new photo, or the end of the session."""
    if now is not None:
        now.forget()
