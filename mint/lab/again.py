"""Score a twin's pictures again and calibrate on them, with the auditors and the controls that it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from mint.auditors import Spec, build, specs
from mint.auditors.panel import Panel
from mint.bundle import NETWORK, PERSON, PHOTO, Bundle, load_bundle, save_bundle
from mint.errors import BadPool
from mint.files import read_json, sha256_of
from mint.lab.evaluate import evaluate_all
from mint.lab.gate import open_gates
from mint.lab.make import other_scores, twin_scores
from mint.lab.pool import Pool, load_pool
from mint.lab.scoring import either, fused_again, platt, ranges
from mint.lab.twins import NETWORKS

Report = Callable[[str], None]


def score_again(
    folder: Path, pool_dir: Path, real: tuple[np.ndarray, list[str]], report: Report = lambda _: None
) -> Bundle:
    """Score calibration and test pictures as a visitor's photo is scored today, calibrate, evaluate, and write.

    What a change of how faces are shown to the networks takes. Auditors, people and the controls stay; a bundle that was
    made before there was a recall auditor gets one, with the numbers of its prototype, to which it would be fitted anew.

    Args:
        folder: of a twin's bundle, the other twin's beside it.
        pool_dir: that the bundle was made from.
        real: (N, 112, 112, 3) uint8 crops of the real faces that it was made from, and the person of each.
        report: told a line now and then.

    Raises:
        BadPool: the pool is another one.
    """
    bundle = load_bundle(folder)
    if sha256_of(pool_dir / "ledger.csv") != bundle.facts["pool"]["ledger sha256"]:
        raise BadPool(f"The pool in {pool_dir} is not the one that {bundle.name} was made with: its ledger differs.")
    other = load_bundle(folder.parent / NETWORKS[1 - NETWORKS.index(bundle.name)])
    made = calibrated(bundle, other, load_pool(pool_dir), real, report)
    save_bundle(made, folder, folder / NETWORK, read_json(folder / "bundle.json")["network"]["shape"])
    return made


def with_recall(bundle: Bundle) -> Panel:
    """The bundle's auditors, and recall."""
    known = bundle.panel.auditors
    recall = build(Spec("recall", "head"), bundle.network).eval()
    recall.load_state_dict(known["prototype/head"].state_dict())
    return Panel({s.column: known.get(s.column, recall) for s in specs(bundle.network)})


def calibrated(bundle: Bundle, other: Bundle, pool: Pool, real: tuple[np.ndarray, list[str]], report: Report) -> Bundle:
    """The bundle with new scores of its own and of the other twin, and all that follows from them."""
    panel, seed = with_recall(bundle), int(bundle.facts["seed"])
    scored = twin_scores(bundle.network, panel, bundle.fusions, pool, real, bundle.name, seed, report)
    plain = replace(bundle.fusions[PHOTO], otherwise=None)
    fusions = {**bundle.fusions, PHOTO: either(plain, scored["calibration"]["siblings"])}
    scores = {
        **bundle.scores,
        **{purpose: fused_again(tables, fusions) for purpose, tables in scored.items()},
        **other_scores(bundle.network, other.network, panel, fusions, pool, bundle.name, seed, report),
    }
    made = replace(
        bundle,
        panel=panel,
        specs=tuple(specs(bundle.network)),
        fusions=fusions,
        scores=scores,
        platt={c: platt(scores["calibration"], c) for c in (*panel.auditors, PHOTO, PERSON)},
        ranges=ranges(scores["calibration"]),
        gates=open_gates(scores),
    )
    report("evaluation")
    return replace(made, evaluation={**(bundle.evaluation or {}), **evaluate_all(made)})
