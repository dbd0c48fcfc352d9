"""Keep gradio from listing every file that was ever uploaded.

The list is for removing files later, which ``privacy.PrivateFolder`` does without one. Gradio takes nothing off it that
somebody else has removed, so it would grow for as long as the page runs.
"""

from __future__ import annotations

from collections.abc import Iterable

import gradio as gr
import gradio.routes
from gradio.route_utils import FileUploadProgress

UNDERWAY = 64  # uploads whose progress is kept, the latest


class Unlisted(set[str]):
    """A set that stays empty."""

    def add(self, element: str, /) -> None:
        """Keep nothing."""

    def update(self, *others: Iterable[str]) -> None:
        """Keep nothing."""


class Passing(FileUploadProgress):
    """The progress of uploads while they last; gradio would keep their file names."""

    def track(self, upload_id: str) -> None:
        """Begin to track an upload; the oldest ones make room."""
        super().track(upload_id)
        self._make_room()

    async def is_tracked(self, upload_id: str) -> bool:
        """Wait until an upload begins, without storing uploads that never come."""
        waiting = self._signals[upload_id]
        self._make_room()
        return bool(await waiting.wait())

    def set_done(self, upload_id: str) -> None:
        """Forget the name as soon as nothing more is to come."""
        super().set_done(upload_id)
        self._statuses[upload_id].deque.clear()

    def stop_tracking(self, upload_id: str) -> None:
        """Forget it altogether."""
        super().stop_tracking(upload_id)
        self._signals.pop(upload_id, None)

    def _make_room(self) -> None:
        for known in (self._statuses, self._signals):
            for oldest in list(known)[:-UNDERWAY]:
                del known[oldest]


def list_nothing(blocks: gr.Blocks) -> None:
    """Make a finished page remember no file: neither uploads nor what components made."""
    gradio.routes.file_upload_statuses = Passing()
    blocks.upload_file_set = Unlisted()
    blocks.temp_file_sets = [blocks.upload_file_set]
    for block in blocks.blocks.values():
        block.temp_files = Unlisted()
        blocks.temp_file_sets.append(block.temp_files)
