"""What visitors' pages hold, and for how long: Gradio keeps it, and forgets it otherwise than it should.

Gradio counts the time of what a page holds from when it was made, however often it is read; where it makes room for another
visitor it wipes nothing; and what it has forgotten looks as if there had never been anything, so that the page could not say
so. ``PRIVATE_NAMES`` lists what is private of it, as in ``gradio_patches``.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import gradio as gr
import gradio.routes
from gradio.state_holder import SessionState, StateHolder

from mint.ui.server.memory.gone import GONE

PRIVATE_NAMES: Mapping[str, str] = {
    "gradio.blocks.Blocks.default_config": "what a page is made of, of which each visitor gets a copy",
    "gradio.blocks.Blocks.state_holder": "what visitors' pages hold, to be forgotten when they leave",
    "gradio.routes.StateHolder": "makes what keeps it; replaced",
    "gradio.state_holder.SessionState._state_ttl": "since when a page holds something: here, since it was read or written",
    "gradio.state_holder.SessionState.state_data": "what a page holds",
    "gradio.state_holder.StateHolder.capacity": "how many visitors something is kept of",
    "gradio.state_holder.StateHolder.delete_state": "wipes what was taught; overridden to leave a mark",
    "gradio.state_holder.StateHolder.session_data": "keeps what a page showed for an hour; emptied at once",
    "gradio.state_holder.StateHolder.update": "makes room for another visitor; overridden to wipe what goes",
}

LEFT = 1024  # visits of which it is kept that they held something, the latest


def keep_visits() -> None:
    """Make gradio use ``Visits`` from now on."""
    gradio.routes.StateHolder = Visits  # type: ignore[attr-defined]


def forget_visitor(blocks: gr.Blocks, session: str) -> None:
    """Forget a visitor who left; gradio would keep what the page showed for an hour."""
    blocks.state_holder.leave(session)  # type: ignore[attr-defined]


class Visit(SessionState):
    """What one visitor's page holds; gradio would count its time from when it was made, however often it is read.

    Of what every part of the page looks like gradio keeps a copy for each visitor, which takes longer than most answers. It is for
    links to what a page shows, which nobody gets; so here none is made, but of parts that change.
    """

    def __init__(self, blocks: gr.Blocks) -> None:
        super().__init__(SimpleNamespace(default_config=blocks.default_config, blocks=()))  # type: ignore[arg-type]

    def __getitem__(self, key: int) -> Any:
        if key in self._state_ttl:
            self._state_ttl[key] = self._state_ttl[key][0], datetime.now()
        return super().__getitem__(key)


class Visits(StateHolder):
    """What all pages hold. What is forgotten is wiped, also where somebody else needs the room, and leaves ``GONE``."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.left: dict[str, list[int]] = {}  # visit to what was taken from it: its page may come back
        self._wiping = threading.RLock()

    def __getitem__(self, session_id: str) -> SessionState:
        if session_id not in self.session_data:
            visit = self.session_data[session_id] = Visit(self.blocks)
            visit.state_data |= dict.fromkeys(self.left.pop(session_id, ()), GONE)
        return super().__getitem__(session_id)

    def update(self, session_id: str) -> None:
        """Count a use; whoever was away longest makes room."""
        if len(self.session_data) > self.capacity:
            self.leave(next(iter(self.session_data)))
        super().update(session_id)

    def delete_state(self, session_id: str, expired_only: bool = False) -> None:
        """Forget what a page holds, or of it what nobody has used for long."""
        with self._wiping:
            visit = self.session_data.get(session_id)
            if visit is None:
                return
            held = [key for key, value in visit.state_data.items() if value is not None]
            super().delete_state(session_id, expired_only)
            for key in held:
                if key not in visit.state_data:
                    visit.state_data[key] = GONE
                    visit._state_ttl.pop(key)  # nothing more to forget

    def leave(self, session_id: str) -> None:
        """Forget a visitor altogether."""
        with self._wiping:
            self.delete_state(session_id)
            visit = self.session_data.pop(session_id, None)
            gone = [] if visit is None else [key for key, value in visit.state_data.items() if value is GONE]
            if gone:
                self.left[session_id] = gone
            for oldest in list(self.left)[:-LEFT]:
                del self.left[oldest]
