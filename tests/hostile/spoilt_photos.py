"""Photos that are cut, changed, spliced, of other formats, with broken headers, or bombs."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from functools import cache, partial

import numpy as np
from PIL import Image, features

from tests.hostile.photo_parts import (
    ANSWERED,
    EITHER,
    FACELESS,
    REFUSED,
    SIGNATURE,
    THREE,
    Case,
    encoded,
    png_of,
    the_photo,
    with_chunks,
    written_as,
)


def truncated() -> Iterator[Case]:
    for format_, suffix in THREE:
        whole = written_as(format_)
        for share in (0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99):
            data = whole[: max(1, int(len(whole) * share))]
            yield Case(f"{format_} cut at {share}", data, suffix, REFUSED)
        for length in (1, 2, 4, 8, 12, 16):
            yield Case(f"{format_} of {length} bytes", whole[:length], suffix, REFUSED)
        yield Case(f"{format_} with a tail", whole + b"\0" * 1000, suffix, ANSWERED)
        yield Case(f"{format_} after a head", b"\0" * 16 + whole, suffix, REFUSED)


def mutated() -> Iterator[Case]:
    """Single bytes and runs of bytes changed, each from a seed of its own."""
    for kind, (format_, suffix) in enumerate(THREE):
        for number in range(20):
            made = partial(_changed, format_, (kind, 0, number), _scattered, 1 + number)
            yield Case(f"{format_} with {1 + number} bytes changed", made, suffix, EITHER)
        for number in range(10):  # in the header, where it hurts most
            made = partial(_changed, format_, (kind, 1, number), _header_bit)
            yield Case(f"{format_} with a header bit changed, {number}", made, suffix, EITHER)
        for number in range(4):
            made = partial(_changed, format_, (kind, 2, number), _run)
            yield Case(f"{format_} with a run changed, {number}", made, suffix, EITHER)


def _changed(format_: str, seed: tuple[int, ...], change: Callable[..., None], *more: int) -> bytes:
    data = bytearray(written_as(format_))
    change(data, np.random.default_rng((20250308, *seed)), *more)
    return bytes(data)


def _scattered(data: bytearray, random: np.random.Generator, count: int) -> None:
    for place in random.integers(0, len(data), size=count):
        data[place] = int(random.integers(256))


def _header_bit(data: bytearray, random: np.random.Generator) -> None:
    data[int(random.integers(2, 64))] ^= 1 << int(random.integers(8))


def _run(data: bytearray, random: np.random.Generator) -> None:
    start = int(random.integers(0, len(data) // 2))
    data[start : start + 200] = random.bytes(200)


def spliced() -> Iterator[Case]:
    """Polyglots: two formats in one file."""
    jpeg, png, webp = (written_as(format_) for format_, _ in THREE)
    page = b"<html><script>alert(document.domain)</script></html>"
    archive = b"PK\x05\x06" + b"\0" * 18
    yield Case("jpeg then zip", jpeg + archive, ".jpg", ANSWERED)
    yield Case("jpeg then png", jpeg + png, ".jpg", ANSWERED)
    yield Case("png then html", png + page, ".png", ANSWERED)
    yield Case("html then png", page + png, ".png", REFUSED)
    commented = partial(encoded, the_photo(), "JPEG", comment=page)
    yield Case("jpeg with html in a comment", commented, ".jpg", ANSWERED)
    yield Case("half jpeg half png", jpeg[: len(jpeg) // 2] + png[len(png) // 2 :], ".jpg", EITHER)
    yield Case("png head, jpeg body", png[:33] + jpeg, ".png", REFUSED)
    yield Case("webp head, png body", webp[:12] + png, ".webp", REFUSED)
    yield Case("gif head, jpeg body", b"GIF89a" + jpeg, ".jpg", REFUSED)
    yield Case("pdf head, jpeg body", b"%PDF-1.7\n" + jpeg, ".jpg", REFUSED)
    yield Case("shell script", b"#!/bin/sh\nrm -rf /\n", ".jpg", REFUSED)
    yield Case("elf", b"\x7fELF\x02\x01\x01" + b"\0" * 512, ".png", REFUSED)


def bombs() -> Iterator[Case]:
    """Small files that would be large pictures, or large texts."""
    for side in (8_000, 16_000, 30_000, 65_535, 2**31 - 1):
        header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
        yield Case(f"png that says {side}", png_of(header, zlib.compress(b"\0" * 100_000)), ".png", REFUSED)
    for width, height in ((30_000, 1), (1, 30_000), (1, 1), (2, 2), (15, 15), (0, 0), (0, 100), (30_000, 16)):
        header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
        body = zlib.compress((b"\0" + b"\x80" * width) * height)
        yield Case(f"png of {width} × {height}", png_of(header, body), ".png", REFUSED)
    header = struct.pack(">IIBBBBB", 256, 256, 8, 2, 0, 0, 0)
    yield Case("png whose rows never end", lambda: png_of(header, _zeros(200_000_000)), ".png", EITHER)
    for format_, suffix, options in (("PNG", ".png", {}), ("JPEG", ".jpg", {"quality": 1})):
        made = partial(_black, (12_000, 12_000), format_, **options)
        yield Case(f"{format_.lower()} of 144 megapixels", made, suffix, REFUSED)
    yield Case("jpeg of 48 megapixels", partial(_black, (8_000, 6_000), "JPEG", quality=1), ".jpg", FACELESS)
    yield Case("png of 23 megapixels", partial(_black, (4_800, 4_800), "PNG", mode="1"), ".png", FACELESS)
    data = bytearray(written_as("JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = b"\xff\xff\xff\xff"
    yield Case("jpeg that says 65,535", bytes(data), ".jpg", REFUSED)
    yield Case("webp that says 16,384", _wide_webp, ".webp", REFUSED)
    for size in (2_000_000, 80_000_000):
        for what, kind, head in (("text", b"zTXt", b"Comment\0\0"), ("profile", b"iCCP", b"icc\0\0")):
            made = partial(_packed_chunk, kind, head, size)
            yield Case(f"png {what} bomb of {size}", made, ".png", EITHER)


@cache
def _zeros(size: int) -> bytes:
    """So many zeros, packed as well as can be."""
    return zlib.compress(b"\0" * size, 9)


def _packed_chunk(kind: bytes, head: bytes, size: int) -> bytes:
    return with_chunks(kind, head + _zeros(size))


def _black(size: tuple[int, int], format_: str, mode: str = "L", **options: object) -> bytes:
    return encoded(Image.new(mode, size), format_, **options)


def _wide_webp() -> bytes:
    wide = bytearray(encoded(the_photo(), "WEBP", lossless=True))
    wide[21:25] = b"\xff\xff\xff\x0f"
    return bytes(wide)


def broken_headers() -> Iterator[Case]:
    plain, jpeg = written_as("PNG"), written_as("JPEG")
    width, height = the_photo().size
    for depth, colour in ((3, 2), (16, 3), (8, 1), (8, 5), (32, 2), (0, 0), (255, 255)):
        header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
        yield Case(f"png depth {depth} colour {colour}", png_of(header, zlib.compress(b"\0" * 99)), ".png", REFUSED)
    for method in (1, 255):
        header = struct.pack(">IIBBBBB", width, height, 8, 2, method, method, 0)
        yield Case(f"png method {method}", png_of(header, zlib.compress(b"\0" * 99)), ".png", REFUSED)
    header = struct.pack(">IIBBBBB", 64, 64, 8, 3, 0, 0, 0)
    yield Case("png palette without one", png_of(header, zlib.compress(b"\0" * 65 * 64)), ".png", EITHER)
    yield Case("png with a wrong sum", plain[:29] + b"\0\0\0\0" + plain[33:], ".png", REFUSED)
    yield Case("png without a header", SIGNATURE + plain[33:], ".png", REFUSED)
    yield Case("png of a header only", plain[:33], ".png", REFUSED)
    yield Case("png with a chunk of 4 GB", plain[:33] + b"\xff\xff\xff\xffIDAT" + b"\0" * 64, ".png", REFUSED)
    yield Case("jpeg of markers only", b"\xff\xd8\xff\xd9", ".jpg", REFUSED)
    yield Case("jpeg of 0xff", b"\xff\xd8" + b"\xff" * 100_000, ".jpg", REFUSED)
    yield Case("jpeg without tables", jpeg.replace(b"\xff\xdb", b"\xff\xec"), ".jpg", REFUSED)
    yield Case("jpeg without codes", jpeg.replace(b"\xff\xc4", b"\xff\xec"), ".jpg", EITHER)
    yield Case("riff of another kind", b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 64, ".webp", REFUSED)
    yield Case("webp of no length", b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0", ".webp", REFUSED)


def other_formats() -> Iterator[Case]:
    photo = the_photo()
    Image.init()
    left_out = {
        format_ for format_, feature in {"JPEG2000": "jpg_2000", "AVIF": "avif"}.items() if not features.check(feature)
    }
    for format_, suffix in (
        ("GIF", ".gif"), ("BMP", ".bmp"), ("TIFF", ".tif"), ("PPM", ".ppm"), ("ICO", ".ico"), ("TGA", ".tga"), ("PCX", ".pcx"), ("SGI", ".sgi"),
        ("JPEG2000", ".jp2"), ("PDF", ".pdf"), ("EPS", ".eps"), ("DDS", ".dds"), ("AVIF", ".avif"), ("ICNS", ".icns"),
    ):  # fmt: skip
        if format_ not in Image.SAVE or format_ in left_out:  # this Pillow was built without it
            continue
        made = partial(encoded, photo, format_)
        yield Case(f"{format_}", made, suffix, REFUSED)
        yield Case(f"{format_} called .jpg", made, ".jpg", REFUSED)
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    yield Case("svg", svg, ".svg", REFUSED)
    yield Case("svg called .png", svg, ".png", REFUSED)
    entity = b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>'
    yield Case("xml entity called .png", entity, ".png", REFUSED)
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 256
    yield Case("heic called .jpg", heic, ".jpg", REFUSED)
    for name, data in (
        ("empty", b""),
        ("zeros", b"\0" * 5000),
        ("text", b"hello\n"),
        ("json", b'{"a": 1}'),
        ("newline", b"\n"),
    ):
        yield Case(f"{name} called .jpg", data, ".jpg", REFUSED)
    yield Case("noise called .png", np.random.default_rng(1).bytes(20_000), ".png", REFUSED)
    yield Case("16 MB", lambda: b"\xff\xd8" + b"\0" * (16 * 2**20), ".jpg", REFUSED)
