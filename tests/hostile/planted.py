"""A photo with a watermark, and a search for any trace of it: of its file, its pixels, its name, or a picture of it."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin

from mint.vision.faces import find
from mint.vision.images import open_photo

SIDE = 28
ALIKE = 0.6  # correlation from which two pictures are one; see test_planted: strangers reach less, copies more
NEEDLES = 24
MOST_BYTES = 64 * 2**20
MAGIC = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF....WEBP|GIF8[79]a|BM....\0\0\0\0", re.S)
BASE64 = re.compile(rb"[A-Za-z0-9+/]{200,}={0,2}")


@dataclass(frozen=True)
class Planted:
    """A watermarked photo of one face.

    Attributes:
        mark: a word that occurs nowhere else; stands in the file's text and name.
        data: PNG.
    """

    mark: str
    data: bytes

    @cached_property
    def rgb(self) -> np.ndarray:
        """(H, W, 3) uint8."""
        return open_photo(self.data)

    @cached_property
    def crop(self) -> np.ndarray:
        """(112, 112, 3) uint8: what the networks see."""
        return find(self.rgb)[0].crop

    @property
    def name(self) -> str:
        """The file's."""
        return f"{self.mark}.png"

    def traces(self, data: bytes) -> list[str]:
        """What of the photo is in these bytes: plain, in base64, or in a picture that they hold."""
        found = [what for what, needle in self._needles if needle in data]
        for plain in _unpacked(data):
            found += [f"{what}, in base64" for what, needle in self._needles if needle in plain]
        found += [f"picture: {what}" for picture in pictures(data) if (what := self.alike(picture))]
        return sorted(set(found))

    def alike(self, picture: np.ndarray) -> str:
        """Which of the planted pictures this one shows; empty for none."""
        seen = _plan(picture)
        for name, plans in self._plans.items():
            if any(abs(float((a * b).mean())) > ALIKE for a in plans for b in (seen, seen[:, ::-1]) if a is not None):
                return name
        return ""

    @cached_property
    def _plans(self) -> dict[str, list[np.ndarray]]:
        return {"photo": [_plan(self.rgb)], "crop": [_plan(self.crop)]}

    @cached_property
    def _needles(self) -> tuple[tuple[str, bytes], ...]:
        found = [("mark", self.mark.encode()), ("mark in hex", self.mark.encode().hex().encode())]
        found += [("file", piece) for piece in _pieces(self.data, 24)]
        for name, rgb in (("photo", self.rgb), ("crop", self.crop)):
            for order, pixels in (("RGB", rgb), ("BGR", rgb[..., ::-1]), ("planes", rgb.transpose(2, 0, 1))):
                found += [(f"{name}, {order}", piece) for piece in _pieces(np.ascontiguousarray(pixels).tobytes(), 48)]
            floats = np.ascontiguousarray(rgb.transpose(2, 0, 1), np.float32)
            for scale, pixels in (("", floats), (" / 255", floats / 255), (" / 127.5 - 1", (floats - 127.5) / 127.5)):
                found += [(f"{name}, float{scale}", p) for p in _pieces(pixels.astype("<f4").tobytes(), 96)]
        return tuple(found)


def plant(photo: bytes, seed: int, strength: float = 1.0) -> Planted:
    """A face's photo, cut and with a watermark of its own: blocks, lighter and darker, bluer and redder, all over.

    Args:
        photo: of one face.
        seed: no two are alike.
        strength: of the watermark; a weak one leaves the photo uncut, and is found in exact copies only.
    """
    rgb = open_photo(photo).astype(np.float32)
    random = np.random.default_rng(seed)
    if strength >= 1:  # others may send the same photo without a watermark
        top, left = (int(side * share) for side, share in zip(rgb.shape, random.uniform(0.03, 0.08, 2), strict=False))
        rgb = rgb[top:, left:]
    side = max(1, max(rgb.shape[:2]) // 28)
    cells = (-(-rgb.shape[0] // side), -(-rgb.shape[1] // side))
    light, hue = (random.choice((-1.0, 1.0), cells).repeat(side, 0).repeat(side, 1) for _ in range(2))
    light, hue = (plane[: rgb.shape[0], : rgb.shape[1]] for plane in (light, hue))
    rgb += strength * (36 * light[..., None] + np.stack((16 * hue, 0 * hue, -16 * hue), -1))
    mark = f"planted{seed:05}x{random.bytes(8).hex()}"
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", mark)
    buffer = io.BytesIO()
    Image.fromarray(rgb.clip(0, 255).astype(np.uint8)).save(buffer, "PNG", pnginfo=told)
    return Planted(mark, buffer.getvalue())


def pictures(data: bytes) -> Iterator[np.ndarray]:
    """Every picture in these bytes, wherever they begin, and in base64 as well, decoded: (H, W, 3) uint8."""
    for plain in (data, *_unpacked(data)):
        for found in MAGIC.finditer(plain):
            try:
                with Image.open(io.BytesIO(plain[found.start() :])) as image:
                    yield np.asarray(image.convert("RGB"))
            except Exception:
                continue


def search(planted: Planted, folders: Sequence[Path]) -> dict[str, list[str]]:
    """Files under these folders with a trace of the photo, in content or name; what vanishes meanwhile is gone."""
    found = {}
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            traces = ["name"] if planted.mark in str(path.relative_to(folder.parent)) else []
            try:
                if path.is_file() and not path.is_symlink():
                    traces += planted.traces(path.read_bytes()[:MOST_BYTES])
            except OSError:
                continue
            if traces:
                found[str(path)] = traces
    return found


def _unpacked(data: bytes, depth: int = 3) -> Iterator[bytes]:
    """What stands in base64, also within base64: a picture in a report in a link."""
    for found in BASE64.finditer(data):
        text = found[0].rstrip(b"=")
        try:
            plain = base64.b64decode(text + b"=" * (-len(text) % 4))
        except binascii.Error:
            continue
        yield plain
        if depth > 1:
            yield from _unpacked(plain, depth - 1)


def _pieces(data: bytes, size: int) -> Iterator[bytes]:
    """Pieces from all over; dull ones, that others could have as well, are left out."""
    for start in np.linspace(0, max(0, len(data) - size), NEEDLES + 2, dtype=int)[1:-1]:
        piece = data[start : start + size]
        if len(set(piece)) >= 8:
            yield piece


def _plan(rgb: np.ndarray) -> np.ndarray:
    """(28, 28): the fine structure of the light, with mean 0 and variance 1; what a small, grey or recoded copy keeps."""
    image = Image.fromarray(rgb).convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    light = np.asarray(image, np.float64)
    padded = np.pad(light, 2, mode="edge")
    blurred = sum(padded[y : y + SIDE, x : x + SIDE] for y in range(5) for x in range(5)) / 25
    fine = light - blurred
    return (fine - fine.mean()) / (fine.std() + 1e-9)
