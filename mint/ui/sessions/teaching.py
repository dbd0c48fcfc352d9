"""One visitor's teaching experiment. Once forgotten, it takes nothing more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TYPE_CHECKING

from mint.ui.sessions import photo as photo_session
from mint.ui.views.play.lesson import Chosen

if TYPE_CHECKING:  # torch takes seconds to import: the page does not wait for it
    from mint.teaching.experiment import Taught
    from mint.teaching.lesson import Step

Teach = Callable[[Callable[["Step"], None], Callable[[], bool]], "Taught"]


class TeachingSession:
    """The state of a lesson while it is on the page, in memory only.

    A lesson may end after the visitor has forgotten it, so what was taught is not handed to the page but kept
    here, where both are settled under one lock.

    Attributes:
        chosen: the face, and the control.
        number: tells one outcome from the next.
        fresh: whether something was taught that the page has not shown yet.
    """

    def __init__(self, chosen: Chosen) -> None:
        self.chosen = chosen
        self.number = photo_session.number()
        self.fresh = False
        self._taught: Taught | None = None
        self._forgotten = False
        self._lock = threading.Lock()
        self._steps: SimpleQueue[Step | None] = SimpleQueue()  # None: it is over

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
        self._steps.put(None)
        if self.chosen.own:
            self.chosen.face.crop.setflags(write=True)
            self.chosen.face.crop.fill(0)

    def run(self, teach: Teach) -> Iterator[Step]:
        """Teach in a thread; an earlier result is forgotten.

        Args:
            teach: is given what to call before each step, and what to ask whether to stop.

        Yields:
            The latest step. Closing the iterator stops the lesson, and so does ``forget``.

        Raises:
            Exception: what ``teach`` raised, unless the visitor has forgotten it all.
        """
        steps: SimpleQueue[Step | None] = SimpleQueue()
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
            while not self._forgotten and (step := steps.get()) is not None:
                while not steps.empty() and (later := steps.get()) is not None:
                    step = later
                yield step
                if end.done():
                    break
            if not self._forgotten:
                end.result()
        finally:  # also when the visitor leaves before the end
            left.set()

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


def forget(now: TeachingSession | None) -> None:
    """Forget an experiment, for a button, a new photo, or the end of the session."""
    if now is not None:
        now.forget()
