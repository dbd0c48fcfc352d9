"""Photos as the shell is given them: files and folders."""

from __future__ import annotations

from pathlib import Path

from mint.cli.console import err
from mint.errors import MintError


def photos_at(*places: Path) -> list[tuple[Path, Path]]:
    """Return the photos at some places, each with its place; what is passed over is told.

    Args:
        places: photos, or folders of photos.

    Raises:
        MintError: there are none, or a folder cannot be read.
    """
    from mint.vision.folders import photos_below

    below = [(photos_below(place), place) for place in places]
    for there, place in below:
        for line in there.left_out:
            err.print(f"{place}: {line}", style="yellow", highlight=False, markup=False, soft_wrap=True)
    found = [(photo, place) for there, place in below for photo in there.photos]
    if not found:
        raise MintError(f"There are no JPEG, PNG or WebP photos in {', '.join(map(str, places))}.")
    return found
