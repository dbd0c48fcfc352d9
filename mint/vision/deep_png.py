"""Bring a PNG of 16 bits a colour down to 8 bits, by the bits that it really uses.

Cameras and scanners of 8, 10 or 12 bits often store their numbers in such a file as they are: taken for 16 bits, the
photo is nearly black. The file rarely says which it is, so what it holds decides:

- a chunk ``sBIT`` names the bits, and the numbers do not go beyond them: these bits count, and if they do go beyond,
  they were stretched to 16 bits, as the PNG standard wants it;
- without one, the fewest of 8, 10, 12 and 16 bits that hold every number. A true 16-bit photo within 12 bits would have
  no colour above 15 of 255: nobody could see a face in it.

A photo that could be either, a dark one or one of fewer bits, is refused: where the brightest number takes 13 or 14
bits, and where a few bright pixels alone decide.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from mint.errors import BadPhoto

COLOURS = {"I;16B": 1, "LA;16B": 1, "RGB;16B": 3, "RGBA;16B": 3}  # by how Pillow unpacks the file's pixels
LOW = {"RGB;16B": "RGB;16L", "RGBA;16B": "RGBA;16L"}  # what unpacks the lower of both bytes instead of the upper
PLAIN = (8, 10, 12)  # bits that are known from a true 16-bit photo, because that would be nearly black
DARK_BITS = 14  # bits within which a true 16-bit photo may be dark
FULL = 16
FEW = 1000  # fewer than one number in so many must not decide …
FEW_AT_LEAST = 16  # … nor so few of them
ROWS = 1 << 20  # numbers that are mapped at a time
UNCLEAR = (
    "The photo has 16 bits a colour and uses only the lowest: whether it is dark or has fewer bits cannot be told. "
    "Save it with 8 bits a colour."
)

Numbers = NDArray[np.uint16]


def eight_bits(image: ImageFile.ImageFile, data: bytes) -> Image.Image:
    """Decode a PNG of 16 bits a colour, with 8 bits a colour.

    Args:
        image: opened, and not decoded yet; see ``COLOURS``.
        data: the bytes that it was opened from.

    Returns:
        A new image with the same ``info``, in mode L, LA, RGB or RGBA.

    Raises:
        BadPhoto: whether it is dark or of fewer bits cannot be told.
        Exception: of Pillow, where the file is damaged.
    """
    packing = str(image.tile[0].args)
    numbers = _numbers(image, data, packing)
    colours, alpha = numbers[:, :, : COLOURS[packing]], numbers[:, :, COLOURS[packing] :]
    depth = bits_of(colours, _named_bits(data, COLOURS[packing]))
    parts = [_scaled(colours, depth)]
    key = image.info.get("transparency")
    if alpha.size:
        parts.append(_scaled(alpha, depth if int(alpha.max()) < 1 << depth else FULL))
    elif key is not None:  # one colour is wholly transparent
        parts.append((colours != np.array(key, np.uint16)).any(axis=2, keepdims=True).astype(np.uint8) * 255)
    eight = Image.fromarray(np.concatenate(parts, axis=2).squeeze())
    eight.info = {name: value for name, value in image.info.items() if name != "transparency"}
    return eight


def bits_of(colours: Numbers, named: int | None = None) -> int:
    """Return how many bits a colour has.

    Args:
        colours: all numbers of the photo.
        named: the bits that the file names, if it does.

    Returns:
        At most 16; numbers of so many bits are the whole range from black to white.

    Raises:
        BadPhoto: it cannot be told.
    """
    few = max(FEW_AT_LEAST, colours.size // FEW)
    if named is not None:
        beyond = _beyond(colours, named)
        if named >= FULL or beyond > few:
            return FULL
        stretched = named > PLAIN[-1] and int((colours & ((1 << FULL - named) - 1)).max()) <= 1
        if beyond or stretched:  # a dark photo that was stretched would look like this too
            raise BadPhoto(UNCLEAR)
        return named
    for depth in (*PLAIN, DARK_BITS):
        beyond = _beyond(colours, depth)
        if beyond <= few:
            if beyond or depth == DARK_BITS:
                raise BadPhoto(UNCLEAR)
            return depth
    return FULL


def _beyond(colours: Numbers, depth: int) -> int:
    return int(np.count_nonzero(colours >= 1 << depth)) if depth < FULL else 0


def _numbers(image: ImageFile.ImageFile, data: bytes, packing: str) -> Numbers:
    """Return (H, W, C) numbers of 16 bits; Pillow itself keeps them for grey alone, and else the upper byte."""
    if packing == "LA;16B":  # both of its numbers are four bytes, which a mode of four channels keeps
        four = _unpacked(data, "RGBA").astype(np.uint16)
        four[:, :, 0::2] <<= 8
        four[:, :, 0::2] |= four[:, :, 1::2]
        return four[:, :, 0::2]
    image.load()
    numbers = np.asarray(image).astype(np.uint16)
    if packing in LOW:
        numbers <<= 8
        numbers |= _unpacked(data, LOW[packing])
    return numbers.reshape(*numbers.shape[:2], -1)


def _unpacked(data: bytes, packing: str) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
        image.tile = [image.tile[0]._replace(args=packing)]
        return np.asarray(image)


def _named_bits(data: bytes, colours: int) -> int | None:
    """Return the most bits that a chunk ``sBIT`` names for a colour, which stands before the pixels."""
    at = 8
    while at + 8 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        if kind == b"sBIT" and length >= colours:
            bits = max(data[at + 8 : at + 8 + colours], default=0)
            return bits if 1 <= bits <= FULL else None
        if kind == b"IDAT":
            break
        at += 12 + length
    return None


def _scaled(numbers: Numbers, depth: int) -> NDArray[np.uint8]:
    """Map the whole range of so many bits to [0, 255], rows by rows: a table of this size is quick to look up."""
    white = (1 << depth) - 1
    table = np.rint(np.arange(1 << FULL).clip(max=white) * (255.0 / white)).astype(np.uint8)
    found = np.empty(numbers.shape, np.uint8)
    step = max(1, ROWS // max(1, numbers[0].size))
    for start in range(0, len(numbers), step):
        found[start : start + step] = table[numbers[start : start + step]]
    return found
