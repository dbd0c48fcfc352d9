"""Pictures of other kinds: not read here, and never passed over without a word.

Only JPEG, PNG and WebP are decoded, on purpose: every decoder more is one more that a hostile file can reach.
"""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath

from mint.i18n.sentences import Sentence

SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp")
# What the names of pictures of other kinds end with. What a file holds decides: a JPEG called .heic is read.
OTHER_SUFFIXES = (
    ".bmp", ".dib", ".gif", ".tif", ".tiff", ".heic", ".heif", ".hif", ".avif", ".jp2", ".j2k", ".jpf", ".jpx", ".jxl", ".mpo", ".apng",
    ".pbm", ".pgm", ".pnm", ".ppm", ".tga", ".psd", ".pcx", ".exr", ".hdr",
    ".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dng", ".erf", ".iiq", ".kdc", ".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf",
    ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f",
)  # fmt: skip
PICTURES = SUFFIXES + OTHER_SUFFIXES
# What lies beside photos and is none, by the end of its name: nobody misses it where photos are counted.
BESIDE = frozenset((
    ".txt", ".text", ".md", ".rst", ".log", ".csv", ".tsv", ".tab", ".lst", ".json", ".jsonl", ".ndjson", ".xml", ".yaml", ".yml", ".toml",
    ".ini", ".cfg", ".conf", ".html", ".htm", ".pdf", ".doc", ".docx", ".odt", ".xls", ".xlsx", ".ods", ".npy", ".npz", ".mat", ".pkl",
    ".pickle", ".pt", ".pth", ".onnx", ".safetensors", ".pts", ".cls", ".caption", ".label", ".idx", ".bin", ".db", ".sqlite", ".lock", ".xmp", ".aae", ".py", ".ipynb",
    ".sh", ".md5", ".sha1", ".sha256", ".url", ".lnk", ".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".3gp", ".mp3", ".wav", ".m4a",
))  # fmt: skip
BESIDE_NAMES = frozenset((
    "readme", "license", "licence", "copying", "notice", "authors", "changelog", "version", "makefile", "dockerfile", "property", "_success",
    "md5sums", "sha1sums", "sha256sums", "icon\r",
))  # fmt: skip

RAW = "a camera’s raw file"

_STARTS = (
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),  # also most raw kinds of cameras
    (b"MM\0*", "TIFF"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"8BPS", "Photoshop"),
    (b"IIRO", RAW),
    (b"IIRS", RAW),
    (b"IIU\0", RAW),
    (b"FUJIFILMCCD-RAW", RAW),
)
_PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"\xfd7zXZ", b"BZh", b"\x28\xb5\x2f\xfd")
PACKED = Sentence("This is a packed file, no photo: unpack it, and give the photos that come out.")
_BRANDS = {b"avif": "AVIF", b"avis": "AVIF", b"crx ": RAW}
KINDS = tuple(dict.fromkeys(("BMP", "PNM", "HEIC", *(kind for _, kind in _STARTS), *_BRANDS.values())))
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


def kind_of(data: bytes) -> str | None:
    """Return what kind of picture some bytes begin, or None if that is none of the known other kinds."""
    if data[:2] == b"BM" and data[6:10] == b"\0\0\0\0":
        return "BMP"
    if data[:1] == b"P" and data[1:2] in b"123456" and data[2:3] in b" \t\r\n#" and len(data) > 2:
        return "PNM"
    if data[4:8] == b"ftyp":
        brands = [data[8:12], *(data[at : at + 4] for at in range(16, min(int.from_bytes(data[:4]), 64), 4))]
        found = next((_BRANDS[brand] for brand in brands if brand in _BRANDS), None)
        return found or ("HEIC" if any(brand in _HEIC for brand in brands) else None)
    return next((kind for start, kind in _STARTS if data.startswith(start)), None)


def is_packed(data: bytes) -> bool:
    """Return whether some bytes begin a file that others are packed in."""
    return data.startswith(_PACKED) or data[257:262] == b"ustar"


def refusal(kind: str | None) -> Sentence:
    """Return why a file is not read that is a picture of one of ``KINDS``, or of none that is known."""
    if kind is None:
        return Sentence("This is not a JPEG, PNG or WebP photo. Save it as one of these.")
    return Sentence(
        "This is not a JPEG, PNG or WebP photo but {kind}. Save it as one of these.",
        kind=Sentence(kind) if kind == RAW else kind,
    )


def unlike_a_picture(name: str) -> bool:
    """Return whether a file may be a photo although its name ends like none: ``a``, ``a.jpg_1``, ``a.png~``."""
    plain = name.lower().removesuffix("~").removesuffix(".bak")
    if hidden(name) or PurePosixPath(name.lower()).suffix in PICTURES:
        return False
    return PurePosixPath(plain).suffix not in BESIDE and plain not in BESIDE_NAMES


def left_out_line(kinds: Counter[str]) -> str:
    """Return what to say of so many pictures of some kinds, the most frequent first; without a full stop."""
    parts = [f"{count} {kind}" for kind, count in sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))]
    were = "photo was" if kinds.total() == 1 else "photos were"
    return f"{', '.join(parts)} {were} left out: only JPEG, PNG and WebP are read. Save them as one of these"


def hidden(name: str) -> bool:
    """Return whether a file or folder of this name is kept by a system for itself: previews, and what zips of a Mac add."""
    return name.startswith(".") or name in ("__MACOSX", "@eaDir")
