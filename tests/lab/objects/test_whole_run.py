"""A whole run on pictures of noise: what was learned by heart is found, and it goes on where it was cut off (full)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mint.lab.training.fit as fitting
from mint.bundles.files import load_bundle
from mint.errors import BadInput
from mint.lab.evaluation.evaluate import evaluate, evaluate_all
from mint.lab.objects import layers, network
from mint.lab.objects.card import objects_card, score
from mint.lab.objects.pictures import ObjectPictures
from mint.lab.objects.recipe import ObjectRecipe
from mint.lab.objects.run import measure_objects
from mint.lab.training import calibration
from mint.membership import MembershipTest
from mint.storage.files import read_json
from mint.vision.detectors import WholePicture
from tests.lab.few_views import few_views

pytestmark = pytest.mark.full

COUNT, CLASSES, PEOPLE = 240, 4, 40
RECIPE = ObjectRecipe(
    widths=(6,), embedding_size=12, input_size=8, dropout=0.0, epochs=25, batch=16, learning_rate=0.01
)


@pytest.fixture(scope="module", autouse=True)
def hasty() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "Schedule", partial(fitting.Schedule, epochs=2, batch=32, strengths=(0.1,)))
        patch.setattr(layers, "DRAWS", 50)
        patch.setattr(calibration, "evaluate_all", partial(evaluate_all, draws=50))
        few_views(patch)
        yield


def noise(by_class: bool) -> ObjectPictures:
    random = np.random.default_rng(4)
    people = np.arange(COUNT) % PEOPLE
    return ObjectPictures(
        "noise",
        tuple(random.integers(0, 256, (COUNT, 8, 8, 3), np.uint8).repeat(4, 1).repeat(4, 2)),
        tuple(f"class-{k:02d}" for k in range(PEOPLE if by_class else CLASSES)),
        people if by_class else random.integers(0, CLASSES, COUNT),
        tuple(f"person-{k:02d}" for k in people) if by_class else tuple(f"noise-{k}" for k in range(COUNT)),
        ("noise",),
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nothing disturbed; read only."""
    folder = tmp_path_factory.mktemp("whole")
    measure_objects(noise(by_class=False), folder, folder / "objects.json", RECIPE)
    return folder


def test_what_was_learned_by_heart_is_found_and_turns_round_with_the_list(whole: Path) -> None:
    (found,) = read_json(whole / "objects.json")["data"].values()
    for half in ("a", "b"):
        one = found["networks"][half]
        assert score(one["rows"], "loss/output")["auc_low"] > 0.7  # labels of noise can only be learned by heart
        assert score(one["other-twin"], "loss/output")["auc_high"] < 0.3
        assert 0.3 < score(one["untrained"], "loss/output")["auc"] < 0.7
        assert one["accuracy"]["members"]["value"] > 0.7 > one["accuracy"]["non-members"]["value"]
        assert one["accuracy"]["members"]["n"] == one["pictures"]
    assert set(found["without dropout"]["gains"]) >= {"loss/output", "confidence/output", "prototype/head"}
    assert "Network a again, without dropout" in objects_card({"data": {"noise": found}})


def test_the_positive_control_knows_its_pictures_by_heart_and_is_found(whole: Path) -> None:
    (found,) = read_json(whole / "objects.json")["data"].values()
    positive = found["positive"]
    assert (positive["labels"], positive["epochs"]) == (CLASSES, 4 * RECIPE.epochs)
    assert positive["accuracy"]["members"]["value"] > 0.95
    assert positive["accuracy"]["non-members"]["value"] < 2 / CLASSES  # a label at random is guessed by one in so many
    assert score(positive["rows"], "loss/output")["auc_low"] > 0.8
    assert f"one of {CLASSES} labels drawn at random for {4 * RECIPE.epochs} epochs" in objects_card(
        {"data": {"noise": found}}
    )


def test_its_bundles_are_bundles_like_any_other(whole: Path) -> None:
    bundle = load_bundle(whole / "noise" / "a" / "bundle")
    assert isinstance(bundle.network.finder, WholePicture)
    assert [row["layer"] for row in evaluate(bundle, "identity", draws=20)["rows"] if row["auditor"] == "cnn"] == [
        tap.name for tap in bundle.network.taps
    ]
    test = MembershipTest.load([str(whole / "noise" / "a" / "bundle")])
    (audit,) = test.audit(whole / "noise" / "pictures" / "000003.png", "000003.png")
    assert audit.faces[0].box == (0.0, 0.0, 32.0, 32.0)


def test_a_run_on_record_is_gone_on_with_and_another_refused(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def trained(*given: Any, **more: Any) -> None:
        raise AssertionError("a bundle on record was made again")

    before = read_json(whole / "objects.json")
    monkeypatch.setattr(network, "train_store", trained)
    again = measure_objects(noise(by_class=False), whole, whole / "again.json", RECIPE)
    assert again == before
    with pytest.raises(BadInput, match="another seed"):
        measure_objects(noise(by_class=False), whole, whole / "other.json", ObjectRecipe(seed=2))
    with pytest.raises(BadInput, match="another recipe"):
        measure_objects(noise(by_class=False), whole, whole / "other.json", ObjectRecipe())
    assert not (whole / "other.json").exists()


@pytest.mark.full
def test_people_as_classes_are_resampled_whole_and_sets_share_a_card(whole: Path, tmp_path: Path) -> None:
    results = tmp_path / "objects.json"
    results.write_bytes((whole / "objects.json").read_bytes().replace(b'"noise":', b'"other":'))
    data = measure_objects(noise(by_class=True), tmp_path, results, RECIPE)["data"]
    assert list(data) == ["other", "noise"]
    row = score(data["noise"]["networks"]["a"]["rows"], "loss/output")
    assert row["member_people"] < row["members"]
    assert data["noise"]["positive"]["labels"] == 10 < PEOPLE  # ten at most, whatever the number of classes
    assert load_bundle(tmp_path / "noise" / "a" / "bundle").members("photo") == ("members",)
