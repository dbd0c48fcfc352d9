"""Photos that a careless or hostile visitor might send, made by program: the same for every test of every door.

Every case says what must become of it. ``answered``: a face is found in it. ``faceless``: it opens,
and no face is in it. ``refused``: it must not open. ``either``: whether it opens is the decoder's
choice, and both ends are fine as long as nothing else happens.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, TiffImagePlugin

ANSWERED, FACELESS, REFUSED, EITHER = "answered", "faceless", "refused", "either"
DATA = Path(__file__).parents[1] / "data"
FACE, PROFILE = DATA / "face.jpg", DATA / "profile.jpg"
SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Case:
    """One file: what to call it, its bytes, the suffix it comes with, and what must become of it."""

    name: str
    data: bytes
    suffix: str
    outcome: str


@cache
def cases() -> tuple[Case, ...]:
    """All of them, in an order that never changes."""
    parts = (
        _encodings, _containers, _metadata, _truncated, _mutated, _spliced, _bombs, _broken_headers, _other_formats, _shapes, _faces, _names_of_formats,
    )  # fmt: skip
    found = tuple(case for part in parts for case in part())
    assert len({case.name for case in found}) == len(found)
    return found


def encoded(image: Image.Image, format_: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_, **options)
    return buffer.getvalue()


def png_of(header: bytes, body: bytes, *more: tuple[bytes, bytes]) -> bytes:
    """A PNG of these parts, with sums that are right."""
    chunks = [(b"IHDR", header), *more, (b"IDAT", body), (b"IEND", b"")]
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@cache
def _photo() -> Image.Image:
    with Image.open(FACE) as image:
        return image.convert("RGB")


def _encodings() -> Iterator[Case]:
    """Sound photos in every way that the three formats know."""
    photo = _photo()
    for quality in (20, 50, 75, 95, 100):
        yield Case(f"jpeg quality {quality}", encoded(photo, "JPEG", quality=quality), ".jpg", ANSWERED)
    for subsampling in (0, 1, 2):
        for progressive in (False, True):
            data = encoded(photo, "JPEG", subsampling=subsampling, progressive=progressive, optimize=True)
            yield Case(f"jpeg subsampling {subsampling} progressive {progressive}", data, ".jpg", ANSWERED)
    yield Case("jpeg restart markers", encoded(photo, "JPEG", restart_marker_blocks=1), ".jpg", ANSWERED)
    yield Case("jpeg grey", encoded(photo.convert("L"), "JPEG"), ".jpg", ANSWERED)
    yield Case("jpeg cmyk", encoded(photo.convert("CMYK"), "JPEG"), ".jpg", ANSWERED)
    yield Case("jpeg keeps rgb", encoded(photo, "JPEG", keep_rgb=True), ".jpg", ANSWERED)
    for level in (0, 1, 9):
        yield Case(f"png level {level}", encoded(photo, "PNG", compress_level=level), ".png", ANSWERED)
    for mode in ("L", "LA", "RGBA", "P"):
        made = photo.convert("RGBA").convert(mode) if mode == "LA" else photo.convert(mode)
        yield Case(f"png mode {mode}", encoded(made, "PNG"), ".png", ANSWERED)
    yield Case("png 1 bit", encoded(photo.convert("1"), "PNG"), ".png", EITHER)
    grey = np.asarray(photo.convert("L"), dtype=np.uint16)
    yield Case("png 16 bit grey", encoded(Image.fromarray(grey * 257), "PNG"), ".png", ANSWERED)
    yield Case("png 16 bit rgb", _png_16_bit(np.asarray(photo)), ".png", ANSWERED)
    yield Case("png interlaced bit without the order", _interlaced(), ".png", EITHER)
    for colours in (2, 16, 64, 256):
        outcome = EITHER if colours < 64 else ANSWERED
        yield Case(f"png palette of {colours}", encoded(photo.quantize(colours), "PNG"), ".png", outcome)
    transparent = photo.copy()
    transparent.putalpha(0)
    yield Case("png wholly transparent", encoded(transparent, "PNG"), ".png", FACELESS)
    half = photo.copy()
    half.putalpha(Image.linear_gradient("L").resize(photo.size))
    yield Case("png alpha gradient", encoded(half, "PNG"), ".png", EITHER)
    for lossless in (False, True):
        for quality in (10, 80, 100):
            data = encoded(photo, "WEBP", lossless=lossless, quality=quality, method=0)
            outcome = EITHER if quality == 10 and not lossless else ANSWERED
            yield Case(f"webp lossless {lossless} quality {quality}", data, ".webp", outcome)
    yield Case("webp alpha", encoded(half, "WEBP"), ".webp", EITHER)


def _png_16_bit(rgb: np.ndarray) -> bytes:
    height, width, _ = rgb.shape
    rows = (rgb.astype(">u2") * 257).tobytes()
    stride = width * 6
    body = b"".join(b"\0" + rows[k * stride : (k + 1) * stride] for k in range(height))
    return png_of(struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0), zlib.compress(body, 1))


def _interlaced() -> bytes:
    """Says Adam7, holds rows from top to bottom."""
    data = bytearray(encoded(_photo(), "PNG"))
    data[28] = 1
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


def _containers() -> Iterator[Case]:
    """More than one picture in a file; the first one counts."""
    photo, blank = _photo(), Image.new("RGB", _photo().size, "white")
    for format_, suffix in (("PNG", ".png"), ("WEBP", ".webp")):
        for first, second, outcome in ((photo, blank, ANSWERED), (blank, photo, FACELESS)):
            for frames in (2, 5):
                data = encoded(first, format_, save_all=True, append_images=[second] * (frames - 1), duration=40)
                yield Case(f"{format_} animated, {frames} frames, {outcome}", data, suffix, outcome)
    yield Case("mpo of two photos", encoded(photo, "MPO", save_all=True, append_images=[blank]), ".jpg", EITHER)
    small = photo.resize((64, 64))
    data = encoded(
        small, "PNG", save_all=True, append_images=[Image.new("RGB", (64, 64), (k, 0, 0)) for k in range(200)]
    )
    yield Case("png of 200 frames", data, ".png", EITHER)


def _metadata() -> Iterator[Case]:
    """EXIF, profiles, comments and text of every size; none of it may matter or leave."""
    photo = _photo()
    for orientation in range(10):
        exif = Image.Exif()
        exif[0x0112] = orientation
        # A face on its head or its side is hard to find, and then rightly not answered.
        outcome = ANSWERED if orientation in (0, 1, 2, 9) else EITHER
        yield Case(f"exif orientation {orientation}", encoded(photo, "JPEG", exif=exif), ".jpg", outcome)
    for size in (1, 100, 60_000):
        exif = Image.Exif()
        exif[0x9286] = b"A" * size
        yield Case(f"exif comment of {size}", encoded(photo, "JPEG", exif=exif), ".jpg", ANSWERED)
    for megabytes in (2, 8):
        exif = Image.Exif()
        exif[0x9286] = b"A" * (megabytes * 2**20)
        exif[0x0112] = 1
        for format_, suffix in (("PNG", ".png"), ("WEBP", ".webp")):  # in a JPEG there is room for 64 KB
            data = encoded(photo, format_, exif=exif.tobytes())
            yield Case(f"{format_} exif of {megabytes} MB", data, suffix, ANSWERED)
    for kind, value in (("negative", -1), ("far", 0x7FFFFFFF), ("zero", 0)):
        body = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0" + struct.pack("<i", value) + b"\0\0\0\0"
        yield Case(f"exif orientation {kind}", encoded(photo, "JPEG", exif=body), ".jpg", EITHER)
    loop = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0"
    yield Case("exif that points to itself", encoded(photo, "JPEG", exif=loop), ".jpg", ANSWERED)
    yield Case("exif gps", encoded(photo, "JPEG", exif=_gps()), ".jpg", ANSWERED)
    for size in (0, 1, 127, 128, 60_000, 300_000):
        icc = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
        for format_, suffix in (("JPEG", ".jpg"), ("PNG", ".png"), ("WEBP", ".webp")):
            data = encoded(photo, format_, icc_profile=icc)
            yield Case(f"{format_} junk profile of {size}", data, suffix, ANSWERED)
    yield Case("jpeg comment", encoded(photo, "JPEG", comment=b"<script>alert(1)</script>"), ".jpg", ANSWERED)
    plain = encoded(photo, "PNG")
    text = _chunk(b"tEXt", b"Title\0<img src=x onerror=alert(1)>")
    yield Case("png text", plain[:33] + text + plain[33:], ".png", ANSWERED)
    for size in (2_000_000, 80_000_000):
        bomb = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * size, 9))
        yield Case(f"png text bomb of {size}", plain[:33] + bomb + plain[33:], ".png", EITHER)
        bomb = _chunk(b"iCCP", b"icc\0\0" + zlib.compress(b"\0" * size, 9))
        yield Case(f"png profile bomb of {size}", plain[:33] + bomb + plain[33:], ".png", EITHER)
    many = b"".join(_chunk(b"tEXt", b"k%d\0v" % k) for k in range(20_000))
    yield Case("png of 20,000 texts", plain[:33] + many + plain[33:], ".png", EITHER)
    app = b"\xff\xed\xff\xff" + b"8BIM" * 16383 + b"\0"
    jpeg = encoded(photo, "JPEG")
    yield Case("jpeg of 60 segments", jpeg[:2] + app * 60 + jpeg[2:], ".jpg", EITHER)


def _gps() -> Image.Exif:
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: tuple(TiffImagePlugin.IFDRational(k) for k in (40, 26, 46))})
    return exif


def _truncated() -> Iterator[Case]:
    for format_, suffix in (("JPEG", ".jpg"), ("PNG", ".png"), ("WEBP", ".webp")):
        whole = encoded(_photo(), format_)
        for share in (0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99):
            data = whole[: max(1, int(len(whole) * share))]
            yield Case(f"{format_} cut at {share}", data, suffix, REFUSED)
        for length in (1, 2, 4, 8, 12, 16):
            yield Case(f"{format_} of {length} bytes", whole[:length], suffix, REFUSED)
        yield Case(f"{format_} with a tail", whole + b"\0" * 1000, suffix, ANSWERED)
        yield Case(f"{format_} after a head", b"\0" * 16 + whole, suffix, REFUSED)


def _mutated() -> Iterator[Case]:
    """Single bytes and runs of bytes changed, from a fixed seed."""
    random = np.random.default_rng(20250308)
    for format_, suffix in (("JPEG", ".jpg"), ("PNG", ".png"), ("WEBP", ".webp")):
        whole = encoded(_photo(), format_)
        for number in range(20):
            data = bytearray(whole)
            for place in random.integers(0, len(data), size=1 + number):
                data[place] = int(random.integers(256))
            yield Case(f"{format_} with {1 + number} bytes changed", bytes(data), suffix, EITHER)
        for number in range(10):  # in the header, where it hurts most
            data = bytearray(whole)
            data[int(random.integers(2, 64))] ^= 1 << int(random.integers(8))
            yield Case(f"{format_} with a header bit changed, {number}", bytes(data), suffix, EITHER)
        for number in range(4):
            start = int(random.integers(0, len(whole) // 2))
            data = whole[:start] + random.bytes(200) + whole[start + 200 :]
            yield Case(f"{format_} with a run changed, {number}", data, suffix, EITHER)


def _spliced() -> Iterator[Case]:
    """Polyglots: two formats in one file."""
    jpeg, png, webp = (encoded(_photo(), f) for f in ("JPEG", "PNG", "WEBP"))
    page = b"<html><script>alert(document.domain)</script></html>"
    archive = b"PK\x05\x06" + b"\0" * 18
    yield Case("jpeg then zip", jpeg + archive, ".jpg", ANSWERED)
    yield Case("jpeg then png", jpeg + png, ".jpg", ANSWERED)
    yield Case("png then html", png + page, ".png", ANSWERED)
    yield Case("html then png", page + png, ".png", REFUSED)
    yield Case("jpeg with html in a comment", encoded(_photo(), "JPEG", comment=page), ".jpg", ANSWERED)
    yield Case("half jpeg half png", jpeg[: len(jpeg) // 2] + png[len(png) // 2 :], ".jpg", EITHER)
    yield Case("png head, jpeg body", png[:33] + jpeg, ".png", REFUSED)
    yield Case("webp head, png body", webp[:12] + png, ".webp", REFUSED)
    yield Case("gif head, jpeg body", b"GIF89a" + jpeg, ".jpg", REFUSED)
    yield Case("pdf head, jpeg body", b"%PDF-1.7\n" + jpeg, ".jpg", REFUSED)
    yield Case("shell script", b"#!/bin/sh\nrm -rf /\n", ".jpg", REFUSED)
    yield Case("elf", b"\x7fELF\x02\x01\x01" + b"\0" * 512, ".png", REFUSED)


def _bombs() -> Iterator[Case]:
    """Small files that would be large pictures."""
    for side in (8_000, 16_000, 30_000, 65_535, 2**31 - 1):
        header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
        yield Case(f"png that says {side}", png_of(header, zlib.compress(b"\0" * 100_000)), ".png", REFUSED)
    for width, height in ((30_000, 1), (1, 30_000), (1, 1), (2, 2), (15, 15), (0, 0), (0, 100), (30_000, 16)):
        header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
        body = zlib.compress((b"\0" + b"\x80" * width) * height)
        yield Case(f"png of {width} × {height}", png_of(header, body), ".png", REFUSED)
    header = struct.pack(">IIBBBBB", 256, 256, 8, 2, 0, 0, 0)
    yield Case("png whose rows never end", png_of(header, zlib.compress(b"\0" * 200_000_000, 9)), ".png", EITHER)
    black = Image.new("L", (12_000, 12_000))
    yield Case("png of 144 megapixels", encoded(black, "PNG"), ".png", REFUSED)
    yield Case("jpeg of 144 megapixels", encoded(black, "JPEG", quality=1), ".jpg", REFUSED)
    yield Case("jpeg of 48 megapixels", encoded(Image.new("L", (8_000, 6_000)), "JPEG", quality=1), ".jpg", FACELESS)
    yield Case("png of 23 megapixels", encoded(Image.new("1", (4_800, 4_800)), "PNG"), ".png", FACELESS)
    data = bytearray(encoded(_photo(), "JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = b"\xff\xff\xff\xff"
    yield Case("jpeg that says 65,535", bytes(data), ".jpg", REFUSED)
    wide = bytearray(encoded(_photo(), "WEBP", lossless=True))
    wide[21:25] = b"\xff\xff\xff\x0f"
    yield Case("webp that says 16,384", bytes(wide), ".webp", REFUSED)


def _broken_headers() -> Iterator[Case]:
    plain = encoded(_photo(), "PNG")
    width, height = _photo().size
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
    jpeg = encoded(_photo(), "JPEG")
    yield Case("jpeg without tables", jpeg.replace(b"\xff\xdb", b"\xff\xec"), ".jpg", REFUSED)
    yield Case("jpeg without codes", jpeg.replace(b"\xff\xc4", b"\xff\xec"), ".jpg", EITHER)
    yield Case("riff of another kind", b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 64, ".webp", REFUSED)
    yield Case("webp of no length", b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0", ".webp", REFUSED)


def _other_formats() -> Iterator[Case]:
    photo = _photo()
    for format_, suffix in (
        ("GIF", ".gif"), ("BMP", ".bmp"), ("TIFF", ".tif"), ("PPM", ".ppm"), ("ICO", ".ico"), ("TGA", ".tga"), ("PCX", ".pcx"), ("SGI", ".sgi"),
        ("JPEG2000", ".jp2"), ("PDF", ".pdf"), ("EPS", ".eps"), ("DDS", ".dds"), ("AVIF", ".avif"), ("ICNS", ".icns"),
    ):  # fmt: skip
        try:
            data = encoded(photo, format_)
        except (OSError, KeyError):  # this Pillow was built without it
            continue
        yield Case(f"{format_}", data, suffix, REFUSED)
        yield Case(f"{format_} called .jpg", data, ".jpg", REFUSED)
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
    yield Case("16 MB", b"\xff\xd8" + b"\0" * (16 * 2**20), ".jpg", REFUSED)


def _shapes() -> Iterator[Case]:
    """Sound pictures of unusual sizes without a face."""
    for width, height in ((16, 16), (17, 300), (640, 16), (100, 100), (1600, 40), (3000, 3000)):
        grey = Image.new("RGB", (width, height), (120, 120, 120))
        yield Case(f"grey of {width} × {height}", encoded(grey, "PNG"), ".png", FACELESS)
    for colour in ("black", "white", "red"):
        yield Case(f"all {colour}", encoded(Image.new("RGB", (500, 500), colour), "JPEG"), ".jpg", FACELESS)
    noise = np.random.default_rng(2).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    yield Case("noise", encoded(Image.fromarray(noise), "PNG"), ".png", FACELESS)
    yield Case(
        "stripes", encoded(Image.fromarray(np.tile(np.uint8([[0], [255]]), (200, 400))), "PNG"), ".png", FACELESS
    )
    drawing = Image.new("RGB", (400, 400), "white")
    pen = ImageDraw.Draw(drawing)
    pen.ellipse((80, 60, 320, 360), outline="black", width=4)
    pen.ellipse((140, 150, 170, 180), fill="black")
    pen.ellipse((230, 150, 260, 180), fill="black")
    pen.arc((150, 220, 250, 300), 0, 180, fill="black", width=4)
    yield Case("a drawn face", encoded(drawing, "PNG"), ".png", EITHER)


def _faces() -> Iterator[Case]:
    """The same face, many times, tiny, turned, hidden, at the edge."""
    photo = _photo()
    side = min(photo.size)
    square = photo.crop((0, 0, side, side))
    for across in (2, 4, 8):
        sheet = Image.new("RGB", (across * 160, across * 160))
        for k in range(across * across):
            sheet.paste(square.resize((160, 160)), (k % across * 160, k // across * 160))
        yield Case(f"{across * across} faces", encoded(sheet, "JPEG"), ".jpg", ANSWERED)
    for size in (8, 12, 20, 32, 64):
        wide = Image.new("RGB", (800, 600), "white")
        wide.paste(square.resize((size, size)), (400, 300))
        yield Case(f"a face of {size} pixels", encoded(wide, "PNG"), ".png", EITHER)
    for angle in (15, 45, 90, 135, 180):
        yield Case(f"turned by {angle}", encoded(photo.rotate(angle, expand=True), "JPEG"), ".jpg", EITHER)
    yield Case("mirrored", encoded(photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT), "JPEG"), ".jpg", ANSWERED)
    with Image.open(PROFILE) as image:
        profile = image.convert("RGB")
    for name, picture in (("right", profile), ("left", profile.transpose(Image.Transpose.FLIP_LEFT_RIGHT))):
        yield Case(f"a profile to the {name}", encoded(picture, "JPEG", quality=90), ".jpg", ANSWERED)
    for side in (40, 120):
        yield Case(f"a profile of {side} pixels", encoded(profile.resize((side, side)), "PNG"), ".png", EITHER)
    for radius in (2, 8, 30):
        blurred = photo.filter(ImageFilter.GaussianBlur(radius))
        yield Case(f"blurred by {radius}", encoded(blurred, "JPEG"), ".jpg", EITHER)
    width, height = photo.size
    for name, box in (("left", (0, 0, width // 2, height)), ("top", (0, 0, width, height // 2))):
        yield Case(f"{name} half", encoded(photo.crop(box), "JPEG"), ".jpg", EITHER)
    for factor in (0.05, 0.3, 3.0):
        data = encoded(photo.point(lambda v, f=factor: min(255, int(v * f))), "JPEG")
        yield Case(f"brightness × {factor}", data, ".jpg", EITHER)
    large = photo.resize((photo.width * 4000 // photo.width, photo.height * 4000 // photo.width))
    yield Case("a large photo", encoded(large, "JPEG", quality=60), ".jpg", ANSWERED)


def _names_of_formats() -> Iterator[Case]:
    """The right content under another format's suffix: the content decides."""
    for format_ in ("JPEG", "PNG", "WEBP"):
        data = encoded(_photo(), format_)
        for suffix in (".jpg", ".jpeg", ".png", ".webp", ".JPG"):
            yield Case(f"{format_} called {suffix}", data, suffix, ANSWERED)
