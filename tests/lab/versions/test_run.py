"""The whole experiment in tiny: every release goes on from the one before, figures are written, and a run goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from mint.errors import BadPool
from mint.lab.twins.pool import Pool
from mint.lab.versions import run as module
from mint.lab.versions.card import CARD, FIGURES, render_versions
from mint.lab.versions.releases import PHOTOS, VERSIONS
from mint.lab.versions.run import OUTSIDER_PHOTOS, VersionsRecipe, measure_versions, scored_rows, small_recipe
from mint.networks.modules.light_names import EQUALISED
from mint.storage.files import read_json, sha256_of
from tests.ledgers import people as ledger

pytestmark = pytest.mark.full

PEOPLE, OUTSIDERS = 60, 24


@pytest.fixture(scope="module")
def pool() -> Pool:
    rows = ledger(92, pictures=2 * PHOTOS + 2)
    noise = np.random.default_rng(0).integers(0, 256, (len(rows), 14, 14, 3), dtype=np.uint8)
    return Pool(tuple(rows), noise.repeat(8, 1).repeat(8, 2))


@pytest.fixture(scope="module")
def recipe() -> VersionsRecipe:
    recipe = small_recipe(PEOPLE, OUTSIDERS, 16, epochs=2, updates=1, seed=1, light=EQUALISED)
    first = replace(recipe.first, width=4, embedding_size=16)
    return replace(recipe, first=first, update=replace(first, epochs=1))


@pytest.fixture(scope="module")
def run(pool: Pool, recipe: VersionsRecipe, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("versions")
    return folder, measure_versions(pool, folder, folder / FIGURES, recipe)


def test_every_release_goes_on_from_the_weights_of_the_one_before(run: tuple[Path, dict[str, Any]]) -> None:
    folder, found = run
    for twin in ("twin-a", "twin-b"):
        logs = [read_json(folder / f"{twin}-v{k + 1}" / "log.json") for k in range(VERSIONS)]
        assert "start" not in logs[0]
        before = ["epoch-002", "epoch-001", "epoch-001"]
        for version, (log, name) in enumerate(zip(logs[1:], before, strict=True), 1):
            assert log["start"] == sha256_of(folder / f"{twin}-v{version}" / f"{name}.safetensors")
        trained = [photos[["twin-a", "twin-b"].index(twin)] for photos in found["photos"]]
        assert [log["members"] for log in logs] == trained


def test_it_writes_what_it_returns_and_both_sides_cost_the_same(run: tuple[Path, dict[str, Any]]) -> None:
    folder, found = run
    assert read_json(folder / FIGURES) == found
    assert found["passes"] == [8, 8]
    for twin in found["twins"].values():
        assert set(twin["scores"]) == {"mirror", "centre"}
        for one in twin["scores"].values():
            assert len(one["accepted"]) == 7
            assert one["other"]["auc"]["low"] <= one["other"]["auc"]["value"] <= one["other"]["auc"]["high"]


def test_the_card_says_which_lines_hold(run: tuple[Path, dict[str, Any]]) -> None:
    folder, found = run
    render_versions(folder)
    card = (folder / CARD).read_text()
    lines = [line for twin in found["twins"].values() for one in twin["scores"].values() for line in one["accepted"]]
    assert card.count("\n- holds: ") == sum(line["holds"] for line in lines)
    assert card.count("\n- **does not hold**: ") == sum(not line["holds"] for line in lines)
    assert f"the same {PEOPLE} fictional people" in card


def test_a_second_run_trains_and_scores_nothing_again(
    run: tuple[Path, dict[str, Any]],
    pool: Pool,
    recipe: VersionsRecipe,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    folder, found = run

    def refused(*given: object) -> None:
        raise AssertionError("photos are shown again")

    monkeypatch.setattr(module, "over_versions", refused)
    assert measure_versions(pool, folder, tmp_path / FIGURES, recipe) == found


def test_a_folder_of_other_networks_is_refused(
    run: tuple[Path, dict[str, Any]], pool: Pool, recipe: VersionsRecipe, tmp_path: Path
) -> None:
    other = replace(recipe, seed=2, first=replace(recipe.first, seed=2))
    with pytest.raises(BadPool, match="Choose another folder"):
        measure_versions(pool, run[0], tmp_path / FIGURES, other)


def test_all_photos_of_used_people_are_scored_and_a_few_of_others(run: tuple[Path, dict[str, Any]], pool: Pool) -> None:
    releases = module.deal(pool.rows, PEOPLE, OUTSIDERS, 1)
    rows = scored_rows(releases)
    assert len(rows) == PEOPLE * (2 * PHOTOS + 2) + OUTSIDERS * OUTSIDER_PHOTOS
    assert len(load_file(run[0] / "scores-twin-a.safetensors")["sequence mirror"]) == len(rows)
