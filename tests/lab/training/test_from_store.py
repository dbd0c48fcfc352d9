"""From a store to a bundle: what is planted in the network is found, what pixels know as well is not believed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

import mint.lab.training.fit as train
from mint.bundles.bundle import Bundle
from mint.bundles.files import load_bundle, save_bundle
from mint.errors import BadInput, BundleMismatch, StoreMismatch
from mint.evidence.conformal import least_bound
from mint.evidence.fusion import SURPLUS
from mint.evidence.metrics import auc
from mint.evidence.score_table import CALIBRATION, PERSON, PHOTO, TEST
from mint.judging.photo import answer
from mint.lab.evaluation.evaluate import evaluate, levels_of
from mint.lab.evaluation.gate import open_gates
from mint.lab.training.from_store import calibrate, train_store
from mint.lab.training.store_features import StoreFeatures
from mint.networks.torch_network import TorchNetwork
from mint.types import FULL, REFERENCE, Verdict
from tests.lab.made_up_store import PHOTOS, K, MadeUpStore, made_up_store, with_a_photo_on_both_sides
from tests.lab.photos import tiny_network


def hurry(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(train, "Schedule", partial(train.Schedule, epochs=1, strengths=(0.1,)))
    patch.setattr("mint.lab.training.from_store.open_gates", partial(open_gates, draws=200))
    patch.setattr("mint.lab.training.calibration.evaluate_all", lambda bundle: {})  # measured where a test asks


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


@pytest.fixture(scope="module")
def network() -> TorchNetwork:
    found = tiny_network()
    found.head = None
    return found


def trained(network: TorchNetwork, store: MadeUpStore) -> Bundle:
    return train_store(store, network, "mine", kinds=["norm"])


@pytest.fixture(scope="module")
def planted(network: TorchNetwork) -> tuple[MadeUpStore, Bundle]:
    store = made_up_store(network)
    with pytest.MonkeyPatch.context() as patch:
        hurry(patch)
        return store, trained(network, store)


def says(bundle: Bundle, row: int, source: str, question: str = PHOTO) -> Verdict:
    """Judge at the least rate of false alarms that so few people can promise."""
    columns = {name: float(values[row]) for name, values in bundle.test[source].items()}
    return answer(bundle, question, columns, 1.001 * bundle.least_alpha(question), 0.5, None).verdict


# ---- with members


def test_what_is_planted_is_found_and_the_bundle_loads(planted, network: TorchNetwork, tmp_path: Path) -> None:
    store, made = planted
    assert made.tier == FULL
    save_bundle(made, tmp_path / "mine")
    read = load_bundle(tmp_path / "mine", network)
    assert read.sources(PHOTO) == ("siblings", "outsiders")
    assert read.sources(PERSON) == ("outsiders",)
    assert read.abstention_reason(PHOTO, PHOTO, 0.01) is read.abstention_reason(PERSON, PERSON, 0.01) is None
    assert auc(read.test["members"][PHOTO], read.test["siblings"][PHOTO]) > 0.95
    found = [says(read, row, "members") for row in range(len(read.test["members"][PHOTO]))]
    assert np.mean([v is Verdict.EVIDENCE for v in found]) > 0.5
    wrong = [says(read, row, "outsiders") for row in range(len(read.test["outsiders"][PHOTO]))]
    assert np.mean([v is Verdict.EVIDENCE for v in wrong]) < 0.1
    assert store.key in str(read.facts)


def test_scores_are_those_of_the_panel_and_of_the_right_photos(planted) -> None:
    store, made = planted
    rows = store.rows
    numbers = np.unique(rows.identity.astype(str), return_inverse=True)[1]
    for split in ("calibration", "test"):
        for source, table in made.scores[split].items():
            here = np.flatnonzero((rows.split == split) & (rows.source == source))
            np.testing.assert_array_equal(table["identity"], numbers[here])
            np.testing.assert_array_equal(table["sharpness"], rows.qualities["sharpness"][here])
            shown = {name: torch.from_numpy(values[here]) for name, values in store.tensors["network"].items()}
            auditor = made.panel.auditors["consistency/views"]
            wanted = auditor(*auditor.inputs(shown, None)).detach().numpy()
            np.testing.assert_allclose(table["consistency/views"], wanted, rtol=1e-5, atol=1e-5)


def test_both_levels_and_both_controls_are_measured(planted) -> None:
    _, made = planted
    assert levels_of(made) == ("sample", "identity")
    found = evaluate(made, "sample", draws=50)
    assert set(found["controls"]) == {"pixels", "untrained"}
    assert "statistics/pixels" in {row["auditor"] for row in found["controls"]["pixels"]["rows"]}
    assert found["gate"]["passes"]
    assert set(found["verdicts"][PHOTO]) == {"alpha", "members", "siblings", "outsiders"}
    person = evaluate(made, "identity", draws=50)["rows"][-1]
    assert (person["auditor"], person["members"]) == (
        "person",
        sum(len(made.test[s][PHOTO]) for s in ("members", "siblings")),
    )


def test_nothing_planted_nothing_said(network: TorchNetwork) -> None:
    made = trained(network, made_up_store(network, strength=0.0))
    assert not any(made.gates.values())


def test_what_pixels_know_as_well_is_not_believed(network: TorchNetwork) -> None:
    made = trained(network, made_up_store(network, strength=3.0, blind=3.0))
    assert auc(made.test["members"][PHOTO], made.test["siblings"][PHOTO]) > 0.95
    assert not any(made.gates.values())
    assert "did not beat its controls" in str(made.abstention_reason(PHOTO, PHOTO, 0.5))


def test_without_controls_nothing_is_said_and_what_counts_nowhere_is_not_known_to_be_in_it(
    network: TorchNetwork,
) -> None:
    store = made_up_store(network, controls=False)
    members, others = (np.flatnonzero(store.rows.side == side) for side in ("members", "non-members"))
    sha256 = store.rows.sha256.copy()
    sha256[members[1]] = sha256[members[0]]  # of one person
    sha256[members[3 * PHOTOS : 4 * PHOTOS]] = sha256[
        members[2 * PHOTOS : 3 * PHOTOS]
    ]  # all of one person under another
    sha256[others[0]] = sha256[members[-1]]
    told: list[str] = []
    doubled = MadeUpStore(replace(store.rows, sha256=sha256), store.tensors, network)
    made = train_store(doubled, network, "mine", kinds=["norm"], report=told.append)
    about, photos = made.facts["trained on"], len(members) - 2 - PHOTOS
    assert about["members"] == {"photos": photos, "people": len(set(store.rows.identity[members])) - 1}
    assert (about["on both sides"], about["under other names"], about["listed again"]) == (2, PHOTOS, 1)
    assert str(made.facts["training set"]).startswith(f"{photos} photos of ")
    assert sum("the same bytes" in line for line in told) == 3
    assert "were not run" in str(made.abstention_reason(PHOTO, PHOTO, 0.5))
    assert not any(made.gates.values())


def test_without_siblings_there_is_one_level(network: TorchNetwork) -> None:
    made = trained(network, made_up_store(network, siblings=False))
    assert levels_of(made) == ("identity",)
    assert made.sources(PHOTO) == ("outsiders",)
    assert made.gates[PHOTO]
    with pytest.raises(BundleMismatch, match="no sample level"):
        evaluate(made, "sample")


def test_people_with_several_photos_are_judged_together(planted) -> None:
    _, made = planted
    assert made.people is not None
    used, unused = (made.people.of(TEST, kind, 3) for kind in ("members", "outsiders"))
    assert auc(used, unused) > 0.95
    calibration = made.people.of(CALIBRATION, "outsiders", 2)
    assert made.people.p_value(float(calibration.max()) + 100, 2) == pytest.approx(least_bound(len(calibration)))
    assert len(set(made.people.scores[TEST])) == 4  # members, siblings, mixed, outsiders


@pytest.mark.full
def test_whole_maps_train_the_auditors_that_read_them(network: TorchNetwork) -> None:
    store = made_up_store(network, maps=True, controls=False)
    assert {s.kind for s in train_store(store, network, "mine", kinds=["cnn"]).specs} == {"cnn", "consistency"}


def test_an_auditor_that_there_is_not_is_refused_with_those_that_there_are(planted, network: TorchNetwork) -> None:
    store, _ = planted
    for kinds, told in (
        (["norm", "nosuch"], r"no auditor nosuch\. There are .*vanilla.*norm.*consistency"),
        (["vanila/stage1"], "no auditor vanila/stage1"),
        (["cnn"], "does not keep what cnn would read.*--maps"),
    ):
        with pytest.raises(BadInput, match=told):
            train_store(store, network, "mine", kinds=kinds)
    shown = StoreFeatures(store, head=None)
    assert {s.column for s in shown.wanted(["none"], ["consistency/views"])} == {"consistency/views"}
    assert {s.column for s in shown.wanted(["vanilla/stage1"], ())} == {"vanilla/stage1"}


def test_a_network_with_a_head_has_a_prototype() -> None:
    network = tiny_network()
    made = trained(network, made_up_store(network))
    assert set(made.fusions[PHOTO].weights) == {"consistency/views", "prototype/head"}


def with_recalled(store: MadeUpStore) -> MadeUpStore:
    """Somewhere near, every photo is closer to a class centre, members most."""
    found = store.tensors["network"]
    lift = np.where(store.rows.source == "members", 3.0, 1.0)[:, None].astype(np.float32)
    centre = tiny_network().head.numpy()[np.arange(len(lift)) % 5]
    found["embedding"] += centre * lift
    found["recalled"] = found["embedding"] + centre * lift
    return store


def test_a_network_with_a_head_has_recall_where_the_store_kept_the_search(tmp_path: Path) -> None:
    network = tiny_network()
    store = with_recalled(made_up_store(network))
    made = trained(network, store)  # of "norm" alone, beside those that the answers rest on
    prototype, recall = (made.panel.auditors[name] for name in ("prototype/head", "recall/head"))
    for name, values in prototype.state_dict().items():
        torch.testing.assert_close(recall.state_dict()[name], values)
    rows = store.rows
    test = np.flatnonzero((rows.split == "test") & (rows.source == "members"))
    shown = torch.from_numpy(store.tensors["network"]["recalled"][test])
    with torch.no_grad():
        wanted = prototype(*prototype.inputs({"embedding": shown}, network.head)).numpy()
    table = made.scores["test"]["members"]
    np.testing.assert_allclose(table["recall/head"], wanted, rtol=1e-4, atol=1e-4)
    fusion = made.fusions[PHOTO]
    plain = fusion.bias + sum(
        weight * (np.minimum(table[name], fusion.caps[name]) + SURPLUS * np.maximum(table[name] - fusion.caps[name], 0))
        for name, weight in fusion.weights.items()
    )
    searched = table["recall/head"] + fusion.otherwise.bias
    np.testing.assert_allclose(table[PHOTO], np.maximum(plain, searched), rtol=1e-4, atol=1e-3)
    again = calibrate(made, store)
    np.testing.assert_allclose(again.scores["test"]["members"][PHOTO], table[PHOTO], rtol=1e-5)
    network.fingerprint = "f" * 64
    save_bundle(made, tmp_path / "mine")
    assert "recall/head" in load_bundle(tmp_path / "mine", network).panel.auditors
    with pytest.raises(BadInput, match="does not keep recalled"):
        calibrate(made, made_up_store(network))


@pytest.mark.full
def test_without_the_search_there_is_no_recall_and_that_is_said() -> None:
    network, told = tiny_network(), []
    made = train_store(made_up_store(network, controls=False), network, "mine", kinds=["norm"], report=told.append)
    assert "recall/head" not in made.panel.auditors
    assert sum("no recall auditor" in line for line in told) == 1
    assert made.fusions[PHOTO].otherwise is None


def test_another_network_is_refused(planted, network: TorchNetwork) -> None:
    store, made = planted
    other = tiny_network()
    other.fingerprint = "0" * 64
    with pytest.raises(StoreMismatch, match="network"):
        train_store(store, other, "mine")
    with pytest.raises(StoreMismatch, match="network"):
        calibrate(replace(made, network=other), store)


def test_a_store_without_views_is_refused(network: TorchNetwork) -> None:
    store = made_up_store(network)
    del store.tensors["network"]["agreement"]
    with pytest.raises(BadInput, match="--no-views"):
        trained(network, store)


# ---- calibrated again


def test_calibrating_on_the_same_store_changes_nothing(planted) -> None:
    store, made = planted
    again = calibrate(made, store)
    assert (again.platt, again.ranges, again.gates, again.facts) == (made.platt, made.ranges, made.gates, made.facts)
    for split, tables in made.scores.items():
        for source, table in tables.items():
            for column, values in table.items():
                np.testing.assert_array_equal(again.scores[split][source][column], values)


def test_people_of_a_store_without_members_become_a_source(planted, network: TorchNetwork) -> None:
    _, made = planted
    visitors = made_up_store(network, members=False, controls=False, seed=5, prefix="visitor")
    visitors.tensors["network"]["agreement"][:, K : 2 * K] += 6  # steadier than any member
    again = calibrate(made, visitors)
    assert again.sources(PHOTO) == ("siblings", "outsiders", "real")
    assert again.gates == made.gates
    members = [says(again, row, "members") for row in range(len(again.test["members"][PHOTO]))]
    assert Verdict.EVIDENCE not in members  # such visitors are not accused more often than promised
    assert not set(again.test["real"]["identity"]) & set(again.test["outsiders"]["identity"])
    told: list[str] = []  # what a second store of either kind does to these
    store, _ = planted
    kept = calibrate(again, with_a_photo_on_both_sides(store, network), told.append)
    assert sum("with the same bytes on the other side" in line for line in told) == 1
    assert "the source real of before is kept" in told
    assert kept.sources(PHOTO) == again.sources(PHOTO)
    assert kept.facts["real"] == again.facts["real"]
    for split in ("calibration", "test"):
        np.testing.assert_array_equal(kept.scores[split]["real"][PHOTO], again.scores[split]["real"][PHOTO])
    other = made_up_store(network, members=False, controls=False, seed=6, prefix="guest")
    people = calibrate(again, other, told.append).facts["real"]["outsiders"]["people"]
    assert f"the {people} people of the source real so far" in told[-2]


def test_bundles_of_another_make_are_refused(planted) -> None:
    store, made = planted
    with pytest.raises(BundleMismatch, match="not trained on a store"):
        calibrate(replace(made, facts={"seed": 1}), store)
    with pytest.raises(BundleMismatch, match="reference tier"):
        calibrate(replace(made, tier=REFERENCE), store)


# ---- without members


def test_without_members_the_reference_tier(network: TorchNetwork, tmp_path: Path) -> None:
    made = trained(network, made_up_store(network, members=False))
    save_bundle(made, tmp_path / "mine")
    read = load_bundle(tmp_path / "mine", network)
    assert read.tier == REFERENCE
    assert [s.column for s in read.specs] == ["consistency/views"]
    assert read.sources(PHOTO) == ("outsiders",)
    assert not any(read.gates.values())
    assert says(read, 0, "outsiders") is Verdict.CANNOT_SAY
    found = evaluate(read)
    assert (found["tier"], found["rows"], found["controls"]) == (REFERENCE, [], {})
    rate = found["verdicts"][PHOTO]["outsiders"]
    assert rate["n"] == len(read.test["outsiders"][PHOTO])
    assert rate["low"] <= 0.01 + 1e-9
    assert read.people is not None
    assert set(read.people.scores[TEST]) == {"outsiders"}


@pytest.mark.parametrize(
    ("feature", "lift"),
    [(slice(K, 2 * K), 2.0), (slice(0, K), -2.0), (slice(2 * K + 1, 3 * K + 1), -2.0)],
    ids=["agrees with its views", "beyond what the tap agrees on", "longer than its views"],
)
def test_without_labels_larger_is_more_member(network: TorchNetwork, feature: slice, lift: float) -> None:
    store = made_up_store(network, members=False, controls=False)
    test = store.rows.split == "test"
    store.tensors["network"]["agreement"][test, feature] += lift
    made = trained(network, store)
    assert auc(made.test["outsiders"][PHOTO], made.calibration["outsiders"][PHOTO]) > 0.95
