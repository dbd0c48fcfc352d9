"""Load the example faces whose truth is known, from ``examples/faces``."""

from __future__ import annotations

import csv
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mint.errors import BadPhoto
from mint.types import Verdict
from mint.ui.html import jpeg_uri
from mint.vision.images import open_photo, small_jpeg

log = logging.getLogger("mint.ui")
THUMBNAIL = 168  # twice what the page shows, for sharp screens
Address = Callable[[bytes], str]  # of a JPEG


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
        scores: network to the fused score that the answer rests on.
        p_values: network to its p-value.
        person_truth: network to whether it was trained on any picture of this person; empty where nobody knows it.
        box: x, y, width and height of the largest face, in pixels of the picture; None where it was not audited.
        sharpness: of that face, as the audit measured it: the variance of its Laplacian.
        bundles: network to the sha256 of the bundle that gave its answer.
        small: the thumbnail itself, a JPEG.
        alarms: network to the false-alarm rate that was measured at its answer's limit, as JSON; none where nobody measured it.
        alpha: that limit; 0 where there is no answer.
    """

    path: Path
    person: str
    source: str
    truth: Mapping[str, bool]
    verdicts: Mapping[str, Verdict]
    thumbnail: str
    scores: Mapping[str, float] = field(default_factory=dict)
    p_values: Mapping[str, float] = field(default_factory=dict)
    person_truth: Mapping[str, bool] = field(default_factory=dict)
    box: tuple[float, float, float, float] | None = None
    sharpness: float = 0.0
    bundles: Mapping[str, str] = field(default_factory=dict)
    small: bytes = b""
    alarms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    alpha: float = 0.0

    def answered_by(self, bundles: Mapping[str, str]) -> Example:
        """Return the example without the answers of other bundles than these: network to sha256.

        Answers of networks that are not among them stay: nobody can tell what they would say now.
        """
        stale = {name for name, sha256 in bundles.items() if self.bundles.get(name, sha256) != sha256}
        if not stale:
            return self
        return replace(
            self,
            verdicts={name: verdict for name, verdict in self.verdicts.items() if name not in stale},
            scores={name: score for name, score in self.scores.items() if name not in stale},
            p_values={name: p for name, p in self.p_values.items() if name not in stale},
            alarms={name: rate for name, rate in self.alarms.items() if name not in stale},
        )

    @property
    def used_by(self) -> list[str]:
        """Return the networks that were trained on it."""
        return [network for network, member in self.truth.items() if member]


@dataclass(frozen=True, slots=True)
class Person:
    """Several pictures of one person of the pool.

    Attributes:
        pictures: of the person.
        used_by: the networks that were trained on pictures of this person, these or others.
    """

    pictures: tuple[Example, ...]
    used_by: tuple[str, ...]


def load_examples(folder: Path, address: Address = jpeg_uri) -> tuple[Example, ...]:
    """Read ``faces.csv``; missing pictures are left out, and nothing is returned without a table.

    Args:
        folder: with the table and its pictures.
        address: gives thumbnails theirs; one that holds the picture itself unless told otherwise.
    """
    return tuple(example for example, _ in _read(folder, folder / "faces.csv", address))


def load_people(folder: Path, address: Address = jpeg_uri) -> tuple[Person, ...]:
    """Read ``people.csv`` likewise."""
    people: dict[str, list[tuple[Example, str]]] = {}
    for example, used_by in _read(folder, folder / "people.csv", address):
        people.setdefault(example.person, []).append((example, used_by))
    return tuple(Person(tuple(e for e, _ in rows), tuple(n for n in (rows[0][1],) if n)) for rows in people.values())


def _read(folder: Path, table: Path, address: Address) -> list[tuple[Example, str]]:
    """Yield every line's picture, and what its column ``used-by`` says of the person."""
    if not table.is_file():
        log.warning("there are no examples in %s", folder)
        return []
    known = _audits(folder / "verdicts.json")
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = []
    for row in rows:
        path = folder / Path(row["file"]).name
        try:
            small = _thumbnail(path, folder / "thumbnails" / f"{path.stem}.jpg")
        except BadPhoto as error:
            log.warning("example %s is left out: %s", path.name, error)
            continue
        truth = {name: value == "member" for name, value in row.items() if value in ("member", "non-member")}
        said = known.get(path.name, {})
        example = Example(
            path,
            row.get("person", ""),
            row.get("source", ""),
            truth,
            {network: Verdict(face["verdict"]) for network, face in said.items()},
            address(small),
            {network: float(face["combined"]["score"]) for network, face in said.items()},
            {network: float(face["combined"]["p_value"]) for network, face in said.items()},
            {name: name == row["used-by"] for name in truth} if row.get("used-by") is not None else {},
            *_largest(said.values()),
            {network: face["bundle_sha256"] for network, face in said.items()},
            small,
            {network: rate for network, face in said.items() if (rate := face.get("false_positive_rate"))},
            max((float(face.get("alpha", 0)) for face in said.values()), default=0.0),
        )
        found.append((example, row.get("used-by", "")))
    return found


def _audits(path: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the audits of the largest face: file to network to answer."""
    if not path.is_file():
        return {}
    audits: dict[str, list[dict[str, Any]]] = json.loads(path.read_text("utf-8"))
    return {
        name: {a["network"]: a["faces"][0] | {"bundle_sha256": a["bundle_sha256"]} for a in found if a["faces"]}
        for name, found in audits.items()
    }


def _largest(faces: Iterable[Mapping[str, Any]]) -> tuple[tuple[float, float, float, float] | None, float]:
    """Return where the largest face lies and how sharp it is, as the first network was shown it."""
    for face in faces:
        x, y, width, height = map(float, face["box"])
        return (x, y, width, height), float(face["sharpness"])
    return None, 0.0


def _thumbnail(path: Path, made: Path) -> bytes:
    """Return an example's stored thumbnail as JPEG, else its middle.

    Decoding a wall of photos would take a second.
    """
    if made.is_file() and path.is_file():
        return made.read_bytes()
    rgb = open_photo(path)
    side = min(rgb.shape[:2])
    left, top = (rgb.shape[1] - side) // 2, max(0, (rgb.shape[0] - side) // 4)
    return small_jpeg(rgb[top : top + side, left : left + side], THUMBNAIL, 82)
