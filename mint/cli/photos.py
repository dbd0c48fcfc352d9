"""Photos as the shell is given them: files and folders."""

from __future__ import annotations

from pathlib import Path

from mint.cli.console import err
from mint.errors import MintError


def photos_at(*places: Path) -> list[tuple[Path, Path]]:
    """Return the photos at some places, each with its place; pictures of kinds that are not read are told.

    Args:
        places: photos, or folders of photos.

    Raises:
        MintError: there are none.
    """
    from mint.vision.images import photos_in
    from mint.vision.kinds import left_out_in

    for place in places:
        if line := left_out_in(place):
            err.print(f"{place}: {line}", style="yellow", highlight=False, markup=False, soft_wrap=True)
    found = [(photo, place) for place in places for photo in photos_in(place)]
    if not found:
        raise MintError(f"There are no JPEG, PNG or WebP photos in {', '.join(map(str, places))}.")
    return found
