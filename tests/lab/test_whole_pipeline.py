"""A bundle made from end to end, small: what comes out loads, judges, and knows that it knows nothing."""

from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

import mint.lab.train as train
from mint.audited.catalog import build_network
from mint.bundle import PHOTO, load_bundle, save_bundle
from mint.files import sha256_of
from mint.lab.ledger import HELD_OUT, PURPOSES, TRAINED, Row, write_ledger
from mint.lab.make import Material, make_bundle
from mint.lab.pack import compare_scores
from mint.lab.pool import Pool
from mint.lab.twins import save_weights
from mint.membership import MembershipTest
from mint.types import Verdict
from tests.bundles import SHAPE

PICTURES = 9


def noise_pool() -> Pool:
    """Smooth random pictures: no network was trained on any, whatever the ledger says."""
    random = np.random.default_rng(4)
    rows, crops = [], []
    for person in range(60):
        source = "openpeople" if person >= 56 else "gan"
        for k in range(PICTURES):
            group = (person // 4) % 3
            used = source == "gan" and k in random.permutation(PICTURES)[:4]
            roles = [TRAINED if used and group == side else HELD_OUT for side in (0, 1)]
            purpose = PURPOSES[person % 4] if source == "gan" else PURPOSES[2 + person % 2]
            name = f"{source}/{person:04d}"
            rows.append(Row(f"{person}-{k}", name, source, f"{name}/{k}", *roles, int(TRAINED in roles), purpose))
            crops.append(cv2.resize(random.integers(0, 255, (7, 7, 3), np.uint8), (112, 112)))
    return Pool(tuple(rows), np.stack(crops))


@pytest.mark.slow
def test_a_network_that_was_trained_on_nothing_gets_a_bundle_that_cannot_say(
    tmp_path: Path, face_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "Schedule", partial(train.Schedule, epochs=1, strengths=(0.1,)))
    pool = noise_pool()
    files = []
    for seed in range(3):
        torch.manual_seed(seed)
        files.append(tmp_path / f"{seed}.safetensors")
        save_weights(files[-1], build_network(SHAPE, "x").model, torch.randn(SHAPE["embedding_size"], 6))
    random = np.random.default_rng(1)
    faces = np.stack([cv2.resize(random.integers(0, 255, (9, 9, 3), np.uint8), (112, 112)) for _ in range(40)])
    material = Material(pool, (faces, [f"p{k // 2}" for k in range(40)]), files[0], files[1], SHAPE, {3: files[2]})
    write_ledger(tmp_path / "ledger.csv", pool.rows)
    facts = {"seed": 1, "pool": {"ledger sha256": sha256_of(tmp_path / "ledger.csv")}}

    made = make_bundle("twin-a", material, facts, report=lambda line: None)
    save_bundle(made, tmp_path / "twin-a", files[0], SHAPE)
    bundle = load_bundle(tmp_path / "twin-a")

    assert bundle.gate is False
    assert set(bundle.scores) == {
        "calibration", "test", "pixels", "untrained", "other-twin", "shuffled-labels", "shuffled-people", "epoch-003"
    }  # fmt: skip
    people = {
        split: {int(i) for s in ("members", "siblings", "outsiders") for i in bundle.scores[split][s]["identity"]}
        for split in ("calibration", "test")
    }
    assert not people["calibration"] & people["test"]
    rows = {row["auditor"]: row for row in (bundle.evaluation or {})["sample"]["rows"]}
    assert rows["combined"]["auc_low"] < 0.5 < rows["combined"]["auc_high"]
    audit = MembershipTest.load([str(tmp_path / "twin-a")]).audit(face_path, "a face")[0]
    assert audit.faces[0].photo.verdict is audit.faces[0].person.verdict is Verdict.CANNOT_SAY

    # with no auditor trained anew, nothing changes
    again = make_bundle("twin-a", material, facts, ["none"], bundle, report=lambda line: None)
    assert again.fusions[PHOTO].weights == pytest.approx(bundle.fusions[PHOTO].weights, rel=1e-4)
    np.testing.assert_array_equal(
        again.scores["test"]["real"]["consistency/views"], bundle.scores["test"]["real"]["consistency/views"]
    )
    monkeypatch.setattr("mint.lab.pack.load_pool", lambda folder: pool)
    assert compare_scores(bundle, tmp_path) < 1e-3
