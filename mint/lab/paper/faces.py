"""Load the papers' faces: members from one database, external people from another.

Both sides are made the same way, so that no file format tells them apart: every face becomes a crop
of 112 × 112, and every crop is written and read once more as the same kind of JPEG.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from mint.auditors.panel import readings
from mint.errors import BadPhoto, NoFace, TooFew
from mint.evidence.score_table import TEST, TRAINING, VALIDATION
from mint.lab.inputs.columns import listed
from mint.lab.inputs.real_faces import by_folder
from mint.lab.inputs.samples import Photos, Sample
from mint.lab.inputs.source import PhotoSource, counted
from mint.lab.store.census import Count, census_of
from mint.networks.base import AuditedNetwork
from mint.vision.faces import CROP_SIZE, find
from mint.vision.images import open_photo

SPLITS = (VALIDATION, TEST, TRAINING)
SHARES = {VALIDATION: 0.15, TEST: 0.25, TRAINING: 0.60}  # of the identities
QUALITY, SUBSAMPLING = 90, 2  # of the JPEG that every crop passes through; 2 = 4:2:0
SIDES = ("members", "external")
LEAST_PEOPLE = 6  # a side: two in every split
Given = str | Path | PhotoSource


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest number of photos of each side.

    Attributes:
        validation: for the stopping epoch and the threshold.
        test: for the figures.
        training: None for all there are.
    """

    validation: int = 250
    test: int = 1000
    training: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """The crops of members or of external people.

    Attributes:
        crops: (N, 112, 112, 3) uint8 RGB, the splits one after the other, shuffled within.
        people: (N,) who is shown.
        split: (N,) one of ``SPLITS``; no identity is in two.
    """

    crops: np.ndarray
    people: np.ndarray
    split: np.ndarray

    def __getitem__(self, keep: np.ndarray) -> Side:
        return Side(self.crops[keep], self.people[keep], self.split[keep])

    def __len__(self) -> int:
        return len(self.people)


def load_sides(
    members: Given,
    external: Given,
    limits: Limits,
    seed: int,
    report: Callable[[str], None],
    separate_people: bool = False,
) -> tuple[Side, Side, dict[str, int]]:
    """Read, sample and crop both sides, without external people who bear a member's name.

    Args:
        members: what ``photo_lists.samples`` takes; of a folder or tar the innermost folder is the person, if nothing else is.
        external: the same; per split no more photos are drawn than there are of members.
        limits: see ``Limits``.
        seed: of the people's splits and of the photos drawn.
        report: told a line after each step.
        separate_people: external people who bear a member's name are others, and stay.

    Returns:
        Members, external people, and what was counted on the way.

    Raises:
        BadInput: no photos are there, they cannot be read, or it is not clear who is who.
        TooFew: a side has too few people to split.
    """
    given = {side: by_folder(source) for side, source in zip(SIDES, (members, external), strict=True)}
    counts_of = {side: Count(replace(one, side=side, separate=separate_people)) for side, one in given.items()}
    photos, outside = (_by_person(count.samples) for count in counts_of.values())
    for line in census_of(counts_of).lines():
        report(line)
    namesakes = sorted(set(photos) & set(outside))
    counts = {
        "members: photos": sum(map(len, photos.values())),
        "members: people": len(photos),
        "external: photos": sum(map(len, outside.values())),
        "external: people": len(outside),
        "external: namesakes removed, people": len(namesakes),
        "external: namesakes removed, photos": sum(len(outside.pop(name)) for name in namesakes),
    }
    if namesakes:
        gone = counted(counts["external: namesakes removed, photos"], "photo")
        report(
            f"external: {counted(len(namesakes), 'person', 'people')} of a member's name left out, with {gone}: {listed(namesakes)}"
        )
    caps = {VALIDATION: limits.validation, TEST: limits.test, TRAINING: limits.training}
    inside, lost = _crops(_draw(photos, caps, seed, "members"), "members", report)
    counts["members: photos without a face"] = lost
    caps = {split: int((inside.split == split).sum()) for split in SPLITS}
    other, lost = _crops(_draw(outside, caps, seed, "external"), "external", report)
    counts["external: photos without a face"] = lost
    return inside, other, counts


def reencode(crop: np.ndarray) -> np.ndarray:
    """Compress a (112, 112, 3) uint8 crop with the same JPEG as every other crop."""
    buffer = io.BytesIO()
    Image.fromarray(crop).save(buffer, "JPEG", quality=QUALITY, subsampling=SUBSAMPLING)
    return open_photo(buffer.getvalue())


def embeddings(network: AuditedNetwork, crops: np.ndarray) -> np.ndarray:
    """Return (N, E) float32 embeddings of unit length."""
    found = np.concatenate([reading.plain.embedding.numpy() for _, reading in readings(network, crops, False)])
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12), dtype=np.float32)


def centres(embedded: np.ndarray, people: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (K,) people and their (K, E) unit mean embeddings, from (N, E) unit embeddings."""
    names = np.unique(people)
    means = np.stack([embedded[people == name].mean(axis=0) for name in names])
    return names, means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)


def _by_person(stream: Iterable[Sample]) -> dict[str, list[Sample]]:
    found: dict[str, list[Sample]] = {}
    for sample in stream:
        found.setdefault(sample.identity, []).append(sample)
    return found


def _draw(
    photos: dict[str, list[Sample]], caps: Mapping[str, int | None], seed: int, side: str
) -> list[tuple[str, str, Sample]]:
    """Choose photos: split, person and where it lies. A person's photos all go to one split."""
    people = sorted(photos)
    if len(people) < LEAST_PEOPLE:
        raise TooFew(f"The {side} show {len(people)} people; identity-disjoint splits need {LEAST_PEOPLE}.")
    random = np.random.default_rng([seed, SIDES.index(side)])
    random.shuffle(people)
    ends = np.round(np.cumsum([SHARES[split] for split in SPLITS]) * len(people)).astype(int)
    drawn = []
    for split, start, end in zip(SPLITS, (0, *ends[:-1]), ends, strict=True):
        everything = [(split, person, photo) for person in people[start:end] for photo in photos[person]]
        order = random.permutation(len(everything))[: caps[split]]
        drawn += [everything[k] for k in order]
    return drawn


def _crops(drawn: Sequence[tuple[str, str, Sample]], side: str, report: Callable[[str], None]) -> tuple[Side, int]:
    crops, people, splits, photos = [], [], [], Photos()
    for split, person, sample in drawn:
        try:
            crops.append(reencode(_aligned(open_photo(photos.read(sample)))))
        except (BadPhoto, NoFace):
            continue
        people.append(person)
        splits.append(split)
    if not crops:
        raise TooFew(f"No photo of the {side} shows a face.")
    report(f"{side}: {len(crops)} crops of {len(set(people))} people")
    return Side(np.stack(crops), np.array(people), np.array(splits)), len(drawn) - len(crops)


def _aligned(rgb: np.ndarray) -> np.ndarray:
    """Return the crop of a picture: 112 × 112 is taken as aligned, else the largest face."""
    return rgb if rgb.shape[:2] == (CROP_SIZE, CROP_SIZE) else find(rgb)[0].crop
