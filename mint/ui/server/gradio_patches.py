"""Where Gradio's handling of uploads is replaced: unguessable names, and no list of what was uploaded.

Gradio names an upload's folder after its content. Two visitors with the same photo would share one
file, which the first answer removes under the second; and whoever has a photo could ask the file
route whether somebody else has just sent it. It also lists every file that was ever uploaded, under
the name that the visitor gave it, for as long as the page runs. That list is for removing files
later, which ``private_folder.PrivateFolder`` does without one.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import gradio as gr
import gradio.routes
from gradio import route_utils
from gradio.route_utils import FileUploadProgress

UNDERWAY = 64  # uploads whose progress is kept, the latest


class UnguessableUpload(route_utils.GradioUploadFile):
    """An upload whose name depends on chance as well."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.sha.update(secrets.token_bytes(16))

    async def write(self, data: bytes) -> None:
        """Write as gradio does, but remove half a photo if the disk is full."""
        try:
            await super().write(data)
        except OSError:
            with suppress(OSError):
                os.truncate(self.file.name, 0)
            raise


def isolate_uploads() -> None:
    """Make gradio use ``UnguessableUpload`` for uploads from now on."""
    route_utils.GradioUploadFile = UnguessableUpload  # type: ignore[misc]


class EmptySet(set[str]):
    """A set that stays empty."""

    def add(self, element: str, /) -> None:
        """Keep nothing."""

    def update(self, *others: Iterable[str]) -> None:
        """Keep nothing."""


class PassingProgress(FileUploadProgress):
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


def forget_file_names(blocks: gr.Blocks) -> None:
    """Make a finished page remember no file: neither uploads nor what components made."""
    gradio.routes.file_upload_statuses = PassingProgress()
    blocks.upload_file_set = EmptySet()
    blocks.temp_file_sets = [blocks.upload_file_set]
    for block in blocks.blocks.values():
        block.temp_files = EmptySet()
        blocks.temp_file_sets.append(block.temp_files)
