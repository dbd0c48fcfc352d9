"""Show the photo with its faces numbered, and the crop of the chosen one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mint.i18n.figures import glued
from mint.i18n.translate import ENGLISH, Say
from mint.report.story.answers import more_faces
from mint.types import Face
from mint.ui.html import png_uri


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo as a data URI, and the size of the photo that the boxes refer to."""

    uri: str
    width: int
    height: int


def faces_panel(
    picture: Picture,
    faces: Sequence[Face],
    chosen: int,
    skipped: int = 0,
    say: Say = ENGLISH,
    judged: int | None = None,
) -> str:
    """Render photo, boxes, the aligned crop, and thumbnails if there are several faces.

    Args:
        picture: the photo.
        faces: largest first.
        chosen: which of them is shown large.
        skipped: how many smaller ones are not looked at.
        say: the visitor's language.
        judged: how many can be chosen by now; all if None.
    """
    ready = len(faces) if judged is None else judged
    if not faces:
        return f'<section class="seen" aria-label="{say("Your photo")}">{_photo(picture, (), 0, say)}</section>'
    names = (
        [say("Face {number} of {n}", number=i + 1, n=len(faces)) for i in range(len(faces))]
        if len(faces) > 1
        else [say("The face")]
    )
    return (
        f'<section class="seen" aria-label="{say("Faces found in the photo")}">'
        f"{_photo(picture, faces, chosen, say, ready)}{_thumbnails(faces, names, chosen, skipped, ready, say)}"
        f"{_crop(faces[chosen], names[chosen], say)}</section>"
    )


def _photo(picture: Picture, faces: Sequence[Face], chosen: int, say: Say, ready: int = 0) -> str:
    many = len(faces) > 1
    boxes = "".join(_box(picture, face, i, i == chosen, many, i < ready) for i, face in enumerate(faces))
    alt = say("The photo, with {n} faces marked", n=len(faces)) if many else say("The photo")
    return (
        f'<div class="photo" style="--ratio:{picture.width / picture.height:.4f}"><img src="{picture.uri}" '
        f'width="{picture.width}" height="{picture.height}" alt="{alt}">{boxes}</div>'
    )


def _box(picture: Picture, face: Face, index: int, chosen: bool, many: bool, ready: bool) -> str:
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
        f'tabindex="-1" aria-hidden="true"{"" if ready else " disabled"}><span class="tag">{index + 1}</span></button>'
    )


def _thumbnails(faces: Sequence[Face], names: Sequence[str], chosen: int, skipped: int, ready: int, say: Say) -> str:
    if len(faces) < 2:
        return ""
    items = "".join(
        f'<button type="button" class="thumb{" chosen" if i == chosen else ""}" data-pick="{i}" '
        f'aria-pressed="{"true" if i == chosen else "false"}" aria-label="{names[i]}"{"" if i < ready else " disabled"}>'
        f'<img src="{png_uri(face.crop)}" alt="" width="112" height="112"><span class="tag">{i + 1}</span></button>'
        for i, face in enumerate(faces)
    )
    more = more_faces(skipped, len(faces), say) if skipped else ""
    if ready < len(faces):
        more = " ".join(filter(None, (say("The largest face is judged first, the others follow."), more)))
    more = f'<p class="fine">{more}</p>' if more else ""
    return f'<p class="label">{say("Choose a face")}</p><div class="thumbs">{items}</div>{more}'


def _crop(face: Face, name: str, say: Say) -> str:
    told = glued(say("These 112 × 112 pixels are all that the networks see."), " × ")
    return (
        f'<figure class="crop"><img src="{png_uri(face.crop)}" width="112" height="112" '
        f'alt="{say("{face}, cut out and aligned", face=name)}"><figcaption>{say("<b>{face}</b>, aligned.", face=name)} '
        f"{told}</figcaption></figure>"
    )
