import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from mint.bundles.files import AUDITORS, NETWORK, SCORES, load_bundle, save_bundle
from mint.errors import BundleMismatch, MintError, WeightsCorrupt, WeightsMissing
from tests.tiny_bundles import SHAPE, tiny_bundle


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two bundles of different networks; read only."""
    folder = tmp_path_factory.mktemp("bundles")
    tiny_bundle(folder / "twin-a")
    tiny_bundle(folder / "twin-b", "twin-b", seed=5)
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written / "twin-a", tmp_path / "twin-a"))


def test_round_trip_gives_the_same_scores(tmp_path: Path, crops: np.ndarray) -> None:
    written = tiny_bundle(tmp_path / "twin-a")
    read = load_bundle(tmp_path / "twin-a")
    ours, theirs = written.panel.scores(written.network, crops), read.panel.scores(read.network, crops)
    assert ours.keys() == theirs.keys()
    for column in ours:
        np.testing.assert_array_equal(ours[column], theirs[column])
    assert read.fusions == written.fusions
    assert read.platt == written.platt
    assert read.specs == written.specs
    for split, sources in written.scores.items():
        for source, columns in sources.items():
            for column, values in columns.items():
                np.testing.assert_array_equal(read.scores[split][source][column], values)


def test_matrices_lie_in_float16_where_no_number_changes_by_it(tmp_path: Path, crops: np.ndarray) -> None:
    bundle = tiny_bundle(tmp_path / "fine")
    state = {n: a.state_dict() for n, a in bundle.panel.auditors.items()}
    name, matrix = next((f"{n}.{k}", v) for n, s in state.items() for k, v in s.items() if v.ndim > 1)
    stored = load_file(tmp_path / "fine" / AUDITORS)
    with torch.no_grad():
        matrix.copy_(matrix.half())
    save_bundle(bundle, tmp_path / "rounded", tmp_path / "fine" / NETWORK, SHAPE)
    again = load_file(tmp_path / "rounded" / AUDITORS)
    assert stored[name].dtype == np.float32  # as it was drawn: float16 would change it
    assert again[name].dtype == np.float16
    np.testing.assert_array_equal(again[name].astype(np.float32), matrix.numpy())
    assert {k for k in stored if stored[k].dtype != again[k].dtype} == {name}
    assert (tmp_path / "rounded" / AUDITORS).stat().st_size < (tmp_path / "fine" / AUDITORS).stat().st_size
    read = load_bundle(tmp_path / "rounded")
    ours, theirs = bundle.panel.scores(bundle.network, crops), read.panel.scores(read.network, crops)
    for column in ours:
        np.testing.assert_array_equal(ours[column], theirs[column])


def test_the_shell_runs_the_papers_preset_only(folder: Path) -> None:
    bundle = load_bundle(folder)
    assert not [c for c in bundle.online().auditors if "ieee2025" in c]
    assert [c for c in bundle.panel.auditors if "ieee2025" in c]


@pytest.mark.parametrize("name", [NETWORK, AUDITORS, SCORES])
@pytest.mark.parametrize("place", [0.0, 0.5, 1.0])
def test_a_flipped_byte_is_refused(folder: Path, name: str, place: float) -> None:
    data = bytearray((folder / name).read_bytes())
    data[int(place * (len(data) - 1))] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(WeightsCorrupt, match=name):
        load_bundle(folder)


@pytest.mark.parametrize("name", [NETWORK, AUDITORS, SCORES, "bundle.json"])
def test_a_missing_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(WeightsMissing):
        load_bundle(folder)


@pytest.mark.parametrize("name", [NETWORK, AUDITORS, SCORES])
def test_a_part_of_another_bundle_is_refused(folder: Path, written: Path, name: str) -> None:
    shutil.copy(written / "twin-b" / name, folder / name)
    with pytest.raises(WeightsCorrupt, match=name):
        load_bundle(folder)


@pytest.mark.parametrize("name", [AUDITORS, SCORES])
def test_auditors_of_another_network_are_refused_even_when_the_index_names_them(
    folder: Path, written: Path, name: str
) -> None:
    other = written / "twin-b"
    shutil.copy(other / name, folder / name)
    index = json.loads((folder / "bundle.json").read_text())
    index["files"][name] = json.loads((other / "bundle.json").read_text())["files"][name]
    (folder / "bundle.json").write_text(json.dumps(index))
    with pytest.raises(BundleMismatch, match="another network"):
        load_bundle(folder)


@pytest.mark.parametrize(
    "change",
    [{"files": {"../../x": {"bytes": 1, "sha256": ""}}}, {"auditors": 7}, {"format": "mint-bundle-9"}, {"platt": []}],
)
def test_a_broken_index_is_refused(folder: Path, change: dict[str, object]) -> None:
    index = json.loads((folder / "bundle.json").read_text())
    (folder / "bundle.json").write_text(json.dumps({**index, **change}))
    with pytest.raises(MintError):
        load_bundle(folder)


def test_classes_that_were_not_calibrated_on_make_the_round_trip(folder: Path) -> None:
    index = json.loads((folder / "bundle.json").read_text())
    (folder / "bundle.json").write_text(json.dumps({**index, "uncalibrated_classes": [0, 4]}))
    assert load_bundle(folder).uncalibrated_classes == (0, 4)
    for wrong in ([5], [-1], "0", [0.5]):
        (folder / "bundle.json").write_text(json.dumps({**index, "uncalibrated_classes": wrong}))
        with pytest.raises(WeightsCorrupt):
            load_bundle(folder)


def test_not_json_is_refused(folder: Path) -> None:
    (folder / "bundle.json").write_bytes(b"\xff\xfe{")
    with pytest.raises(WeightsCorrupt):
        load_bundle(folder)


def test_loading_never_touches_torch_load(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "load", lambda *a, **k: pytest.fail("unpickled"))
    load_bundle(folder)
