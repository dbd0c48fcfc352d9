"""Load the networks in the background, so that the page is there at once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mint.errors import BundleMismatch, MintError, brief
from mint.i18n.labels import DEFAULT_PAIR, PAIRS
from mint.storage.paths import WEIGHTS

if TYPE_CHECKING:  # torch takes seconds to import: the thread does it
    from mint.bundles.series import Series
    from mint.membership import MembershipTest

log = logging.getLogger("mint.ui")
Evaluation = Mapping[str, Any]
NOT_OPENED = "The bundle {name} cannot be opened here. Choose other networks; the server's log says why."


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

    return _beside(first, MembershipTest.load(PAIRS[pair].networks, weights))


def load_offered(first: MembershipTest, name: str, folder: Path) -> MembershipTest:
    """Load a bundle that the owner of the page lets visitors choose, see ``mint.bundles.offered``.

    Args:
        first: as for ``load_beside``.
        name: what visitors choose it by.
        folder: where it lies.

    Raises:
        BundleMismatch: it cannot be opened. The log says why, in one line.
    """
    from mint.membership import MembershipTest

    try:
        return _beside(first, MembershipTest.load([str(folder)]))
    except MintError as error:
        log.error("%s cannot be opened: %s", name, brief(error))
        raise BundleMismatch(NOT_OPENED, name=name) from error


def _beside(first: MembershipTest, own: MembershipTest) -> MembershipTest:
    """Return networks in the place of the default pair, with what is asked beside it."""
    from mint.membership import MembershipTest

    mine = own.prepare().bundles
    left_out = {*PAIRS[DEFAULT_PAIR].networks, *mine}
    return MembershipTest({**mine, **{name: b for name, b in first.bundles.items() if name not in left_out}})


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
        self._begun = threading.Lock()  # taken once, and never given back
        if after is not None:  # which may be there already: then this one begins now
            after.then(self.start)

    def start(self) -> Loading:
        """Begin loading, if nobody has."""
        if self._begun.acquire(blocking=False):
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

    def evaluations(self) -> dict[str, Evaluation | None]:
        """Wait for what was measured of each network and return it. Raises what loading raised."""
        from mint.bundles.evaluation import told_evaluation

        return {name: told_evaluation(b.evaluation, b.facts) for name, b in self.get().bundles.items()}

    def _run(self) -> None:
        try:
            self._future.set_result(self._load())
        except BaseException as error:  # the waiting page must hear of it, whatever it is
            self._future.set_exception(error)


class OnDemand(Loading):
    """A membership test that is loaded once somebody asks for it: until then it takes no time and no memory.

    Args:
        load: loads it.
        read: reads what was measured of its networks, and nothing else of them.
    """

    def __init__(self, load: Callable[[], MembershipTest], read: Callable[[], dict[str, Evaluation | None]]) -> None:
        super().__init__(load)
        self._read = read

    def get(self) -> MembershipTest:
        """Load the test, if nobody has, wait for it and return it. Raises what loading raised."""
        self.start()
        return self._future.result()

    def evaluations(self) -> dict[str, Evaluation | None]:
        """Return what was measured of each network, without loading any. Raises what reading raises."""
        return self._read()


def other_pairs(first: Loading, weights: Path = WEIGHTS) -> dict[str, Loading]:
    """Return the pairs that are installed beside the default one; each is loaded when a visitor first chooses it."""
    from mint.bundles.find import installed_pairs

    def load_one(pair: str) -> MembershipTest:
        return load_beside(first.get(), pair, weights)

    def read_one(pair: str) -> dict[str, Evaluation | None]:
        from mint.bundles.evaluation import read_evaluation

        return {network: read_evaluation(weights / network) for network in PAIRS[pair].networks}

    pairs = (pair for pair in installed_pairs(weights) if pair != DEFAULT_PAIR)
    return {pair: OnDemand(partial(load_one, pair), partial(read_one, pair)) for pair in pairs}


@dataclass(frozen=True, slots=True, eq=False)
class Versions:
    """A series of versions of one network, which is asked about every photo as well.

    Attributes:
        series: calibrated with the versions' bundles.
        loading: of the versions.
    """

    series: Series
    loading: Loading

    def there(self) -> MembershipTest | None:
        """Return the versions; None while they are loading, and where that failed: the log says why."""
        if self.loading.waiting:
            return None
        try:
            return self.loading.get()
        except Exception:  # no answer of the page rests on them
            return None

    @property
    def failed(self) -> bool:
        """Return whether they could not be loaded."""
        return not self.loading.waiting and self.there() is None


def load_versions(series: Series) -> MembershipTest:
    """Load the versions of a series.

    Raises:
        MintError: one cannot be opened, or is not the one that the series was calibrated with. The log says so.
    """
    from mint.membership import MembershipTest

    try:
        test = MembershipTest.load([str(folder) for folder in series.folders])
        series.check(test.bundles)
    except Exception as error:  # nobody waits for it who could say so
        fault = None if isinstance(error, MintError) else error
        log.error("the versions of %s cannot be opened: %s", series.name, brief(error), exc_info=fault)
        raise
    return test


def versions_of(first: Loading, series: Series) -> Versions:
    """Return a series whose versions are loaded after the networks of the page."""
    return Versions(series, Loading(partial(load_versions, series), first))


def offers(first: Loading, folders: Mapping[str, Path]) -> dict[str, Loading]:
    """Return the bundles that visitors may choose as well.

    They are loaded by themselves, one after the other: no visitor makes the server open anything.

    Args:
        first: the default pair and what is asked beside it; they are loaded after it.
        folders: name to the folder of the bundle.
    """

    def load_one(name: str, folder: Path) -> MembershipTest:
        return load_offered(first.get(), name, folder)

    found: dict[str, Loading] = {}
    last = first
    for name, folder in folders.items():
        last = found[name] = Loading(partial(load_one, name, folder), last)
    return found
