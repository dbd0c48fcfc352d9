"""Load the networks in the background, so that the page is there at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # torch takes seconds to import: the thread does it
    from mint.membership import MembershipTest


def load(networks: Sequence[str]) -> MembershipTest:
    """Load bundles by name, or by their folders."""
    from mint.membership import MembershipTest

    return MembershipTest.load(networks).prepare()


def load_default() -> MembershipTest:
    """Load the twins."""
    from mint.bundles.find import DEFAULT_NETWORKS

    return load(DEFAULT_NETWORKS)


class Loading:
    """A membership test that is being loaded."""

    def __init__(self, load: Callable[[], MembershipTest] = load_default) -> None:
        self._load = load
        self._future: Future[MembershipTest] = Future()

    def start(self) -> Loading:
        """Begin loading; called once."""
        threading.Thread(target=self._run, name="loading", daemon=True).start()
        return self

    @property
    def waiting(self) -> bool:
        """Return whether ``get`` would wait."""
        return not self._future.done()

    def get(self) -> MembershipTest:
        """Wait for the test and return it. Raises what loading raised."""
        return self._future.result()

    def _run(self) -> None:
        try:
            self._future.set_result(self._load())
        except BaseException as error:  # the waiting page must hear of it, whatever it is
            self._future.set_exception(error)
