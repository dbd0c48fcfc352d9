"""A bundle made from end to end, small: what comes out loads, judges, and knows that it knows nothing."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

import mint.auditors.realign as search
import mint.lab.training.fit as train
from mint.bundles.bundle import Bundle
from mint.bundles.files import load_bundle, save_bundle
from mint.errors import BadInput, BadPool
from mint.evidence.score_table import PERSON, PHOTO
from mint.lab.twin_bundles.compare import compare_scores
from mint.lab.twin_bundles.from_pool import Material, make_bundle
from mint.lab.twin_bundles.rescore import rescored
from mint.lab.twins.ledger import HELD_OUT, PURPOSES, TRAINED, Row, write_ledger
from mint.lab.twins.pool import Pool
from mint.lab.twins.recipe import TwinRecipe
from mint.lab.twins.training import save_weights
from mint.membership import MembershipTest
from mint.networks.architectures import build_network, load_network
from mint.storage.files import sha256_of
from mint.types import Verdict
from tests.tiny_bundles import SHAPE

PICTURES = 6


def noise_pool(shift: int = 0) -> Pool:
    """Smooth random pictures: no network was trained on any, whatever the ledger says.

    With a shift, "members" come from a brighter database.
    """
    random = np.random.default_rng(4)
    rows, crops = [], []
    for person in range(60):
        source = "openpeople" if person >= 56 else "gan"
        for k in range(PICTURES):
            group = (person // 4) % 3
            used = source == "gan" and k in random.permutation(PICTURES)[:3]
            roles = [TRAINED if used and group == side else HELD_OUT for side in (0, 1)]
            purpose = PURPOSES[person % 4] if source == "gan" else PURPOSES[2 + person % 2]
            name = f"{source}/{person:04d}"
            rows.append(Row(f"{person}-{k}", name, source, f"{name}/{k}", *roles, int(TRAINED in roles), purpose))
            crop = cv2.resize(random.integers(0, 255, (7, 7, 3), np.uint8), (112, 112))
            crops.append((crop * 0.7 + shift * (TRAINED in roles)).astype(np.uint8))
    return Pool(tuple(rows), np.stack(crops))


def material_of(pool: Pool, folder: Path) -> Material:
    """Three random networks, one of them also in the place of both trained controls."""
    files = []
    for seed in range(3):
        torch.manual_seed(seed)
        files.append(folder / f"{seed}.safetensors")
        save_weights(files[-1], build_network(SHAPE, "x").model, torch.randn(SHAPE["embedding_size"], 6))
    random = np.random.default_rng(1)
    faces = np.stack([cv2.resize(random.integers(0, 255, (9, 9, 3), np.uint8), (112, 112)) for _ in range(120)])
    recipe = TwinRecipe(**{k: tuple(v) if k == "layers" else v for k, v in SHAPE.items() if k != "architecture"})
    trained = {"dose-response": replace(recipe, exposures=(1, 3, 10)), "positive": recipe.overfitted(2)}
    return Material(
        pool, (faces, [f"p{k // 2}" for k in range(120)]), files[0], files[1], SHAPE,
        {3: files[2]}, {name: (files[2], other) for name, other in trained.items()},
    )  # fmt: skip


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """One epoch, and three moves of a crop in place of 45: tests/auditors/test_realign.py searches in earnest."""
    monkeypatch.setattr(search, "GRID", search.GRID[[0, 13, 26]])
    monkeypatch.setattr(search, "FINER", ())
    monkeypatch.setattr(train, "Schedule", partial(train.Schedule, epochs=1, strengths=(0.1,)))


@pytest.mark.full
def test_a_network_that_was_trained_on_nothing_gets_a_bundle_that_cannot_say(
    tmp_path: Path, face_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = noise_pool()
    material = material_of(pool, tmp_path)
    write_ledger(tmp_path / "ledger.csv", pool.rows)
    facts = {"seed": 1, "pool": {"ledger sha256": sha256_of(tmp_path / "ledger.csv")}}

    made = make_bundle("twin-a", material, facts, tmp_path / "made", report=lambda line: None)
    save_bundle(made, tmp_path / "twin-a", material.network_file, SHAPE)
    bundle = load_bundle(tmp_path / "twin-a")

    assert set(bundle.gates) == {*(s.column for s in bundle.specs), PHOTO, PERSON}
    assert not any(bundle.gates.values())
    assert set(bundle.scores) == {
        "calibration", "test", "pixels", "untrained", "other-twin", "swapped-halves", "shuffled-labels",
        "shuffled-people", "dose-response", "positive", "epoch-003", "cross-database", "cross-database/calibration",
        "cross-database/pixels", "cross-database/untrained",
    }  # fmt: skip
    assert set(bundle.scores["dose-response"]["members"]["exposure"].tolist()) == {1, 3, 10}
    assert len(bundle.scores["positive"]["members"]["photo"]) < len(bundle.scores["test"]["members"]["photo"])
    assert "statistics/pixels" in bundle.scores["pixels"]["siblings"]
    swapped = bundle.scores["swapped-halves"]
    assert set(swapped) == {"members", "counterparts"}
    trained = [{r.sha256 for r in pool.rows if r.member(n) and r.purpose == "test"} for n in ("twin-a", "twin-b")]
    assert [len(swapped[s]["photo"]) for s in ("members", "counterparts")] == [len(t) for t in trained]
    people = {
        split: {int(i) for s in ("members", "siblings", "outsiders") for i in bundle.scores[split][s]["identity"]}
        for split in ("calibration", "test")
    }
    assert not people["calibration"] & people["test"]
    rows = {row["auditor"]: row for row in (bundle.evaluation or {})["sample"]["rows"]}
    # Twice the interval: one network in twenty would be outside of it by chance.
    low, high = (2 * rows["combined"][end] - rows["combined"]["auc"] for end in ("auc_low", "auc_high"))
    assert low < 0.5 < high
    audit = MembershipTest.load([str(tmp_path / "twin-a")]).audit(face_path, "a face")[0]
    assert audit.faces[0].photo.verdict is audit.faces[0].person.verdict is Verdict.CANNOT_SAY
    assert {layer.verdict for layer in audit.faces[0].layers} == {Verdict.CANNOT_SAY}

    # with no auditor trained anew, nothing changes
    again = make_bundle("twin-a", material, facts, ["none"], bundle, report=lambda line: None)
    assert again.fusions[PHOTO].weights == pytest.approx(bundle.fusions[PHOTO].weights, rel=1e-4)
    np.testing.assert_array_equal(
        again.scores["test"]["real"]["consistency/views"], bundle.scores["test"]["real"]["consistency/views"]
    )
    # scored again, with recall made anew from the prototype, nothing changes either
    other = replace(bundle, network=load_network(material.other_file, SHAPE, "twin-b"))
    lacking = replace(bundle, panel=bundle.panel.only(c for c in bundle.panel.auditors if c != "recall/head"))
    same = rescored(lacking, other, pool, material.real, lambda line: None, tmp_path / "all")
    assert same.panel.auditors.keys() == bundle.panel.auditors.keys()
    assert same.fusions[PHOTO].columns == {"consistency/views", "prototype/head", "recall/head"}
    for split in ("calibration", "test", "other-twin", "swapped-halves"):
        for source, columns in bundle.scores[split].items():
            for column, values in columns.items():
                np.testing.assert_allclose(same.scores[split][source][column], values, rtol=1e-4, atol=1e-4)
    assert same.gates == bundle.gates
    _check_one_auditor_alone(bundle, other, pool, material)
    monkeypatch.setattr("mint.lab.twin_bundles.compare.load_pool", lambda folder: pool)
    assert compare_scores(bundle, tmp_path).largest < 1e-3


def _check_one_auditor_alone(bundle: Bundle, other: Bundle, pool: Pool, material: Material) -> None:
    """Only recall is scored again: its spoiled scores are mended, the other auditors' stay as they were, bit by bit."""
    work = material.network_file.parent / "work"
    spoiled = {
        split: {s: {**t, "recall/head": t["recall/head"] + 9} for s, t in bundle.scores[split].items()}
        for split in ("calibration", "test", "other-twin")
    }
    wrong = replace(bundle, scores={**bundle.scores, **spoiled})
    same = rescored(wrong, other, pool, material.real, lambda line: None, work / "recall", ["recall/head"])
    for split in spoiled:
        for source, columns in bundle.scores[split].items():
            for column, values in columns.items():
                kept = column not in ("recall/head", PHOTO, PERSON) and "/" in column
                near = 0 if kept else 1e-4
                np.testing.assert_allclose(same.scores[split][source][column], values, near, near, err_msg=column)
    norm = "norm/embedding"  # no part of the verdict: the other twin has no scores of it
    tables = {**bundle.scores["test"], "members": {**bundle.scores["test"]["members"], norm: np.full(1, 9.0)}}
    wrong = replace(bundle, scores={**bundle.scores, "test": tables})
    same = rescored(wrong, other, pool, material.real, lambda line: None, work / "norm", [norm])
    for split, source in (("test", "members"), ("other-twin", "members")):
        assert same.scores[split][source].keys() == bundle.scores[split][source].keys()
    np.testing.assert_allclose(
        same.scores["test"]["members"][norm], bundle.scores["test"]["members"][norm], rtol=1e-4, atol=1e-4
    )
    with pytest.raises(BadInput, match="no auditor nobody/head"):
        rescored(bundle, other, pool, material.real, lambda line: None, work, ["nobody/head"])
    faces, people = material.real
    for real in ((faces[::-1], people), (faces[4:], people[4:])):
        with pytest.raises(BadPool, match="real are not the pictures"):
            rescored(bundle, other, pool, real, lambda line: None, work / "wrong", ["recall/head"])


@pytest.mark.full
def test_a_planted_database_shift_is_found_by_the_auditors_and_stopped_by_the_gate(
    tmp_path: Path, face_path: Path
) -> None:
    """Members from a brighter database: auditors of a network that saw none of them reach 0.9, and may not speak."""
    material = material_of(noise_pool(shift=75), tmp_path)
    made = make_bundle("twin-a", material, {"seed": 1}, tmp_path / "made", report=lambda line: None)
    save_bundle(made, tmp_path / "twin-a", material.network_file, SHAPE)
    evaluation = (made.evaluation or {})["sample"]
    best = max(evaluation["rows"], key=lambda row: row["auc"])
    assert best["auc"] > 0.9
    assert best["tpr_at_1pct_fpr"] is None
    assert max(row["auc"] for row in evaluation["controls"]["pixels"]["rows"]) > 0.9
    assert not any(made.gates.values())
    audit = MembershipTest.load([str(tmp_path / "twin-a")]).audit(face_path, "a face")[0].faces[0]
    assert {audit.photo.verdict, audit.person.verdict, *(layer.verdict for layer in audit.layers)} == {
        Verdict.CANNOT_SAY
    }
