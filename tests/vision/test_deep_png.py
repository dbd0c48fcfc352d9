"""PNG of 16 bits a colour: whatever bits it really has, the photo looks as it should, or is refused with a reason."""

from __future__ import annotations

import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image

from mint.errors import BadPhoto
from mint.i18n.translate import Say
from mint.vision.deep_png import UNCLEAR, bits_of
from mint.vision.images import open_photo
from tests.hostile.photo_parts import encoded, png_of

RANDOM = np.random.default_rng(11)
PICTURE = RANDOM.integers(0, 256, (40, 60, 3), dtype=np.uint8)
PICTURE[0, 0], PICTURE[0, 1:8] = 255, 250  # the whole range is used
COLOUR = {1: 0, 2: 4, 3: 2, 4: 6}  # channels to a PNG's colour type


def deep(numbers: np.ndarray, bits: bytes = b"", *more: tuple[bytes, bytes], interlace: int = 0) -> bytes:
    """A PNG of (H, W, C) numbers of 16 bits, its rows filtered in turn by each of the five ways."""
    height, width, channels = numbers.shape
    header = struct.pack(">IIBBBBB", width, height, 16, COLOUR[channels], 0, 0, interlace)
    chunks = [(b"sBIT", bits)] if bits else []
    return png_of(header, zlib.compress(_filtered(numbers)), *chunks, *more)


def _filtered(numbers: np.ndarray) -> bytes:
    step = 2 * numbers.shape[2]
    above = np.zeros(numbers.shape[1] * step, int)
    rows = []
    for number, row in enumerate(numbers.astype(">u2").reshape(len(numbers), -1).view(np.uint8).astype(int)):
        left, corner = (np.concatenate([np.zeros(step, int), line[:-step]]) for line in (row, above))
        guess = left + above - corner
        near = np.stack([np.abs(guess - known) for known in (left, above, corner)]).argmin(0)
        paeth = np.choose(near, [left, above, corner])
        kind = number % 5
        predicted = (0 * row, left, above, (left + above) // 2, paeth)[kind]
        rows.append(bytes([kind]) + ((row - predicted) % 256).astype(np.uint8).tobytes())
        above = row
    return b"".join(rows)


def of_bits(picture: np.ndarray, bits: int) -> np.ndarray:
    """The picture in so many bits, right-aligned in 16, as a camera's driver leaves it."""
    return np.rint(picture * ((2**bits - 1) / 255.0)).astype(np.uint16)


def close(rgb: np.ndarray, wanted: np.ndarray) -> None:
    assert rgb.shape == (*wanted.shape[:2], 3)
    assert np.abs(rgb.astype(float) - wanted).max() <= 1


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_grey_and_colour_with_alpha_and_without_look_as_they_should(channels, bits):
    colours = PICTURE[:, :, : 1 if channels < 3 else 3]
    alpha = RANDOM.integers(0, 256, (*PICTURE.shape[:2], 1), dtype=np.uint8)
    alpha[0, 0] = 255
    picture = np.concatenate([colours, alpha], axis=2) if channels in (2, 4) else colours
    share = alpha / 255.0 if channels in (2, 4) else 1.0
    close(open_photo(deep(of_bits(picture, bits))), np.broadcast_to(colours * share + 255 * (1 - share), PICTURE.shape))


@pytest.mark.parametrize("channels", [2, 4])
def test_alpha_of_16_bits_beside_colours_of_12(channels):
    colours = of_bits(PICTURE[:, :, : channels - 1], 12)
    numbers = np.concatenate([colours, np.full((40, 60, 1), 65535, np.uint16)], axis=2)
    close(open_photo(deep(numbers)), np.broadcast_to(PICTURE[:, :, : channels - 1], PICTURE.shape))


@pytest.mark.parametrize("channels", [1, 3])
def test_sixteen_bits_are_rounded_and_not_cut(channels):
    numbers = RANDOM.integers(0, 65536, (40, 60, channels), dtype=np.uint16)
    wanted = np.broadcast_to(np.rint(numbers / 257.0), PICTURE.shape)
    np.testing.assert_array_equal(open_photo(deep(numbers)), wanted)


@pytest.mark.parametrize("channels", [1, 3])
def test_the_bits_that_the_file_names_count(channels):
    picture = PICTURE[:, :, :channels]
    dim = picture // 8  # nothing above an eighth of the range
    wanted = np.broadcast_to(dim, PICTURE.shape)
    for bits in (9, 11, 12, 13, 14):
        named = bytes([bits]) * channels
        close(open_photo(deep(of_bits(dim, bits), named)), wanted)  # right-aligned
    for bits in (8, 12, 14):  # stretched to 16, as the standard wants: by zeros, and by the first bits again
        named, shift = bytes([bits]) * channels, 16 - bits
        low = of_bits(picture, bits).astype(int)
        for stretched in (low << shift, low << shift | low >> bits - shift):
            rgb = open_photo(deep(stretched.astype(np.uint16), named))
            assert np.abs(rgb.astype(float) - np.broadcast_to(picture, PICTURE.shape)).max() <= 2
    dark = (of_bits(picture, 16) // 8).astype(np.uint16)
    close(open_photo(deep(dark, b"\x10" * channels)), wanted)  # all 16 count, so the photo is dark
    with pytest.raises(BadPhoto, match="16 bits a colour"):
        open_photo(deep(dark))
    with pytest.raises(BadPhoto, match="16 bits a colour"):
        open_photo(deep(dark & 0xFFFC, b"\x0e" * channels))  # stretched and dark, or not stretched


@pytest.mark.parametrize("bits", [b"", b"\0", b"\x11", b"\xff"])
def test_named_bits_that_cannot_be_are_ignored(bits):
    close(open_photo(deep(of_bits(PICTURE[:, :, :1], 12), bits)), np.broadcast_to(PICTURE[:, :, :1], PICTURE.shape))


@pytest.mark.parametrize("bits", [8, 10, 12])
def test_bright_pixels_alone_never_decide(bits):
    numbers = of_bits(PICTURE, bits)
    before = open_photo(deep(numbers))
    for count in (1, 3, 5):
        spoilt = numbers.copy()
        spoilt[20, :count] = 65535
        with pytest.raises(BadPhoto, match="cannot be told"):
            open_photo(deep(spoilt))
        spoilt[20, :count] = 2**bits - 1  # as bright as such a photo gets
        changed = open_photo(deep(spoilt)) != before
        assert set(map(tuple, np.argwhere(changed.any(axis=2)))) <= {(20, k) for k in range(count)}


def test_the_same_for_photos_of_every_size():
    for side in (16, 100, 1200):
        for bits in (8, 10, 12):
            numbers = np.full((side, side), 2**bits - 1, np.uint16)
            assert bits_of(numbers) == bits
            numbers[:2, :8] = 65535
            with pytest.raises(BadPhoto):
                bits_of(numbers)
            numbers[: side // 4] = 65535
            assert bits_of(numbers) == 16
    for brightest, bits in ((0, 8), (255, 8), (256, 10), (1023, 10), (1024, 12), (4095, 12), (16384, 16), (65535, 16)):
        assert bits_of(np.full((16, 16), brightest, np.uint16)) == bits
    for brightest in (4096, 16383):
        with pytest.raises(BadPhoto):
            bits_of(np.full((16, 16), brightest, np.uint16))


@pytest.mark.parametrize("channels", [1, 3])
def test_one_transparent_colour_lies_on_white(channels):
    numbers = of_bits(PICTURE[:, :, :channels], 12)
    key = numbers[5, 5].copy()
    clear = (numbers == key).all(axis=2, keepdims=True)
    data = deep(numbers, b"", (b"tRNS", key.astype(">u2").tobytes()))
    close(open_photo(data), np.where(clear, 255, np.broadcast_to(PICTURE[:, :, :channels], PICTURE.shape)))


def test_a_deep_photo_is_turned_as_its_exif_says():
    tags = Image.Exif()
    tags[0x0112] = 6
    data = deep(of_bits(PICTURE, 12), b"", (b"eXIf", tags.tobytes()[6:]))
    close(open_photo(data), np.rot90(PICTURE, -1))


def test_the_same_by_pillow_where_it_can():
    grey = of_bits(PICTURE[:, :, 0], 12)
    np.testing.assert_array_equal(open_photo(encoded(Image.fromarray(grey), "PNG")), open_photo(deep(grey[:, :, None])))


def test_a_visitor_is_told_in_spanish_too():
    assert Say("es", strict=True)(UNCLEAR) != UNCLEAR


def test_a_large_one_takes_a_few_times_its_size():
    numbers = np.full((1500, 2000, 3), 4095, np.uint16)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in numbers)
    data = png_of(struct.pack(">IIBBBBB", 2000, 1500, 16, 2, 0, 0, 0), zlib.compress(rows, 1))
    del rows
    tracemalloc.start()
    assert (open_photo(data) == 255).all()
    assert tracemalloc.get_traced_memory()[1] < 4 * numbers.nbytes
    tracemalloc.stop()
