"""Photos below a folder: found by the ends of their names, and what is passed over is counted."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mint.errors import BadInput, brief
from mint.vision.kinds import OTHER_SUFFIXES, SUFFIXES, hidden, left_out_line, unlike_a_picture


@dataclass(frozen=True, slots=True)
class Below:
    """What lies at a place.

    Attributes:
        photos: the file itself, or every photo below a folder, sorted.
        others: how many pictures of other kinds there are, by the ends of their names.
        hidden: how many photos are kept by a system for itself: previews, and what zips of a Mac add.
        unlike: files that may be photos and whose names end like none.
    """

    photos: tuple[Path, ...]
    others: Counter[str]
    hidden: int = 0
    unlike: tuple[Path, ...] = ()

    @property
    def left_out(self) -> tuple[str, ...]:
        """A line on each kind of pictures that are passed over."""
        lines = [f"{left_out_line(self.others)}."] if self.others else []
        if self.hidden:
            were = "photo was" if self.hidden == 1 else "photos were"
            lines.append(
                f"{self.hidden} hidden {were} left out: previews and the like. Name such a file itself to ask."
            )
        if self.unlike:
            files = "1 file was" if len(self.unlike) == 1 else f"{len(self.unlike)} files were"
            name = self.unlike[0].name
            shown = name[:60] if name.isprintable() else ascii(name)[:60]
            lines.append(
                f"{files} left out, such as {shown}: the end of the name is that of no picture. Name such a file itself to ask."
            )
        return tuple(lines)


def photos_below(place: Path) -> Below:
    """Find the photos at a place. Links are followed, but for those to a folder that they lie in.

    A link that leads nowhere counts as a photo if it is called like one: who opens it says what is wrong.

    Raises:
        BadInput: a folder cannot be read.
    """
    photos, others, unlike, apart = [], Counter[str](), list[Path](), 0
    if not place.is_dir():
        return Below((place,), others)
    for path, is_hidden in _files(place, (os.path.realpath(place),)):
        suffix = path.suffix.lower()
        if suffix in SUFFIXES and (path.is_file() or not path.exists()):
            apart += is_hidden
            if not is_hidden:
                photos.append(path)
        elif suffix in OTHER_SUFFIXES and not is_hidden:
            others[suffix] += 1
        elif not is_hidden and unlike_a_picture(path.name) and path.is_file():
            unlike.append(path)
    return Below(tuple(sorted(photos)), others, apart, tuple(sorted(unlike)))


def _files(folder: Path, above: tuple[str, ...], aside: bool = False) -> Iterator[tuple[Path, bool]]:
    """Yield what is no folder below a folder, and whether it is hidden, or lies in what is."""
    try:
        found = [(path, path.is_dir()) for path in folder.iterdir()]
    except OSError as error:
        if aside:
            return
        raise BadInput(
            f"{folder} cannot be read: {brief(error)}. Make it readable, or name the photos one by one."
        ) from error
    for path, is_folder in found:
        is_hidden = aside or hidden(path.name)
        if not is_folder:
            yield path, is_hidden
        elif (real := os.path.realpath(path)) not in above:  # a link to a folder that it lies in has no end
            yield from _files(path, (*above, real), is_hidden)
