"""Read what a browser sent, once, and only from the folder of uploads."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mint.ui.server.gradio_patches import upload_folder
from mint.vision.images import MAX_BYTES


@dataclass(frozen=True, slots=True)
class Upload:
    """The bytes of a photo, the temporary file that they came in, and what the visitor's own file is called."""

    data: bytes
    path: Path | None = None
    name: str = ""

    def forget(self) -> None:
        """Remove the temporary file."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def receive(payload: Any) -> Upload | None:
    """Read a photo, at most one byte more than allowed, which is enough to refuse it.

    Gradio's own reading would open the image, and fail without words on what is none.

    Args:
        payload: gradio's ``ImageData``, or None for an emptied field.

    Raises:
        ValueError: it names a file that is no upload, which is neither read nor removed; or what it holds is no base64.
    """
    if payload is None:
        return None
    if payload.url and payload.url.startswith("data:"):
        return Upload(base64.b64decode(payload.url.partition(",")[2])[: MAX_BYTES + 1])
    path = uploaded(Path(payload.path), upload_folder())
    try:
        with path.open("rb") as file:
            return Upload(file.read(MAX_BYTES + 1), path, str(getattr(payload, "orig_name", None) or ""))
    except OSError:  # another visitor sent the very same file and its copy is gone
        return Upload(b"")


def uploaded(path: Path, folder: Path) -> Path:
    """Return the path of an upload, which lies in a folder of its own within this one.

    Raises:
        ValueError: it lies elsewhere.
    """
    found = path.resolve()
    if found.parent.parent != folder.resolve():
        raise ValueError("the file is no upload")
    return found


def receive_many(payload: Any) -> tuple[Upload, ...]:
    """Read several photos: gradio's ``ListFiles``, one ``FileData``, or None."""
    if payload is None:
        return ()
    files = getattr(payload, "root", payload)
    return tuple(upload for file in (files if isinstance(files, list) else [files]) if (upload := receive(file)))
