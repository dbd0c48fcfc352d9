"""Audit a network that was trained on the ledger's members: a bundle whose only non-members are their siblings.

Siblings differ from members by a coin alone, so that what tells the two apart is what a promise for one photo speaks of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from mint.auditors import PAPER_PRESET
from mint.auditors.features import EMBEDDING
from mint.auditors.kinds import specs
from mint.bundles.bundle import Bundle
from mint.evidence.score_table import CALIBRATION, MEMBERS, PERSON, PHOTO, SIBLINGS, Columns, ScoreTable, Tables
from mint.judging.privacy import CLAIM
from mint.lab.private.recipe import PrivateRecipe
from mint.lab.training.scoring import FUSED, platt, ranges
from mint.lab.training.store_splits import SCORED
from mint.lab.twin_bundles.gallery import show
from mint.lab.twin_bundles.ledger_splits import ledger_splits
from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.ledger import training_set
from mint.lab.twins.pool import Pool
from mint.networks.base import AuditedNetwork

LOSS = "loss/head"  # Yeom et al. 2018: the training loss of a photo, whose label the attacker knows
COMPARED = (MEMBERS, SIBLINGS)


def by_coin(pool: Pool) -> Pool:
    """Return the photos whose use a coin decided: people of openpeople are used with all their photos or none."""
    kept = [i for i, row in enumerate(pool.rows) if row.source == GAN]
    return Pool(tuple(pool.rows[i] for i in kept), pool.crops[kept])


def audited(
    network: AuditedNetwork,
    pool: Pool,
    name: str,
    members_of: str,
    identities: Sequence[str],
    recipe: PrivateRecipe,
    claims: bool,
    seed: int,
    report: Callable[[str], None] = lambda line: None,
) -> Bundle:
    """Fit the fused auditors, the published ones and the embedding's length, and score calibration and test people.

    Args:
        network: with its head.
        pool: of photos by coin.
        name: of the bundle.
        members_of: by whom the ledger knows the training set.
        identities: whose centres the head holds, in its order.
        recipe: of the training, for its loss.
        claims: whether the bundle claims the recipe's promise.
        seed: of auditors and choices.
        report: told a line now and then.

    Returns:
        A bundle without controls, so that its verdict on a photo is "cannot say"; its scores have a column ``LOSS`` too.
    """
    wanted = [
        spec
        for spec in specs(network)
        if spec.column in FUSED or spec.kind == "norm" or (spec.preset == PAPER_PRESET and spec.layer == "all")
    ]
    splits = ledger_splits(pool.rows, members_of, seed)
    compared = {split: {source: splits.rows[split][source] for source in COMPARED} for split in SCORED}
    splits = replace(splits, rows={**splits.rows, **compared})
    numbers = {identity: k for k, identity in enumerate(identities)}
    scores: dict[str, Tables] = {}
    with show(network, pool, wanted, splits) as shown:
        panel = shown.fit(wanted, splits, seed, report=lambda line: report(f"{name}: {line}"))
        fusions = shown.fuse(panel, splits)
        for split in SCORED:
            report(f"{name}: scoring {split}")
            found: dict[str, Columns] = {}
            for source, columns in shown.tables(panel, fusions, splits, split).items():
                index = compared[split][source]
                centres = [numbers[pool.rows[i].identity] for i in index]
                loss = loss_scores(shown.tensors([EMBEDDING], index)[EMBEDDING], network, centres, recipe)
                found[source] = {**columns, LOSS: loss}
            scores[split] = found
    fitted = (*panel.auditors, PHOTO, PERSON)
    return Bundle(
        name=name,
        network=network,
        panel=panel,
        specs=tuple(wanted),
        fusions=fusions,
        platt={column: platt(scores[CALIBRATION], column) for column in fitted},
        ranges=ranges(scores[CALIBRATION]),
        scores=ScoreTable(scores),
        gates={},
        facts={
            "licence": "MIT",
            "seed": seed,
            "training set": training_set(sum(row.member(members_of) for row in pool.rows), len(identities)),
            **({CLAIM: {"epsilon": recipe.epsilon, "delta": recipe.delta}} if claims else {}),
        },
    )


@torch.inference_mode()
def loss_scores(
    embedding: Tensor, network: AuditedNetwork, centres: Sequence[int], recipe: PrivateRecipe
) -> np.ndarray:
    """Return minus the training loss of each picture with its own label, (N,) float32.

    Args:
        embedding: (N, E) of pictures of people whom the network was trained on.
        network: with its head.
        centres: which row of the head is each picture's.
        recipe: whose loss.
    """
    assert network.head is not None
    cosines = torch.nn.functional.normalize(embedding, dim=1) @ network.head.T
    return np.asarray(-recipe.losses(cosines, torch.tensor(centres)).numpy(), np.float32)
