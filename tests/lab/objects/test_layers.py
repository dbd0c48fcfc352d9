"""A planted leak is found where it was planted, labels drawn anew are at chance, and test pictures choose no layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import rankdata

import mint.lab.training.fit as fitting
from mint.lab.inputs.splits import source_of_photo, split_of
from mint.lab.objects import layers
from mint.lab.objects.halves import Halves
from mint.lab.objects.layers import CONFIDENCE, LOSS, SPLITS, Audit, audited, fitted, gain, layer_specs, shuffled
from mint.lab.objects.pictures import ObjectPictures
from mint.lab.store.reader import Rows
from mint.lab.training.store_features import StoreFeatures
from mint.lab.training.store_splits import StoreSplits, split_store
from mint.networks.architectures import OBJECT_CNN, build_network
from mint.vision.faces import QUALITIES
from tests.lab.made_up_store import MadeUpStore

SHAPE = {"architecture": OBJECT_CNN, "widths": [4], "input_size": 8, "embedding_size": 6, "classes": 3}
PICTURES, PEOPLE = 600, 60
LEAKS = "penultimate"  # the layer that shows who was trained on


@pytest.fixture(scope="module", autouse=True)
def hasty() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "Schedule", partial(fitting.Schedule, epochs=8, strengths=(0.1, 1.0)))
        patch.setattr(layers, "DRAWS", 300)
        yield


def made_up(by_class: bool, lift: float, seed: int = 0) -> tuple[StoreFeatures, Halves]:
    """Numbers of noise, but that members' penultimate layer is ``lift`` deviations larger, and their own class's logit."""
    random = np.random.default_rng(seed)
    first = random.random(PICTURES) < 0.5
    units = [f"person-{k % PEOPLE:02d}" if by_class else f"picture-{k:04d}" for k in range(PICTURES)]
    labels = np.arange(PICTURES) % PEOPLE % 3
    pictures = ObjectPictures("made up", (), ("0", "1", "2"), labels, tuple(units), ())
    order = np.concatenate([np.flatnonzero(first), np.flatnonzero(~first)])
    member, identity = first[order], np.array(units, object)[order]
    inside = set(identity[member])
    network = build_network(SHAPE, "made up")
    rows = Rows(
        id=np.array([f"pictures/{k:06d}.png" for k in order], object),
        identity=identity,
        side=np.where(member, "members", "non-members").astype(object),
        source=np.array([source_of_photo(bool(m), p in inside) for m, p in zip(member, identity, strict=True)], object),
        split=np.array([split_of(p) for p in identity], object),
        sha256=np.array([f"{k:064x}" for k in order], object),
        qualities={name: random.uniform(10, 90, PICTURES).astype(np.float32) for name in QUALITIES},
    )
    tensors: dict[str, np.ndarray] = {"embedding": random.normal(size=(PICTURES, 6))}
    for tap, (channels, side) in network.shapes().items():
        if tap != "embedding":
            maps = random.normal(size=(PICTURES, channels, side, side))
            if tap == LEAKS:
                maps[member] += lift
            if tap == "output":
                maps[np.arange(PICTURES), labels[order], 0, 0] += lift * member
            tensors |= {f"maps/{tap}": maps, f"maxima/{tap}": maps.max((2, 3))}
    store = MadeUpStore(rows, {"network": {k: v.astype(np.float32) for k, v in tensors.items()}}, network)
    return StoreFeatures(store), Halves(pictures, first, Path("nowhere/ledger.csv"))


def audit_of(shown: StoreFeatures, halves: Halves, deal: StoreSplits | None = None) -> Audit:
    deal = split_store(shown.store.rows, 1) if deal is None else deal
    return audited(shown, deal, halves, halves.pictures.labels, fitted(shown, deal, 1))


@pytest.fixture(scope="module", params=[False, True], ids=["pictures", "people"])
def leaking(request: pytest.FixtureRequest) -> tuple[StoreFeatures, Halves, Audit]:
    shown, halves = made_up(request.param, 2.0)
    return shown, halves, audit_of(shown, halves)


def test_the_leak_is_found_where_it_was_planted_and_chosen(leaking: tuple[Any, ...]) -> None:
    _, halves, audit = leaking
    assert audit.best().endswith(f"/{LEAKS}")
    best = audit.row(audit.best())
    assert best["auc"] > 0.9
    assert best["auc_low"] > 0.7  # that of 1.000 is widened by the number of people
    for column in ("vanilla/conv1", "cnn/conv1", "vanilla/conv2", "cnn/conv2"):
        row = audit.row(column)
        assert row["auc_low"] < 0.5 < row["auc_high"], column
    loss, confidence = audit.row(LOSS), audit.row(CONFIDENCE)
    assert loss["auc_low"] > 0.65
    assert loss["auc"] > confidence["auc"] > 0.5  # the class says more than that some class is likely
    units = {False: loss["members"], True: len({u for u in halves.pictures.units if split_of(u) == "test"})}
    assert loss["member_people"] == units[halves.pictures.by_class]


def test_figures_are_recomputed_from_the_scores(leaking: tuple[Any, ...]) -> None:
    _, halves, audit = leaking
    for split in SPLITS:
        columns = audit.scores[split]
        np.testing.assert_array_equal(columns["member"], halves.first[columns["picture"]])
        assert {split_of(halves.pictures.units[k]) for k in columns["picture"]} == {split}
    test = audit.scores["test"]
    ranks, used = rankdata(test[LOSS]), int(test["member"].sum())
    area = (ranks[test["member"]].sum() - used * (used + 1) / 2) / (used * (len(ranks) - used))
    assert audit.row(LOSS)["auc"] == pytest.approx(area)


@pytest.mark.parametrize("by_class", [False, True])
def test_labels_drawn_anew_are_at_chance(by_class: bool) -> None:
    shown, halves = made_up(by_class, 2.0, seed=3)
    deal = split_store(shown.store.rows, 1)
    null = shuffled(deal, shown.store.rows.identity, by_class, 5)
    for split in deal.rows:
        (rows, before, _), (again, after, _) = deal.samples(split), null.samples(split)
        assert sorted(rows) == sorted(again)
        assert before.sum() == after.sum()
        if by_class:  # of every person as many as before
            people = shown.store.rows.identity
            assert sorted(people[rows[before]]) == sorted(people[again[after]])
    audit = audit_of(shown, halves, null)
    outside = sum(not row["auc_low"] <= 0.5 <= row["auc_high"] for row in map(audit.row, audit.columns))
    assert outside <= 2  # of ten, at 95 %


def test_test_pictures_have_no_say_in_the_choice(leaking: tuple[Any, ...]) -> None:
    *_, audit = leaking
    for split in ("test", "calibration"):
        swapped = replace(
            audit, scores={**audit.scores, split: {**audit.scores[split], "member": ~audit.scores[split]["member"]}}
        )
        assert swapped.best() == audit.best()
        assert all(swapped.validation(column) == audit.validation(column) for column in audit.columns)
    assert swapped.row(audit.best())["auc"] == audit.row(audit.best())["auc"]  # calibration moves the threshold alone
    validation = audit.scores["validation"]
    turned = replace(audit, scores={**audit.scores, "validation": {**validation, "member": ~validation["member"]}})
    assert turned.best() != audit.best()


def test_scores_of_no_layer_are_not_chosen(leaking: tuple[Any, ...]) -> None:
    *_, audit = leaking
    perfect = {split: {**c, LOSS: c["member"].astype(float)} for split, c in audit.scores.items()}
    found = replace(audit, scores=perfect)
    assert found.validation(LOSS) == 1.0
    assert found.best() == audit.best()


def test_the_other_network_turns_the_answer_round(leaking: tuple[Any, ...]) -> None:
    _shown, _halves, audit = leaking
    other = replace(
        audit, scores={split: {**c, "member": ~c["member"]} for split, c in audit.scores.items()}
    )  # the same scores, by a network that was trained on the others
    assert audit.flipped(audit).row(LOSS)["auc"] == audit.row(LOSS)["auc"]
    assert other.flipped(audit).row(LOSS)["auc"] == pytest.approx(1 - audit.row(LOSS)["auc"])


@pytest.mark.full
def test_a_gain_is_measured_on_the_same_pictures() -> None:
    shown, halves = made_up(False, 2.0)
    strong = audit_of(shown, halves)
    weak, _ = made_up(False, 0.0)
    nothing = audit_of(weak, halves)
    found = gain(strong, nothing, LOSS)
    assert found["gain"] == pytest.approx(strong.row(LOSS)["auc"] - nothing.row(LOSS)["auc"])
    assert 0.2 < found["gain_low"] < found["gain"] < found["gain_high"]
    assert gain(strong, strong, LOSS) == {"gain": 0.0, "gain_low": 0.0, "gain_high": 0.0}
    other, others = made_up(False, 0.0, seed=9)
    with pytest.raises(ValueError, match="same pictures"):
        gain(strong, audit_of(other, others), LOSS)


def test_every_layer_has_both_published_auditors() -> None:
    columns = [spec.column for spec in layer_specs(("conv1", "output"))]
    assert columns == ["vanilla/conv1", "cnn/conv1", "vanilla/output", "cnn/output", "prototype/head"]
