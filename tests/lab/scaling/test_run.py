"""A whole run on a tiny pool: what is written, and how it goes on where it was cut off."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import mint.lab.training.fit as fitting
from mint.errors import BadPool
from mint.lab.scaling import network
from mint.lab.scaling.nested import Size, order
from mint.lab.scaling.run import scale_law
from mint.lab.twin_bundles import trained_network
from mint.lab.twins.pool import Pool
from mint.lab.twins.precision import AUTO, BFLOAT16
from mint.storage.files import read_json
from tests.lab.few_views import few_views
from tests.lab.tiny_runs import TINY_TWIN, Killed, recorded, tiny_pool, without_seconds

MEMBERS, PHOTOS = (32, 40, 48), (4,)
COUNTED = ("members", "people", "photos")


@pytest.fixture(scope="module", autouse=True)
def hasty() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "Schedule", partial(fitting.Schedule, epochs=1, batch=16, strengths=(0.1,)))
        patch.setattr(network, "DRAWS", 20)
        patch.setattr(network, "STRANGER_PAIRS", 30)
        few_views(patch)
        yield


@pytest.fixture(scope="module")
def pool() -> Pool:
    return tiny_pool(20)


def run(pool: Pool, out: Path, **changed: Any) -> dict[str, Any]:
    given = {"members": MEMBERS, "photos": PHOTOS, "seed": 1, "recipe": TINY_TWIN, **changed}
    return scale_law(pool, out, out / "law.json", **given)


@pytest.fixture(scope="module")
def whole(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nothing disturbed; read only."""
    folder = tmp_path_factory.mktemp("whole")
    run(pool, folder)
    return folder


def test_every_network_is_measured_and_written(whole: Path) -> None:
    found = read_json(whole / "law.json")
    assert [[n[name] for name in COUNTED] for n in found["networks"]] == [[32, 8, 4], [40, 10, 4], [48, 12, 4]]
    assert (found["missing"], found["photos"], found["epochs"], found["seed"]) == (0, 4, 1, 1)
    for one in found["networks"]:
        assert one["fitted_on"] == found["networks"][0]["fitted_on"]
        assert 0 < one["strangers"]["low"] < one["strangers"]["accuracy"] < one["strangers"]["high"] <= 1
        assert one["strangers"]["people"] >= 1
        log = read_json(whole / f"{one['members']:06d}-of-04" / "log.json")
        assert (log["members"], one["training_accuracy"]) == (one["members"], log["epochs"][-1]["accuracy"])
        assert one["seconds"] == pytest.approx(sum(epoch["seconds"] for epoch in log["epochs"]))
        assert [(r["against"], r["auditor"]) for r in one["rows"]] == [
            (kind, label) for kind in ("siblings", "outsiders") for label in network.AUDITORS.values()
        ]
        for row in one["rows"]:
            assert row["auc_low"] <= row["auc"] <= row["auc_high"]
            assert row["tpr_at_1pct_fpr"] is None, "with so few others it would be luck"
    tested = [n["rows"][0]["members"] for n in found["networks"]]
    assert tested == sorted(tested)
    assert len(found["laws"]) == 2 * len(network.AUDITORS) * 2 * 2


@pytest.mark.full
def test_a_run_that_was_cut_off_after_one_network_goes_on(
    pool: Pool, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, trained = trained_network.train_twin, []

    with monkeypatch.context() as patch:
        patch.setattr(trained_network, "train_twin", recorded(real, trained, killed_at=2))
        with pytest.raises(Killed):
            run(pool, tmp_path)
    first = read_json(tmp_path / "law.json")
    assert (len(first["networks"]), first["missing"]) == (1, 2)
    assert "law" not in first["laws"][0]
    monkeypatch.setattr(trained_network, "train_twin", recorded(real, trained))
    found = run(pool, tmp_path)
    assert trained == ["000032-of-04", "000040-of-04", "000040-of-04", "000048-of-04"]
    assert without_seconds(found) == without_seconds(read_json(whole / "law.json"))


def test_a_finished_run_trains_nothing_and_writes_the_same(
    pool: Pool, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(trained_network, "train_twin", pytest.fail)
    assert run(pool, tmp_path) == read_json(whole / "law.json") == read_json(tmp_path / "law.json")


@pytest.mark.parametrize(
    "changed",
    [{"seed": 2}, {"recipe": replace(TINY_TWIN, precision=BFLOAT16)}, {"recipe": replace(TINY_TWIN, epochs=2)}],
)
def test_other_settings_do_not_go_on(pool: Pool, whole: Path, changed: dict[str, Any]) -> None:
    with pytest.raises(BadPool, match="Choose another folder"):
        run(pool, whole, **changed)


def test_another_smallest_size_would_fit_other_auditors_and_does_not_go_on(pool: Pool, whole: Path) -> None:
    order_of = order(pool.rows, 1)
    with pytest.raises(BadPool, match="smallest size"):
        network.figures_of(pool, order_of, Size(48, 4), 40, whole / "000048-of-04", TINY_TWIN, 1)


def test_the_precision_that_was_measured_first_holds_for_all(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def figures(*given: Any) -> dict[str, Any]:
        asked.append(given[5].precision)
        return {"members": given[2].members, "photos": 4, "precision": BFLOAT16, "rows": []}

    monkeypatch.setattr("mint.lab.scaling.run.figures_of", figures)
    run(pool, tmp_path, recipe=replace(TINY_TWIN, precision=AUTO))
    assert asked == [AUTO, BFLOAT16, BFLOAT16]
