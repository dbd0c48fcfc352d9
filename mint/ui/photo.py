"""The photo with its faces numbered, and the crop of the chosen one as the networks see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mint.types import Face
from mint.ui.html import esc, png_uri


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo as an address, and the size of the photo that the boxes were measured in."""

    uri: str
    width: int
    height: int


def faces_panel(picture: Picture, faces: Sequence[Face], chosen: int, skipped: int = 0) -> str:
    """Photo, boxes, thumbnails when there are several faces, and the aligned crop."""
    if not faces:
        return f'<section class="seen" aria-label="Your photo">{_photo(picture, (), 0)}</section>'
    return (
        '<section class="seen" aria-label="Faces found in the photo">'
        f"{_photo(picture, faces, chosen)}{_thumbnails(faces, chosen, skipped)}{_crop(faces, chosen)}</section>"
    )


def _photo(picture: Picture, faces: Sequence[Face], chosen: int) -> str:
    many = len(faces) > 1
    boxes = "".join(_box(picture, face, i, i == chosen, many) for i, face in enumerate(faces))
    alt = f"The photo, with {len(faces)} faces marked" if many else "The photo"
    return (
        f'<div class="photo" style="--ratio:{picture.width / picture.height:.4f}"><img src="{esc(picture.uri)}" '
        f'width="{picture.width}" height="{picture.height}" alt="{alt}">{boxes}</div>'
    )


def _box(picture: Picture, face: Face, index: int, chosen: bool, many: bool) -> str:
    x, y, width, height = face.box
    left, top = max(0.0, x / picture.width), max(0.0, y / picture.height)
    right = min(1.0, (x + width) / picture.width)
    bottom = min(1.0, (y + height) / picture.height)
    style = f"left:{left:.3%};top:{top:.3%};width:{right - left:.3%};height:{bottom - top:.3%}"
    if not many:
        return f'<span class="box chosen" style="{style}"></span>'
    # The thumbnails are the keyboard's way to a face: the boxes would only repeat each stop.
    return (
        f'<button type="button" class="box{" chosen" if chosen else ""}" style="{style}" data-pick="{index}" '
        f'tabindex="-1" aria-hidden="true"><span class="tag">{index + 1}</span></button>'
    )


def _thumbnails(faces: Sequence[Face], chosen: int, skipped: int) -> str:
    if len(faces) < 2:
        return ""
    items = "".join(
        f'<button type="button" class="thumb{" chosen" if i == chosen else ""}" data-pick="{i}" '
        f'aria-pressed="{"true" if i == chosen else "false"}" aria-label="Face {i + 1} of {len(faces)}">'
        f'<img src="{png_uri(face.crop)}" alt="" width="112" height="112"><span class="tag">{i + 1}</span></button>'
        for i, face in enumerate(faces)
    )
    more = ""
    if skipped:
        more = (
            f'<p class="fine">{skipped} smaller {"face was" if skipped == 1 else "faces were"} not looked at: '
            f"only the {len(faces)} largest are.</p>"
        )
    return f'<p class="label">Choose a face</p><div class="thumbs">{items}</div>{more}'


def _crop(faces: Sequence[Face], chosen: int) -> str:
    which = f"Face {chosen + 1} of {len(faces)}" if len(faces) > 1 else "The face"
    return (
        f'<figure class="crop"><img src="{png_uri(faces[chosen].crop)}" width="112" height="112" '
        f'alt="{which}, cut out and aligned"><figcaption><b>{which}</b>, aligned. '
        "These 112 × 112 pixels are all that the networks see.</figcaption></figure>"
    )
