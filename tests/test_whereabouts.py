"""A name, a folder, or a network that has no bundle yet and is told what makes one."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from mint.errors import NoBundle
from mint.whereabouts import Asked, asked, bundle_folder
from tests.graphs import mobile

STEPS = ("mint lab extract --network", "mint lab train STORE", "mint lab evaluate BUNDLE", "--bundle BUNDLE")


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


def test_what_is_asked() -> None:
    assert asked(None, None) == [Asked("twin-a"), Asked("twin-b")]
    assert asked(None, [Path("mine")]) == [Asked("mine")]
    assert asked(["twin-a"], None) == [Asked("twin-a")]
    assert asked([], [Path("mine")]) == [Asked("mine")]
    assert asked(["twin-a"], [Path("mine")]) == [Asked("twin-a"), Asked("mine")]
    with pytest.raises(NoBundle):
        asked(["antelopev2"], None)


def test_a_network_without_a_bundle_is_the_one_that_the_bundle_beside_it_audits() -> None:
    mine, other = Path("mine"), Path("other")
    assert asked(["twin-a", "antelopev2"], [mine]) == [Asked("twin-a"), Asked("mine", "antelopev2")]
    assert asked(["antelopev2"], [mine, other]) == [Asked("mine", "antelopev2"), Asked("other")]
    with pytest.raises(NoBundle, match="buffalo_l"):
        asked(["antelopev2", "buffalo_l"], [mine])
