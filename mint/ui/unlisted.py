"""Gradio lists every file that was ever uploaded, under the name that the visitor gave it. Here nothing is listed.

The list is for removing files later, which ``privacy.PrivateFolder`` does without one. Gradio takes nothing off it that
somebody else has removed, so it would grow for as long as the page runs.
"""

from __future__ import annotations

from collections.abc import Iterable

import gradio as gr


class Unlisted(set[str]):
    """A set that stays empty."""

    def add(self, element: str, /) -> None:
        """Keep nothing."""

    def update(self, *others: Iterable[str]) -> None:
        """Keep nothing."""


def list_nothing(blocks: gr.Blocks) -> None:
    """Let a finished page remember no file: neither what was uploaded nor what a component has made."""
    blocks.upload_file_set = Unlisted()
    blocks.temp_file_sets = [blocks.upload_file_set]
    for block in blocks.blocks.values():
        block.temp_files = Unlisted()
        blocks.temp_file_sets.append(block.temp_files)
