"""Measure who is recognised: the shipped networks, and real recognisers on the same pairs.

``python -m tests.benchmarks.recognition --pool POOL --real FACES --peer SFace=sface.onnx``; a peer is any ONNX file or name
that ``mint audit --network`` takes, and may be given again. Writes ``weights/cards/recognition.json``, which
``mint lab cards`` renders. The fictional people are those whom no shipped network saw.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from mint.lab.cards.recognition import COMMAND, FIGURES
from mint.lab.inputs.real_faces import real_crops
from mint.lab.twin_bundles.same_pool import check_pools
from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.ledger import PAIRS, TRAINED
from mint.lab.twins.pool import load_pool
from mint.lab.twins.pool_recipe import PoolRecipe
from mint.lab.twins.verification import verification
from mint.networks.base import AuditedNetwork
from mint.networks.open import open_network
from mint.storage.files import read_json, write_json
from mint.storage.paths import WEIGHTS

PAIRS_OF_ONE_PERSON = 3000


def main() -> None:
    """Measure all networks and write the figures."""
    parser = argparse.ArgumentParser(description="Verification of strangers by the shipped networks and by others.")
    parser.add_argument("--pool", type=Path, required=True)
    parser.add_argument("--real", type=Path, required=True, help="Real photos, one folder a person.")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=NETWORK")
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    networks = {name: open_network(options.weights / name) for pair in PAIRS for name in pair
                if (options.weights / name).is_dir()}  # fmt: skip
    check_pools(options.weights, tuple(networks), options.pool)
    networks |= {name: open_network(place) for name, _, place in (peer.partition("=") for peer in options.peer)}
    figures = {people: measured(networks, *crops) for people, crops in strangers(options.pool, options.real).items()}
    write_json(options.out or options.weights / "cards" / FIGURES, {"command": COMMAND, "figures": figures})
    for people, rows in figures.items():
        for name, row in rows.items():
            print(f"{people}, {name}: {row['accuracy']:.3f} of {row['pairs']} pairs, AUC {row['auc']:.3f}")


def strangers(pool_dir: Path, real: Path) -> dict[str, tuple[np.ndarray, list[str]]]:
    """Return crops and people of each kind: fictional ones of test whom nobody trained on, and real ones."""
    pool = load_pool(pool_dir)
    seen = {row.identity for row in pool.rows if TRAINED in (row.role_a, row.role_b)}
    index = [i for i, row in enumerate(pool.rows)
             if row.purpose == "test" and row.source == GAN and row.identity not in seen]  # fmt: skip
    return {
        "fictional people": (pool.crops[index], [pool.rows[i].identity for i in index]),
        "real people": real_crops(real, PoolRecipe.of(read_json(pool_dir / "pool.json")).finder),
    }


def measured(networks: dict[str, AuditedNetwork], crops: np.ndarray, people: list[str]) -> dict[str, dict[str, float]]:
    """Verify the same pairs by every network."""
    return {name: verification(network, crops, people, PAIRS_OF_ONE_PERSON) for name, network in networks.items()}


if __name__ == "__main__":
    main()
