"""A name, a folder, or a network that has no bundle yet and is told what makes one."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from mint import whereabouts
from mint.errors import NoBundle
from mint.whereabouts import asked, bundle_folder
from tests.graphs import mobile

STEPS = ("mint lab extract --network", "mint lab train --store", "mint lab calibrate", "--bundle BUNDLE")


def test_a_bundle_is_a_folder_or_a_name(weights: Path) -> None:
    assert bundle_folder("twin-a", weights) == weights / "twin-a"
    assert bundle_folder(str(weights / "twin-b"), weights) == weights / "twin-b"
    assert bundle_folder("twin-z", weights) == weights / "twin-z"  # whose absence load_bundle tells


def test_a_network_without_a_bundle_says_what_is_missing_and_how_to_make_it(weights: Path, tmp_path: Path) -> None:
    onnx.save(mobile(residual=True, size=112), tmp_path / "own.onnx")
    for network in ("antelopev2", str(tmp_path / "own.onnx"), str(tmp_path)):
        with pytest.raises(NoBundle, match="no verdict") as caught:
            bundle_folder(network, weights)
        assert all(step in str(caught.value) for step in STEPS)
        assert f"--network {network} " in str(caught.value)


def test_a_catalog_network_that_has_a_bundle_in_weights_is_that_bundle(tmp_path: Path) -> None:
    (tmp_path / "antelopev2").mkdir()
    (tmp_path / "antelopev2" / "bundle.json").write_text("{}")
    assert bundle_folder("antelopev2", tmp_path) == tmp_path / "antelopev2"


def test_what_is_asked(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(None, None) == ["twin-a", "twin-b"]
    assert asked(None, [Path("mine")]) == ["mine"]
    assert asked(["twin-a"], None) == ["twin-a"]
    assert asked(["twin-a", "antelopev2"], [Path("mine")]) == ["twin-a", "mine"]
    assert asked([], [Path("mine")]) == ["mine"]
    with pytest.raises(NoBundle):
        asked(["antelopev2"], None)
    assert whereabouts.DEFAULT_NETWORKS == ("twin-a", "twin-b")
