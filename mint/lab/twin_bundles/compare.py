"""Hold the scores that ship against those of the pictures, made again: pool, store, auditors."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mint.bundles.bundle import Bundle
from mint.errors import BadPool, BundleMismatch
from mint.evidence.score_table import OPENPEOPLE, OUTSIDERS, PHOTO, SIBLINGS, TEST, Tables
from mint.lab.inputs.splits import Indices
from mint.lab.training.scoring import RECALL
from mint.lab.training.store_splits import StoreSplits
from mint.lab.twin_bundles.gallery import Gallery
from mint.lab.twin_bundles.ledger_splits import about, roles_of
from mint.lab.twins.ledger import Row, read_ledger
from mint.lab.twins.pool import Pool, crops_again, load_pool
from mint.lab.twins.pool_recipe import PoolRecipe
from mint.storage.files import sha256_of
from mint.vision.faces import CROP_SIZE

SEARCHED = (RECALL, PHOTO)
AGREE = 1e-2  # standard deviations: the largest difference that another processor's arithmetic may make
RARE = 0.03  # of the columns that rest on a search: two cuts may be all but equally good


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far scores that were made again lie from those that ship.

    Attributes:
        photos: how many of each source were compared.
        worst: column to the largest difference, in standard deviations of the column. Of the columns that rest on a
            search the share ``RARE`` that differs most is left out.
    """

    photos: Mapping[str, int]
    worst: Mapping[str, float]

    @property
    def largest(self) -> float:
        """The largest difference of any column."""
        return max(self.worst.values())


def compare_scores(
    bundle: Bundle,
    pool_dir: Path | None,
    ledger: Path | None = None,
    most: int | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> Comparison:
    """Score test pictures again, through a store, and compare photo by photo with what ships.

    Args:
        bundle: of a twin.
        pool_dir: that it was made from; None makes the pictures again from their packages.
        ledger: of the pool; only needed without ``pool_dir``.
        most: photos of each source, evenly spread; all if None.
        report: told a line now and then.

    Raises:
        BadPool: the pool is not the one of the bundle.
        BundleMismatch: the scores differ by more than rounding.
    """
    file = pool_dir / "ledger.csv" if pool_dir is not None else ledger
    if pool_dir is not None and not pool_dir.is_dir():
        raise BadPool(f"There is no pool in {pool_dir}. Make a pool first: mint lab pool.")
    if file is None or not file.is_file() or sha256_of(file) != bundle.facts["pool"]["ledger sha256"]:
        raise BadPool(f"{file or 'No ledger'} is not the ledger that {bundle.name} was made with: it differs.")
    rows = tuple(read_ledger(file))
    every = roles_of(rows, bundle.name, TEST, int(bundle.facts["seed"]), _most(bundle))
    for source, index in every.items():
        shipped = {len(values) for values in bundle.test[source].values()} - {len(index)}
        if shipped:
            raise BundleMismatch(f"{bundle.name} ships {min(shipped)} scores of {source}, the pool gives {len(index)}.")
    chosen = {source: _spread(len(index), most) for source, index in every.items()}
    wanted = np.unique(np.concatenate([every[source][kept] for source, kept in chosen.items()]))
    report(f"{len(wanted)} pictures of {file.parent}")
    with tempfile.TemporaryDirectory(prefix="mint-") as work:
        pool = _pool(rows, wanted, pool_dir, bundle)
        shown = Gallery(pool).show(bundle.network, bundle.panel, wanted, Path(work))
        test = {TEST: {source: every[source][kept] for source, kept in chosen.items()}}
        splits = StoreSplits(test, np.zeros(0, np.int64), about(rows))
        again = shown.tables(bundle.panel, bundle.fusions, splits, TEST)
    found = Comparison({source: len(kept) for source, kept in chosen.items()}, _differences(bundle, again, chosen))
    if found.largest > AGREE:
        raise BundleMismatch(
            f"The scores of {bundle.name} differ from those of the pictures by {found.largest:.3g} standard deviations."
        )
    return found


def _most(bundle: Bundle) -> int:
    """Return how many siblings, or outsiders of both sources, the bundle was scored on at the most."""
    count = {source: len(next(iter(columns.values()))) for source, columns in bundle.test.items()}
    return max(count.get(SIBLINGS, 0), count.get(OUTSIDERS, 0) + count.get(OPENPEOPLE, 0))


def _spread(count: int, most: int | None) -> Indices:
    """Return up to ``most`` of ``count`` places, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, most or count)).round().astype(np.int64))


def _pool(rows: tuple[Row, ...], wanted: Indices, pool_dir: Path | None, bundle: Bundle) -> Pool:
    """Return the pool; of one that is not there only the wanted crops, made again."""
    if pool_dir is not None:
        return load_pool(pool_dir)
    crops = np.zeros((len(rows), CROP_SIZE, CROP_SIZE, 3), np.uint8)  # memory is only taken where it is written
    crops[wanted] = crops_again(
        [rows[i] for i in wanted], int(bundle.facts["pool"]["seed"]), PoolRecipe.of(bundle.facts["pool"])
    )
    return Pool(rows, crops)


def _differences(bundle: Bundle, again: Tables, chosen: Mapping[str, Indices]) -> dict[str, float]:
    worst: dict[str, float] = {}
    for source, columns in again.items():
        for column, values in columns.items():
            shipped = bundle.test[source][column].astype(np.float64)
            differences = np.abs(values - shipped[chosen[source]]) / (shipped.std() + 1e-9)
            quantile = 1 - RARE if column in SEARCHED else 1.0
            worst[column] = max(worst.get(column, 0.0), float(np.quantile(differences, quantile)))
    return worst
