"""A user's own versions, made up: real bundles of random networks, and looks whose scores are planted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mint.bundles.bundle import Bundle
from mint.bundles.series import MEMBERS, OUT, STAYED, Series
from mint.evidence.score_table import PHOTO
from mint.evidence.sequence import Known
from mint.lab.versions.fit import calibrated
from mint.membership import MembershipTest
from mint.types import Face, Look
from mint.vision.faces import QUALITIES
from tests.hostile.series_files import MEASURED, NAMES
from tests.lab.versions.made_up_histories import made_up
from tests.tiny_bundles import tiny_bundle

JUMP = 4.0
NOBODY = np.zeros((112, 112, 3), np.uint8)


def bundles(folder: Path, names: tuple[str, ...] = NAMES) -> list[Path]:
    """Write a bundle a version; return their folders."""
    for seed, name in enumerate(names):
        tiny_bundle(folder / name, name, seed=seed)
    return [folder / name for name in names]


def planted(folder: Path, jump: float = JUMP) -> tuple[dict[str, Bundle], Series]:
    """Return four versions' bundles, which share a network, and a series that was calibrated on a planted jump."""
    one = tiny_bundle(folder / "v", "v")
    of = {n: replace(one, name=n, sha256=f"{k}" * 64, core_sha256=n * 32) for k, n in enumerate(NAMES)}
    tested = Known(np.array([0.001, 0.2, 0.3, 0.9]), np.arange(4))
    groups = dict.fromkeys((MEMBERS, STAYED, OUT, "siblings", "outsiders"), tested)
    cores = tuple(bundle.core_sha256 for bundle in of.values())
    test, places = calibrated(made_up(120, jump)), tuple(folder / n for n in NAMES)
    return of, Series(NAMES, places, cores, test, groups, (0.9, 0.8, 0.95), MEASURED, "5" * 64)


def seen(photo: str, scores: dict[str, float], of: dict[str, Bundle]) -> Look:
    """Return a look whose fused scores are these."""
    columns = {
        name: {c: np.array([scores[name] if k == 0 else 0.0]) for k, c in enumerate(bundle.fusions[PHOTO].weights)}
        | {quality: np.array([50.0]) for quality in QUALITIES}
        for name, bundle in of.items()
    }
    return Look(photo, (Face((0.0, 0.0, 9.0, 9.0), 1.0, NOBODY, 50.0),), columns)


def listed(folder: Path, people: int, jump: float, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a list of photos that are no pictures, and let ``look_many`` find planted scores in them."""
    history = made_up(people, jump)
    lines, planted = ["photo,person,first,out"], {}
    for k, (person, first, out) in enumerate(zip(history.people, history.first, history.out, strict=True)):
        (folder / f"{k}.png").write_bytes(str(k).encode())
        planted[str(folder / f"{k}.png")] = history.scores[k]
        lines.append(f"{k}.png,p{person},{first + 1 if first >= 0 else ''},{out + 1 if out < history.versions else ''}")
    (folder / "list.csv").write_text("\n".join(lines) + "\n")

    def look_many(self: MembershipTest, photos: Iterable[Path], names: Iterable[str]) -> Iterator[tuple[str, Look]]:
        for name in names:
            scores = dict(zip(self.bundles, planted[name], strict=True))
            yield name, seen(name, scores, dict(self.bundles))

    monkeypatch.setattr(MembershipTest, "look_many", look_many)
    return folder / "list.csv"
