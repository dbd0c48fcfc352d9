"""A series comes back as it was written, and what is damaged or another's is refused in one line."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save

from mint.bundles.files import add_bounds, load_bundle
from mint.bundles.series import FORMAT, INDEX, MEMBERS, TABLES, load_series, save_series
from mint.errors import BundleMismatch, WeightsCorrupt, WeightsMissing
from mint.storage.bundle_index import GRAPH, add_file
from mint.types import NOT_MEASURED
from tests.hostile.series_files import MEASURED, NAMES, series
from tests.lab.versions.made_up_histories import made_up
from tests.tiny_bundles import tiny_bundle


@pytest.fixture
def written(tmp_path: Path) -> Path:
    save_series(series(tmp_path), tmp_path / "series")
    return tmp_path / "series"


def test_it_comes_back_as_it_was(written: Path) -> None:
    one, again = series(written.parent), load_series(written)
    assert (again.names, again.cores, again.auc, again.measured) == (one.names, one.cores, one.auc, one.measured)
    assert again.name == "series"
    assert [folder.resolve() for folder in again.folders] == [folder.resolve() for folder in one.folders]
    scores = made_up(3, 3.0, seed=9).scores
    for name in ("p_values", "first_used", "sets", "removal_p_values", "taken_out"):
        np.testing.assert_array_equal(getattr(again.test, name)(scores), getattr(one.test, name)(scores))
    assert again.rate(MEMBERS, 0.02).value == 0.5
    assert again.rate("real", 0.02) == NOT_MEASURED


def test_a_folder_may_move_together_with_its_bundles(written: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere" / "series"
    moved.parent.mkdir()
    written.rename(moved)
    assert [f.resolve() for f in load_series(moved).folders] == [tmp_path / "elsewhere" / name for name in NAMES]


def test_where_none_is_it_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="mint lab series"):
        load_series(tmp_path)


def changed(written: Path, change: dict[str, Any]) -> None:
    index = json.loads((written / INDEX).read_text())
    (written / INDEX).write_text(json.dumps(index | change))


@pytest.mark.parametrize(
    "change",
    [
        {"format": "mint-versions-9"},
        {"versions": []},
        {"auc": [0.5]},
        {"tables_sha256": "0" * 64},
        {"versions": [{"name": "v1", "core_sha256": "0" * 64, "folder": "v1"}] * 4},
        {"versions": [{"name": f"v{k}", "core_sha256": "0" * 64, "folder": "v"} for k in range(3)]},
        {"measured": {}},
        {"auc": [1.2, 0.9, 1.3]},
        {"auc": [0.5, 0.9, 0.95]},
        {"measured": {**MEASURED, "right": {**MEASURED["right"], "low": 0.9, "high": 0.1}}},
        {"measured": {**MEASURED, "right": {**MEASURED["right"], "value": 1.5}}},
    ],
)
def test_an_index_that_makes_no_sense_is_refused(written: Path, change: dict[str, Any]) -> None:
    changed(written, change)
    with pytest.raises(WeightsCorrupt, match="Calibrate it anew") as caught:
        load_series(written)
    assert "\n" not in str(caught.value)


def test_versions_in_another_order_and_figures_of_another_series_are_refused(written: Path) -> None:
    index = json.loads((written / INDEX).read_text())
    value, low, high = index["auc"]
    right = index["measured"]["right"]
    for change in (
        {"versions": index["versions"][::-1]},
        {"versions": [{**index["versions"][0], "name": "v9"}, *index["versions"][1:]]},
        {"auc": [(value + low) / 2, low, high]},
        {"measured": {**index["measured"], "right": {**right, "n": right["n"] + 1}}},
    ):
        (written / INDEX).write_text(json.dumps(index | change))
        with pytest.raises(WeightsCorrupt, match="the order of the versions, or a figure, is not the one"):
            load_series(written)
    (written / INDEX).write_text(json.dumps(index))
    load_series(str(written))


def test_a_series_that_was_made_before_its_order_was_kept_is_still_read(written: Path) -> None:
    tables = save(load((written / TABLES).read_bytes()), {"format": FORMAT})
    (written / TABLES).write_bytes(tables)
    changed(written, {"tables_sha256": hashlib.sha256(tables).hexdigest()})
    assert load_series(written).names == NAMES


@pytest.mark.parametrize("damage", [b"", b"{", b"\x08" + b"\0" * 40])
@pytest.mark.parametrize("name", [INDEX, TABLES])
def test_damaged_files_are_refused(written: Path, name: str, damage: bytes) -> None:
    (written / name).write_bytes(damage)
    with pytest.raises(WeightsCorrupt):
        load_series(written)


def test_bundles_of_another_series_are_refused(tmp_path: Path) -> None:
    one = series(tmp_path)
    own: dict[str, Any] = {
        name: SimpleNamespace(core_sha256=core) for name, core in zip(one.names, one.cores, strict=True)
    }
    one.check(own)
    for wrong in ({**own, "v2": SimpleNamespace(core_sha256="f" * 64)}, {k: v for k, v in own.items() if k != "v2"}):
        with pytest.raises(BundleMismatch, match="another bundle of v2"):
            one.check(wrong)


def test_a_model_without_a_covariance_is_refused(tmp_path: Path) -> None:
    one = series(tmp_path)
    for bad in (np.diag([1.0, 1.0, 1.0, -1.0]), np.eye(4) + np.eye(4, k=1)):
        model = replace(one.test.model, precision=bad)
        save_series(replace(one, test=replace(one.test, model=model)), tmp_path / "series")
        with pytest.raises(WeightsCorrupt, match="of no covariance"):
            load_series(tmp_path / "series")


def test_numbers_that_are_none_are_refused(tmp_path: Path) -> None:
    one = series(tmp_path)
    bad = replace(one.test.model, mean=np.full(4, np.inf))
    save_series(replace(one, test=replace(one.test, model=bad)), tmp_path / "series")
    with pytest.raises(WeightsCorrupt, match="numbers that are none"):
        load_series(tmp_path / "series")


def test_a_bundle_whose_bounds_and_graph_are_made_anew_is_still_the_series_own(tmp_path: Path) -> None:
    folders = [tmp_path / "v1", tmp_path / "v2"]
    for seed, folder in enumerate(folders):
        tiny_bundle(folder, folder.name, seed)
    before = {folder.name: load_bundle(folder) for folder in folders}
    cores = tuple(bundle.core_sha256 for bundle in before.values())
    own = replace(series(tmp_path), names=("v1", "v2"), cores=cores)
    own.check(before)
    for folder in folders:
        add_bounds(folder)
        add_file(folder, GRAPH, b"as if it had been drawn")
    after = {folder.name: load_bundle(folder) for folder in folders}
    assert all(after[name].sha256 != bundle.sha256 for name, bundle in before.items())
    own.check(after)
    tiny_bundle(folders[0], "v1", seed=5)
    with pytest.raises(BundleMismatch, match="another bundle of v1"):
        own.check({**after, "v1": load_bundle(folders[0])})
