"""What the tabs share: the networks, the examples, and the settings of their events."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mint.i18n.labels import DEFAULT_PAIR, PAIRS
from mint.i18n.translate import Say
from mint.ui.examples import Example, Person
from mint.ui.loading import Loading, Versions
from mint.ui.portraits import Portrait
from mint.ui.server.shipped_files import Pictures
from mint.ui.views import notices

log = logging.getLogger("mint.ui")
STATIC = Path(__file__).parent / "static"
FORGET_SECONDS = 15 * 60  # an answer that nobody touches for so long leaves the memory
VISITS = 64  # of which something is kept; whoever was away longest makes room for the next

# Everything that runs a network waits in one line. What only judges does not queue at all: gradio counts all lines
# together, and a line that is full would refuse newcomers their language. A photo that comes while the last one's details
# are still computed waits its turn ("multiple"): gradio would drop it without a word ("once"), and its "always_last" runs
# again with the place of the earlier click.
MODEL: Mapping[str, Any] = {
    "concurrency_id": "model",
    "concurrency_limit": 1,
    "api_visibility": "private",
    "trigger_mode": "multiple",
}
JUDGE: Mapping[str, Any] = {"queue": False, "api_visibility": "private", "show_progress": "hidden"}
# What follows a run, however quickly the next one ends.
AFTER: Mapping[str, Any] = {**JUDGE, "trigger_mode": "multiple"}
# Each takes away from what the one before has left, however quickly they follow one another.
REMOVE: Mapping[str, Any] = {
    "concurrency_id": "remove",
    "concurrency_limit": 1,
    "api_visibility": "private",
    "show_progress": "hidden",
    "trigger_mode": "multiple",
}
PRINT: Mapping[str, Any] = {
    "concurrency_id": "print",
    "concurrency_limit": 2,
    "api_visibility": "private",
    "show_progress": "hidden",
    "trigger_mode": "always_last",
}


@dataclass(frozen=True, slots=True)
class PageContext:
    """The context that every tab is given.

    Attributes:
        loading: the networks of the default pair and those beside it, on their way.
        examples: pictures whose truth is known.
        people: several pictures each of people whose truth is known.
        kiosk: whether the page stands on a screen that strangers pass by.
        others: what else a visitor may choose, each with those beside it: pairs by their keys in ``PAIRS``, bundles by name.
        game: pictures of the game, which stand on no wall beside their truth.
        versions: a series of versions of one network that every photo is asked under as well; None without one.
        pictures: those that ship with the page, by their addresses.
        faces: returns those of the first screen, see ``portraits_ahead``.
    """

    loading: Loading
    examples: Sequence[Example] = ()
    people: Sequence[Person] = ()
    kiosk: bool = False
    others: Mapping[str, Loading] = field(default_factory=dict)
    game: Sequence[Example] = ()
    versions: Versions | None = None
    pictures: Pictures = field(default_factory=Pictures)
    faces: Callable[[], Sequence[Portrait]] = tuple

    @property
    def known(self) -> Sequence[Example]:
        """The examples, without stored answers of other bundles than the loaded ones; with all answers while those are loading."""
        return self._fresh(self.examples)

    @property
    def game_examples(self) -> Sequence[Example]:
        """The pictures that the game deals, with answers as in ``known``; the wall's if the game has none of its own."""
        return self._fresh(self.game or self.examples)

    def _fresh(self, examples: Sequence[Example]) -> Sequence[Example]:
        if self.loading.waiting:
            return examples
        try:
            bundles = self.loading.get().bundles
        except Exception:  # the page says why there are none
            return examples
        now = {name: bundle.sha256 for name, bundle in bundles.items()}
        return tuple(example.answered_by(now) for example in examples)

    @property
    def choices(self) -> tuple[str, ...]:
        """The networks that a visitor may choose from, the default pair first."""
        return (DEFAULT_PAIR, *self.others)

    @property
    def pairs(self) -> tuple[str, ...]:
        """The choices that are pairs: of their networks it is known which examples they used."""
        return tuple(choice for choice in self.choices if choice in PAIRS)

    def of(self, pair: str) -> Loading:
        """Return the networks of a choice; of the default pair for whatever else a browser sends."""
        return self.others.get(pair, self.loading)


def text(name: str) -> str:
    """Read a file of the folder ``static``."""
    return (STATIC / name).read_text("utf-8")


def told(name: str, say: Say) -> str:
    """Read a page of text in the visitor's language: ``about`` from ``about.en.html``."""
    return text(f"{name}.{say.language}.html")


def problem(error: Exception, say: Say) -> str:
    """Tell the visitor what went wrong; log a fault of ours, without the photo."""
    if notices.unexpected(error):
        log.error("an audit failed", exc_info=error)
    return notices.problem(error, say)


def gone(say: Say) -> str:
    """Tell a visitor that what they ask about was forgotten."""
    return notices.gone(FORGET_SECONDS // 60, say)


def number(event: Any, name: str = "pick") -> int:
    """Return the number that was clicked, or -1 for anything that is no number."""
    from mint.ui.server.gradio_patches import event_data  # gradio reads its settings when it is imported

    picked = event_data(event).get(name)
    return picked if isinstance(picked, int) and not isinstance(picked, bool) else -1
