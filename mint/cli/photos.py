"""Photos as the shell is given them: files and folders."""

from __future__ import annotations

import os
import re
from pathlib import Path

from mint.cli.console import err
from mint.errors import MintError

ADDRESS = re.compile(r"([a-zA-Z][a-zA-Z0-9+.]+):/+(.+)", re.DOTALL)


def sha256_of_photo(file: Path) -> str | None:
    """Return the sha256 of a photo; None where it cannot be read, which the audit says itself."""
    from mint.storage.files import sha256_of

    try:
        return sha256_of(file)
    except (OSError, ValueError):  # a null byte in the path
        return None


def photos_at(*places: Path) -> list[tuple[Path, Path]]:
    """Return the photos at some places, each once and with its place; what is passed over is told.

    Args:
        places: photos, or folders of photos.

    Raises:
        MintError: there are none, or a folder cannot be read.
    """
    from mint.vision.folders import photos_below

    for place in places:
        if (address := ADDRESS.match(str(place))) and not place.exists():  # a Path has lost one of its slashes
            raise MintError(
                f"{address[1]}://{address[2]}: MINT fetches no addresses. Save the photo, and give its file."
            )
        if str(place) == "-" and not place.exists():
            raise MintError("-: MINT reads files. What comes from another program is /dev/stdin.")
    below = [(photos_below(place), place) for place in places]
    for there, place in below:
        for line in there.left_out:
            err.print(f"{place}: {line}", style="yellow", highlight=False, markup=False, soft_wrap=True)
    named = [(photo, place) for there, place in below for photo in there.photos]
    if not named:
        raise MintError(f"There are no JPEG, PNG or WebP photos in {', '.join(map(str, places))}.")
    found: dict[str, tuple[Path, Path]] = {}
    for photo, place in named:
        found.setdefault(os.path.abspath(photo), (photo, place))
    if again := len(named) - len(found):
        told = "1 photo was named again" if again == 1 else f"{again} photos were named again"
        err.print(f"{told}: each counts once.", style="yellow", highlight=False, markup=False, soft_wrap=True)
    return list(found.values())
