"""Load the networks in the background, so that the page is there at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mint.i18n.labels import DEFAULT_PAIR, PAIRS
from mint.storage.paths import WEIGHTS

if TYPE_CHECKING:  # torch takes seconds to import: the thread does it
    from mint.membership import MembershipTest


def load(networks: Sequence[str]) -> MembershipTest:
    """Load bundles by name, or by their folders."""
    from mint.membership import MembershipTest

    return MembershipTest.load(networks).prepare()


def load_beside(first: MembershipTest, pair: str, weights: Path = WEIGHTS) -> MembershipTest:
    """Load another pair of networks.

    Args:
        first: the default pair, and whatever is asked beside it, which is asked beside this pair, too.
        pair: a key of ``PAIRS``.
        weights: where its bundles lie.
    """
    from mint.membership import MembershipTest

    own = MembershipTest.load(PAIRS[pair].networks, weights).prepare().bundles
    left_out = {*PAIRS[DEFAULT_PAIR].networks, *own}
    return MembershipTest({**own, **{name: b for name, b in first.bundles.items() if name not in left_out}})


def load_default() -> MembershipTest:
    """Load the twins."""
    from mint.bundles.find import DEFAULT_NETWORKS

    return load(DEFAULT_NETWORKS)


class Loading:
    """A membership test that is being loaded.

    Args:
        load: loads it.
        after: another one, which is loaded before: this one then begins by itself.
    """

    def __init__(self, load: Callable[[], MembershipTest] = load_default, after: Loading | None = None) -> None:
        self._load = load
        self._future: Future[MembershipTest] = Future()
        if after is not None:
            after.then(self.start)

    def start(self) -> Loading:
        """Begin loading; called once."""
        threading.Thread(target=self._run, name="loading", daemon=True).start()
        return self

    def then(self, begin: Callable[[], object]) -> None:
        """Call this once the test is loaded, or loading has failed."""
        self._future.add_done_callback(lambda _: begin())

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


def other_pairs(first: Loading, weights: Path = WEIGHTS) -> dict[str, Loading]:
    """Return the pairs that are installed beside the default one; they are loaded after it, one after the other."""
    from mint.bundles.find import installed_pairs

    def load_one(pair: str) -> MembershipTest:
        return load_beside(first.get(), pair, weights)

    found: dict[str, Loading] = {}
    last = first
    for pair in installed_pairs(weights):
        if pair != DEFAULT_PAIR:
            last = found[pair] = Loading(partial(load_one, pair), last)
    return found
