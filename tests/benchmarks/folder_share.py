"""What a folder's answer is worth: is the share right, does its interval hold it, and how much of the list is wrong?

``python -m tests.benchmarks.folder_share`` draws folders from the test scores of the shipped bundles, half of whose test people
are in folders while the other half measure the error rates, and writes ``weights/cards/folder-share.json``;
``mint lab cards`` renders it.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mint.bundles.bundle import Bundle
from mint.bundles.files import load_bundle
from mint.evidence.metrics import rate, widened
from mint.judging.folder import FolderAudit, judge_folder
from mint.storage.files import write_json
from mint.storage.paths import WEIGHTS
from mint.types import Face, Look

TWINS = ("twin-a", "twin-b")
SIBLINGS, STRANGERS = "siblings", ("outsiders", "real")
KINDS = (
    SIBLINGS,
    "strangers",
)  # the unused photos of a folder: of the people whose others were used, or of people never used
PEOPLE, OF_EACH = 8, 5
DRAWS, DISCOVERY_RATE = 200, 0.1
Tables = Mapping[str, Mapping[str, np.ndarray]]


@dataclass(frozen=True, slots=True)
class Draw:
    """One folder and what was said of it.

    Attributes:
        used: share of its photos that was used, in [0, 1].
        told: what was said where it was known who is on which photo.
        alone: the same where all photos pass for one person's.
        truth: photo to whether it was used.
    """

    used: float
    told: FolderAudit
    alone: FolderAudit
    truth: Mapping[str, bool]

    @property
    def wrong(self) -> float:
        """Share of the named photos that was not used; 0 where none is named."""
        return sum(not self.truth[name] for name in self.told.named) / max(1, len(self.told.named))

    @property
    def found(self) -> float:
        """Share of the used photos that is named; 1 where none was used."""
        used = sum(self.truth.values())
        return sum(self.truth[name] for name in self.told.named) / used if used else 1.0


def main() -> None:
    """Measure both twins."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--draws", type=int, default=DRAWS)
    options = parser.parse_args()
    found = {}
    for name in TWINS:
        bundle = load_bundle(options.weights / name)
        found[name] = {kind: figures(folders(bundle, kind, options.draws)) for kind in KINDS}
        for kind, row in found[name].items():
            print(f"{name}, unused photos: {kind}")
            for what, value in row.items():
                print(f"  {what}: {value}")
    made = {"draws": options.draws, "photos": PEOPLE * OF_EACH, "people": PEOPLE, "discovery_rate": DISCOVERY_RATE}
    write_json(options.out or options.weights / "cards" / "folder-share.json", {**made, "twins": found})


def folders(
    bundle: Bundle, kind: str, draws: int, people: int = PEOPLE, of_each: int = OF_EACH, used: int | None = None
) -> list[Draw]:
    """Draw folders and ask about them, as ``mint folder`` does.

    Args:
        bundle: whose test people are drawn. Each time, half of them measure the error rates and the others are in the folder.
        kind: of the unused photos, one of ``KINDS``: of the people whose other photos were used, or of others, half of
            whom are real.
        draws: how many folders.
        people: in a folder with siblings; with strangers up to two more, as used and unused photos show different ones.
        of_each: photos of a person.
        used: how many of a folder's photos were used; drawn anew each time if None.
    """
    # One bundle whose test people change: what its calibration people say is computed once.
    scores = dict(bundle.scores)
    judge = replace(bundle, scores=scores, uncalibrated_classes=())  # of a stored score nobody has the embedding
    found = []
    for draw in range(draws):
        random = np.random.default_rng([1, draw])
        scores["test"], brought = _halves(bundle, random)
        number = int(random.integers(0, people * of_each + 1)) if used is None else used
        found.append(_draw(judge, brought, kind, random, (people, of_each), number))
    return found


def figures(draws: Sequence[Draw], seed: int = 0) -> dict[str, Any]:
    """Return mean error, mean absolute error, coverage and false-discovery rate with 95 % intervals over folders.

    Raises:
        ValueError: a folder got no answer.
    """
    if any(draw.told.share is None or draw.alone.share is None for draw in draws):
        raise ValueError("a folder got no answer")
    told = [draw.told.share for draw in draws if draw.told.share is not None]
    alone = [draw.alone.share for draw in draws if draw.alone.share is not None]
    used = np.array([draw.used for draw in draws])
    off = np.array([share.value for share in told]) - used

    def held(shares: Sequence[Any]) -> dict[str, Any]:
        return rate(int(sum(s.low <= u <= s.high for s, u in zip(shares, used, strict=True))), len(used)).to_dict()

    return {
        "limit": float(np.median([draw.told.alpha for draw in draws])),
        "error": _mean(off, seed),
        "absolute_error": _mean(np.abs(off), seed),
        "width": _mean(np.array([share.high - share.low for share in told]), seed),
        "coverage": held(told),
        "coverage_of_one_person": held(alone),
        "false_discoveries": _mean(np.array([draw.wrong for draw in draws]), seed),
        "named": _mean(np.array([draw.found for draw in draws if draw.used]), seed),
    }


def _mean(values: np.ndarray, seed: int) -> dict[str, Any]:
    """Mean of folders with its bootstrap interval."""
    drawn = np.random.default_rng(seed).choice(values, (2000, len(values))).mean(1)
    value, (low, high) = float(values.mean()), np.quantile(drawn, [0.025, 0.975])
    low, high = widened(value, float(low), float(high), len(values))
    return {"value": value, "low": low, "high": high, "n": len(values)}


def _draw(
    bundle: Bundle, brought: Tables, kind: str, random: np.random.Generator, shape: tuple[int, int], used: int
) -> Draw:
    people, of_each = shape
    count = people * of_each
    if kind == SIBLINGS:
        chosen = _siblings(brought, random, people, of_each, used)
    else:
        unused = np.array_split(np.arange(count - used), len(STRANGERS))
        shares = {"members": used, **{kind: len(part) for kind, part in zip(STRANGERS, unused, strict=True)}}
        chosen = [one for kind, n in shares.items() for one in _of_people(brought[kind], kind, random, of_each, n)]
    looks, who, truth = [], {}, {}
    for number, (source, row) in enumerate(chosen):
        name = f"{number}.jpg"
        columns = {column: values[row : row + 1] for column, values in brought[source].items()}
        crop = np.full((112, 112, 3), number, np.uint8)  # of its own: copies count once
        looks.append(Look(name, (Face((0, 0, 9, 9), 0.9, crop, 50.0),), {bundle.name: columns}))
        who[name] = f"{source == 'real'} {brought[source]['identity'][row]}"  # real people are numbered anew
        truth[name] = source == "members"
    told, alone = (judge_folder(bundle, "folder", looks, p, discovery_rate=DISCOVERY_RATE) for p in (who, None))
    return Draw(used / count, told, alone, truth)


def _halves(bundle: Bundle, random: np.random.Generator) -> tuple[Tables, Tables]:
    """Split the test people in two halves, whatever their photos are; few photographic people stay with the first."""
    tables = {kind: bundle.test[kind] for kind in ("members", SIBLINGS, *STRANGERS)}
    pool = np.unique(np.concatenate([table["identity"] for kind, table in tables.items() if kind != "real"]))
    real = np.unique(tables["real"]["identity"])
    halves = {True: random.permutation(real)[: len(real) // 2], False: random.permutation(pool)[: len(pool) // 2]}
    measuring, brought = {}, {}
    for kind, table in tables.items():
        inside = np.isin(table["identity"], halves[kind == "real"])
        brought[kind] = {column: values[inside] for column, values in table.items()}
        measuring[kind] = {column: values[~inside] for column, values in table.items()}
    return {**bundle.test, **measuring}, brought


def _siblings(
    tables: Tables, random: np.random.Generator, people: int, of_each: int, used: int
) -> list[tuple[str, int]]:
    """Choose photos of people with used and unused ones: kind and row of each."""
    full = [_with(tables[kind], of_each) for kind in ("members", "siblings")]
    slots = random.permutation(people * of_each).reshape(people, of_each) < used
    chosen = []
    for person, mine in zip(random.permutation(np.intersect1d(*full))[:people], slots, strict=True):
        for kind, n in (("members", mine.sum()), ("siblings", (~mine).sum())):
            rows = np.flatnonzero(tables[kind]["identity"] == person)
            chosen += [(kind, int(row)) for row in random.permutation(rows)[:n]]
    return chosen


def _of_people(
    table: Mapping[str, np.ndarray], kind: str, random: np.random.Generator, of_each: int, count: int
) -> list[tuple[str, int]]:
    """Choose so many photos of one kind, a few of each person."""
    chosen: list[tuple[str, int]] = []
    for person in random.permutation(_with(table, of_each))[: -(-count // of_each)]:
        rows = random.permutation(np.flatnonzero(table["identity"] == person))
        chosen += [(kind, int(row)) for row in rows[: min(of_each, count - len(chosen))]]
    return chosen


def _with(table: Mapping[str, np.ndarray], photos: int) -> np.ndarray:
    """Return the people with at least so many photos."""
    people, counts = np.unique(table["identity"], return_counts=True)
    return people[counts >= photos]


if __name__ == "__main__":
    main()
