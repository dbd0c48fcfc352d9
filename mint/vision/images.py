"""Decode photos to RGB safely. Nothing else decodes untrusted image files.

The header is checked before a pixel is decoded, three formats are opened and no other, and what
leaves is a fresh array: no EXIF, no profile, no file name.
"""

from __future__ import annotations

import io
import os
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from mint.errors import BadPhoto
from mint.i18n.sentences import Sentence
from mint.vision.deep_png import COLOURS, eight_bits
from mint.vision.kinds import PACKED, is_packed, kind_of, refusal
from mint.vision.kinds import SUFFIXES as SUFFIXES  # for who asks what opens

FORMATS = ("JPEG", "PNG", "WEBP")
PORTRAIT_HEIGHT = 1.2  # of the face's: hair and chin belong to it
PORTRAIT_MIDDLE = 0.55  # where a portrait's middle lies in the face, from the forehead to the chin
MAX_BYTES = 15 * 1024 * 1024
MAX_PIXELS_JPEG = 50_000_000  # decoded at reduced scale, so the memory stays small
MAX_PIXELS_OTHER = 24_000_000
MAX_SIDE = 1600  # longest side of what leaves this module
ROOM = 0.75  # of a face's longer side: so much of it must lie off a rim that is left out

# What puts a photo upright, by its EXIF orientation.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def open_photo(source: bytes | str | Path) -> np.ndarray:
    """Decode a photo.

    Args:
        source: the file's bytes, or a path to it (JPEG, PNG or WebP). Of an animation the first frame counts, of an animated PNG
            its still picture where it has one of its own: it is what whoever trains on such a file sees.

    Returns:
        (H, W, 3) uint8 RGB in [0, 255], turned as its EXIF orientation says, longest side at
        most ``MAX_SIDE``. A colour profile is not applied. Transparent parts are laid on white. PNG of 16 bits a colour: see ``deep_png``.

    Raises:
        BadPhoto: not one of the three formats, too large, damaged, unreadable, or of unclear depth.
    """
    data = _read(source)
    try:
        with warnings.catch_warnings():
            # Pillow only warns up to twice its pixel limit, where ours below are what counts, and of
            # broken metadata, which we throw away.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                _check_size(opened)
                opened.draft("RGB", (MAX_SIDE, MAX_SIDE))  # JPEG only: decode at 1/2, 1/4 or 1/8
                _check_memory(opened)
                deep = opened.format == "PNG" and bool(opened.tile) and str(opened.tile[0].args) in COLOURS
                if not deep:
                    opened.load()
                rgb = _to_rgb(_upright(eight_bits(opened, data) if deep else opened))
                rgb.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
                return np.array(rgb, dtype=np.uint8)
    except UnidentifiedImageError:
        raise BadPhoto(_unread(data)) from None
    except Image.DecompressionBombError:
        raise _too_many(MAX_PIXELS_OTHER) from None
    except (OSError, SyntaxError, ValueError, TypeError, EOFError, LookupError, struct.error) as error:
        # Pillow reports damage in all of these ways, and in English: its words stay with the cause.
        raise BadPhoto("The photo is damaged and cannot be decoded.") from error


def as_rgb(photo: bytes | str | Path | np.ndarray) -> np.ndarray:
    """Return a photo as ``open_photo`` does, or decoded pixels as they are given.

    Args:
        photo: as for ``open_photo``, or (H, W, 3) uint8 RGB in [0, 255].

    Returns:
        (H, W, 3) uint8 RGB.

    Raises:
        BadPhoto: as of ``open_photo``.
        TypeError, ValueError: it is something else, or pixels are of another type or shape. Numbers in [0, 1] would look black, and no face be found.
    """
    if isinstance(photo, (bytes, str, os.PathLike)):
        return open_photo(photo)
    if not isinstance(photo, np.ndarray):
        raise TypeError(
            f"A photo is a path, the bytes of a file, or a uint8 array (height, width, 3) of RGB, not {type(photo).__name__}. Of a Pillow "
            'image give np.asarray(image.convert("RGB")), of an open file its read().'
        )
    if photo.dtype != np.uint8:
        raise TypeError(f"A decoded photo is uint8 in [0, 255], not {photo.dtype}: scale and round it first.")
    if photo.ndim != 3 or photo.shape[2] != 3 or not photo.size:
        raise ValueError(f"A decoded photo has the shape (height, width, 3), RGB; this one has {photo.shape}.")
    return photo


def _read(source: bytes | str | Path) -> bytes:
    if isinstance(source, bytes):
        data = source
    else:
        try:
            with open(source, "rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise BadPhoto("The file cannot be read: {error}.", error=error.strerror or error) from error
        except ValueError as error:  # a null byte in the path
            raise BadPhoto("The file cannot be read: {error}.", error=error) from error
    if not data:
        raise BadPhoto("The file is empty.")
    if len(data) > MAX_BYTES:
        if is_packed(data) or kind_of(data):
            raise BadPhoto(_unread(data))
        raise BadPhoto("The file is larger than {size} MB. Send a smaller copy.", size=MAX_BYTES // 2**20)
    return data


def _unread(data: bytes) -> Sentence:
    """Return why bytes are not read that begin none of the three formats."""
    return PACKED if is_packed(data) else refusal(kind_of(data))


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    limit = MAX_PIXELS_JPEG if image.format in ("JPEG", "MPO") else MAX_PIXELS_OTHER
    if width * height > limit:
        raise _too_many(limit)
    if min(width, height) < 16 or max(width, height) > 40 * min(width, height):
        raise BadPhoto(
            "The photo measures {width} × {height} pixels: no face can be read there.", width=width, height=height
        )


def _check_memory(image: Image.Image) -> None:
    """Refuse long, narrow JPEGs, which draft mode cannot reduce, if they take too much memory."""
    if image.width * image.height > MAX_PIXELS_OTHER:
        raise _too_many(MAX_PIXELS_OTHER)


def _too_many(limit: int) -> BadPhoto:
    return BadPhoto("The photo has more than {size} megapixels. Send a smaller copy.", size=limit // 1_000_000)


def _upright(image: Image.Image) -> Image.Image:
    try:
        turn = TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # damaged EXIF fails in more ways than Pillow tells, and the pixels are sound
        return image
    # Not Pillow's exif_transpose: it writes the EXIF anew, and fails where a tag cannot be written.
    return image if turn is None else image.transpose(turn)


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, rgba).convert("RGB")
    return image.convert("RGB")


def to_png(rgb: np.ndarray, effort: int = 6) -> bytes:
    """Encode (H, W, 3) uint8 RGB as PNG bytes without any metadata.

    Args:
        rgb: the picture.
        effort: from 0 to 9: how hard the encoder tries to make it small. With 0 it does not, and takes a twentieth of the time.
    """
    if effort == 0:
        return _stored(rgb)
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "PNG", compress_level=effort)
    return buffer.getvalue()


def _stored(rgb: np.ndarray) -> bytes:
    """Encode as ``to_png`` does, nothing compressed: Pillow would still look for what each row can be told by in fewer bytes."""
    height, width = rgb.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each begins with 0: its bytes are the pixels themselves
    rows[:, 1:] = rgb.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits of red, green and blue
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 0)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


def portrait(rgb: np.ndarray, box: tuple[float, float, float, float], side: int, quality: int) -> bytes:
    """Return the square around a face, hair and chin with it, as JPEG.

    Args:
        rgb: (H, W, 3) uint8 RGB.
        box: left, top, width and height of the face in pixels.
        side: of the square, in pixels; a smaller one stays as it is.
        quality: of the JPEG.
    """
    return small_jpeg(square_around(rgb, box, PORTRAIT_HEIGHT, PORTRAIT_MIDDLE), side, quality)


def small_jpeg(rgb: np.ndarray, side: int, quality: int) -> bytes:
    """Return (H, W, 3) uint8 RGB as JPEG without any metadata, its longer side at most ``side`` pixels."""
    image = Image.fromarray(rgb)
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def square_around(
    rgb: np.ndarray, box: tuple[float, float, float, float], around: float, lower: float = 0.5
) -> np.ndarray:
    """Return the square of a picture around a face, as a view.

    Where there is room for it, a rim that only repeats the picture's last row or column stays outside: generated faces are
    often made larger with one.

    Args:
        rgb: (H, W, 3) uint8 RGB.
        box: left, top, width and height of the face in pixels.
        around: side of the square, as a multiple of the face's longer side; less where the picture is smaller.
        lower: where the square's middle lies in the face, from 0 at its top to 1 at its bottom.
    """
    x, y, w, h = box
    rows, columns = _changing(rgb, 0), _changing(rgb, 1)
    if min(rows.stop - rows.start, columns.stop - columns.start) < ROOM * max(w, h):
        rows, columns = slice(0, rgb.shape[0]), slice(0, rgb.shape[1])
    edge = round(min(around * max(w, h), rows.stop - rows.start, columns.stop - columns.start))
    left = round(min(max(columns.start, x + w / 2 - edge / 2), columns.stop - edge))
    top = round(min(max(rows.start, y + lower * h - edge / 2), rows.stop - edge))
    return rgb[top : top + edge, left : left + edge]


def _changing(rgb: np.ndarray, axis: int) -> slice:
    """Return where rows (axis 0) or columns (axis 1) lie that are no copies of the outermost ones."""
    other = tuple({0, 1, 2} - {axis})
    changes = np.flatnonzero((np.diff(rgb, axis=axis) != 0).any(other))
    return slice(int(changes[0]), int(changes[-1]) + 2) if len(changes) else slice(0, rgb.shape[axis])
