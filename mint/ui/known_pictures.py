"""Pack the example faces whose truth is known, to try them elsewhere: pictures, truth and licences in one file."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mint.ui.examples import Example

FILE = "mint-known-pictures.zip"
SOURCES = "SOURCES.md"
MEMBER, NON_MEMBER = "member", "non-member"
_ROW = re.compile(r"^\| `([^`]+)`[^|]*\| ([^|]+?) \|", re.M)  # of the table in SOURCES.md: a source, its licence
_MADE = (1980, 1, 1, 0, 0, 0)  # the same bytes whenever it is packed


@dataclass(frozen=True, slots=True)
class KnownPictures:
    """Pictures that may be passed on, and what is known of them.

    Attributes:
        pictures: with truth and licence.
        licences: source to its licence, of those pictures' sources.
        told: the document that says where they come from.
    """

    pictures: tuple[Example, ...]
    licences: Mapping[str, str]
    told: str

    @property
    def networks(self) -> tuple[str, ...]:
        """The networks whose truth is known."""
        return tuple(dict.fromkeys(network for picture in self.pictures for network in picture.truth))

    def archive(self) -> bytes:
        """Return a zip of the pictures, ``truth.csv`` with a row each, and the document on sources and licences."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as file:
            data = [picture.path.read_bytes() for picture in self.pictures]
            table = list(map(self._row, self.pictures, data))
            text = io.StringIO()
            writer = csv.DictWriter(text, list(table[0]))
            writer.writeheader()
            writer.writerows(table)
            _put(file, "truth.csv", text.getvalue().encode())
            _put(file, SOURCES, self.told.encode())
            for row, one in zip(table, data, strict=True):
                _put(file, row["file"], one)
        return buffer.getvalue()

    def _row(self, picture: Example, data: bytes) -> dict[str, str]:
        """Return what is known of a picture: whether each network used it, and whether it used any of this person."""
        row = {"file": f"pictures/{picture.path.name}", "sha256": hashlib.sha256(data).hexdigest()}
        row |= {"person": picture.person}
        for network in self.networks:
            row[network] = _truth(picture.truth.get(network))
            row[f"{network}-person"] = _truth(picture.person_truth.get(network))
        return row | {"source": picture.source, "licence": self.licences[picture.source]}


def known_pictures(examples: Sequence[Example]) -> KnownPictures | None:
    """Return the examples that may be passed on; None where there is none.

    The licences are those of ``SOURCES.md`` beside the folder of the examples. A picture of a source that has none there
    is left out.
    """
    place = Path(examples[0].path).parents[1] / SOURCES if examples else None
    if place is None or not place.is_file():
        return None
    told = place.read_text("utf-8")
    licences = dict(_ROW.findall(told))
    pictures = tuple(e for e in examples if e.source in licences and e.truth)
    sources = dict.fromkeys(picture.source for picture in pictures)
    return KnownPictures(pictures, {source: licences[source] for source in sources}, told) if pictures else None


def _truth(member: bool | None) -> str:
    return "" if member is None else MEMBER if member else NON_MEMBER


def _put(file: zipfile.ZipFile, name: str, data: bytes) -> None:
    """Write a file as it is: pictures are compressed already."""
    entry = zipfile.ZipInfo(name, _MADE)
    entry.external_attr = 0o644 << 16
    file.writestr(entry, data)
