"""Measure what generalising costs the evidence, on networks that ship or on new ones of which no bundle was made yet.

``python -m tests.benchmarks.generalisation --pool POOL --network twin-a --network augmented-a --real FACES
--peer SFace=sface.onnx --out FILE.json``; networks of ``mint lab twins`` with ``--twins RUNS``. Auditors are fitted on training people and fused on validation people. Calibration people are cut in two by
their number: the even ones set the thresholds, 1 % of the unedited siblings above them, the odd ones are measured. Nobody of
the test purpose is looked at: the shipped cards read them once.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mint.auditors import specs
from mint.auditors.panel import Panel
from mint.auditors.views import shown_views
from mint.bundles.files import NETWORK
from mint.errors import BadPool, NoFace
from mint.evidence.fusion import Fusion
from mint.evidence.metrics import auc, clustered_rate
from mint.evidence.score_table import PERSON, PHOTO
from mint.lab.cards.markdown import pairs_note, pairs_right, share
from mint.lab.inputs.real_faces import real_crops
from mint.lab.training.scoring import FUSED, fuse, fused
from mint.lab.training.store_splits import FITTED
from mint.lab.twin_bundles.gallery import show
from mint.lab.twin_bundles.ledger_splits import ledger_splits, some
from mint.lab.twin_bundles.roles import identity_numbers, rows_by_role
from mint.lab.twin_bundles.same_pool import check_pools
from mint.lab.twins.fictional_people import GAN, pictures_again
from mint.lab.twins.pool import Pool, load_pool
from mint.lab.twins.pool_recipe import PoolRecipe
from mint.lab.twins.recipe import TwinRecipe
from mint.lab.twins.training import strangers, trained_file
from mint.lab.twins.verification import verification
from mint.networks.architectures import load_network
from mint.networks.open import open_network
from mint.networks.torch_network import TorchNetwork
from mint.storage.bundle_index import INDEX
from mint.storage.files import read_json, write_bytes, write_json
from mint.storage.paths import WEIGHTS
from mint.vision.faces import fingerprint
from tests.benchmarks.alignment.geometry import GEOMETRIC_AND_CODECS
from tests.benchmarks.attacks.edits import EDITS

WAYS = ("with the head", "without the head")
SEED, ALPHA, MOST_FITTED = 1, 0.01, 900
HEADLESS = ("consistency/views",)
LIGHT = tuple(
    edit
    for edit in EDITS
    if edit.startswith(("brighter", "darker", "more contrast", "less contrast", "gamma", "grey", "noise"))
)
MEANS = {"geometric edits and codecs, mean": GEOMETRIC_AND_CODECS, "light and colour, mean": LIGHT}


def main() -> None:
    """Measure the networks one after the other and write the figures."""
    parser = argparse.ArgumentParser(description="Evidence and recognition of networks that were trained in two ways.")
    parser.add_argument("--pool", type=Path, required=True)
    parser.add_argument("--twins", type=Path, default=WEIGHTS, help="A folder of bundles or of trained runs.")
    parser.add_argument("--network", action="append", required=True)
    parser.add_argument("--real", type=Path, required=True)
    parser.add_argument(
        "--peer", action="append", default=[], metavar="NAME=NETWORK", help="Verifies the same strangers."
    )
    parser.add_argument("--edited", type=int, default=100, help="Members, and as many siblings, that are edited.")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        help="FILE.json; FILE.md beside it gets the tables. Networks that it holds stay.",
    )
    options = parser.parse_args()
    torch.set_num_threads(1)
    bundles = [name for name in options.network if (options.twins / name / INDEX).is_file()]
    check_pools(options.twins, bundles, options.pool)  # a run of training needs none: it stands beside the pool
    pool, summary = load_pool(options.pool), read_json(options.pool / "pool.json")
    recipe = PoolRecipe.of(summary)
    found: dict[str, Any] = read_json(options.out) if options.out.is_file() else {}
    crops, people = strangers(pool, options.network[0])
    for peer, _, place in (given.partition("=") for given in options.peer):
        found[peer] = {"strangers": verification(open_network(place), crops.permute(0, 2, 3, 1).numpy(), people)}
        print(peer, found[peer], flush=True)
    real = real_crops(options.real, recipe.finder)[0]
    for name in options.network:
        found[name] = measured(options.twins / name, name, pool, summary["seed"], recipe, real, options.edited)
        write_json(options.out, found)
        write_bytes(options.out.with_suffix(".md"), card(found).encode())


def measured(
    folder: Path, name: str, pool: Pool, seed: int, recipe: PoolRecipe, real: np.ndarray, edited: int
) -> dict[str, Any]:
    """Fit, set thresholds, and count, for one network."""
    settings, weights = trained(folder)
    network = load_network(weights, settings.architecture(), name)
    splits = ledger_splits(pool.rows, name, SEED, MOST_FITTED).only(*FITTED)
    wanted = [s for s in specs(network) if s.column in FUSED]
    with show(network, pool, wanted, splits) as shown:
        panel = shown.fit(wanted, splits, SEED, report=print)
        index, *labels = splits.samples("validation")
        columns = shown.scores(panel, index)
    fusions = {WAYS[0]: fuse(columns, *labels), WAYS[1]: fuse({c: columns[c] for c in HEADLESS}, *labels)}
    numbers = identity_numbers(pool.rows)
    halves = {}
    for half in (0, 1):
        picked = rows_by_role(pool.rows, name, "calibration", SEED, 10**6)
        kept = {
            g: np.array([i for i in rows if pool.rows[i].source == GAN and numbers[i] % 2 == half])
            for g, rows in picked.items()
        }
        halves[half] = {g: some(pool.rows, rows, 900, SEED) for g, rows in kept.items()}
    crops, people = strangers(pool, name)
    told = verification(network, crops.permute(0, 2, 3, 1).numpy(), people)
    result: dict[str, Any] = {
        "strangers": told,
        "forwards a face": 1 + len(shown_views(network.light)),
        "epochs": settings.epochs,
    }
    scores = {
        half: {g: scored(network, panel, fusions, pool.crops[rows]) for g, rows in groups.items()}
        for half, groups in halves.items()
    }
    other = scored(network, panel, fusions, real[:: max(1, len(real) // 3000)])
    where = edited_crops(pool, halves[1], seed, recipe, edited)
    shown = {
        edit: {g: (scored(network, panel, fusions, c), who) for g, (c, who) in groups.items()}
        for edit, groups in where.items()
    }
    for way in fusions:
        result[way] = _figures(way, scores, other, shown, {g: numbers[rows] for g, rows in halves[1].items()})
        print(name, way, {k: v for k, v in result[way].items() if k != "edits"}, flush=True)
    return result


def trained(folder: Path) -> tuple[TwinRecipe, Path]:
    """Return the recipe of a network and the file of its weights, from a bundle or from a finished run."""
    if (folder / INDEX).is_file():
        return TwinRecipe.from_log(read_json(folder / INDEX)["facts"]["recipe"]), folder / NETWORK
    return TwinRecipe.from_log(read_json(folder / "log.json")["recipe"]), trained_file(folder)


def scored(
    network: TorchNetwork, panel: Panel, fusions: Mapping[str, Mapping[str, Fusion]], crops: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the fused scores of crops: way and question to (N,)."""
    columns = panel.scores(network, crops)
    return {
        f"{way}/{question}": fused(columns, by)[question] for way, by in fusions.items() for question in (PHOTO, PERSON)
    }


def edited_crops(
    pool: Pool, halves: Mapping[str, np.ndarray], seed: int, recipe: PoolRecipe, most: int
) -> dict[str, dict[str, tuple[np.ndarray, np.ndarray]]]:
    """Return the crops of edited pictures, found again as a visitor's photo is, and the person of each."""
    chosen = {g: some(pool.rows, halves[g], most, SEED + 1) for g in ("members", "siblings")}
    numbers = identity_numbers(pool.rows)
    pictures = pictures_again({pool.rows[i].picture for rows in chosen.values() for i in rows}, seed, recipe)
    for i in (i for rows in chosen.values() for i in rows):
        if fingerprint(recipe.finder(pictures[pool.rows[i].picture])[0].crop) != pool.rows[i].sha256:
            raise BadPool(f"{pool.rows[i].picture}, drawn again, is not the picture in the ledger.")
    found: dict[str, dict[str, tuple[np.ndarray, np.ndarray]]] = {}
    for edit, change in EDITS.items():
        found[edit] = {}
        for group, rows in chosen.items():
            crops, who = [], []
            for i in rows:
                try:
                    crops.append(recipe.finder(change(pictures[pool.rows[i].picture]))[0].crop)
                    who.append(numbers[i])
                except NoFace:
                    # Nothing to ask about: left out of a rate, whose n says so, and not found in ``card``'s mean.
                    continue
            found[edit][group] = np.stack(crops), np.array(who)
    return found


def _figures(
    way: str,
    scores: Mapping[int, Mapping[str, Any]],
    real: Mapping[str, np.ndarray],
    shown: Mapping[str, Any],
    people: Mapping[str, np.ndarray],
) -> dict[str, Any]:
    photo, person = f"{way}/{PHOTO}", f"{way}/{PERSON}"
    known, new = scores[0], scores[1]
    limit = max(float(np.quantile(known[g][photo], 1 - ALPHA)) for g in ("siblings", "outsiders"))

    def rate(values: np.ndarray, who: np.ndarray) -> dict[str, float]:
        found = clustered_rate(values > limit, who)
        return {"value": found.value, "low": found.low, "high": found.high, "n": len(values)}

    edits = {e: {g: rate(s[photo], who) for g, (s, who) in groups.items()} for e, groups in shown.items()}

    def mean(names: tuple[str, ...]) -> float:
        return float(np.mean([edits[e]["members"]["value"] for e in names if e in edits]))

    return {
        "members found": rate(new["members"][photo], people["members"]),
        "members against siblings, AUC": auc(new["members"][photo], new["siblings"][photo]),
        "siblings": rate(new["siblings"][photo], people["siblings"]),
        "outsiders": rate(new["outsiders"][photo], people["outsiders"]),
        "real": rate(real[photo], np.arange(len(real[photo]))),
        "person, one unused photo, AUC": auc(new["siblings"][person], new["outsiders"][person]),
        "geometric edits and codecs, mean": mean(GEOMETRIC_AND_CODECS),
        "light and colour, mean": mean(LIGHT),
        "all edits, mean": mean(tuple(EDITS)),
        "edits": edits,
    }  # fmt: skip


def table(*rows: Iterable[Any]) -> list[str]:
    """Return the lines of a Markdown table; the first row is its head."""
    lines = [f"| {' | '.join(map(str, row))} |" for row in rows]
    return [lines[0], "|" + "---|" * (lines[0].count(" | ") + 1), *lines[1:], ""]


def card(found: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the tables as Markdown: what is found and who is accused, and each edit."""
    networks = [name for name in found if WAYS[0] in found[name]]
    peers = [name for name in found if name not in networks]
    lines = [
        "# What generalising costs the evidence",
        "",
        "Networks of `mint lab twins`, trained on the pool. Measured by "
        "`python -m tests.benchmarks.generalisation` on half of the calibration people; thresholds at 1 % of the other half's "
        "unedited siblings or outsiders, whichever is higher. The networks named *augmented* were trained with augmentation, and "
        "stopped where validation people were told apart best. *Twins* were trained on pictures as they are. Intervals are 95 %, "
        "by people. A rate is of the photos in which a face is seen; the last two lines of a table count the others as not found.",
        "",
        *table(
            ("strangers of the pool", *networks, *peers),
            ("pairs told right", *(pairs_right(found[n]["strangers"]) for n in (*networks, *peers))),
            ("AUC", *(f"{found[n]['strangers']['auc']:.3f}" for n in (*networks, *peers))),
        ),
        f"{found[networks[0]]['strangers']['people']} validation people whom none of the networks of that half saw; half of the pairs "
        "show one person; the same pairs for all networks of a half. "
        + pairs_note(found[n]["strangers"] for n in (*networks, *peers)),
        "",
    ]
    for way in WAYS:
        lines += [f"## This photo, {way}", ""]
        lines += table(
            ("", *networks),
            *(
                (label, *(_cell(found[n][way][label]) for n in networks))
                for label in found[networks[0]][way]
                if label != "edits"
            ),
            *(
                (
                    f"{label}, of all photos",
                    *(f"{_of_all(found[n][way]['edits'], edits):.3f}" for n in networks),
                )
                for label, edits in MEANS.items()
            ),
        )
    lines += ["## Each edit, with the head: members found, and siblings accused", ""]
    edits = found[networks[0]][WAYS[0]]["edits"]
    lines += table(
        ("edit", *(f"{n}, {what}" for n in networks for what in ("members", "siblings"))),
        *(
            (edit, *(share(found[n][WAYS[0]]["edits"][edit][g]) for n in networks for g in ("members", "siblings")))
            for edit in edits
        ),
    )
    return "\n".join(lines).rstrip() + "\n"


def _of_all(edits: Mapping[str, Any], names: Iterable[str]) -> float:
    """Return the mean share of members found, of all that were edited: those in which no face is seen count as not found."""
    given = max(rows["members"]["n"] for rows in edits.values())
    return float(
        np.mean([edits[e]["members"]["value"] * edits[e]["members"]["n"] / given for e in names if e in edits])
    )


def _cell(value: Any) -> str:
    return share(value) if isinstance(value, Mapping) else f"{value:.3f}"


if __name__ == "__main__":
    main()
