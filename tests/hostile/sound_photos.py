"""Photos that are sound, and unusual: every encoding, odd shapes, many or hidden faces, metadata of every size."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from functools import cache, partial

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, TiffImagePlugin

from tests.hostile.photo_parts import (
    ANSWERED,
    EITHER,
    FACELESS,
    PROFILE,
    REFUSED,
    THREE,
    Case,
    encoded,
    png_of,
    the_photo,
    with_chunks,
    written_as,
)


def encodings() -> Iterator[Case]:
    """Sound photos in every way that the three formats know."""
    photo = the_photo()
    jpeg, png, webp = (partial(encoded, photo, format_) for format_, _ in THREE)
    for quality in (20, 50, 75, 95, 100):
        yield Case(f"jpeg quality {quality}", partial(jpeg, quality=quality), ".jpg", ANSWERED)
    for subsampling in (0, 1, 2):
        for progressive in (False, True):
            made = partial(jpeg, subsampling=subsampling, progressive=progressive, optimize=True)
            yield Case(f"jpeg subsampling {subsampling} progressive {progressive}", made, ".jpg", ANSWERED)
    yield Case("jpeg restart markers", partial(jpeg, restart_marker_blocks=1), ".jpg", ANSWERED)
    yield Case("jpeg grey", lambda: encoded(photo.convert("L"), "JPEG"), ".jpg", ANSWERED)
    yield Case("jpeg cmyk", lambda: encoded(photo.convert("CMYK"), "JPEG"), ".jpg", ANSWERED)
    yield Case("jpeg keeps rgb", partial(jpeg, keep_rgb=True), ".jpg", ANSWERED)
    for level in (0, 1, 9):
        yield Case(f"png level {level}", partial(png, compress_level=level), ".png", ANSWERED)
    for mode in ("L", "LA", "RGBA", "P"):
        yield Case(f"png mode {mode}", partial(_png_in, mode), ".png", ANSWERED)
    yield Case("png 1 bit", partial(_png_in, "1"), ".png", EITHER)
    yield Case("png 16 bit grey", _png_16_bit_grey, ".png", ANSWERED)
    yield Case("png 16 bit rgb", lambda: _png_16_bit(np.asarray(photo)), ".png", ANSWERED)
    for bits in (8, 10, 12):
        made = partial(_png_16_bit, np.asarray(photo), bits)
        yield Case(f"png 16 bit rgb of {bits} bits", made, ".png", ANSWERED)
    yield Case("png 16 bit rgb of 14 bits or dark", lambda: _png_16_bit(np.asarray(photo), 14), ".png", REFUSED)
    yield Case("png interlaced bit without the order", _interlaced, ".png", EITHER)
    for colours in (2, 16, 64, 256):
        outcome = EITHER if colours < 64 else ANSWERED
        yield Case(f"png palette of {colours}", partial(_palette, colours), ".png", outcome)
    yield Case("png wholly transparent", lambda: encoded(_see_through(0), "PNG"), ".png", FACELESS)
    yield Case("png alpha gradient", lambda: encoded(_half_transparent(), "PNG"), ".png", EITHER)
    for lossless in (False, True):
        for quality in (10, 80, 100):
            made = partial(webp, lossless=lossless, quality=quality, method=0)
            outcome = EITHER if quality == 10 and not lossless else ANSWERED
            yield Case(f"webp lossless {lossless} quality {quality}", made, ".webp", outcome)
    yield Case("webp alpha", lambda: encoded(_half_transparent(), "WEBP"), ".webp", EITHER)


def _png_in(mode: str) -> bytes:
    photo = the_photo()
    return encoded(photo.convert("RGBA").convert(mode) if mode == "LA" else photo.convert(mode), "PNG")


def _palette(colours: int) -> bytes:
    return encoded(the_photo().quantize(colours), "PNG")


def _see_through(alpha: int | Image.Image) -> Image.Image:
    photo = the_photo().copy()
    photo.putalpha(alpha)
    return photo


def _half_transparent() -> Image.Image:
    return _see_through(Image.linear_gradient("L").resize(the_photo().size))


def _png_16_bit_grey() -> bytes:
    grey = np.asarray(the_photo().convert("L"), dtype=np.uint16)
    return encoded(Image.fromarray(grey * 257), "PNG")


def _png_16_bit(rgb: np.ndarray, bits: int = 16) -> bytes:
    height, width, _ = rgb.shape
    rows = (rgb * ((2**bits - 1) / 255)).round().astype(">u2").tobytes()
    stride = width * 6
    body = b"".join(b"\0" + rows[k * stride : (k + 1) * stride] for k in range(height))
    return png_of(struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0), zlib.compress(body, 1))


def _interlaced() -> bytes:
    """Says Adam7, holds rows from top to bottom."""
    data = bytearray(written_as("PNG"))
    data[28] = 1
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


def containers() -> Iterator[Case]:
    """More than one picture in a file; the first one counts."""
    photo, blank = the_photo(), Image.new("RGB", the_photo().size, "white")
    for format_, suffix in THREE[1:]:
        for first, second, outcome in ((photo, blank, ANSWERED), (blank, photo, FACELESS)):
            for frames in (2, 5):
                more = {"save_all": True, "append_images": [second] * (frames - 1), "duration": 40}
                made = partial(encoded, first, format_, **more)
                yield Case(f"{format_} animated, {frames} frames, {outcome}", made, suffix, outcome)
    both = partial(encoded, photo, "MPO", save_all=True, append_images=[blank])
    yield Case("mpo of two photos", both, ".jpg", EITHER)
    yield Case("png of 200 frames", _many_frames, ".png", EITHER)


def _many_frames() -> bytes:
    frames = [Image.new("RGB", (64, 64), (k, 0, 0)) for k in range(200)]
    return encoded(the_photo().resize((64, 64)), "PNG", save_all=True, append_images=frames)


def metadata() -> Iterator[Case]:
    """EXIF, profiles, comments and text of every size; none of it may matter or leave."""
    photo = the_photo()
    jpeg = partial(encoded, photo, "JPEG")
    for orientation in range(10):
        exif = Image.Exif()
        exif[0x0112] = orientation
        # A face on its head or its side is hard to find, and then rightly not answered.
        outcome = ANSWERED if orientation in (0, 1, 2, 9) else EITHER
        yield Case(f"exif orientation {orientation}", partial(jpeg, exif=exif), ".jpg", outcome)
    for size in (1, 100, 60_000):
        yield Case(f"exif comment of {size}", partial(_commented, size, "JPEG"), ".jpg", ANSWERED)
    for megabytes in (2, 8):
        for format_, suffix in THREE[1:]:  # in a JPEG there is room for 64 KB
            made = partial(_commented, megabytes * 2**20, format_)
            yield Case(f"{format_} exif of {megabytes} MB", made, suffix, ANSWERED)
    for kind, value in (("negative", -1), ("far", 0x7FFFFFFF), ("zero", 0)):
        body = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0" + struct.pack("<i", value) + b"\0\0\0\0"
        yield Case(f"exif orientation {kind}", partial(jpeg, exif=body), ".jpg", EITHER)
    loop = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0"
    yield Case("exif that points to itself", partial(jpeg, exif=loop), ".jpg", ANSWERED)
    yield Case("exif gps", lambda: jpeg(exif=_gps()), ".jpg", ANSWERED)
    for size in (0, 1, 127, 128, 60_000, 300_000):
        for format_, suffix in THREE:
            made = partial(_junk_profile, size, format_)
            yield Case(f"{format_} junk profile of {size}", made, suffix, ANSWERED)
    yield Case("jpeg comment", partial(jpeg, comment=b"<script>alert(1)</script>"), ".jpg", ANSWERED)
    yield Case("png text", partial(with_chunks, b"tEXt", b"Title\0<img src=x onerror=alert(1)>"), ".png", ANSWERED)
    many = [b"k%d\0v" % k for k in range(20_000)]
    yield Case("png of 20,000 texts", partial(with_chunks, b"tEXt", *many), ".png", EITHER)
    app = b"\xff\xed\xff\xff" + b"8BIM" * 16383 + b"\0"
    whole = written_as("JPEG")
    yield Case("jpeg of 60 segments", lambda: whole[:2] + app * 60 + whole[2:], ".jpg", EITHER)


def _commented(size: int, format_: str) -> bytes:
    exif = Image.Exif()
    exif[0x9286] = b"A" * size
    if format_ == "JPEG":
        return encoded(the_photo(), format_, exif=exif)
    exif[0x0112] = 1
    return encoded(the_photo(), format_, exif=exif.tobytes())


def _junk_profile(size: int, format_: str) -> bytes:
    junk = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    return encoded(the_photo(), format_, icc_profile=junk)


def _gps() -> Image.Exif:
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: tuple(TiffImagePlugin.IFDRational(k) for k in (40, 26, 46))})
    return exif


def shapes() -> Iterator[Case]:
    """Sound pictures of unusual sizes without a face."""
    for size in ((16, 16), (17, 300), (640, 16), (100, 100), (1600, 40), (3000, 3000)):
        made = partial(_plain, size, (120, 120, 120), "PNG")
        yield Case(f"grey of {size[0]} × {size[1]}", made, ".png", FACELESS)
    for colour in ("black", "white", "red"):
        yield Case(f"all {colour}", partial(_plain, (500, 500), colour, "JPEG"), ".jpg", FACELESS)
    yield Case("noise", _noise, ".png", FACELESS)
    yield Case("stripes", _stripes, ".png", FACELESS)
    yield Case("a drawn face", _drawn, ".png", EITHER)


def _plain(size: tuple[int, int], colour: str | tuple[int, ...], format_: str) -> bytes:
    return encoded(Image.new("RGB", size, colour), format_)


def _noise() -> bytes:
    noise = np.random.default_rng(2).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    return encoded(Image.fromarray(noise), "PNG")


def _stripes() -> bytes:
    return encoded(Image.fromarray(np.tile(np.uint8([[0], [255]]), (200, 400))), "PNG")


def _drawn() -> bytes:
    drawing = Image.new("RGB", (400, 400), "white")
    pen = ImageDraw.Draw(drawing)
    pen.ellipse((80, 60, 320, 360), outline="black", width=4)
    pen.ellipse((140, 150, 170, 180), fill="black")
    pen.ellipse((230, 150, 260, 180), fill="black")
    pen.arc((150, 220, 250, 300), 0, 180, fill="black", width=4)
    return encoded(drawing, "PNG")


def faces() -> Iterator[Case]:
    """The same face, many times, tiny, turned, hidden, at the edge."""
    photo = the_photo()
    for across in (2, 4, 8):
        yield Case(f"{across * across} faces", partial(_sheet, across), ".jpg", ANSWERED)
    for size in (8, 12, 20, 32, 64):
        yield Case(f"a face of {size} pixels", partial(_tiny, size), ".png", EITHER)
    for angle in (15, 45, 90, 135, 180):
        made = partial(_jpeg_of, partial(photo.rotate, angle, expand=True))
        yield Case(f"turned by {angle}", made, ".jpg", EITHER)
    mirror = Image.Transpose.FLIP_LEFT_RIGHT
    yield Case("mirrored", partial(_jpeg_of, partial(photo.transpose, mirror)), ".jpg", ANSWERED)
    with Image.open(PROFILE) as image:
        profile = image.convert("RGB")
    for name, picture in (("right", profile.copy), ("left", partial(profile.transpose, mirror))):
        yield Case(f"a profile to the {name}", partial(_jpeg_of, picture, quality=90), ".jpg", ANSWERED)
    for side in (40, 120):
        made = partial(encoded, profile.resize((side, side)), "PNG")
        yield Case(f"a profile of {side} pixels", made, ".png", EITHER)
    for radius in (2, 8, 30):
        made = partial(_jpeg_of, partial(photo.filter, ImageFilter.GaussianBlur(radius)))
        yield Case(f"blurred by {radius}", made, ".jpg", EITHER)
    width, height = photo.size
    for name, box in (("left", (0, 0, width // 2, height)), ("top", (0, 0, width, height // 2))):
        yield Case(f"{name} half", partial(_jpeg_of, partial(photo.crop, box)), ".jpg", EITHER)
    for factor in (0.05, 0.3, 3.0):
        bright = partial(photo.point, lambda v, f=factor: min(255, int(v * f)))
        yield Case(f"brightness × {factor}", partial(_jpeg_of, bright), ".jpg", EITHER)
    large = partial(photo.resize, (4000, photo.height * 4000 // photo.width))
    yield Case("a large photo", partial(_jpeg_of, large, quality=60), ".jpg", ANSWERED)


def _jpeg_of(make: Callable[[], Image.Image], **options: object) -> bytes:
    return encoded(make(), "JPEG", **options)


@cache
def _square() -> Image.Image:
    side = min(the_photo().size)
    return the_photo().crop((0, 0, side, side))


def _sheet(across: int) -> bytes:
    sheet, face = Image.new("RGB", (across * 160, across * 160)), _square().resize((160, 160))
    for k in range(across * across):
        sheet.paste(face, (k % across * 160, k // across * 160))
    return encoded(sheet, "JPEG")


def _tiny(size: int) -> bytes:
    wide = Image.new("RGB", (800, 600), "white")
    wide.paste(_square().resize((size, size)), (400, 300))
    return encoded(wide, "PNG")


def names_of_formats() -> Iterator[Case]:
    """The right content under another format's suffix: the content decides."""
    for format_, _ in THREE:
        for suffix in (".jpg", ".jpeg", ".png", ".webp", ".JPG"):
            yield Case(f"{format_} called {suffix}", written_as(format_), suffix, ANSWERED)
