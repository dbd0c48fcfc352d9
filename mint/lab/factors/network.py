"""Train a setting's network, let auditors that know none of its test people score it, and keep every score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mint.auditors.kinds import specs
from mint.evidence.score_table import EXPOSURE, MEMBERS, OUTSIDERS, SIBLINGS, TEST
from mint.lab.factors.people import ledger
from mint.lab.factors.settings import Setting
from mint.lab.scaling.nested import LEFT_OUT, Order
from mint.lab.training.on_record import Figures
from mint.lab.training.store_splits import FITTED as FITTED_SPLITS
from mint.lab.twin_bundles.gallery import show
from mint.lab.twin_bundles.ledger_splits import ledger_splits, some
from mint.lab.twin_bundles.trained_network import NAME, Report, check_record, on_record, trained_network
from mint.lab.twins.ledger import Row
from mint.lab.twins.pool import Pool
from mint.lab.twins.recipe import TwinRecipe
from mint.lab.twins.verification import STRANGER_PAIRS, verification
from mint.networks.base import AuditedNetwork

AUDITORS = {
    "prototype/head": "prototype",
    "consistency/views": "consistency",
    "vanilla/all": "published, channel maxima",
}
VIEWED = {"consistency/views"}  # auditors that look at many altered views of a photo
MOST_VIEWED = 300  # photos of a side that these score, since that takes most of the time
SIDES = (MEMBERS, SIBLINGS)
FITTED = 150  # photos of a kind that auditors are fitted on, at most
MOST_STRANGERS = 1000  # photos of outsiders, at most
OTHERS = "list of factors, number of people, recipe or seed"


def figures_of(
    pool: Pool,
    people: Order,
    setting: Setting,
    settings: Sequence[Setting],
    folder: Path,
    base: TwinRecipe,
    seed: int,
    device: str = "cpu",
    report: Report = lambda line: None,
) -> Figures:
    """Return the figures of a setting's network: those on record, or train it and measure it.

    Args:
        pool: crops and ledger.
        people: who is trained on, see ``people_of``.
        setting: what is changed.
        settings: all that are compared.
        folder: keeps the training and ``figures.json``.
        base: recipe; its seed is the network's.
        seed: of people, subsets and auditors, the same for all networks.
        device: to train on.
        report: told a line now and then.

    Returns:
        What ``trained_network`` tells, ``photos`` (all that were trained on), ``fitted_on``, ``strangers``, and ``scores``:
        auditor to side to ``row`` (of the pool), ``exposure`` and ``score``, lists of one length.

    Raises:
        BadPool: the folder holds a network of other people, another recipe or seed.
    """
    recipe, rows = _asked(people, setting, settings, base)

    def measure() -> Figures:
        kept = [i for i, row in enumerate(rows) if row.purpose != LEFT_OUT or row.member(NAME)]
        subset = Pool(tuple(rows[i] for i in kept), pool.crops[kept])
        network, facts = trained_network(subset, folder, recipe, device, report)
        report("fitting and scoring its auditors")
        found = audited(network, subset, seed)
        for sides in found["scores"].values():
            for side in sides.values():
                side["row"] = [kept[i] for i in side["row"]]
        return {**facts, "photos": sum(row.member(NAME) for row in rows), **found}

    return on_record(folder, rows, recipe, seed, measure, OTHERS)


def check_folder(
    people: Order, setting: Setting, settings: Sequence[Setting], folder: Path, base: TwinRecipe, seed: int
) -> None:
    """Refuse the folder of a setting's network that holds another; as ``figures_of``, but before anything is trained.

    Raises:
        BadPool: the folder holds a network of other people, another recipe or seed.
    """
    recipe, rows = _asked(people, setting, settings, base)
    check_record(folder, rows, recipe, seed, OTHERS)


def _asked(
    people: Order, setting: Setting, settings: Sequence[Setting], base: TwinRecipe
) -> tuple[TwinRecipe, Sequence[Row]]:
    """Return the recipe of a setting's network and its ledger, with the doses, if photos are given any."""
    recipe = setting.recipe(base)
    return recipe, recipe.rows(ledger(people, setting, settings))


def audited(network: AuditedNetwork, pool: Pool, seed: int) -> dict[str, Any]:
    """Fit auditors on people of training and validation and score those of test.

    Returns:
        ``fitted_on``, ``strangers`` and ``scores``, as in ``figures_of``; ``row`` is of this pool.
    """
    splits = ledger_splits(pool.rows, NAME, seed, FITTED)
    scores: dict[str, dict[str, Any]] = {}
    for columns, most in ((AUDITORS.keys() - VIEWED, None), (AUDITORS.keys() & VIEWED, MOST_VIEWED)):
        wanted = [s for s in specs(network) if s.column in columns]
        scored = {side: some(pool.rows, splits.rows[TEST][side], most, seed) for side in SIDES}
        chosen = replace(splits, rows={**splits.only(*FITTED_SPLITS).rows, TEST: scored})
        with show(network, pool, wanted, chosen) as shown:
            tables = shown.tables(shown.fit(wanted, chosen, seed), {}, chosen, TEST)
        for side, picked in scored.items():
            told = {"row": picked.tolist(), EXPOSURE: [pool.rows[i].exposure for i in picked]}
            for column in columns:
                found = tables[side][column].astype(float).tolist() if len(picked) else []
                scores.setdefault(AUDITORS[column], {})[side] = {**told, "score": found}
    outsiders = some(pool.rows, splits.rows[TEST][OUTSIDERS], MOST_STRANGERS, seed)
    people = [pool.rows[i].identity for i in outsiders]
    return {
        "fitted_on": splits.members_fitted,
        "strangers": verification(network, pool.crops[outsiders], people, STRANGER_PAIRS, seed),
        "scores": scores,
    }
