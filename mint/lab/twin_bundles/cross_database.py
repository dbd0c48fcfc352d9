"""The papers' protocol: members from one database, non-members from another.

MINT-Demo (arXiv 2503.08332, section 3) takes members from Glint360K and non-members from other
databases. Here: the twin's members against real faces. An auditor may then win by telling the
databases apart, so the same auditors also score the twin's own non-members, and stand beside
auditors that see only pixels or an untrained network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np

from mint.errors import BadPool
from mint.lab.controls.names import CROSS, CROSS_CALIBRATION
from mint.lab.inputs.real_faces import for_calibration
from mint.lab.training.fit import Pictures, Samples
from mint.lab.training.pixel_baseline import COLUMN, blind_scores
from mint.lab.training.scoring import Tables, refit
from mint.lab.twin_bundles.pictures import MAX_CONTROLLED, all_real, pool_pictures, some
from mint.lab.twin_bundles.roles import rows_by_role
from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.pool import Pool
from mint.networks.base import AuditedNetwork

SHARES = (("training", 0.6), ("validation", 0.75), ("calibration", 1.0))


def real_part(person: str) -> str:
    """Return a real person's split under this protocol, drawn with the name alone."""
    if not for_calibration(person):
        return "test"
    coin = hashlib.sha256(person.encode()).digest()[1] / 256
    return next(name for name, end in SHARES if coin < end)


def cross_database(
    network: AuditedNetwork,
    blind: Mapping[str, AuditedNetwork],
    pool: Pool,
    real: tuple[np.ndarray, list[str]],
    name: str,
    seed: int,
) -> dict[str, Tables]:
    """Fit and score auditors under the papers' protocol.

    Args:
        network: the twin.
        blind: controls in its place, by name.
        pool: crops and ledger.
        real: crops of real faces and the person of each, the other database.
        name: of the twin.
        seed: of auditors and choices.

    Returns:
        Splits ``cross-database``, ``cross-database/calibration`` and one a control,
        ``cross-database/NAME``.
    """
    parts = _real_parts(real, seed)
    samples = {split: _samples(pool, name, split, parts[split].crops, seed) for split in ("training", "validation")}
    test = {**pool_pictures(pool, name, "test", seed, MAX_CONTROLLED), "real": parts["test"]}
    del test["openpeople"]
    members = pool_pictures(pool, name, "calibration", seed, MAX_CONTROLLED)["members"]
    wanted = {**test, "calibration members": members, "calibration real": parts["calibration"]}
    found: dict[str, Tables] = {}
    tables = refit(network, samples, wanted, seed, published=True, layers=True)
    found[CROSS_CALIBRATION] = {s: tables.pop(f"calibration {s}") for s in ("members", "real")}
    found[CROSS] = tables
    for control, stand_in in blind.items():
        found[f"{CROSS}/{control}"] = refit(stand_in, samples, test, seed, published=True)
    statistics = blind_scores(samples, {source: pictures.crops for source, pictures in test.items()})
    for source, table in found[f"{CROSS}/pixels"].items():
        table[COLUMN] = statistics[source]
    return found


def _real_parts(real: tuple[np.ndarray, list[str]], seed: int) -> dict[str, Pictures]:
    whole = all_real(real)
    parts = np.array([real_part(person) for person in real[1]])
    found = {}
    for part in ("training", "validation", "calibration", "test"):
        if part not in parts:
            raise BadPool(f"There are too few real people: none is left for {part}. Give a larger collection.")
        here = np.random.default_rng([seed, len(part)]).permutation(np.flatnonzero(parts == part))[:MAX_CONTROLLED]
        found[part] = whole[np.sort(here)]
    return found


def _samples(pool: Pool, name: str, split: str, real: np.ndarray, seed: int) -> Samples:
    members = rows_by_role(pool.rows, name, split, seed)["members"]
    members = some(pool.rows, members[[pool.rows[i].source == GAN for i in members]], MAX_CONTROLLED, seed)
    crops = np.concatenate([pool.crops[members], real])
    return Samples(crops, np.arange(len(crops)) < len(members))
