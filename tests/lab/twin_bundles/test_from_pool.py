"""A bundle made from a pool by every step of the pipeline, of networks that cost nothing: what is planted is found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

import mint.lab.training.fit as train
from mint.auditors import realign
from mint.bundles.bundle import Bundle
from mint.errors import BadInput, BadPool, BundleMismatch
from mint.evidence.metrics import auc
from mint.evidence.score_table import NEAREST, PERSON, PHOTO
from mint.lab.controls.untrained import untrained_copy
from mint.lab.evaluation.gate import open_gates
from mint.lab.training.store_splits import SCORED
from mint.lab.twin_bundles.compare import compare_scores
from mint.lab.twin_bundles.from_pool import Material, make_bundle
from mint.lab.twin_bundles.ledger_splits import roles_of
from mint.lab.twin_bundles.rescore import rescored
from mint.lab.twins.ledger import HELD_OUT, TRAINED, Row, write_ledger
from mint.lab.twins.pool import Pool
from mint.lab.twins.recipe import TwinRecipe
from mint.networks.architectures import build_network
from mint.networks.base import AuditedNetwork
from mint.networks.torch_network import TorchNetwork
from mint.storage.files import sha256_of
from tests.lab.few_views import few_views
from tests.ledgers import people
from tests.remembering import Memory, pictures
from tests.tiny_bundles import SHAPE

pytestmark = pytest.mark.full

SIZE = SHAPE["input_size"]
TWIN, OTHER, YOUNG = (Path(name) for name in ("twin", "other", "young"))


@pytest.fixture(scope="module", autouse=True)
def hasty(networks: dict[Path, Memory]) -> Iterator[None]:
    """One epoch, few moves of a crop, few draws; networks come from here and not from files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(realign, "GRID", realign.GRID[[0, 13, 26]])
        patch.setattr(realign, "FINER", ())
        patch.setattr(train, "Schedule", partial(train.Schedule, epochs=1, batch=32, strengths=(0.1,)))
        patch.setattr("mint.lab.twin_bundles.from_pool.load_network", lambda path, shape, name: networks[path])
        for module in ("from_pool", "rescore"):
            patch.setattr(f"mint.lab.twin_bundles.{module}.open_gates", partial(open_gates, draws=100))
        patch.setattr("mint.lab.training.calibration.evaluate_all", lambda bundle: {})  # measured in test_evaluate.py
        patch.setattr("mint.lab.twin_bundles.from_pool.untrained_copy", untrained)
        few_views(patch)
        yield


def untrained(network: Memory, crops: np.ndarray, seed: int) -> AuditedNetwork:
    """A network of another shape than the made-up one, which no copy can be drawn of."""
    shaped, head = build_network(SHAPE, "x"), torch.randn(len(network.head), SHAPE["embedding_size"])
    return untrained_copy(TorchNetwork("x", shaped.model, shaped.taps, shaped.input_size, head), crops, seed)


@pytest.fixture(scope="module")
def pool() -> Pool:
    """48 generated people, of whom either twin knows a third by half of their pictures, and four photographed ones."""
    rows = people(48)
    for person in range(4):
        name, purpose = f"openpeople/P{person:03d}", ("calibration", "test")[person % 2]
        rows += [
            Row(f"P{person}-{k}", name, "openpeople", f"{name}/{k}", HELD_OUT, HELD_OUT, 0, purpose) for k in range(3)
        ]
    return Pool(tuple(rows), pictures(len(rows), 1))


@pytest.fixture(scope="module")
def networks(pool: Pool) -> dict[Path, Memory]:
    def knows(name: str) -> Memory:
        return Memory(pool.crops[[row.member(name) for row in pool.rows]], SIZE)

    return {TWIN: knows("twin-a"), OTHER: knows("twin-b"), YOUNG: Memory(pictures(9, 5, SIZE), SIZE)}


@pytest.fixture(scope="module")
def material(pool: Pool) -> Material:
    recipe = TwinRecipe(**{k: tuple(v) if k == "layers" else v for k, v in SHAPE.items() if k != "architecture"})
    dose = replace(recipe, exposures=(1, 3, 10))
    real = pictures(120, 2), [f"p{k // 2}" for k in range(120)]
    return Material(pool, real, TWIN, OTHER, SHAPE, {3: YOUNG}, {"dose-response": (YOUNG, dose)})


@pytest.fixture(scope="module")
def folder(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the pool: its ledger."""
    folder = tmp_path_factory.mktemp("pool")
    write_ledger(folder / "ledger.csv", pool.rows)
    return folder


@pytest.fixture(scope="module")
def made(material: Material, hasty: None, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    facts = {"seed": 1, "pool": {"ledger sha256": sha256_of(folder / "ledger.csv")}}
    return make_bundle("twin-a", material, facts, tmp_path_factory.mktemp("work"), report=lambda line: None)


def found(bundle: Bundle, split: str, column: str, others: str = "siblings") -> float:
    return auc(bundle.scores[split]["members"][column], bundle.scores[split][others][column])


def test_what_is_planted_is_found_and_controls_see_nothing_of_it(made: Bundle) -> None:
    for column in ("consistency/views", "prototype/head", "centred/head", PHOTO):
        assert found(made, "test", column) > 0.95, column
    assert found(made, "swapped-halves", PHOTO, "counterparts") > 0.95
    assert found(made, "test", PERSON, "outsiders") > 0.9
    # 20 members against as many siblings: the standard error of the AUC at chance is 0.09.
    for control in ("pixels", "untrained", "other-twin", "shuffled-labels", "epoch-003"):
        assert found(made, control, PHOTO) < 0.5 + 4 * 0.09, control


def test_every_split_and_every_control_is_there(made: Bundle) -> None:
    assert set(made.scores) == {
        "calibration", "test", "pixels", "untrained", "other-twin", "swapped-halves", "shuffled-labels",
        "shuffled-people", "dose-response", "epoch-003", "cross-database", "cross-database/calibration",
        "cross-database/pixels", "cross-database/untrained",
    }  # fmt: skip
    assert set(made.gates) == {*(s.column for s in made.specs), PHOTO, PERSON} == set(made.platt)
    for pixels in ("pixels", "cross-database/pixels"):
        assert "statistics/pixels" in made.scores[pixels]["siblings"]
    assert set(made.scores["dose-response"]["members"]["exposure"].tolist()) == {1, 3, 10}
    people = {
        split: {int(i) for s in ("members", "siblings", "outsiders") for i in made.scores[split][s]["identity"]}
        for split in ("calibration", "test")
    }
    assert not people["calibration"] & people["test"]


def test_scores_are_of_the_pictures_that_the_ledger_names(made: Bundle, pool: Pool) -> None:
    rows = [k for k, row in enumerate(pool.rows) if row.purpose == "test" and row.role_a == TRAINED]
    wanted = made.panel.scores(made.network, pool.crops[rows])
    for column, values in wanted.items():
        np.testing.assert_allclose(made.scores["test"]["members"][column], values, rtol=1e-4, atol=1e-4)
    theirs = [row for row in pool.rows if row.purpose == "test" and row.role_b == TRAINED]
    assert len(made.scores["swapped-halves"]["counterparts"][PHOTO]) == len(theirs)


def test_with_no_auditor_trained_anew_nothing_changes(
    made: Bundle, material: Material, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(
        "mint.lab.twin_bundles.from_pool.controls",
        lambda *_: {name: made.scores[name] for name in ("pixels", "untrained")},
    )
    again = make_bundle("twin-a", material, made.facts, tmp_path, ["none"], made, report=lambda line: None)
    assert again.fusions[PHOTO].weights == pytest.approx(made.fusions[PHOTO].weights, rel=1e-4)
    for column, values in made.scores["test"]["real"].items():
        np.testing.assert_allclose(again.scores["test"]["real"][column], values, rtol=1e-4, atol=1e-4)


# ---- scored again


@pytest.fixture
def other(made: Bundle, networks: dict[Path, Memory]) -> Bundle:
    return replace(made, network=networks[OTHER])


def test_every_picture_has_its_nearest_class_and_few_people_of_a_kind_their_classes(
    made: Bundle, other: Bundle, material: Material, tmp_path: Path
) -> None:
    def nearest(rows: np.ndarray) -> np.ndarray:
        unit = made.network.look(torch.from_numpy(material.pool.crops[rows]).permute(0, 3, 1, 2).float()).embedding
        return np.asarray(torch.nn.functional.normalize(unit, dim=1) @ made.network.head.T).argmax(1)  # type: ignore[union-attr]

    rows = roles_of(material.pool.rows, "twin-a", "test", 1)
    for source, index in rows.items():
        np.testing.assert_array_equal(made.scores["test"][source][NEAREST], nearest(index))
    assert len(made.scores["calibration"]["real"][NEAREST]) == len(made.scores["calibration"]["real"][PHOTO])
    bare = {
        split: {s: {c: v for c, v in t.items() if c != NEAREST} for s, t in made.scores[split].items()}
        for split in SCORED
    }
    without = replace(made, scores={**made.scores, **bare}, uncalibrated_classes=())
    again = rescored(without, other, material.pool, material.real, lambda line: None, tmp_path, [NEAREST])
    assert (
        again.uncalibrated_classes == made.uncalibrated_classes == ()
    )  # of the photographed people nobody is trained on
    for split in SCORED:
        for source, columns in made.scores[split].items():
            for column, values in columns.items():
                np.testing.assert_array_equal(again.scores[split][source][column], values)


def test_scored_again_nothing_changes(made: Bundle, other: Bundle, material: Material, tmp_path: Path) -> None:
    same = rescored(made, other, material.pool, material.real, lambda line: None, tmp_path)
    assert same.panel.auditors.keys() == made.panel.auditors.keys()
    assert same.gates == made.gates
    for split in ("calibration", "test", "other-twin", "swapped-halves"):
        for source, columns in made.scores[split].items():
            for column, values in columns.items():
                np.testing.assert_allclose(same.scores[split][source][column], values, rtol=1e-4, atol=1e-4)


def test_one_auditor_alone_is_scored_again(made: Bundle, other: Bundle, material: Material, tmp_path: Path) -> None:
    """Its spoiled scores are mended, the other auditors' stay as they were, bit by bit."""
    spoiled = {
        split: {s: {**t, "centred/head": t["centred/head"] + 9} for s, t in made.scores[split].items()}
        for split in ("calibration", "test", "other-twin")
    }
    wrong = replace(made, scores={**made.scores, **spoiled})
    same = rescored(wrong, other, material.pool, material.real, lambda line: None, tmp_path, ["centred/head"])
    for split in spoiled:
        for source, columns in made.scores[split].items():
            for column, values in columns.items():
                near = 0 if column not in ("centred/head", PHOTO, PERSON) and "/" in column else 1e-4
                np.testing.assert_allclose(same.scores[split][source][column], values, near, near, err_msg=column)


def test_what_cannot_be_scored_again_is_refused(
    made: Bundle, other: Bundle, material: Material, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match="no auditor nobody/head"):
        rescored(made, other, material.pool, material.real, lambda line: None, tmp_path, ["nobody/head"])
    faces, names = material.real
    for real in ((faces[::-1], names), (faces[4:], names[4:])):
        with pytest.raises(BadPool, match="real are not the pictures"):
            rescored(made, other, material.pool, real, lambda line: None, tmp_path, ["norm/embedding"])


def test_what_ships_is_held_against_the_pool(
    made: Bundle, pool: Pool, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mint.lab.twin_bundles.compare.load_pool", lambda folder: pool)
    assert compare_scores(made, folder).largest < 1e-3
    members = made.scores["test"]["members"]
    norm = "norm/embedding"
    for spoiled, words in (
        (members[norm] + members[norm].std(), "differ from"),
        (members[norm][1:], "ships 19 scores"),
    ):
        test = {**made.scores["test"], "members": {**members, norm: spoiled}}
        with pytest.raises(BundleMismatch, match=words):
            compare_scores(replace(made, scores={**made.scores, "test": test}), folder)
    few = compare_scores(made, folder, most=3)
    assert (few.photos, few.largest < 1e-3) == (
        dict.fromkeys(("members", "siblings", "outsiders", "openpeople"), 3),
        True,
    )
    write_ledger(tmp_path / "ledger.csv", pool.rows[1:])
    for place in (tmp_path, None):
        with pytest.raises(BadPool, match="differs"):
            compare_scores(made, place)
    assert len(roles_of(pool.rows, "twin-a", "test", 1)["openpeople"]) == 6
