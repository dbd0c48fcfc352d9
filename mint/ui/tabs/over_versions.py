"""The part of the first tab that says since which version of a network the photo was used, where the page has a series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from mint.i18n.translate import Say
from mint.ui import context
from mint.ui.components import on_move, panel
from mint.ui.context import AFTER, FORGET_SECONDS, JUDGE, MODEL, PageContext
from mint.ui.server.memory.gone import Gone
from mint.ui.sessions import versions as session
from mint.ui.sessions.photo import Decoded, PhotoSession
from mint.ui.sessions.versions import SeenByVersions

if TYPE_CHECKING:  # torch takes seconds to import: the page does not wait for it
    from mint.membership import MembershipTest
    from mint.report.document import Document


class OverVersions:
    """The chart below an answer. Without a series there is none of it: no part, no event.

    Args:
        shared: what all tabs share.
        state: of the photo whose answer is on the page.
    """

    def __init__(self, shared: PageContext, state: gr.State) -> None:
        self.versions, self.state = shared.versions, state
        if self.versions is not None:
            self.seen = gr.State(None, time_to_live=FORGET_SECONDS)
            self.chart = panel("", "versions")

    @property
    def states(self) -> tuple[gr.State, ...]:
        """The states that a report needs beside those of the answer: none without a series."""
        return () if self.versions is None else (self.seen,)

    def cut(self, now: PhotoSession, test: MembershipTest, photo: Decoded) -> PhotoSession:
        """Return the photo's state with what the versions need of it, before the photo is gone."""
        if self.versions is None:
            return now
        by = next(iter(test.bundles.values())).network.finder.name
        return replace(now, cut=session.cut_for(self.versions, now.found, photo.rgb, by))

    def after(self, run: Any, alpha: gr.Slider, language: gr.Textbox, links: gr.HTML) -> None:
        """Ask the versions once a run has its answer; a report that was made without theirs is removed."""
        if self.versions is None:
            return
        now = [self.state, self.seen, alpha, language]
        asked = run.then(self._ask, now, [self.seen, self.chart, links], **MODEL, show_progress="hidden")
        asked.then(self._show, now, self.chart, **AFTER)

    def give_way(self, starts: Sequence[Any]) -> None:
        """Take the chart away when another photo comes: it is never in sight beside an answer that it does not belong to.

        Args:
            starts: events with which a photo comes.
        """
        for start in starts if self.versions is not None else ():
            start(lambda: "", None, self.chart, **JUDGE)

    def follow(self, chosen: Any, sliders: tuple[gr.Slider, gr.Slider], language: gr.Textbox) -> None:
        """Draw the chart anew when a face is chosen or a slider moved.

        Args:
            chosen: what follows a click on a face.
            sliders: of limit and prior.
            language: state with the visitor's language.
        """
        if self.versions is None:
            return
        now = [self.state, self.seen, sliders[0], language]
        chosen.then(self._show, now, self.chart, **AFTER)
        on_move(sliders, self._show, now, self.chart, JUDGE)

    def part(self, now: PhotoSession, alpha: float, seen: SeenByVersions | Gone | None = None) -> Document | None:
        """Return what a report says of the photo over the versions; None without an answer of theirs."""
        return None if self.versions is None else session.report_part(self.versions, now, seen or None, alpha)

    def _ask(
        self, now: PhotoSession | Gone | None, seen: SeenByVersions | Gone | None, alpha: float, language: str
    ) -> Iterator[tuple[Any, ...]]:
        """Show the faces to every version, unless that was done."""
        assert self.versions is not None
        say, now, seen = Say(language), now or None, seen or None
        yield gr.skip(), session.show_versions(self.versions, now, seen, alpha, say), gr.skip()
        if now is None:
            return
        try:
            found = session.look_under(self.versions, now, seen)
            links = gr.skip() if found is None or found is seen else ""
            yield found, session.show_versions(self.versions, now, found, alpha, say), links
        except Exception as error:
            yield None, context.problem(error, say), gr.skip()

    def _show(
        self, now: PhotoSession | Gone | None, seen: SeenByVersions | Gone | None, alpha: float, language: str
    ) -> str:
        """Draw the chart of the chosen face at the limit as it stands. Runs no network."""
        assert self.versions is not None
        return session.show_versions(self.versions, now or None, seen or None, alpha, Say(language))
