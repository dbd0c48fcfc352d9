"""Train private networks and a plain one, audit them, and write all figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from mint.bundles.bundle import Bundle
from mint.errors import TooFew
from mint.evidence.bootstrap import DRAWS
from mint.evidence.privacy_bound import PrivacyBudget
from mint.evidence.score_table import MEMBERS, OUTSIDERS, PHOTO, SIBLINGS, TEST
from mint.judging.photo import DEFAULT_ALPHA
from mint.judging.privacy import contradiction, measured_epsilons
from mint.lab.evaluation.metric_row import metric_row
from mint.lab.private.audit import LOSS, audited, by_coin
from mint.lab.private.recipe import PrivateRecipe
from mint.lab.private.training import LOG, WEIGHTS, train_private, training_photos
from mint.lab.training.on_record import bundle_on_record
from mint.lab.twin_bundles.ledger_splits import roles_of
from mint.lab.twin_bundles.roles import identity_numbers
from mint.lab.twins.pool import Pool
from mint.lab.twins.precision import machine
from mint.lab.twins.training import save_weights, telling
from mint.lab.twins.verification import verification
from mint.networks.architectures import load_network
from mint.networks.base import AuditedNetwork
from mint.storage.files import read_json, write_json

PLAIN, UNTRAINED, PRIVATE = "plain", "untrained", "private-{epsilon:g}"
TRAINING = "training"  # folder of a run, in that of its bundle
AUDITORS = {
    PHOTO: "combined",
    LOSS: "loss, label known",
    "prototype/head": "prototype",
    "centred/head": "centred",
    "consistency/views": "consistency",
    "norm/embedding": "length of the embedding",
    "vanilla/all": "published, channel maxima",
    "cnn/all": "published, whole maps",
}
Report = Callable[[str], None]


def private_twin(
    pool: Pool,
    members_of: str,
    out: Path,
    results: Path,
    recipe: PrivateRecipe,
    plain: PrivateRecipe,
    epsilons: Sequence[float],
    report: Report = lambda line: None,
) -> dict[str, Any]:
    """Train and audit a plain network and one for each promise; goes on where it was cut off.

    Args:
        pool: crops and ledger.
        members_of: whose members train the networks, such as ``twin-a``.
        out: gets a folder a network: its bundle, and ``training`` in it.
        results: the JSON of all figures, written anew after each network.
        recipe: of the private networks, but for the promise.
        plain: of the plain network, of the same form and seed.
        epsilons: one private network each. The plain one is measured against the first, as if it were sold so.
        report: told a line now and then.

    Returns:
        What was written.

    Raises:
        BadPool: as ``train_private``; or a folder holds the bundle of another network or seed.
    """
    pool = by_coin(pool)
    _, labels, identities = training_photos(pool, members_of)
    sold = PrivacyBudget(epsilons[0], recipe.delta)
    recipes = {PLAIN: plain} | {PRIVATE.format(epsilon=e): replace(recipe, epsilon=e) for e in epsilons}
    networks: dict[str, Any] = {}
    found: dict[str, Any] = {
        "members_of": members_of, "photos": len(labels), "people": len(identities), "seed": recipe.seed, "alpha": DEFAULT_ALPHA,
        "width": recipe.width, "input_size": recipe.input_size, "epochs": recipe.epochs, "epsilons": list(epsilons),
        **machine(), "sold_as": asdict(sold), "networks": networks,
    }  # fmt: skip
    for name, one in recipes.items():
        folder = out / name
        file = train_private(pool, members_of, folder / TRAINING, one, telling(report, name, every=5))
        bundle = _bundle(folder, file, pool, members_of, identities, one, report)
        report(f"{name}: figures")
        claimed = sold if one.epsilon is None else PrivacyBudget(one.epsilon, one.delta)
        networks[name] = {
            **_training(read_json(folder / TRAINING / LOG)),
            **figures(bundle, claimed, one.delta),
            "recognition": _recognition(bundle.network, pool, members_of),
        }
        write_json(results, found)
    start = load_network(untrained(out / UNTRAINED, plain, len(identities)), plain.architecture(), UNTRAINED)
    found["untrained"] = _recognition(start, pool, members_of)
    write_json(results, found)
    return found


def figures(bundle: Bundle, claimed: PrivacyBudget, delta: float) -> dict[str, Any]:
    """Return what every auditor finds among test members and siblings, beside what a promise allows.

    Args:
        bundle: as ``audited`` makes it.
        claimed: the promise, kept or not.
        delta: of the measured ε.

    Returns:
        ``claimed``, ``allowed`` (TPR at ``DEFAULT_ALPHA``), ``rows`` and ``contradiction``: whether the scores disprove the promise.

    Raises:
        TooFew: there is nobody to compare with.
    """
    members, siblings = bundle.test[MEMBERS], bundle.test[SIBLINGS]
    rows = []
    for column, label in AUDITORS.items():
        measured = measured_epsilons(bundle, DEFAULT_ALPHA, delta, column)
        if not measured:
            raise TooFew(f"{bundle.name} has too few people whose photos were used in part: no ε can be measured.")
        rows.append({"auditor": label, **metric_row(members, siblings, column, DRAWS), "measured": asdict(measured[0])})
    disproved = contradiction(claimed, measured_epsilons(bundle, DEFAULT_ALPHA, delta))
    return {
        "claimed": asdict(claimed),
        "allowed": claimed.tpr(DEFAULT_ALPHA),
        "rows": rows,
        "contradiction": disproved is not None,
    }


def untrained(folder: Path, recipe: PrivateRecipe, identities: int) -> Path:
    """Write the weights that every training starts from."""
    torch.manual_seed(recipe.seed)
    model = recipe.classifier(identities)
    save_weights(folder / WEIGHTS, model.network, model.head.weight.detach())
    return folder / WEIGHTS


def _bundle(
    folder: Path, file: Path, pool: Pool, members_of: str, identities: list[str], recipe: PrivateRecipe, report: Report
) -> Bundle:
    """Return the bundle of a network: the one on record, or audit it and write one."""
    network = load_network(file, recipe.architecture(), folder.name)
    claims = recipe.epsilon is not None

    def make() -> Bundle:
        return audited(network, pool, folder.name, members_of, identities, recipe, claims, recipe.seed, report)

    return bundle_on_record(folder, network, recipe.seed, make, file, recipe.architecture())


def _training(log: dict[str, Any]) -> dict[str, Any]:
    last = log["epochs"][-1]
    recipe = {
        name: log["recipe"][name] for name in ("epochs", "batch", "clip", "learning_rate", "scale", "margin", "flip")
    }
    seconds = sum(epoch["seconds"] for epoch in log["epochs"])
    return {
        "privacy": log["privacy"],
        "training": {**recipe, "accuracy": last["accuracy"], "loss": last["loss"], "seconds": seconds},
    }


def _recognition(network: AuditedNetwork, pool: Pool, members_of: str) -> dict[str, Any]:
    """Return how well a network tells test people apart whom it never saw."""
    outsiders = roles_of(pool.rows, members_of, TEST, 0)[OUTSIDERS]
    people = [str(number) for number in identity_numbers(pool.rows)[outsiders]]
    return verification(network, pool.crops[outsiders], people)
