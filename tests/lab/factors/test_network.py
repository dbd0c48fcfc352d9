"""A whole run on a tiny pool: what is planted is found, what is shuffled is not, and it goes on where it was cut off."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mint.lab.training.fit as fitting
from mint.errors import BadPool
from mint.evidence.metrics import auc
from mint.lab.factors import network, summary
from mint.lab.factors.network import AUDITORS, SIDES, audited, figures_of
from mint.lab.factors.people import people_of
from mint.lab.factors.run import measure_factors
from mint.lab.factors.settings import SETTINGS, Setting
from mint.lab.twin_bundles import trained_network
from mint.lab.twins.ledger import HELD_OUT, TRAINED
from mint.lab.twins.pool import Pool
from mint.storage.files import read_json
from tests.lab.few_views import few_views
from tests.lab.tiny_runs import TINY_TWIN, Killed, recorded, tiny_pool, without_seconds
from tests.ledgers import people
from tests.remembering import Memory, pictures

BASE = SETTINGS[0]
SIDE = 48  # of pictures and of the network that remembers them
PROTOTYPE = AUDITORS["prototype/head"]
CHOSEN = (BASE, Setting("dropout", "0.4", {"dropout": 0.4}), Setting("photos a person", "2", photos=2))


@pytest.fixture(scope="module", autouse=True)
def hasty() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "Schedule", partial(fitting.Schedule, epochs=1, batch=16, strengths=(0.1,)))
        patch.setattr(summary, "DRAWS", 20)
        patch.setattr(network, "STRANGER_PAIRS", 30)
        patch.setattr(network, "FITTED", 40)
        patch.setattr(network, "MOST_VIEWED", 40)
        few_views(patch)
        yield


@pytest.fixture(scope="module")
def pool() -> Pool:
    return tiny_pool(28)


def run(pool: Pool, out: Path, **changed: Any) -> dict[str, Any]:
    given = {"settings": CHOSEN, "people": 14, "seeds": (1, 2), "base": TINY_TWIN, **changed}
    return measure_factors(pool, out, out / "factors.json", **given)


@pytest.fixture(scope="module")
def whole(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nothing disturbed; read only."""
    folder = tmp_path_factory.mktemp("whole")
    run(pool, folder)
    return folder


# ---- a run


@pytest.mark.full
def test_every_setting_is_measured_with_every_seed(whole: Path) -> None:
    found = read_json(whole / "factors.json")
    assert (found["missing"], found["people"], found["seeds"]) == (0, 14, [1, 2])
    assert [(s["factor"], s["seeds"], s["photos"]) for s in found["settings"]] == [
        ("base", [1, 2], 56), ("dropout", [1, 2], 56), ("photos a person", [1, 2], 28)
    ]  # fmt: skip
    for entry in found["settings"]:
        assert [row["auditor"] for row in entry["rows"]] == list(AUDITORS.values())
        assert len(entry["training_accuracy"]) == len(entry["strangers"]) == 2
        for row in entry["rows"]:
            assert ("auc_gain" in row) == (entry["factor"] != "base")
            assert row["auc_low"] <= row["auc"] <= row["auc_high"]
    base, _, fewer = found["settings"]
    assert fewer["rows"][0]["members"] * 2 == base["rows"][0]["members"]
    assert fewer["rows"][0]["non_members"] == base["rows"][0]["non_members"]
    for setting in CHOSEN:
        seeds = [read_json(whole / f"{setting.name}-seed-{seed}" / "log.json")["recipe"]["seed"] for seed in (1, 2)]
        assert seeds == [1, 2]


@pytest.mark.full
def test_a_run_that_was_cut_off_goes_on_and_ends_alike(
    pool: Pool, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, trained = trained_network.train_twin, []
    names = [f"{setting.name}-seed-{seed}" for seed in (1, 2) for setting in CHOSEN]
    for name in names[:2]:  # trained already: the run is killed at the third
        shutil.copytree(whole / name, tmp_path / name)

    with monkeypatch.context() as patch:
        patch.setattr(trained_network, "train_twin", recorded(real, trained, killed_at=1))
        with pytest.raises(Killed):
            run(pool, tmp_path)
    first = read_json(tmp_path / "factors.json")
    assert (first["missing"], [s["factor"] for s in first["settings"]]) == (4, ["base", "dropout"])
    for name in names[3:5]:  # two more that need not be trained anew: this one and the last are enough
        shutil.copytree(whole / name, tmp_path / name)
    monkeypatch.setattr(trained_network, "train_twin", recorded(real, trained))
    found = run(pool, tmp_path)
    assert trained == [names[2], names[2], names[5]]
    assert without_seconds(found) == without_seconds(read_json(whole / "factors.json"))


@pytest.mark.full
def test_a_finished_run_trains_nothing_and_writes_the_same(
    pool: Pool, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(trained_network, "train_twin", pytest.fail)
    assert run(pool, tmp_path) == read_json(whole / "factors.json") == read_json(tmp_path / "factors.json")


@pytest.mark.full
@pytest.mark.parametrize(
    "changed", [{"seeds": (2, 1)}, {"people": 13}, {"base": replace(TINY_TWIN, epochs=2)}, {"settings": CHOSEN[:1]}]
)
def test_other_settings_do_not_go_on(pool: Pool, whole: Path, changed: dict[str, Any]) -> None:
    if changed.get("settings"):  # the largest number of photos decides who the siblings are
        changed = {"settings": (BASE, Setting("photos a person", "8", photos=8)), "people": 14}
    with pytest.raises(BadPool, match="Choose another folder"):
        run(pool, whole, **changed)


# ---- what is planted


@pytest.mark.full
def test_a_photo_shown_ten_times_is_found_sooner_than_one_shown_once(tmp_path: Path) -> None:
    """Trained for real: people share nothing, so a photo's class can only be remembered."""
    rows = people(40, 14)
    shown = Pool(tuple(rows), pictures(len(rows), 3, size=32))
    exposed = Setting("exposure", "1 or 10 an epoch", {"exposures": (1, 1, 10, 10)})
    chosen = people_of(shown.rows, 1, 30, (BASE, exposed))
    recipe = replace(TINY_TWIN, width=8, embedding_size=32, epochs=4, batch=32, margin=0.3)
    found = figures_of(shown, chosen, exposed, (BASE, exposed), tmp_path, recipe, 1)["scores"][PROTOTYPE]
    aucs = [auc(summary.of_dose(found, dose)["members"]["score"], found["siblings"]["score"]) for dose in exposed.doses]
    assert aucs[1] > aucs[0] + 0.1, aucs
    assert len(summary.of_dose(found, 10)["members"]["row"]) == len(summary.of_dose(found, 1)["members"]["row"]) > 20


@pytest.fixture(scope="module")
def remembered() -> tuple[Pool, list[int]]:
    """A ledger of many people, and the rows of its members."""
    rows = people(48)
    crops = pictures(len(rows), 5, SIDE)
    return Pool(tuple(rows), crops), [i for i, row in enumerate(rows) if row.role_a == TRAINED]


def test_what_a_network_remembers_is_found(remembered: tuple[Pool, list[int]]) -> None:
    pool, members = remembered
    memory = Memory(pool.crops[members], SIDE)
    found = audited(memory, pool, 1)["scores"]
    for sides in found.values():
        assert set(sides["members"]["row"]) <= set(members)
        assert not set(sides["siblings"]["row"]) & set(members)
    aucs = {name: auc(*(sides[side]["score"] for side in SIDES)) for name, sides in found.items()}
    assert set(aucs) == set(AUDITORS.values())
    assert aucs["prototype"] > 0.95
    assert aucs["consistency"] > 0.8


@pytest.mark.full
def test_shuffled_labels_are_not_found(remembered: tuple[Pool, list[int]]) -> None:
    pool, members = remembered
    assert shuffled(Memory(pool.crops[members], SIDE), pool) == pytest.approx(0.5, abs=0.15)


def shuffled(memory: Memory, pool: Pool) -> float:
    """Return the AUC of the prototype where each person's roles are dealt anew: the mean of a few deals."""
    aucs = []
    for seed in range(2):
        random = np.random.default_rng(seed)
        rows = list(pool.rows)
        for person in sorted({row.identity for row in rows if row.role_a == TRAINED}):
            places = [i for i, row in enumerate(rows) if row.identity == person]
            roles = [rows[i].role_a for i in random.permutation(places)]
            for i, role in zip(places, roles, strict=True):
                rows[i] = replace(rows[i], role_a=role, exposure=int(role != HELD_OUT))
        found = audited(memory, Pool(tuple(rows), pool.crops), 1)["scores"]
        aucs.append(auc(*(found[PROTOTYPE][side]["score"] for side in SIDES)))
    return float(np.mean(aucs))
