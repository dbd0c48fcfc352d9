"""Pictures of kinds that are not read are called by their names."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, features

from mint.errors import BadPhoto
from mint.i18n.translate import Say
from mint.vision.images import MAX_BYTES, open_photo
from mint.vision.kinds import OTHER_SUFFIXES, PICTURES, SUFFIXES, kind_of

PICTURE = Image.fromarray(np.random.default_rng(3).integers(0, 256, (32, 48, 3), dtype=np.uint8))


def encoded(format_: str) -> bytes:
    buffer = io.BytesIO()
    PICTURE.save(buffer, format_)
    return buffer.getvalue()


WRITTEN = {"BMP": "BMP", "GIF": "GIF", "TIFF": "TIFF", "PPM": "PNM", "JPEG2000": "JPEG 2000", "AVIF": "AVIF"}
BY_HAND = {
    b"\0\0\0\x18ftypheic\0\0\0\0mif1heic": "HEIC",
    b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic": "HEIC",
    b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf": "AVIF",
    b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom": "a camera’s raw file",
    b"MM\0*\0\0\0\x08": "TIFF",
    b"FUJIFILMCCD-RAW 0201": "a camera’s raw file",
    b"\xff\x0a\xfa\x1f": "JPEG XL",
    b"8BPS\0\x01": "Photoshop",
}
NEEDS = {"JPEG2000": "jpg_2000", "AVIF": "avif"}


@pytest.mark.parametrize("format_", WRITTEN)
def test_a_picture_of_another_kind_is_called_by_its_name(format_):
    if format_ in NEEDS and not features.check(NEEDS[format_]):
        pytest.skip(f"this Pillow was built without {format_}")
    named(encoded(format_), WRITTEN[format_])


@pytest.mark.parametrize("data", BY_HAND)
def test_also_by_its_first_bytes_alone_and_however_large(data):
    named(data + b"\0" * 64, BY_HAND[data])
    named(data + b"\0" * MAX_BYTES, BY_HAND[data])


def named(data: bytes, kind: str) -> None:
    with pytest.raises(BadPhoto) as caught:
        open_photo(data)
    assert str(caught.value) == f"This is not a JPEG, PNG or WebP photo but {kind}. Save it as one of these."
    told = Say("es", strict=True)(caught.value.sentence)
    assert told.startswith("No es una foto JPEG, PNG ni WebP, sino ")
    assert ("cámara" in told) is ("camera" in kind)


@pytest.mark.parametrize(
    "data", [b"", b"B", b"BMW is a car", b"P7 what", b"P1", b"GIF", b"\0\0\0\x18ftypisom", b"<svg/>"]
)
def test_what_is_none_of_them_has_no_name(data):
    assert kind_of(data) is None


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "MPO"])
def test_what_is_read_is_none_of_them(format_):
    assert kind_of(encoded(format_)) is None


def test_names_are_told_apart_once():
    assert len(set(PICTURES)) == len(PICTURES) == len(SUFFIXES) + len(OTHER_SUFFIXES)
    assert {".jfif", ".jpe"} < set(SUFFIXES)
    assert {".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif", ".gif", ".jp2", ".nef", ".dng"} < set(OTHER_SUFFIXES)
