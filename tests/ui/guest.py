"""A visitor who does one thing after the other, for plain tests: ``hostile.visitor.Visitor`` on a loop of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

import httpx

from mint.i18n.translate import DEFAULT, chosen
from tests.hostile.visitor import API, Visitor, visiting
from tests.ui.latch import LIMIT

T = TypeVar("T")
DRAWN_LATE = ("tab-play", "tab-how")


class Guests:
    """Everybody who comes to a page during one test, and the thread that their requests are made in.

    Args:
        url: of the page.
        config: what it is made of; its own unless told otherwise.
    """

    def __init__(self, url: str, config: Mapping[str, Any] | None = None) -> None:
        self.url, self.config = url, config
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="guests", daemon=True)
        self._stack = AsyncExitStack()

    def __enter__(self) -> Guests:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.do(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LIMIT)
        self._loop.close()

    def begin(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Set something off, and do not wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for its end."""
        return self.begin(work).result(LIMIT)

    def come(self, speaks: str = "en-GB", lang: str | None = None, loads: bool = True) -> Guest:
        """Somebody opens the page.

        Args:
            speaks: what the browser says in ``Accept-Language``.
            lang: what the address says, as in ``/?lang=es``.
            loads: whether the page's own first events are set off, as every browser does, and tabs opened that are drawn then.
        """
        config = (
            self.config if chosen(lang, speaks) == DEFAULT else None
        )  # everybody else's page stands in another language
        visitor = self.do(self._stack.enter_async_context(visiting(self.url, config, speaks, lang)))
        guest = Guest(self, visitor)
        if loads:
            guest.hear(self.do(visitor.load()))
            for tab in filter(lambda tab: visitor.hears(tab, "select"), DRAWN_LATE):
                guest.ask(tab, "select")
        return guest


class Guest:
    """One of them.

    Attributes:
        visitor: who speaks the page's protocol.
        page: what the page was told to show: component to its latest value.
        standing: what stands on the page before, likewise.
        fields: what was put into the page's fields, by component; sliders and boxes stand where they were left.
    """

    def __init__(self, guests: Guests, visitor: Visitor) -> None:
        self._guests = guests
        self.visitor = visitor
        self.page: dict[str, Any] = {}
        self.standing: dict[str, Any] = visitor.standing
        self.fields: dict[str, Any] = {}

    def hear(self, shown: Mapping[str, Any]) -> dict[str, Any]:
        """Let the page show this as well."""
        self.page |= shown
        return dict(shown)

    def ask(self, trigger: str, event: str = "click", data: Any = None, **fields: Any) -> dict[str, Any]:
        """Set off an event, and what comes after it; see ``Visitor.ask``.

        Args:
            trigger: the component.
            event: on it.
            data: of the event, such as which one was clicked.
            fields: for this event only.
        """
        return self.hear(self._guests.do(self.visitor.ask(trigger, event, self.fields | fields, data)))

    def begin(self, trigger: str, event: str = "click", data: Any = None, **fields: Any) -> Future[dict[str, Any]]:
        """The same without waiting; ``hear`` what comes of it."""
        return self._guests.begin(self.visitor.ask(trigger, event, self.fields | fields, data))

    def pick(self, trigger: str, number: int) -> dict[str, Any]:
        """Click one of several, by its number."""
        return self.ask(trigger, "click", {"pick": number})

    def upload(self, data: bytes, name: str = "photo.png") -> dict[str, Any]:
        """Send a file: what the page's script then puts into a field."""
        path = self._guests.do(self.visitor.upload(data, name))
        return {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}

    def add(self, photo: bytes | Path, prefix: str = "", name: str = "photo.png") -> dict[str, Any]:
        """Put a photo into the field of a tab: "", "person-" or "teach-"."""
        data = photo.read_bytes() if isinstance(photo, Path) else photo
        return self.ask(f"{prefix}photo", "input", **{f"{prefix}photo": self.upload(data, name)})

    def add_several(self, *photos: bytes | Path) -> dict[str, Any]:
        """Add several photos of one person at once."""
        files = [self.upload(photo.read_bytes() if isinstance(photo, Path) else photo) for photo in photos]
        return self.ask("person-files", "upload", **{"person-files": files})

    def move(self, slider: str, value: float) -> dict[str, Any]:
        """Move a slider, and leave it there."""
        self.fields[slider] = value
        return self.ask(slider, "input")

    def tick(self, box: str, ticked: bool = True) -> dict[str, Any]:
        """Tick a box, or take the tick away."""
        self.fields[box] = ticked
        return self.ask(box, "input") if self.visitor.hears(box, "input") else {}

    def post(self, path: str, **what: Any) -> httpx.Response:
        """A request of one's own, such as ``post(f"{API}/upload", files=…)``."""
        return self._guests.do(self.visitor.client.post(path, **what))

    def get(self, path: str, **what: Any) -> httpx.Response:
        """Likewise."""
        return self._guests.do(self.visitor.client.get(path, **what))

    def audit(self, photo: bytes) -> list[dict[str, Any]]:
        """The door for programs."""
        return self._guests.do(self.visitor.audit(photo))

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for the end of anything else."""
        return self._guests.do(work)

    def leave(self) -> None:
        """Close the page."""
        self._guests.do(self.visitor.leave())


__all__ = ["API", "Guest", "Guests"]
