"""Put every upload into a folder of its own, under an unguessable name.

Gradio names an upload's folder after its content. Two visitors with the same photo would share one
file, which the first answer removes under the second; and whoever has a photo could ask the file
route whether somebody else has just sent it.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from typing import Any

from gradio import route_utils


class Apart(route_utils.GradioUploadFile):
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


def keep_uploads_apart() -> None:
    """Make gradio use ``Apart`` for uploads from now on."""
    route_utils.GradioUploadFile = Apart  # type: ignore[misc]
