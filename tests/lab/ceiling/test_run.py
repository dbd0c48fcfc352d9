"""A whole run on a tiny pool: what is written, how it goes on where it was cut off, and whose photos it refuses."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.errors import BadPool
from mint.evidence.score_table import IDENTITY
from mint.lab.ceiling import comparison
from mint.lab.ceiling.card import CARD, FIGURES, ceiling_card, render_ceiling
from mint.lab.ceiling.measure import ATTACKS, CONFIDENCE
from mint.lab.ceiling.photos import OURS, Target, photos_of
from mint.lab.ceiling.run import measure_ceiling
from mint.lab.training.store_splits import SCORED
from mint.lab.twin_bundles import trained_network
from mint.lab.twin_bundles.ledger_splits import ledger_splits
from mint.lab.twins.pool import Pool
from mint.lab.twins.training import train_twin
from mint.networks.architectures import load_network
from mint.storage.files import read_json
from tests.lab.tiny_runs import TINY_TWIN, Killed, recorded, tiny_pool, without_seconds
from tests.ledgers import people

CHANGES = {"epochs": 1}


@pytest.fixture(scope="module", autouse=True)
def hasty() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparison, "DRAWS", 20)
        yield


@pytest.fixture(scope="module")
def pool() -> Pool:
    return tiny_pool(36)


@pytest.fixture(scope="module")
def target(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Target:
    file = train_twin(pool, "twin-a", tmp_path_factory.mktemp("twin"), TINY_TWIN)
    network = load_network(file, TINY_TWIN.architecture(), "twin-a")
    splits, random = ledger_splits(pool.rows, "twin-a", 1), np.random.default_rng(2)
    scores = {
        split: {
            kind: {
                IDENTITY: splits.about[IDENTITY][index],
                **{column: random.normal(size=len(index)) for column in OURS},
            }
            for kind, index in splits.rows[split].items()
        }
        for split in SCORED
    }
    return Target("twin-a", network, TINY_TWIN, 1, scores)


def run(pool: Pool, target: Target, out: Path, **changed: Any) -> dict[str, Any]:
    given = {"targets": [target], "references": 4, "seed": 1, "changes": CHANGES, **changed}
    return measure_ceiling(pool, out, out / FIGURES, **given)


@pytest.fixture(scope="module")
def whole(pool: Pool, target: Target, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nothing disturbed; read only."""
    folder = tmp_path_factory.mktemp("whole")
    run(pool, target, folder)
    return folder


def test_every_attack_and_every_auditor_is_measured_on_the_same_photos(pool: Pool, target: Target, whole: Path) -> None:
    found = read_json(whole / FIGURES)
    assert (found["missing"], found["references"], found["seed"]) == (0, 4, 1)
    assert list(found["networks"]) == ["twin-a"]
    one = found["networks"]["twin-a"]
    names = [*OURS, CONFIDENCE, *ATTACKS]
    assert [(r["against"], r["attack"]) for r in one["rows"]] == [
        (kind, name) for kind in ("siblings", "outsiders") for name in names
    ]
    photos = photos_of(pool.rows, target)
    for row in one["rows"]:
        others = photos.kinds["test", row["against"]]
        assert (row["members"], row["non_members"]) == (len(photos.kinds["test", "members"]), len(others))
        assert row["auc_low"] <= row["auc"] <= row["auc_high"]
    assert len(one["references"]) == 4
    known = {row.identity for row in pool.rows if row.member("twin-a")}
    assert [r["photos"] for r in one["references"]] == [5 * len(known)] * 4
    assert one["people"] == len({pool.rows[i].identity for i in photos.rows[photos.kinds["test", "members"]]})
    assert {control["control"] for control in one["controls"]} == {"other twin", "shuffled labels"}


def test_ours_are_the_bundles_scores_of_the_same_photos(pool: Pool, target: Target) -> None:
    photos = photos_of(pool.rows, target)
    for split in SCORED:
        for kind in ("members", "siblings", "outsiders"):
            places = photos.kinds[split, kind]
            rows = [pool.rows[i] for i in photos.rows[places]]
            known = {row.identity for row in pool.rows if row.member("twin-a")}
            told = {(row.member("twin-a"), row.identity in known, row.purpose) for row in rows}
            assert told == {(kind == "members", kind != "outsiders", split)}
            for column in OURS:
                assert np.array_equal(photos.ours[split, kind][column], target.scores[split][kind][column])
    other = [pool.rows[i] for i in photos.rows[photos.kinds["counterpart", "members"]]]
    assert other
    assert all(row.member("twin-b") and row.purpose == "test" for row in other)
    aside = [pool.rows[i] for i in photos.rows[photos.kinds["population", "siblings"]]]
    assert {row.purpose for row in aside} == {"training", "validation"}
    assert not any(row.member("twin-a") for row in aside)


def test_a_run_that_was_cut_off_goes_on_with_the_same_figures(
    pool: Pool, target: Target, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, trained = trained_network.train_twin, []

    with monkeypatch.context() as patch:
        patch.setattr(trained_network, "train_twin", recorded(real, trained, killed_at=3))
        with pytest.raises(Killed):
            run(pool, target, tmp_path)
    assert not (tmp_path / FIGURES).exists()
    found = run(pool, target, tmp_path)
    assert without_seconds(found) == without_seconds(read_json(whole / FIGURES))


def test_a_finished_run_trains_no_epoch_asks_nobody_and_writes_the_same(
    pool: Pool, target: Target, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    asked: list[str] = []
    real = logits_module().logits_of
    monkeypatch.setattr(logits_module(), "logits_of", lambda *given: (asked.append(given[0].name), real(*given))[1])
    monkeypatch.setattr("mint.lab.twins.training.RunningState.save", pytest.fail)
    assert run(pool, target, tmp_path) == read_json(whole / FIGURES) == read_json(tmp_path / FIGURES)
    assert asked == [], "the references' answers are on record"


def logits_module() -> Any:
    from mint.lab.ceiling import references

    return references


def test_more_references_go_on_behind_those_that_are_there(
    pool: Pool, target: Target, whole: Path, tmp_path: Path
) -> None:
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    found = run(pool, target, tmp_path, references=6)
    kept = read_json(whole / FIGURES)["networks"]["twin-a"]["references"]
    assert found["networks"]["twin-a"]["references"][:4] == kept
    assert len(found["networks"]["twin-a"]["references"]) == 6


@pytest.mark.parametrize("changed", [{"seed": 2}, {"changes": {"epochs": 2}}, {"changes": {"epochs": 1, "width": 8}}])
def test_other_settings_do_not_go_on(
    pool: Pool, target: Target, whole: Path, tmp_path: Path, changed: dict[str, Any]
) -> None:
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    with pytest.raises(BadPool, match="Choose another folder"):
        run(pool, target, tmp_path, **changed)


def test_another_pool_is_refused(pool: Pool, target: Target, tmp_path: Path) -> None:
    with pytest.raises(BadPool, match="the pool is not the one"):
        run(tiny_pool(32), target, tmp_path)


def test_a_network_of_other_people_is_refused(pool: Pool, target: Target, tmp_path: Path) -> None:
    other = load_network(
        train_twin(Pool(tuple(people(24)), pool.crops[:240]), "twin-a", tmp_path / "other", TINY_TWIN),
        TINY_TWIN.architecture(), "twin-a",
    )  # fmt: skip
    with pytest.raises(BadPool, match="knows other people"):
        run(pool, replace(target, network=other), tmp_path)


def test_the_card_is_written_beside_the_figures(whole: Path, tmp_path: Path) -> None:
    shutil.copy(whole / FIGURES, tmp_path)
    render_ceiling(tmp_path)
    assert (tmp_path / CARD).read_text("utf-8") == ceiling_card(read_json(whole / FIGURES))
