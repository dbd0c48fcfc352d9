"""The comparison's own machinery, on people made up for it; the peers themselves are not needed."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from mint.auditors.base import read
from mint.auditors.views import VIEWS
from mint.bundles.files import load_bundle
from mint.lab.twins.ledger import HELD_OUT, TRAINED, Row
from mint.lab.twins.pool import Pool
from tests.benchmarks.peers.collate import collate
from tests.benchmarks.peers.exchange import GROUPS, Export, load_export, measure, save_export, write_attempts
from tests.benchmarks.peers.export import EMBEDDING_ONLY, export

PICTURES = 4
PURPOSES = ("training", "training", "validation", "test", "test")  # of the five people of each twin


@pytest.fixture(scope="module")
def pool() -> Pool:
    """Five people of each twin, half of their pictures used; and one photographic person."""
    random = np.random.default_rng(3)
    rows = []
    for person in range(11):
        source, side = ("openpeople", 2) if person == 10 else ("gan", person // 5)
        name = f"{source}/{person:04d}"
        for k in range(PICTURES):
            roles = [TRAINED if side == twin and k % 2 else HELD_OUT for twin in (0, 1)]
            purpose = "test" if person == 10 else PURPOSES[person % 5]
            rows.append(Row(f"{person}-{k}", name, source, f"{name}/{k}", *roles, int(TRAINED in roles), purpose))
    coarse = torch.from_numpy(random.uniform(0, 255, (len(rows), 3, 6, 6)))
    smooth = torch.nn.functional.interpolate(coarse, (112, 112), mode="bilinear").permute(0, 2, 3, 1)
    return Pool(tuple(rows), smooth.numpy().astype(np.uint8))


@pytest.fixture(scope="module")
def exported(weights: Path, pool: Pool) -> Export:
    a, b = (load_bundle(weights / name).network for name in ("twin-a", "twin-b"))
    return export(a, b, pool, seed=1)


def test_people_scored_are_strangers_to_the_fit_and_all_are_generated(exported: Export, pool: Pool) -> None:
    people = [{int(i) for i in exported.identity[rows]} for rows in (exported.fitting, exported.scored)]
    assert not people[0] & people[1]
    names = sorted({r.identity for r in pool.rows})
    assert {names[i] for i in people[1]} == {f"gan/{p:04d}" for p in (3, 4, 8, 9)}
    of_test = exported.group[exported.scored]
    assert [(of_test == k).sum() for k in range(3)] == [4, 4, 8]  # two people of A, two of B
    assert (exported.label >= 0).sum() == (exported.group < 2).sum()
    known = exported.reference_member[exported.scored]
    assert [known[of_test == k].mean() for k in range(3)] == [0, 0, 0.5]


def test_features_are_what_the_networks_show(exported: Export, pool: Pool, weights: Path) -> None:
    network = load_bundle(weights / "twin-a").network
    rows = [i for i, r in enumerate(pool.rows) if r.member("twin-a") and r.purpose == "training"]
    plain = read(network, pool.crops[rows], views=False).plain
    unit = plain.embedding / plain.embedding.norm(dim=1, keepdim=True)
    cosines = (unit @ network.head.T).numpy()
    found = exported.features
    n = len(rows)  # members of training come first
    np.testing.assert_allclose(found["embedding"][:n], plain.embedding.numpy(), atol=1e-4)
    np.testing.assert_allclose(found["cosines"][:n], cosines, atol=1e-4)
    np.testing.assert_allclose(found["prototype"][:n, 0], cosines.max(1), atol=1e-4)
    person = [int(pool.rows[i].identity[-4:]) for i in rows]  # the five of A are 0 to 4, as are its classes
    np.testing.assert_allclose(exported.true_cosine()[:n], cosines[np.arange(n), person], atol=1e-4)
    # Without taps, what is left of consistency: cosines and norms of the embedding.
    assert found[EMBEDDING_ONLY].shape[1] < found["consistency"].shape[1]
    assert found["reference cosines"].shape == found["cosines"].shape
    assert len(VIEWS) > 1


def test_an_export_survives_its_file(exported: Export, tmp_path: Path) -> None:
    save_export(tmp_path / "x.npz", exported)
    again = load_export(tmp_path / "x.npz")
    assert again.about == exported.about
    assert set(again.features) == set(exported.features)
    for name in again.features:
        np.testing.assert_array_equal(again.features[name], exported.features[name])
    np.testing.assert_array_equal(again.label, exported.label)
    cosines = again.get("cosines")
    assert (np.diff(cosines, axis=1) <= 0).all()
    np.testing.assert_allclose(again.standardised("embedding")[again.fitting].mean(0), 0, atol=1e-4)


@pytest.fixture
def crowd() -> Export:
    """2,400 people scored, of whom members score higher: two deviations in one feature, none in the other."""
    random = np.random.default_rng(8)
    group = np.repeat([0, 1, 2], [400, 1000, 1000]).astype(np.uint8)
    strong, none = random.normal(size=(2, len(group), 1)).astype(np.float32)
    strong[group == 0] += 2
    return Export(
        about={"network": "twin-a", "reference": "twin-b", "seed": 1, "forward_ms": {"plain": 1.0, "views": 14.0, "reference": 1.0}},
        split=np.full(len(group), 2),
        group=group,
        identity=np.arange(len(group)) // 4,
        label=np.where(group < 2, 0, -1),
        reference_member=np.zeros(len(group), bool),
        features={"prototype": strong, "cosines": none},
    )  # fmt: skip


def test_both_sides_get_the_same_metrics(crowd: Export, tmp_path: Path) -> None:
    def attempts(attack: str, features: str, column: str) -> list:  # type: ignore[type-arg]
        x = crowd.features[column][:, 0]
        return [measure(crowd, attack, features, lambda: sum(range(10_000)), lambda _, rows: x[rows])]

    tools = []
    for tool, made, more in (
        ("MINT", attempts("prototype", "prototype", "prototype"), {}),
        ("ART", attempts("nn", "prototype", "cosines") + attempts("rf", "cosines, true class first", "cosines"), {}),
        ("PrivacyGuard", [], {"cross_check": [{"attack": "prototype", "features": "prototype", "against": "siblings", "auc": 0.5}]}),
    ):  # fmt: skip
        write_attempts(tmp_path / "x.json", tool, "1", made, **more)
        tools.append(json.loads((tmp_path / "x.json").read_text()))
    found = collate(crowd, tools, draws=200)
    ours, neural, labelled = found["rows"]
    member, x = crowd.group == 0, crowd.features["prototype"][:, 0]
    for level, group in (("sample", 1), ("identity", 2)):
        keep = member | (crowd.group == group)
        assert ours[level]["auc"] == pytest.approx(roc_auc_score(member[keep], x[keep]))
        eleventh = np.sort(x[crowd.group == group])[-11]  # ten of a thousand may lie above the threshold
        assert ours[level]["tpr_at_1pct_fpr"] == pytest.approx((x[member] > eleventh).mean())
        assert neural[level]["auc_low"] < 0.5 < neural[level]["auc_high"]
    assert labelled["identity"] is None  # outsiders have no class
    assert ours["fits"] == 3
    assert ours["ms_per_photo"] >= ours["forward_ms"] == 1.0
    duels = {(tuple(d["access"]), d["level"]): d for d in found["duels"]}
    assert set(duels) == {(("head",), "sample"), (("head",), "identity"), (("head", "class labels"), "sample")}
    for duel in duels.values():
        assert duel["low"] < duel["margin"] < duel["high"]
        assert duel["low"] > 0.3
    assert [s["features"] for s in found["speed"]] == ["prototype"]
    assert found["cross_check"]["largest difference"] == pytest.approx(ours["sample"]["auc"] - 0.5)
    assert found["people"]["scored"] == {"people": 600, **dict(zip(GROUPS, (400, 1000, 1000), strict=True))}


def test_a_score_that_is_no_number_goes_no_further(crowd: Export, tmp_path: Path) -> None:
    made = measure(crowd, "nn", "prototype", None, lambda _, rows: np.full(len(rows), np.nan))
    with pytest.raises(ValueError, match="JSON"):
        write_attempts(tmp_path / "x.json", "ART", "1", [replace(made)])
    assert not (tmp_path / "x.json").exists()
