"""A folder of many photos to audit: drawn from the examples, or taken from a folder or tar of the user's own."""

from __future__ import annotations

import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from PIL import Image, ImageEnhance, ImageOps

from mint.storage.paths import EXAMPLES
from mint.vision.kinds import SUFFIXES

SIDES = (512, 384, 320, 256)  # pixels: of the longer side, as photos of a collection differ
LIGHTS = (1.0, 0.85, 1.15)
PICTURES = tuple(sorted(path for room in ("faces", "people") for path in (EXAMPLES / room).glob("*.*g")))
T = TypeVar("T")


def drawn(folder: Path, count: int, pictures: Sequence[Path] = PICTURES) -> Path:
    """Write so many JPEG files: each picture at several sizes, mirrored or not, lighter or darker. No two are alike."""
    folder.mkdir(parents=True)
    for number in range(count):
        round_, which = divmod(number, len(pictures))
        with Image.open(pictures[which]) as opened:
            image = opened.convert("RGB")
        side = SIDES[round_ % len(SIDES)]
        image = ImageOps.contain(image, (side, side), Image.Resampling.LANCZOS)
        if (round_ // len(SIDES)) % 2:
            image = ImageOps.mirror(image)
        light = LIGHTS[(round_ // (2 * len(SIDES))) % len(LIGHTS)]
        quality = 90 - round_ // (2 * len(SIDES) * len(LIGHTS))
        ImageEnhance.Brightness(image).enhance(light).save(folder / f"{number:06d}.jpg", quality=quality)
    return folder


def taken(source: Path, folder: Path, count: int) -> Path:
    """Copy so many photos, spread evenly over a folder or a tar.

    Raises:
        ValueError: there are fewer.
    """
    folder.mkdir(parents=True)
    if source.is_dir():
        files = sorted(path for path in source.rglob("*") if path.suffix.lower() in SUFFIXES)
        chosen = [(path.suffix, path.read_bytes()) for path in spread(files, count)]
    else:
        with tarfile.open(source) as tar:
            members = [m for m in tar.getmembers() if m.isfile() and Path(m.name).suffix.lower() in SUFFIXES]
            chosen = [(Path(m.name).suffix, tar.extractfile(m).read()) for m in spread(members, count)]  # type: ignore[union-attr]
    for number, (suffix, data) in enumerate(chosen):
        (folder / f"{number:06d}{suffix}").write_bytes(data)
    return folder


def spread(items: list[T], count: int) -> list[T]:
    """Return so many of the items, evenly apart. Raises ValueError where there are fewer."""
    if len(items) < count:
        raise ValueError(f"there are {len(items)} photos, not {count}")
    return [items[number * len(items) // count] for number in range(count)]
