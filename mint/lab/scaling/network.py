"""The figures of a network of one size: trained, audited, and told who strangers are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mint.auditors.kinds import specs
from mint.errors import BadPool
from mint.evidence.bootstrap import DRAWS
from mint.evidence.score_table import IDENTITY, MEMBERS, OUTSIDERS, PHOTO, SIBLINGS, TEST, Tables
from mint.lab.evaluation.metric_row import metric_row
from mint.lab.scaling.nested import Order, Size
from mint.lab.training.control_scores import control_scores, control_specs
from mint.lab.training.store_splits import FITTED
from mint.lab.twin_bundles.gallery import show
from mint.lab.twin_bundles.ledger_splits import MAX_PER_SOURCE, ledger_splits
from mint.lab.twin_bundles.trained_network import NAME, check_record, on_record, trained_network
from mint.lab.twins.pool import Pool
from mint.lab.twins.recipe import TwinRecipe
from mint.lab.twins.verification import STRANGER_PAIRS, verification

AUDITORS = {
    PHOTO: "combined",
    "prototype/head": "prototype",
    "centred/head": "centred",
    "consistency/views": "consistency",
    "vanilla/all": "published, channel maxima",
    "cnn/all": "published, whole maps",
}
AGAINST = (SIBLINGS, OUTSIDERS)
OTHERS = "pool, smallest size, recipe or seed"


def figures_of(
    pool: Pool,
    order: Order,
    size: Size,
    fitted: int,
    folder: Path,
    recipe: TwinRecipe,
    seed: int,
    device: str = "cpu",
    report: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Return the figures of the network of one size: those on record, or train it and measure it.

    Args:
        pool: whose ledger ``order`` was drawn from.
        order: who is taken when.
        size: of the training set.
        fitted: see ``Order.ledger``.
        folder: keeps the training and ``figures.json``.
        recipe: of the network.
        seed: of auditors and subsets.
        device: to train on, ``cpu`` or ``cuda``.
        report: told a line now and then.

    Returns:
        ``members``, ``people``, ``photos``, ``training_accuracy``, ``seconds`` of training, ``precision``, ``fitted_on``
        (members that auditors were fitted on and validated on), ``strangers`` as ``verification`` gives them, and
        ``rows``: AUC and TPR of each auditor ``against`` siblings and outsiders, as ``metric_row`` gives them.

    Raises:
        BadPool: the folder holds a network of another pool, size, recipe or seed.
    """
    rows = order.ledger(size, fitted)

    def measure() -> dict[str, Any]:
        return _measured(Pool(rows, pool.crops), size, folder, recipe, seed, device, report)

    return on_record(folder, rows, recipe, seed, measure, OTHERS)


def check_folder(order: Order, size: Size, fitted: int, folder: Path, recipe: TwinRecipe, seed: int) -> None:
    """Refuse the folder of a size that holds another network; as ``figures_of``, but before anything is trained.

    Raises:
        BadPool: the folder holds a network of another pool, size, recipe or seed; or the size has fewer pictures than a batch.
    """
    if size.members < recipe.batch:
        raise BadPool(
            f"Networks are trained in batches of {recipe.batch}: {size.members} pictures are too few for one."
        )
    check_record(folder, order.ledger(size, fitted), recipe, seed, OTHERS)


def _measured(
    pool: Pool, size: Size, folder: Path, recipe: TwinRecipe, seed: int, device: str, report: Callable[[str], None]
) -> dict[str, Any]:
    network, facts = trained_network(pool, folder, recipe, device, report)
    splits = ledger_splits(pool.rows, NAME, seed, scored=MAX_PER_SOURCE).only(*FITTED, TEST)
    outsiders = splits.rows[TEST][OUTSIDERS]
    people = [str(number) for number in splits.about[IDENTITY][outsiders]]
    report("fitting and scoring its auditors")
    with show(network, pool, control_specs(specs(network)), splits) as shown:
        tables = control_scores(shown, splits, seed)[TEST]
    return {
        "members": size.members,
        "photos": size.photos,
        **facts,
        "fitted_on": splits.members_fitted,
        "strangers": verification(network, pool.crops[outsiders], people, STRANGER_PAIRS, seed),
        "rows": _rows(tables),
    }


def _rows(tables: Tables) -> list[dict[str, Any]]:
    members = tables[MEMBERS]
    return [
        {"auditor": label, "against": kind, **metric_row(members, tables[kind], column, DRAWS)}
        for kind in AGAINST
        for column, label in AUDITORS.items()
        if column in members
    ]
