"""Make a bundle from a store: train auditors, calibrate them, run the controls."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from mint.bundles.bundle import BLIND, TRAINED_ON, Bundle, on_record
from mint.errors import BadInput, BundleMismatch
from mint.evidence.fusion import Fusion
from mint.evidence.score_table import IDENTITY, MEMBERS, OUTSIDERS, REAL, TEST, ScoreTable, Tables
from mint.evidence.verdict import Range
from mint.i18n.sentences import Sentence
from mint.lab.controls.names import UNTRAINED
from mint.lab.evaluation.exchanged_sides import exchanged
from mint.lab.evaluation.gate import open_gates
from mint.lab.inputs.source import counted
from mint.lab.inputs.splits import GROUPS, REAL_FROM
from mint.lab.store.network_key import network_key
from mint.lab.store.reader import NETWORK, Store, check
from mint.lab.training.calibration import combined, measured
from mint.lab.training.control_scores import control_scores
from mint.lab.training.fit import Schedule
from mint.lab.training.persons_from_store import people_test_of_store
from mint.lab.training.reference import reference_panel, reference_people, split_reference
from mint.lab.training.repeated_photos import repeated_photos
from mint.lab.training.scoring import FUSED, RECALL, fuse_again
from mint.lab.training.store_features import StoreFeatures
from mint.lab.training.store_splits import SCORED, StoreSplits, numbers_of, split_store
from mint.networks.base import AuditedNetwork
from mint.networks.reopen import aligning
from mint.types import FULL, REFERENCE

Report = Callable[[str], None]


def train_store(
    store: Store,
    network: AuditedNetwork,
    name: str,
    seed: int = 1,
    kinds: Sequence[str] = (),
    schedule: Schedule | None = None,
    report: Report = lambda line: None,
    command: str | None = None,
) -> Bundle:
    """Train auditors on a store, calibrate them on other people of it, and run the controls.

    A store without members gives a bundle of the reference tier.

    Args:
        store: of the network, whole.
        network: that the store was made from.
        name: of the bundle.
        seed: of auditors and choices.
        kinds: of auditors to train beside those that get fused, or columns such as ``cnn/stage4``; all if empty.
            Of a store without members only what the reference tier rests on is trained.
        schedule: of the training.
        report: told a line now and then.
        command: what was typed for it, to be kept among the bundle's facts.

    Raises:
        BadInput: the store has no altered views, or there is no such auditor.
        StoreMismatch: the store was made from another network.
        TooFew: too few people on a side.
    """
    network = aligning(network, str(store.manifest["made_of"].get("finder")))
    _same(store, network)
    shown = StoreFeatures(store, NETWORK, network.head)
    wanted = shown.wanted(kinds, (*FUSED, RECALL))
    known = MEMBERS in store.rows.source
    for line in repeated_photos(store):
        report(line)
    if known and shown.lacks_recall:
        report("the store was made without the search for the best cut: no recall auditor. Extract again to have it")
    if known:
        if (doubt := exchanged(store, seed)) is not None:
            report(doubt)
        splits = split_store(store.rows, seed)
        panel = shown.fit(wanted, splits, seed, schedule, report)
        fusions = shown.fuse(panel, splits)
    else:
        report(
            f"no member is known: reference tier, of {FUSED[0]} alone{', whatever --auditor names' if kinds else ''}"
        )
        wanted = [spec for spec in wanted if spec.column == FUSED[0]]
        panel, fusions = reference_panel(shown, wanted[0], split_reference(store.rows, seed))
    bundle = Bundle(
        name=name,
        network=network,
        panel=panel,
        specs=tuple(wanted),
        fusions=fusions,
        platt={},
        ranges=Range({}),
        scores=ScoreTable({}),
        gates={},
        facts=_facts(store, network, seed, _steps((), store, command)),
        tier=FULL if known else REFERENCE,
    )
    return _calibrated(bundle, store, report)


def calibrate(bundle: Bundle, store: Store, report: Report = lambda line: None, command: str | None = None) -> Bundle:
    """Calibrate trained auditors on a store of the same network, and measure them on it.

    A person's part depends on the name alone: whom the auditors were trained on is neither
    calibrated with nor tested on, in this store or in another one that calls people the same.

    Args:
        bundle: trained.
        store: with members for a full bundle, without for one of the reference tier. A store without
            members calibrates a full bundle for further people: they become its source ``real`` in place of
            those before, and all else stays; they stay, too, where members are calibrated anew.
        report: told a line now and then.
        command: as for ``train_store``.

    Raises:
        StoreMismatch: the store was made from another network.
        BundleMismatch: the bundle is of the reference tier, and the store has members; or it was not
            trained on a store.
        TooFew: too few people are left.
    """
    if TRAINED_ON not in bundle.facts:
        raise BundleMismatch(f"{bundle.name} was not trained on a store: make it anew as its card says.")
    before = on_record(map(str, bundle.facts.get("commands", ())))
    steps = _steps(before, store, command) if before else []
    _same(store, bundle.network)
    for line in repeated_photos(store):
        report(line)
    return _calibrated(replace(bundle, facts={**bundle.facts, "commands": steps}), store, report)


def _calibrated(bundle: Bundle, store: Store, report: Report) -> Bundle:
    known = MEMBERS in store.rows.source
    if bundle.tier == REFERENCE and known:
        raise BundleMismatch(
            f"{bundle.name} is of the reference tier: it was trained without a member. This store has members: train on it."
        )
    if bundle.tier == FULL and not known:
        if before := bundle.facts.get(REAL):
            report(
                f"the {counted(before[OUTSIDERS]['people'], 'person', 'people')} of the source {REAL} so far, of another store or of "
                "this one, give place to those of this store: to keep all, extract them into one store"
            )
        return measured(_with_real(bundle, store), report)
    seed = int(bundle.facts["seed"])
    shown = StoreFeatures(store, NETWORK, bundle.network.head)
    splits = split_store(store.rows, seed) if known else split_reference(store.rows, seed)
    report("scoring calibration and test")
    fusions, scores = combined(
        bundle.fusions,
        {split: shown.tables(bundle.panel, {}, splits, split) for split in SCORED},
    )
    if known:
        for part in BLIND:
            if part in store.parts:
                report(f"control: {part}")
                blind = StoreFeatures(store, part, _blind_head(part, bundle.network, seed))
                scores[part] = control_scores(blind, splits, seed)[TEST]
    facts = {**bundle.facts, "calibrated on": _about(store)}
    gates = open_gates(scores) if known else {}
    if known and REAL in bundle.facts:
        scores = _keeping_real(bundle, fusions, scores)
        report(f"the source {REAL} of before is kept")
    bundle = replace(bundle, fusions=fusions, scores=ScoreTable(scores), gates=gates, facts=facts)
    report("several photos of one person")
    if known:
        people = people_test_of_store(shown, bundle.panel, bundle.fusions, seed, report)
    else:
        people = reference_people(shown, bundle.panel, bundle.fusions, seed, report)
    bundle = replace(bundle, people=people and people[0])
    return measured(bundle, report, {"people": people[1]} if people else None)


def _keeping_real(bundle: Bundle, fusions: Mapping[str, Fusion], scores: Mapping[str, Tables]) -> dict[str, Tables]:
    """Return scores with those of the source ``real`` of before, fused as the others are."""
    kept = {split: {REAL: bundle.scores[split][REAL]} for split in SCORED if REAL in bundle.scores[split]}
    return {split: {**tables, **fuse_again(kept.get(split, {}), fusions)} for split, tables in scores.items()}


def _with_real(bundle: Bundle, store: Store) -> Bundle:
    """Return the bundle with the people of a store without members as the source ``real``."""
    shown, rows = StoreFeatures(store, NETWORK, bundle.network.head), store.rows
    found = split_reference(rows, int(bundle.facts["seed"])).rows
    splits = StoreSplits(
        {split: {REAL: found[split][OUTSIDERS]} for split in SCORED},
        np.zeros(0, np.int64),
        {IDENTITY: REAL_FROM + numbers_of(rows)},
    )
    scores: dict[str, Any] = dict(bundle.scores)
    for split in SCORED:
        scores[split] = {**bundle.scores[split], **shown.tables(bundle.panel, bundle.fusions, splits, split)}
    return replace(bundle, scores=ScoreTable(scores), facts={**bundle.facts, REAL: _about(store)})


def _blind_head(part: str, network: AuditedNetwork, seed: int) -> torch.Tensor | None:
    """Return random class centres for the untrained control, if the network has a head."""
    if part != UNTRAINED or network.head is None:
        return None
    drawn = torch.randn(network.head.shape, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.normalize(drawn, dim=1)


def _same(store: Store, network: AuditedNetwork) -> None:
    check(store.folder, store.manifest["made_of"], network_key(network))


def _about(store: Store) -> dict[str, Any]:
    rows = store.rows
    there = {group: (rows.source == group) & ~rows.unusable for group in GROUPS}
    counts = {
        group: {"photos": int(some.sum()), "people": len(set(rows.identity[some]))} for group, some in there.items()
    }
    rejected = sum(side["rejected"] for side in store.manifest["sides"].values())
    both, again, repeated = rows.on_both_sides, rows.under_other_names, rows.repeated
    left_out = {"on both sides": both, "under other names": again & ~both, "listed again": repeated & ~both}
    return {
        "store": store.key,
        **counts,
        "rejected": rejected,
        **{why: int(some.sum()) for why, some in left_out.items()},
    }


def _steps(before: Sequence[str], store: Store, command: str | None) -> list[str]:
    """Return the commands that make a bundle, with what was typed for a store and what was then done with it.

    Empty where one of them is not on record, as of what is done in Python: the others alone would make another bundle.
    """
    made = store.manifest.get("command")
    if made is None or command is None:
        return []
    steps = [*before, *(() if made in before else (str(made),))]
    return steps if steps[-1] == command else [*steps, command]


def _facts(store: Store, network: AuditedNetwork, seed: int, commands: Sequence[str]) -> dict[str, Any]:
    about = _about(store)
    members = about[MEMBERS]
    known = (
        Sentence("{photos} photos of {people} people are known to be in it", **members)
        if members["photos"]
        else Sentence("unknown")
    )
    if not len(store.rows):
        raise BadInput(f"The store in {store.folder.place} holds no photo.")
    return {
        "licence": "",
        "seed": seed,
        "training set": known,
        TRAINED_ON: about,
        "commands": list(commands),
        "made with": {"python": platform.python_version(), "torch": torch.__version__, "processor": platform.machine()},
    }
