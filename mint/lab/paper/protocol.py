"""Run the papers' protocol on a recogniser, with the controls that the papers leave out.

Members come from one database and non-members from another, as in MINT-Demo (arXiv 2503.08332,
Tables 1 and 2). The same auditors are then trained on the bare pixels and on the same graph with
untrained weights: neither can know membership, so what they reach is the distance between the two
databases.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mint.auditors import PAPER_PRESET, Spec
from mint.auditors.base import Auditor
from mint.auditors.panel import Panel
from mint.evidence.metrics import auc, auc_interval, balanced_accuracy, best_threshold
from mint.evidence.score_table import TEST, TRAINING, VALIDATION
from mint.lab.paper.faces import QUALITY, SHARES, Limits, Side, centres, embeddings
from mint.lab.paper.shown import Shown
from mint.lab.paper.table import Table
from mint.lab.training.fit import Schedule, scores_of, train_auditor, untrained_auditors
from mint.networks.base import AuditedNetwork, FeatureShapes

SAMPLES_PER_STEP = 128
PER_MEAN = 50  # crops of a member that make that person's mean
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How many samples each auditor is trained on, and for how long.

    Attributes:
        sizes: training samples, half members and half external; None for all there are.
        whole_maps: auditors of whole maps get no more training samples than this.
        control: training samples of the controls.
        near: external crops whose cosine to a member identity's mean reaches this are left out.
        vanilla_epochs: at most; stopped early on the validation people.
        cnn_epochs: at most, and no more than ``cnn_batches`` batches beyond the third epoch.
        cnn_batches: see above.
        seed: of the auditors.
    """

    sizes: tuple[int | None, ...] = (1000, 5000, None)
    whole_maps: int = 5000
    control: int = 5000
    near: float = 0.4
    vanilla_epochs: int = 20
    cnn_epochs: int = 30
    cnn_batches: int = 80
    seed: int = 1


def drop_near(
    judge: AuditedNetwork, inside: Side, outside: Side, limit: float, report: Report
) -> tuple[Side, dict[str, Any]]:
    """Leave out external crops that a network takes for a member's person.

    Returns:
        The others, and what was found: how many went, and where the limit lies among the members'
        own cosines, so that a reader can judge it.
    """
    some = np.concatenate([np.flatnonzero(inside.people == person)[:PER_MEAN] for person in np.unique(inside.people)])
    own, people = embeddings(judge, inside.crops[some]), inside.people[some]
    names, means = centres(own, people)
    cosines = own @ means.T
    same = people[:, None] == names
    near = (embeddings(judge, outside.crops) @ means.T).max(axis=1) >= limit
    report(f"{judge.name}: {int(near.sum())} external crops at a cosine of {limit} or more to a member's person")
    return outside[~near], {
        "judged by": judge.name,
        "limit": limit,
        "photos removed": int(near.sum()),
        "people touched": len(set(outside.people[near])),
        "member crops that reach it with their own person": float((cosines[same] >= limit).mean()),
        "member crops that reach it with another person": float(
            (cosines[~same].reshape(len(own), -1).max(1) >= limit).mean()
        ),
    }


def audit(
    network: AuditedNetwork, table: Table, sizes: Sequence[int | None], plan: Plan, folder: Path, report: Report
) -> list[dict[str, Any]]:
    """Train and measure every auditor of the papers on one network.

    Args:
        network: under audit, or a control.
        table: see ``tabulate``.
        sizes: training samples.
        plan: see ``Plan``.
        folder: for the stores.
        report: told a line after each auditor.

    Returns:
        One row an auditor, layer and size.
    """
    before = table.validation + table.test
    most = max(table.training if size is None else min(size, table.training) for size in sizes)
    held = min(plan.whole_maps, most)
    specs = _specs(network)
    auditors = untrained_auditors(FeatureShapes.of(network), specs, plan.seed)
    first = {column: {k: v.clone() for k, v in a.state_dict().items()} for column, a in auditors.items()}
    report(f"{network.name}: extracting {before + most} crops")
    shown = Shown.of(network, Panel(auditors), table, before + most, before + held, folder)
    rows: list[dict[str, Any]] = []
    for size in sizes:
        wanted = table.training if size is None else min(size, table.training)
        for spec in specs:
            samples = min(wanted, held) if spec.kind == "cnn" else wanted
            if samples < wanted and any(r["samples"] == samples and r["auditor"] == spec.kind for r in rows):
                continue  # a larger size would only repeat the largest that fits
            auditor = auditors[spec.column]
            auditor.load_state_dict(first[spec.column])
            auditor.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
            started = time.perf_counter()
            row = _measure(auditor, spec, shown, table, samples, plan)
            rows.append({**row, "asked": "all" if size is None else size})
            report(
                f"{network.name} {spec.column} at {samples}: AUC {row['auc']:.3f}, "
                f"{time.perf_counter() - started:.0f} s"
            )
    return rows


def report_of(
    network: AuditedNetwork,
    rows: Sequence[Mapping[str, Any]],
    controls: Mapping[str, Sequence[Mapping[str, Any]]],
    table: Table,
    counts: Mapping[str, int],
    near: Mapping[str, Any],
    plan: Plan,
    limits: Limits,
    names: tuple[str, str],
) -> dict[str, Any]:
    """Return what is written to ``NETWORK.json`` and rendered in the card."""

    def side(rows: slice, member: bool) -> dict[str, int]:
        keep = table.member[rows] == member
        return {"photos": int(keep.sum()), "people": len(set(table.people[rows][keep]))}

    before = table.validation + table.test
    splits = {
        TRAINING: slice(before, None),
        VALIDATION: slice(0, table.validation),
        TEST: slice(table.validation, before),
    }
    return {
        "protocol": "paper: members and external people from two databases",
        "network": network.name,
        "sha256": network.fingerprint,
        "taps": [asdict(tap) for tap in network.taps],
        "members": names[0],
        "external": names[1],
        "splits": {name: {"members": side(rows, True), "external": side(rows, False)} for name, rows in splits.items()},
        "counts": dict(counts),
        "too close to a member": dict(near),
        "plan": {**asdict(plan), **asdict(limits), "shares of the identities": SHARES, "jpeg quality": QUALITY},
        "rows": list(rows),
        "controls": {name: list(found) for name, found in controls.items()},
    }


def _specs(network: AuditedNetwork) -> list[Spec]:
    """The auditors of Tables 1 and 2; the paper has no CNN over all layers."""
    stages = [tap.name for tap in network.taps]
    everywhere = ["all"] if len(stages) > 1 else []
    vanilla = [Spec("vanilla", layer, PAPER_PRESET) for layer in (*stages, "embedding", *everywhere)]
    return [*vanilla, *(Spec("cnn", stage, PAPER_PRESET) for stage in stages)]


def _measure(auditor: Auditor, spec: Spec, shown: Shown, table: Table, samples: int, plan: Plan) -> dict[str, Any]:
    validation = slice(0, table.validation)
    test = slice(table.validation, table.validation + table.test)
    training = slice(test.stop, test.stop + samples)
    known = shown.inputs(auditor, validation)
    torch.manual_seed(plan.seed)
    train_auditor(
        auditor,
        shown.inputs(auditor, training),
        table.member[training],
        known,
        table.member[validation],
        plan.seed,
        _schedule(spec, samples, plan),
    )
    chosen, found = scores_of(auditor, known), scores_of(auditor, shown.inputs(auditor, test))
    inside = table.member[test]
    threshold = best_threshold(chosen[table.member[validation]], chosen[~table.member[validation]])
    people = table.people[test]
    low, high = auc_interval(found[inside], found[~inside], people[inside], people[~inside])
    return {
        "layer": spec.layer,
        "auditor": spec.kind,
        "samples": samples,
        "accuracy": balanced_accuracy(found[inside], found[~inside], threshold),
        "auc": auc(found[inside], found[~inside]),
        "auc_low": low,
        "auc_high": high,
        "members": int(inside.sum()),
        "non_members": int((~inside).sum()),
    }


def _schedule(spec: Spec, samples: int, plan: Plan) -> Schedule:
    if spec.kind == "vanilla":
        return Schedule(plan.vanilla_epochs, SAMPLES_PER_STEP)
    steps = max(1, samples // SAMPLES_PER_STEP)
    return Schedule(min(plan.cnn_epochs, max(3, plan.cnn_batches // steps)), SAMPLES_PER_STEP, patience=3)
