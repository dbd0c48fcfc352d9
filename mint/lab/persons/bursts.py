"""Check that bursts of near-identical pictures do not count as several photos."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from PIL import Image

from mint.auditors.panel import Panel
from mint.errors import TooFew
from mint.evidence.fusion import Fusion
from mint.evidence.metrics import clustered_rate, rate
from mint.evidence.near_duplicates import COPY, copies, likeness, thumbnails
from mint.evidence.person import CONSISTENCY, MAX_PHOTOS, PersonTest, Photos
from mint.judging.photo import DEFAULT_ALPHA
from mint.lab.inputs.real_faces import for_calibration, several
from mint.lab.twins.fictional_people import OPENPEOPLE
from mint.lab.twins.pool import Pool, by_person
from mint.networks.base import AuditedNetwork
from mint.vision.opencv import cv2

ALTERED = 9  # copies of one real photo: with the photo itself a folder of ten
FOLDER, FOLDERS = 10, 10  # pictures of one sitting, and how many folders of each person
BURST_PEOPLE = 100  # real people, one photo each


@dataclass(frozen=True, slots=True, eq=False)
class Eye:
    """A network and its auditors, which turn the crops of a person into ``Photos`` as the page does."""

    network: AuditedNetwork
    panel: Panel
    fusion: Fusion

    def show(self, crops: np.ndarray, alike: np.ndarray) -> Photos:
        """Return the ``Photos`` of (N, 112, 112, 3) uint8 crops that are so alike."""
        columns, unit = self.panel.look(self.network, crops)
        return Photos(self.fusion.score(columns), columns[CONSISTENCY].astype(np.float64), unit, alike)


def bursts(
    eye: Eye, test: PersonTest, pool: Pool, name: str, real: tuple[np.ndarray, Sequence[str]], seed: int
) -> list[dict[str, Any]]:
    """Judge folders of near-identical pictures of people who were not used.

    Args:
        eye: network and auditors.
        test: to judge by.
        pool: its photographic people have sheets of one sitting; those that ``name`` never saw count.
        name: of the network.
        real: crops and person of each; test people give one photo, of which altered copies are made.
        seed: of the choice and of the alterations.
    """
    random = np.random.default_rng([seed, 3])
    first = [rows[0] for person, rows in several(real[1]).items() if not for_calibration(person)]
    chosen = random.permutation(first)[:BURST_PEOPLE]
    copies_of = [np.stack([real[0][row], *(altered(real[0][row], random) for _ in range(ALTERED))]) for row in chosen]
    sheets = [
        (rows[0], pool.crops[random.choice(rows, FOLDER, replace=False)])
        for rows in by_person(pool.rows, OPENPEOPLE)
        if len(rows) >= FOLDER and not any(pool.rows[i].member(name) for i in rows)
        for _ in range(FOLDERS)
    ]
    return [
        {"folder": f"one real photo and {ALTERED} altered copies"} | _answers(eye, test, copies_of, chosen),
        {"folder": f"{FOLDER} pictures of one sitting (openpeople)"}
        | _answers(eye, test, [crops for _, crops in sheets], [person for person, _ in sheets]),
    ]


def taken_for_copies(people: Sequence[np.ndarray], seed: int) -> dict[str, Any]:
    """Return the share of people of whom two random photos count as one; who has a single photo is left out."""
    random = np.random.default_rng([seed, 4])
    pairs = [thumbnails(crops[random.choice(len(crops), 2, replace=False)]) for crops in people if len(crops) > 1]
    hits = [likeness(pair[:1], pair[1:])[0, 0] >= COPY for pair in pairs]
    return asdict(rate(sum(map(bool, hits)), len(hits)))


def altered(crop: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Alter a crop slightly: move, turn, scale, light, perhaps mirror, compress."""
    turn = cv2.getRotationMatrix2D((56, 56), random.uniform(-3, 3), random.uniform(0.96, 1.04))
    turn[:, 2] = turn[:, 2] + random.uniform(-3, 3, 2)
    moved = cv2.warpAffine(crop, turn, crop.shape[1::-1], borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    lit = (moved * random.uniform(0.8, 1.2) + random.uniform(-10, 10)).clip(0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(lit[:, ::-1] if random.random() < 0.5 else lit).save(buffer, "JPEG", quality=60)
    return np.array(Image.open(buffer))


def _answers(
    eye: Eye, test: PersonTest, folders: Sequence[np.ndarray], people: Sequence[int] | np.ndarray
) -> dict[str, Any]:
    """Return the shares of answers, and of evidence if every picture counted."""
    single, guarded, silent, unguarded, kept = [], [], [], [], []
    for crops in folders:
        thumbs = thumbnails(crops)
        alike = likeness(thumbs, thumbs)
        everything = eye.show(crops, alike)
        photos = everything[copies(alike, MAX_PHOTOS)[0]]
        silent.append(test.outside(photos) is not None)
        guarded.append(_is_evidence(eye, test, photos) and not silent[-1])
        kept.append(len(photos))
        single.append(_is_evidence(eye, test, everything[:1]))
        unguarded.append(_is_evidence(eye, test, everything))

    def share(hits: Sequence[bool]) -> dict[str, Any] | None:
        return asdict(clustered_rate(np.array(hits), np.asarray(people))) if len(hits) else None

    return {
        "folders": len(folders),
        "people": len(set(people)),
        "distinct photos, mean": float(np.mean(kept)) if kept else 0.0,
        "evidence from one picture": share(single),
        "evidence": share(guarded),
        "cannot say": share(silent),
        "evidence if every picture counted": share(unguarded),
    }


def _is_evidence(eye: Eye, test: PersonTest, photos: Photos) -> bool:
    try:
        return test.p_value(test.score(photos, eye.network.centres()), len(photos)) <= DEFAULT_ALPHA
    except TooFew:  # nobody in the calibration set has so many photos: "cannot say", no evidence
        return False
