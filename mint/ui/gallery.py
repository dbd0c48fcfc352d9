"""The example faces whose truth is known, from ``examples/faces``."""

from __future__ import annotations

import csv
import io
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from mint.errors import BadPhoto
from mint.images import open_photo
from mint.types import Verdict
from mint.ui.html import data_uri

log = logging.getLogger("mint.ui")
THUMBNAIL = 168  # twice what the page shows, for sharp screens


@dataclass(frozen=True, slots=True)
class Example:
    """One picture of the pool.

    Attributes:
        path: of the file.
        person: an identity of the pool.
        source: where the picture comes from.
        truth: network to whether it was trained on this picture.
        verdicts: network to the answer that was computed when the examples were made.
        thumbnail: an address.
    """

    path: Path
    person: str
    source: str
    truth: Mapping[str, bool]
    verdicts: Mapping[str, Verdict]
    thumbnail: str


def load_examples(folder: Path) -> tuple[Example, ...]:
    """Read the table; a picture that is not there is left out, and so is everything without a table."""
    table = folder / "faces.csv"
    if not table.is_file():
        log.warning("there are no examples in %s", folder)
        return ()
    known = _verdicts(folder / "verdicts.json")
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = []
    for row in rows:
        path = folder / Path(row["file"]).name
        try:
            thumbnail = _thumbnail(path, folder / "thumbnails" / f"{path.stem}.jpg")
        except BadPhoto as error:
            log.warning("example %s is left out: %s", path.name, error)
            continue
        truth = {name: value == "member" for name, value in row.items() if value in ("member", "non-member")}
        found.append(
            Example(path, row.get("person", ""), row.get("source", ""), truth, known.get(path.name, {}), thumbnail)
        )
    return tuple(found)


def _verdicts(path: Path) -> dict[str, dict[str, Verdict]]:
    if not path.is_file():
        return {}
    audits: dict[str, list[dict[str, Any]]] = json.loads(path.read_text("utf-8"))
    return {
        name: {audit["network"]: Verdict(audit["faces"][0]["verdict"]) for audit in found if audit["faces"]}
        for name, found in audits.items()
    }


def _thumbnail(path: Path, made: Path) -> str:
    """The thumbnail that was made with the example, else one from the middle of the picture."""
    if made.is_file() and path.is_file():
        return data_uri(made.read_bytes(), "jpeg")
    """A small square; made beforehand where possible, because decoding a wall of photos takes a second."""
    ready = path.parent / "thumbnails" / f"{path.stem}.jpg"
    if ready.is_file() and path.is_file():
        return data_uri(ready.read_bytes(), "jpeg")
    image = Image.fromarray(open_photo(path))
    side = min(image.size)
    left, top = (image.width - side) // 2, max(0, (image.height - side) // 4)
    image = image.crop((left, top, left + side, top + side))
    image.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=82)
    return data_uri(buffer.getvalue(), "jpeg")
