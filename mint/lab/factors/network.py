"""Train a setting's network, let auditors that know none of its test people score it, and keep every score."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mint.auditors.kinds import specs
from mint.lab.factors.people import ledger
from mint.lab.factors.settings import Setting
from mint.lab.scaling.nested import LEFT_OUT, Order
from mint.lab.training.fit import train_panel
from mint.lab.twin_bundles.pictures import fitting_samples, roles_of, some
from mint.lab.twin_bundles.trained_network import NAME, Figures, Report, on_record, trained_network
from mint.lab.twins.pool import Pool
from mint.lab.twins.recipe import TwinRecipe
from mint.lab.twins.verification import verification
from mint.networks.base import AuditedNetwork

AUDITORS = {
    "prototype/head": "prototype",
    "consistency/views": "consistency",
    "vanilla/all": "published, channel maxima",
}
VIEWED = {"consistency/views"}  # auditors that look at many altered views of a photo
MOST_VIEWED = 300  # photos of a side that these score, since that takes most of the time
SIDES = ("members", "siblings")
FITTED = 150  # photos of a kind that auditors are fitted on, at most
STRANGERS = 1000  # photos of outsiders, at most
PAIRS = 3000  # of one person, and as many of two


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
    recipe = setting.recipe(base)
    rows = recipe.rows(ledger(people, setting, settings))  # with the doses, if photos are given any

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

    return on_record(folder, rows, recipe, seed, measure, "list of factors, number of people, recipe or seed")


def audited(network: AuditedNetwork, pool: Pool, seed: int) -> dict[str, Any]:
    """Fit auditors on people of training and validation and score those of test.

    Returns:
        ``fitted_on``, ``strangers`` and ``scores``, as in ``figures_of``; ``row`` is of this pool.
    """
    samples = fitting_samples(pool, NAME, seed, FITTED)
    test = roles_of(pool.rows, NAME, "test", seed)
    scores: dict[str, dict[str, Any]] = {}
    for columns, most in ((AUDITORS.keys() - VIEWED, None), (AUDITORS.keys() & VIEWED, MOST_VIEWED)):
        panel = train_panel(network, [s for s in specs(network) if s.column in columns], samples, seed)
        for side in SIDES:
            picked = some(pool.rows, test[side], most, seed)
            found = panel.scores(network, pool.crops[picked])
            about = {"row": picked.tolist(), "exposure": [pool.rows[i].exposure for i in picked]}
            for column in columns:
                told = {**about, "score": found[column].astype(float).tolist()}
                scores.setdefault(AUDITORS[column], {})[side] = told
    outsiders = some(pool.rows, test["outsiders"], STRANGERS, seed)
    people = [pool.rows[i].identity for i in outsiders]
    return {
        "fitted_on": {split: int(s.member.sum()) for split, s in samples.items()},
        "strangers": verification(network, pool.crops[outsiders], people, PAIRS, seed),
        "scores": scores,
    }
