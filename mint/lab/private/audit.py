"""Audit a network that was trained on the ledger's members: a bundle whose only non-members are their siblings.

Siblings differ from members by a coin alone, so that what tells the two apart is what a promise for one photo speaks of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from mint.auditors import PAPER_PRESET
from mint.auditors.kinds import specs
from mint.auditors.panel import readings
from mint.bundles.bundle import PERSON, PHOTO, Bundle
from mint.i18n.sentences import Sentence
from mint.judging.photo import SIBLINGS
from mint.judging.privacy import CLAIM
from mint.lab.private.recipe import PrivateRecipe
from mint.lab.training.fit import Pictures, train_panel
from mint.lab.training.scoring import FUSED, Tables, fuse, platt, ranges, score
from mint.lab.twin_bundles.pictures import fitting_samples, pool_pictures
from mint.lab.twin_bundles.roles import identity_numbers
from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.pool import Pool
from mint.networks.base import AuditedNetwork

LOSS = "loss/head"  # Yeom et al. 2018: the training loss of a photo, whose label the attacker knows
COMPARED = ("members", SIBLINGS)
SCORED = ("calibration", "test")


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
    samples = fitting_samples(pool, members_of, seed)
    panel = train_panel(network, wanted, samples, seed, report=lambda line: report(f"{name}: {line}"))
    fusions = fuse(panel.only(FUSED).scores(network, samples["validation"].crops), samples["validation"])
    numbers = {identity: k for k, identity in enumerate(identities)}
    centre_of = {
        n: numbers.get(row.identity) for n, row in zip(map(int, identity_numbers(pool.rows)), pool.rows, strict=True)
    }
    scores: dict[str, Tables] = {}
    for purpose in SCORED:
        report(f"{name}: scoring {purpose}")
        pictures = {s: p for s, p in pool_pictures(pool, members_of, purpose, seed).items() if s in COMPARED}
        scores[purpose] = score(network, panel, fusions, pictures)
        for source, found in pictures.items():
            scores[purpose][source][LOSS] = loss_scores(network, found, centre_of, recipe)
    columns = (*panel.auditors, PHOTO, PERSON)
    return Bundle(
        name=name,
        network=network,
        panel=panel,
        specs=tuple(wanted),
        fusions=fusions,
        platt={column: platt(scores["calibration"], column) for column in columns},
        ranges=ranges(scores["calibration"]),
        scores=scores,
        gates={},
        facts={
            "licence": "MIT",
            "seed": seed,
            "training set": Sentence(
                "{n} crops of {people} fictional people; weights/ledger.csv names them",
                n=sum(row.member(members_of) for row in pool.rows),
                people=len(identities),
            ),
            **({CLAIM: {"epsilon": recipe.epsilon, "delta": recipe.delta}} if claims else {}),
        },
    )


@torch.inference_mode()
def loss_scores(
    network: AuditedNetwork, pictures: Pictures, centre_of: dict[int, int | None], recipe: PrivateRecipe
) -> np.ndarray:
    """Return minus the training loss of each picture with its own label, (N,) float32.

    Args:
        network: with its head.
        pictures: of people whom it was trained on.
        centre_of: number of a person to the row of the head.
        recipe: whose loss.
    """
    assert network.head is not None
    embedding = torch.cat([r.plain.embedding for _, r in readings(network, pictures.crops, views=False)])
    target = torch.tensor([centre_of[int(person)] for person in pictures.about["identity"]])
    cosines = torch.nn.functional.normalize(embedding, dim=1) @ network.head.T
    return np.asarray(-recipe.losses(cosines, target).numpy(), np.float32)
