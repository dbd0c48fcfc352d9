"""What a browser sent, read once. Gradio has checked by then that the path is one of its own uploads."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mint.images import MAX_BYTES


@dataclass(frozen=True, slots=True)
class Upload:
    """The bytes of a photo, and the temporary file that they came in."""

    data: bytes
    path: Path | None = None

    def forget(self) -> None:
        """Remove the temporary file."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def receive(payload: Any) -> Upload | None:
    """Read a photo without judging it: at most one byte more than allowed, which is enough to say so.

    Gradio's own reading would open the image, and fail without words on what is none.

    Args:
        payload: gradio's ``ImageData``, or None for an emptied field.
    """
    if payload is None:
        return None
    if payload.url and payload.url.startswith("data:"):
        try:
            return Upload(base64.b64decode(payload.url.partition(",")[2])[: MAX_BYTES + 1])
        except binascii.Error:
            return Upload(b"")
    path = Path(payload.path)
    try:
        with path.open("rb") as file:
            return Upload(file.read(MAX_BYTES + 1), path)
    except OSError:  # another visitor sent the very same file and its copy is gone
        return Upload(b"")


def receive_many(payload: Any) -> tuple[Upload, ...]:
    """Several photos at once; gradio's ``ListFiles``, one ``FileData``, or None."""
    if payload is None:
        return ()
    files = getattr(payload, "root", payload)
    return tuple(upload for file in (files if isinstance(files, list) else [files]) if (upload := receive(file)))
