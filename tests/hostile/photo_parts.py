"""What hostile photos are made with: the photo of a face, its encodings, and PNG by hand."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image

ANSWERED, FACELESS, REFUSED, EITHER = "answered", "faceless", "refused", "either"
DATA = Path(__file__).parents[1] / "data"
FACE, PROFILE = DATA / "face.jpg", DATA / "profile.jpg"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
THREE = (("JPEG", ".jpg"), ("PNG", ".png"), ("WEBP", ".webp"))


@dataclass(frozen=True, slots=True)
class Case:
    """One file.

    Attributes:
        name: what to call it; no two are alike.
        content: its bytes, or what makes them, the same ones each time.
        suffix: that it comes with.
        outcome: what must become of it.
    """

    name: str
    content: bytes | Callable[[], bytes]
    suffix: str
    outcome: str

    @property
    def data(self) -> bytes:
        """Its bytes, made anew each time."""
        return self.content if isinstance(self.content, bytes) else self.content()


def encoded(image: Image.Image, format_: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_, **options)
    return buffer.getvalue()


def png_of(header: bytes, body: bytes, *more: tuple[bytes, bytes]) -> bytes:
    """A PNG of these parts, with sums that are right."""
    chunks = [(b"IHDR", header), *more, (b"IDAT", body), (b"IEND", b"")]
    return SIGNATURE + b"".join(chunk(kind, data) for kind, data in chunks)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@cache
def the_photo() -> Image.Image:
    with Image.open(FACE) as image:
        return image.convert("RGB")


@cache
def written_as(format_: str) -> bytes:
    """The photo in one of the formats, as Pillow writes it if told nothing else."""
    return encoded(the_photo(), format_)


def with_chunks(kind: bytes, *contents: bytes) -> bytes:
    """The photo as PNG with more chunks after its header."""
    plain = written_as("PNG")
    return plain[:33] + b"".join(chunk(kind, content) for content in contents) + plain[33:]
