"""Keep what the networks saw in the examples: the same pictures for every visitor, so each is looked at once.

An answer is that of the networks to this very picture: its scores come from them, in this process, and it is judged at every
click anew, at the sliders as they stand. Nothing of a visitor's own photo comes here.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mint.errors import MintError
from mint.ui.examples import Example
from mint.ui.loading import Loading
from mint.ui.sessions import photo as photo_session
from mint.ui.sessions.photo import Seen

if TYPE_CHECKING:  # torch takes seconds to import: the page does not wait for it
    from mint.membership import MembershipTest

log = logging.getLogger("mint.ui")
PAUSE_SECONDS = 0.2  # between two looks at whether somebody is being answered


@dataclass(slots=True, eq=False)
class _Kept:
    """What one test saw: number of the example to its look."""

    test: MembershipTest
    seen: dict[int, Seen] = field(default_factory=dict)


class ExampleLooks:
    """What was seen in the examples so far, for each choice of networks.

    Args:
        examples: those of the page; at most one look is kept of each, with each choice of networks.
    """

    def __init__(self, examples: Sequence[Example]) -> None:
        self._examples = examples
        self._kept: dict[Loading, _Kept] = {}

    def get(self, loading: Loading, index: int) -> Seen | None:
        """Return what its networks saw in an example; None if it was not shown to them, or they are not there."""
        kept = self._kept.get(loading)
        if kept is None or loading.waiting:
            return None
        try:
            test = loading.get()
        except MintError:  # whoever asks them is told why they cannot be asked
            return None
        return kept.seen.get(index) if test is kept.test else None

    def keep(self, loading: Loading, test: MembershipTest, index: int, seen: Seen) -> None:
        """Keep what a test of ``loading`` saw in an example; what another one saw before is forgotten."""
        kept = self._kept.get(loading)
        if kept is None or kept.test is not test:
            kept = self._kept[loading] = _Kept(test)
        kept.seen[index] = seen

    def look_ahead(self, loading: Loading, idle: Callable[[], bool], ended: Callable[[], bool]) -> None:
        """Look at the examples that nobody asked about yet, one by one, whenever nobody waits.

        Whoever comes meanwhile is let by before the next step: reading, finding the face and asking the networks are one
        each, and take a core a tenth of a second or so. A picture that cannot be read is left out, and the log says so.

        Args:
            loading: the networks; waited for.
            idle: whether nobody waits for anything.
            ended: whether to stop.
        """
        try:
            test = loading.get()
        except MintError as error:  # the page says why there are none
            log.warning("the examples are not looked at ahead: %s", type(error).__name__)
            return
        for index, example in enumerate(self._examples):

            def wanted(index: int = index) -> bool:
                """Wait until nobody waits; whether it is still to be looked at then."""
                while not (idle() or ended()):
                    time.sleep(PAUSE_SECONDS)
                return not ended() and self.get(loading, index) is None  # somebody may have asked about it by now

            try:
                seen = _look(test, example, wanted)
            except (MintError, OSError) as error:  # no answer rests on it: whoever clicks is told why there is none
                log.warning("%s is not looked at ahead: %s", example.path.name, type(error).__name__)
                continue
            if seen is not None:
                self.keep(loading, test, index, seen)

    def begin(
        self, loading: Loading, painted: threading.Event, idle: Callable[[], bool], ended: Callable[[], bool]
    ) -> None:
        """Do ``look_ahead`` in a thread of its own, not before a page was painted."""

        def run() -> None:
            painted.wait()
            self.look_ahead(loading, idle, ended)

        threading.Thread(target=run, name="ahead", daemon=True).start()


def _look(test: MembershipTest, example: Example, wanted: Callable[[], bool]) -> Seen | None:
    """Look at an example; None where, asked before each step, it was no longer wanted."""
    if not wanted():
        return None
    photo = photo_session.read(example.path.read_bytes())
    if not wanted():
        return None
    found = photo_session.find(test, photo)
    return photo_session.see(test, photo, found) if wanted() else None
