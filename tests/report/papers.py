"""Reports made from tiny bundles, with everything in them that a report can hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from mint.bundles.bundle import Bundle
from mint.i18n.sentences import Sentence, restored
from mint.judging.person import PersonAudit, PersonLook
from mint.membership import MembershipTest
from mint.report.document import Document, ReportPhoto, person_report, photo_report
from mint.storage.files import read_json
from mint.storage.paths import WEIGHTS
from mint.types import Face, Look
from tests.tiny_bundles import made_up_people, tiny_bundle

MADE = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
NAME = "Ana Muñoz"
HOSTILE = "a<img src=x onerror=alert(1)>'\"&`${7*7}{{7*7}}</title><script>alert(2)</script> & niño Жук 日本 \u202egpj.exe\n\ud800.jpg"


def crop(seed: int) -> np.ndarray:
    """(112, 112, 3) uint8 noise: a watermark that no other picture has."""
    return np.random.default_rng(seed).integers(0, 256, (112, 112, 3), np.uint8)


def faces(*seeds: int) -> tuple[Face, ...]:
    return tuple(Face((10.0 * s, 5.0, 60.0, 70.0), 0.9, crop(s), 50.0 + s) for s in seeds)


def make_test(folder: Path, gate: bool = True) -> MembershipTest:
    """Two tiny bundles with the facts and the evaluation of the shipped ones, and with made-up people."""
    bundles: dict[str, Bundle] = {}
    for seed, name in enumerate(("twin-a", "twin-b")):
        bundle = tiny_bundle(folder / name, name, seed, gate=gate, people=made_up_people(seed))
        facts = read_json(WEIGHTS / name / "bundle.json")["facts"]
        facts = restored(facts, facts["sentences"])
        found = read_json(WEIGHTS / name / "evaluation.json")
        bundles[name] = replace(bundle, facts=facts, evaluation=found, sha256=f"{seed}" * 64)
    return MembershipTest(bundles)


def exhibit(
    test: MembershipTest,
    name: str,
    *seeds: int,
    thumbnail: bool = False,
    alpha: float = 0.01,
    prior: float = 0.5,
    **more: Any,
) -> ReportPhoto:
    look = test.look_at(faces(*seeds), name)
    crops = tuple(face.crop for face in look.faces) if thumbnail else ()
    return ReportPhoto(test.judge(look, alpha, prior), f"{seeds[0]:x}" * 64, crops, **more)


def one(test: MembershipTest, thumbnail: bool = False, name: str = "photo.jpg") -> Document:
    """A report on one photo with one face."""
    return photo_report(test.bundles, [exhibit(test, name, 1, thumbnail=thumbnail)], 0.01, 0.5, MADE)


def many(test: MembershipTest, thumbnail: bool = False) -> Document:
    """Several photos: one with two faces, one with a hostile name, one whose truth is known, one that is broken."""
    how: dict[str, Any] = {"thumbnail": thumbnail, "alpha": 0.05, "prior": 0.2}
    seen = [
        exhibit(test, "two.jpg", 1, 2, skipped=3, **how),
        exhibit(test, HOSTILE, 3, **how),
        exhibit(test, "known.png", 4, truth={"twin-a": True, "twin-b": False}, **how),
        ReportPhoto(test.audit(b"no photo", "broken.jpg")),
    ]
    return photo_report(test.bundles, seen, 0.05, 0.2, MADE)


def person(test: MembershipTest, thumbnail: bool = False, name: str = NAME) -> Document:
    """One person in four photos: one shows more people, one repeats another, one is broken."""
    audits, look = person_audits(test, name)
    crops = {seen.photo: seen.faces[0].crop for seen in look.looks} if thumbnail else None
    return person_report(test.bundles, audits, MADE, {"one.jpg": "c" * 64}, crops)


def person_audits(test: MembershipTest, name: str = NAME) -> tuple[tuple[PersonAudit, ...], PersonLook]:
    looks: list[Look] = [test.look_at(faces(seed), photo) for seed, photo in ((5, "one.jpg"), (6, HOSTILE))]
    looks[0] = replace(looks[0], skipped=13)
    look = PersonLook(
        tuple(looks),
        (("again.jpg", "one.jpg"),),
        (("broken.jpg", Sentence("The file is empty.")),),
        ("more.jpg", "spare.jpg"),
    )
    return test.judge_person(look, name, 0.01, 0.5), look


def texts(value: Any) -> Iterable[str]:
    """Every text in a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield key
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)
