"""Calibrate the test over a user's own versions, from photos of which it is known which version first used them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.bundles.series import FEWEST, MEMBERS, OUT, STAYED, Series
from mint.errors import BadInput, BundleMismatch, MintError, TooFew
from mint.evidence.metrics import auc, auc_interval
from mint.evidence.near_duplicates import thumbnails
from mint.evidence.score_table import OUTSIDERS, PHOTO, SIBLINGS
from mint.evidence.sequence import Known, SequenceTest
from mint.judging.photo import NOT_UPRIGHT
from mint.lab.inputs.cells.names import person_name, whole
from mint.lab.inputs.cells.rows import rows_of_file
from mint.lab.inputs.columns import key, listed
from mint.lab.inputs.lists import path_of
from mint.lab.inputs.source import side_line
from mint.lab.versions.doubtful import doubtful
from mint.lab.versions.figures import named
from mint.lab.versions.fit import NEVER, History, calibrated
from mint.membership import MembershipTest

COLUMNS = ("photo", "person", "first", "out")
TESTED = 0.3  # of the people: nothing is calibrated on them
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list.

    Attributes:
        photo: its file.
        person: who is on it.
        first: the version that first used it, from 0, or ``NEVER``.
        out: the version from which on it was not used any more; the number of versions if it stayed.
    """

    photo: Path
    person: str
    first: int
    out: int


def read_list(path: Path, versions: int, report: Report = lambda line: None) -> list[Listed]:
    """Read a list with the columns ``photo,person,first,out``; versions count from 1, photos lie beside the list.

    ``first`` is empty for a photo that no version used, ``out`` for one that was not taken out. The columns stand in any
    order, separated as in any list (see ``mint.lab.inputs.lists``).

    Args:
        path: of the list.
        versions: how many there are.
        report: told how many photos of how many people it names.

    Raises:
        BadInput: the list is missing or damaged, a line says something impossible, a photo is named twice or not there.
    """
    if not path.is_file():
        raise BadInput(f"There is no list of photos {path}: a CSV with the columns {','.join(COLUMNS)}.")
    rows = rows_of_file(path, COLUMNS)
    names = [key(name) for name in rows.first]
    if sorted(names) != sorted(COLUMNS):
        raise BadInput(f"{path} has the columns {listed(rows.first)}, not {','.join(COLUMNS)}.")
    places = [names.index(column) for column in COLUMNS]
    rules = dict.fromkeys(["the column person names the person"])
    found = [
        _listed([cells[k] for k in places], number, path, versions, rules.setdefault)
        for number, cells in rows.below(True)
    ]
    if not found:
        raise BadInput(f"{path} names no photo below its columns {','.join(COLUMNS)}.")
    twice = next((photo for photo, times in Counter(one.photo.resolve() for one in found).items() if times > 1), None)
    if twice is not None:
        raise BadInput(f"{path} names {twice} twice. Name each photo once.")
    report(side_line(path.name, len(found), len({one.person for one in found}), 0, list(rules)))
    return found


def _listed(cells: Sequence[str], number: int, path: Path, versions: int, note: Callable[[str], object]) -> Listed:
    photo, person, first, out = cells[0], person_name(cells[1]), whole(cells[2]), whole(cells[3])
    known = [str(version + 1) for version in range(versions)]
    if not photo or not person:
        raise BadInput(f"{path}, line {number}: a photo and who is on it are needed.")
    if first and first not in known:
        raise BadInput(f"{path}, line {number}: first is a version from 1 to {versions} or empty, not {first[:20]}.")
    if out and (not first or out not in known or int(out) <= int(first)):
        raise BadInput(
            f"{path}, line {number}: out is a version after the first use, up to {versions}, or empty; not {out[:20]}."
        )
    file = path.parent / path_of(photo, f"Line {number} of {path}", note)
    if not file.is_file():
        raise BadInput(f"{path}, line {number}: there is no {file}.")
    return Listed(file, person, int(first) - 1 if first else NEVER, int(out) - 1 if out else versions)


def make_series(folders: Sequence[Path], photos: Path, seed: int = 0, report: Report = lambda line: None) -> Series:
    """Show the photos of a list to every version, calibrate on most of the people, and measure on the others.

    Args:
        folders: of the versions' bundles, oldest first.
        photos: the list; of people for whom none of the bundles' auditors was fitted.
        seed: of who is calibrated on.
        report: told a line now and then.

    Raises:
        BadInput: as ``read_list``, or there are too few versions.
        BundleMismatch: two bundles have one name or one network, or cut faces out in different ways.
        TooFew: there are too few people of a version's first use, or who were never used.
    """
    if len(folders) < FEWEST:
        raise BadInput(f"A series has {FEWEST} versions at least. Name their bundles, the oldest first.")
    photos_of = read_list(photos, len(folders), report)
    test = MembershipTest.load([str(folder) for folder in folders])
    _check(test, folders)
    every = _history(test, photos_of, report)
    people = np.unique(every.people)
    tested = np.isin(every.people, np.random.default_rng(seed).permutation(people)[: round(TESTED * len(people))])
    found = calibrated(every[~tested], seed)
    return _measured(test, folders, found, every[tested])


def _check(test: MembershipTest, folders: Sequence[Path]) -> None:
    bundles = list(test.bundles.values())
    if len(bundles) < len(folders):
        raise BundleMismatch("Two of the bundles have one name. Train each with --out a folder of its own name.")
    if len({bundle.network.fingerprint for bundle in bundles}) < len(bundles):
        raise BundleMismatch("Two of the bundles audit the same network. A series has another version in each.")
    if len({bundle.network.finder.name for bundle in bundles}) > 1:
        raise BundleMismatch("The bundles cut faces out in different ways, so that their scores are not of one crop.")


def _history(test: MembershipTest, photos: Sequence[Listed], report: Report) -> History:
    """Return the photos' scores under each version; photos that cannot be looked at, or contradict another, are told and left out."""
    used = {one.person for one in photos if one.first != NEVER}
    numbers = {person: k for k, person in enumerate(dict.fromkeys(one.person for one in photos))}
    kept: list[Listed] = []
    rows, small = [], []
    seen = test.look_many((one.photo for one in photos), (str(one.photo) for one in photos))
    for one, (name, look) in zip(photos, seen, strict=True):
        if isinstance(look, MintError):
            report(f"{name}: left out: {look}")
            continue
        if not all(face is None or face.upright for face in (look.seen_by(version)[0] for version in test.bundles)):
            report(f"{name}: left out: {NOT_UPRIGHT}")
            continue
        row = [
            float(bundle.fusions[PHOTO].score({c: float(v[0]) for c, v in look.scores[version].items()}))
            for version, bundle in test.bundles.items()
        ]
        if not np.isfinite(row).all():
            report(f"{name}: left out: a version does not see the face")
            continue
        kept.append(one)
        rows.append(row)
        small.append(thumbnails(look.faces[0].crop[None])[0])
    if not kept:
        raise TooFew("No photo of the list could be looked at.")
    every = History(
        np.array(rows),
        np.array([numbers[one.person] for one in kept]),
        np.array([one.first for one in kept]),
        np.array([one.out for one in kept]),
        np.array([_kind(one, used) for one in kept]),
    )
    files, people, fates = zip(*((one.photo, one.person, (one.first, one.out)) for one in kept), strict=True)
    wrong = doubtful(files, np.stack(small), people, fates)
    for number, (other, why) in wrong.items():
        report(f"{files[number]}: left out: it is the same picture as {files[other]}, which is listed with {why}")
    return every[~np.isin(np.arange(len(every)), [*wrong])]


def _kind(one: Listed, used: set[str]) -> str:
    return "" if one.first != NEVER else SIBLINGS if one.person in used else OUTSIDERS


def _measured(test: MembershipTest, folders: Sequence[Path], found: SequenceTest, of: History) -> Series:
    """Return the series with what holds of tested people."""
    stayed = of[of.stayed]
    hard = SIBLINGS if (of.kinds == SIBLINGS).any() else OUTSIDERS
    others = of[of.kinds == hard]
    if not len(stayed) or not len(others):
        raise TooFew("Too few people are left to measure the series with: list photos of more people.")
    scores = found.statistic(stayed.scores), found.statistic(others.scores)
    area, (low, high) = auc(*scores), auc_interval(*scores, stayed.people, others.people)
    return Series(
        tuple(test.bundles),
        tuple(folders),
        tuple(bundle.core_sha256 for bundle in test.bundles.values()),
        found,
        dict(_tested(found, of)),
        (area, min(low, area), max(high, area)),  # a bootstrap of few people may miss it
        named(found, stayed),
    )


def _tested(test: SequenceTest, of: History) -> Iterator[tuple[str, Known]]:
    def known(p_values: NDArray[np.float64], which: NDArray[np.bool_]) -> Known:
        return Known(p_values[which], of.people[which].astype(np.int64))

    never = test.p_values(of.scores)
    yield MEMBERS, known(never, of.stayed)
    yield from ((str(kind), known(never, of.kinds == kind)) for kind in np.unique(of.kinds[of.never]))
    removed = test.removal_p_values(of.scores)
    yield STAYED, known(removed, of.stayed)
    yield OUT, known(removed, ~of.never & ~of.stayed)
