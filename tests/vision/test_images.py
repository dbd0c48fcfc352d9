"""A stranger's file: what is accepted comes out right, what is not is refused before it costs anything."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import textwrap
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile, PngImagePlugin

from mint.errors import BadPhoto
from mint.i18n.translate import Say
from mint.vision import images
from mint.vision.images import MAX_BYTES, MAX_SIDE, open_photo, square_around, to_png

RANDOM = np.random.default_rng(3)
PICTURE = RANDOM.integers(0, 256, (32, 48, 3), dtype=np.uint8)  # not square, so that a turn shows


def encode(picture: Image.Image | np.ndarray, format_: str, **options: object) -> bytes:
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    buffer = io.BytesIO()
    image.save(buffer, format_, **options)
    return buffer.getvalue()


def exif(orientation: int) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags


def png_that_declares(width: int, height: int) -> bytes:
    """A PNG of some hundred bytes whose header promises any size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(b"\0" * 64)), chunk(b"IEND", b"")]
    return b"".join([b"\x89PNG\r\n\x1a\n", *chunks])


# ---- what comes out


@pytest.mark.parametrize("options", [("PNG", {}), ("WEBP", {"lossless": True})])
def test_lossless_formats_come_out_as_they_went_in(options):
    format_, keywords = options
    rgb = open_photo(encode(PICTURE, format_, **keywords))
    np.testing.assert_array_equal(rgb, PICTURE)
    assert rgb.dtype == np.uint8
    assert rgb.flags.writeable
    assert rgb.flags.owndata or rgb.base is None


def test_bytes_str_and_path_are_one_photo(tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(encode(PICTURE, "PNG"))
    for source in (path.read_bytes(), str(path), path):
        np.testing.assert_array_equal(open_photo(source), PICTURE)


# What a viewer shows for each EXIF orientation, by numpy instead of Pillow.
UPRIGHT = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
    8: lambda a: np.rot90(a, 1),
}


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_exif_orientation_is_applied(orientation):
    rgb = open_photo(encode(PICTURE, "PNG", exif=exif(orientation)))
    np.testing.assert_array_equal(rgb, UPRIGHT[orientation](PICTURE))


def test_exif_orientation_is_applied_to_a_jpeg():
    half = np.zeros((64, 128, 3), np.uint8)
    half[:, :64, 0] = 255  # red at the left as stored: at the top once turned clockwise
    rgb = open_photo(encode(half, "JPEG", exif=exif(6), quality=95))
    assert rgb.shape == (128, 64, 3)
    assert rgb[:56, :, 0].min() > 200
    assert rgb[72:, :, 0].max() < 60


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_ignored(orientation):
    np.testing.assert_array_equal(open_photo(encode(PICTURE, "PNG", exif=exif(orientation))), PICTURE)


@pytest.mark.parametrize("broken", [b"Exif\0\0MM\0*\0\0\0\x08\0\xff", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0"])
def test_broken_exif_costs_the_turn_but_not_the_photo(broken):
    np.testing.assert_array_equal(open_photo(encode(PICTURE, "PNG", exif=broken)), PICTURE)


def test_exif_that_cannot_be_written_again_still_turns():
    # Orientation 6 beside a rational where a whole number belongs: readable, but not writable.
    entries = struct.pack("<HHII", 0x0112, 3, 1, 6) + struct.pack("<HHI4s", 0x0142, 2, 4, b"abc\0")
    tags = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 2) + entries + b"\0\0\0\0"
    assert open_photo(encode(PICTURE, "JPEG", exif=tags)).shape == (48, 32, 3)


def test_cmyk():
    red = Image.new("CMYK", (32, 32), (0, 255, 255, 0))
    assert np.abs(open_photo(encode(red, "JPEG", quality=95)).astype(int) - [255, 0, 0]).max() < 6


def test_grey_of_16_bits_is_scaled_and_not_clipped():
    ramp = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    rgb = open_photo(encode(Image.fromarray(ramp), "PNG"))
    assert np.abs(rgb.astype(float) - (ramp / 257.0)[:, :, None]).max() <= 1
    assert (rgb[:, :, 0] == rgb[:, :, 2]).all()


def test_grey_of_8_and_1_bits():
    grey = PICTURE[:, :, 0]
    np.testing.assert_array_equal(open_photo(encode(grey, "PNG")), np.repeat(grey[:, :, None], 3, 2))
    ink = Image.fromarray((grey > 127).astype(np.uint8) * 255).convert("1")
    np.testing.assert_array_equal(np.unique(open_photo(encode(ink, "PNG"))), [0, 255])


def test_palette():
    image = Image.fromarray(PICTURE).quantize(16)
    np.testing.assert_array_equal(open_photo(encode(image, "PNG")), np.asarray(image.convert("RGB")))


def test_transparent_parts_lie_on_white():
    rgba = np.dstack([PICTURE, RANDOM.integers(0, 256, PICTURE.shape[:2], dtype=np.uint8)])
    share = rgba[:, :, 3:] / 255.0
    wanted = PICTURE * share + 255 * (1 - share)
    for format_, options in (("PNG", {}), ("WEBP", {"lossless": True, "exact": True})):
        assert np.abs(open_photo(encode(rgba, format_, **options)) - wanted).max() <= 1.01
    grey = Image.merge("LA", (Image.fromarray(rgba[:, :, 0]), Image.fromarray(rgba[:, :, 3])))
    assert np.abs(open_photo(encode(grey, "PNG")) - wanted[:, :, :1]).max() <= 1.01


def test_a_transparent_palette_entry_lies_on_white():
    image = Image.new("P", (32, 32), 1)
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.paste(0, (0, 0, 16, 32))
    rgb = open_photo(encode(image, "PNG", transparency=0))
    assert (rgb[:, :16] == 255).all()
    assert (rgb[:, 16:] == [200, 100, 50]).all()


def test_the_first_frame_counts():
    red, blue = (Image.new("RGB", (32, 32), c) for c in ("red", "blue"))
    for format_ in ("WEBP", "PNG", "MPO"):
        data = encode(red, format_, save_all=True, append_images=[blue])
        assert np.abs(open_photo(data).astype(int) - [255, 0, 0]).max() < 8, format_


def test_a_large_photo_is_shrunk_and_keeps_its_proportions():
    rgb = open_photo(encode(np.full((1000, 3000, 3), 90, np.uint8), "PNG"))
    assert rgb.shape == (533, MAX_SIDE, 3)
    assert (rgb == 90).all()


def test_a_reduced_jpeg_shows_what_the_whole_one_shows():
    low = RANDOM.integers(0, 256, (9, 12, 3), dtype=np.uint8)
    whole = Image.fromarray(low).resize((4800, 3600), Image.Resampling.BICUBIC)
    rgb = open_photo(encode(whole, "JPEG", quality=95))
    wanted = np.asarray(whole.resize((1600, 1200), Image.Resampling.LANCZOS))
    assert rgb.shape == wanted.shape
    assert np.abs(rgb.astype(int) - wanted).mean() < 2


@pytest.mark.parametrize("effort", [0, 6])
def test_to_png_round_trip_carries_nothing_but_pixels(effort):
    data = to_png(PICTURE, effort)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), PICTURE)
    np.testing.assert_array_equal(open_photo(to_png(PICTURE[::2, ::-1], effort)), PICTURE[::2, ::-1])
    np.testing.assert_array_equal(open_photo(data), PICTURE)
    names = []
    place = 8
    while place < len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        names.append(data[place + 4 : place + 8])
        place += 12 + length
    assert set(names) == {b"IHDR", b"IDAT", b"IEND"}


# ---- what is refused


@pytest.mark.parametrize("format_", ["GIF", "BMP", "TIFF", "PPM", "ICO", "TGA"])
def test_another_format_is_refused_whatever_its_suffix(tmp_path, format_):
    path = tmp_path / "photo.jpg"
    path.write_bytes(encode(PICTURE, format_))
    for packed in (b"PK\x03\x04 a zip", b"\x1f\x8b a gzip", b"1.jpg".ljust(257, b"\0") + b"ustar"):
        with pytest.raises(BadPhoto, match="This is a packed file, no photo: unpack it"):
            open_photo(packed)
    with pytest.raises(BadPhoto, match="not a JPEG, PNG or WebP"):
        open_photo(path)


@pytest.mark.parametrize("data", [b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7\n", b"\0" * 4096])
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(BadPhoto, match="not a JPEG, PNG or WebP"):
        open_photo(data)


def test_the_content_decides_and_not_the_suffix(tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(encode(PICTURE, "PNG"))
    np.testing.assert_array_equal(open_photo(path), PICTURE)


def test_nothing_is_refused_with_a_reason(tmp_path):
    with pytest.raises(BadPhoto, match="empty"):
        open_photo(b"")
    with pytest.raises(BadPhoto, match="cannot be read"):
        open_photo(tmp_path / "none.jpg")
    with pytest.raises(BadPhoto, match="cannot be read"):
        open_photo(tmp_path)
    with pytest.raises(BadPhoto, match="cannot be read"):
        open_photo("a\0b.jpg")


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_a_file_cut_anywhere_is_damaged(format_):
    data = encode(PICTURE, format_)
    for end in range(1, len(data) - 32, 7):  # the last bytes of a PNG hold no pixel
        with pytest.raises(BadPhoto):
            open_photo(data[:end])


@given(st.data())
@settings(max_examples=300, deadline=None, derandomize=True)
def test_damage_never_raises_anything_else(data):
    format_ = data.draw(st.sampled_from(["JPEG", "PNG", "WEBP", "MPO"]))
    whole = bytearray(encode(PICTURE, format_, exif=exif(6)))
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, min(400, len(whole) - 1)))
        whole[place] = data.draw(st.integers(0, 255))
    try:
        rgb = open_photo(bytes(whole))
    except BadPhoto:
        return
    assert rgb.dtype == np.uint8
    assert rgb.ndim == 3
    assert rgb.shape[2] == 3


@pytest.mark.parametrize("side", [5000, 12000, 13300, 20000, 65000])
def test_a_bomb_is_refused_from_its_header(monkeypatch, side):
    def must_not_decode(*_: object) -> None:
        raise AssertionError("a pixel was decoded")

    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", must_not_decode)
    data = png_that_declares(side, side)
    assert len(data) < 200
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(BadPhoto, match="24 megapixels"):
            open_photo(data)


def test_the_bomb_test_would_see_a_decode(monkeypatch):
    def must_not_decode(*_: object) -> None:
        raise AssertionError("a pixel was decoded")

    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", must_not_decode)
    with pytest.raises(AssertionError):
        open_photo(png_that_declares(64, 64))


@pytest.mark.parametrize(("width", "height"), [(15, 15), (15, 400), (16, 641), (2000, 49)])
def test_a_sliver_is_refused(width, height):
    with pytest.raises(BadPhoto, match="no face can be read"):
        open_photo(encode(Image.new("RGB", (width, height)), "PNG"))


def test_16_pixels_and_1_to_40_are_still_accepted():
    assert open_photo(encode(Image.new("RGB", (16, 16)), "PNG")).shape == (16, 16, 3)
    assert open_photo(encode(Image.new("RGB", (16, 640)), "PNG")).shape == (640, 16, 3)


def test_15_mb_is_the_limit(tmp_path, monkeypatch):
    assert MAX_BYTES == 15 * 1024**2
    data = encode(PICTURE, "PNG")
    fits = data + b"\0" * (MAX_BYTES - len(data))
    np.testing.assert_array_equal(open_photo(fits), PICTURE)
    with pytest.raises(BadPhoto, match="15 MB"):
        open_photo(fits + b"\0")
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # a sparse terabyte: reading all of it would end the test
    with pytest.raises(BadPhoto, match="15 MB"):
        open_photo(path)


@pytest.fixture
def decoded(monkeypatch) -> list[tuple[int, int]]:
    """Sizes, width first, in which pixels are decoded, as a test goes on."""
    sizes, load = [], ImageFile.ImageFile.load

    def watched(image: ImageFile.ImageFile) -> object:
        sizes.append(image.size)
        return load(image)

    monkeypatch.setattr(ImageFile.ImageFile, "load", watched)
    return sizes


def jpeg_of_45_megapixels() -> bytes:
    return encode(Image.new("YCbCr", (8192, 5500), (120, 100, 150)), "JPEG", quality=50)


def jpeg_too_narrow_to_be_reduced() -> bytes:
    return encode(Image.new("L", (40000, 1200), 90), "JPEG", quality=30)


def webp_that_declares_a_huge_canvas() -> bytes:
    red, blue = (Image.new("RGB", (32, 32), c) for c in ("red", "blue"))
    data = bytearray(encode(red, "WEBP", save_all=True, append_images=[blue]))
    canvas = data.index(b"VP8X") + 12
    data[canvas : canvas + 6] = (16382).to_bytes(3, "little") * 2
    return bytes(data)


def test_45_megapixels_of_jpeg_are_decoded_at_half_their_size(decoded):
    assert open_photo(jpeg_of_45_megapixels()).shape == (1074, 1600, 3)
    assert set(decoded) == {(4096, 2750)}


@pytest.mark.parametrize("made", [jpeg_too_narrow_to_be_reduced, webp_that_declares_a_huge_canvas])
def test_what_is_too_large_and_cannot_be_reduced_is_refused_undecoded(decoded, made):
    with pytest.raises(BadPhoto, match="24 megapixels"):
        open_photo(made())
    assert decoded == []


def peak_of_opening(path: Path) -> tuple[str, float]:
    """What opening a photo in a fresh process says, and by how many MB its peak memory grew."""
    code = """
        import resource, sys
        from mint.errors import BadPhoto
        from mint.vision.images import open_photo
        peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        before = peak()
        try:
            answer = open_photo(sys.argv[1]).shape
        except BadPhoto as error:
            answer = error
        print(answer, "|", peak() - before)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(images.__file__).parents[2])
    answer, grown = done.stdout.split("|")
    return answer.strip(), float(grown)


@pytest.mark.full  # by the memory of a process, which is not the same on every machine
@pytest.mark.parametrize(
    ("made", "answer", "megabytes"),
    [
        (jpeg_of_45_megapixels, "(1074, 1600, 3)", 120),  # 8192 × 5500 pixels are 172 MB in Pillow
        (jpeg_too_narrow_to_be_reduced, "24 megapixels", 30),
        (webp_that_declares_a_huge_canvas, "24 megapixels", 60),
    ],
)
def test_what_is_large_takes_little_memory(tmp_path, made, answer, megabytes):
    (tmp_path / "photo").write_bytes(made())
    found, grown = peak_of_opening(tmp_path / "photo")
    assert answer in found
    assert grown < megabytes


# ---- cutting a face out


def test_the_square_around_a_face_is_centred_on_it_and_stays_inside() -> None:
    wide = RANDOM.integers(0, 256, (60, 90, 3), dtype=np.uint8)
    np.testing.assert_array_equal(square_around(wide, (40, 20, 10, 20), 1.5), wide[15:45, 30:60])
    np.testing.assert_array_equal(square_around(wide, (40, 20, 10, 20), 1.5, 1.0), wide[25:55, 30:60])
    np.testing.assert_array_equal(square_around(wide, (80, -5, 10, 20), 1.5), wide[:30, 60:])
    np.testing.assert_array_equal(square_around(wide, (40, 20, 10, 20), 9), wide[:, 15:75])


def test_a_rim_of_copies_stays_outside_where_there_is_room() -> None:
    picture = RANDOM.integers(0, 256, (40, 50, 3), dtype=np.uint8)
    padded = np.pad(picture, ((8, 8), (6, 6), (0, 0)), mode="edge")
    shown = square_around(padded, (20, 20, 20, 26), 1.3)  # would end below the picture's last row
    np.testing.assert_array_equal(shown, padded[14:48, 13:47])
    np.testing.assert_array_equal(square_around(padded, (0, 0, 62, 56), 1.0), padded[:, 3:59])  # a face larger than it


def test_a_picture_of_one_colour_has_no_rim() -> None:
    assert square_around(np.full((20, 30, 3), 9, np.uint8), (10, 5, 10, 10), 1.2).shape == (12, 12, 3)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_damaged_photo_is_told_in_the_visitor_s_language_alone(format_: str, share: float) -> None:
    """What Pillow says of it is English, and stays with the cause."""
    buffer = io.BytesIO()
    pixels = np.random.default_rng(7).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(pixels).save(buffer, format_)
    whole = buffer.getvalue()
    with pytest.raises(BadPhoto) as refused:
        open_photo(whole[: int(share * len(whole))])
    assert str(refused.value) == "The photo is damaged and cannot be decoded."
    assert Say("es")(refused.value.sentence) == "La foto está dañada y no se puede decodificar."
    assert refused.value.__cause__ is not None
