"""A name, a folder, or a network that has no bundle yet and is told what makes one."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from mint.bundles.find import BundleRef, asked_for, find_bundle, find_bundles, installed_pairs
from mint.errors import NoBundle
from tests.graphs import mobile

STEPS = ("mint lab extract --network", "mint lab train STORE", "mint lab evaluate BUNDLE", "--bundle BUNDLE")


def test_a_bundle_is_a_folder_or_a_name(weights: Path) -> None:
    assert find_bundle("twin-a", weights) == weights / "twin-a"
    assert find_bundle(str(weights / "twin-b"), weights) == weights / "twin-b"
    assert find_bundle("twin-z", weights) == weights / "twin-z"  # whose absence load_bundle tells


def test_one_name_is_a_list_of_one_and_none_is_refused(tmp_path: Path) -> None:
    assert asked_for("twin-a") == asked_for(["twin-a"]) == ["twin-a"]
    assert asked_for(tmp_path) == asked_for((tmp_path,)) == [str(tmp_path)]
    assert asked_for(name for name in ("twin-a", "twin-b")) == ["twin-a", "twin-b"]
    for nothing in ([], iter(())):
        with pytest.raises(NoBundle, match="No network was named"):
            asked_for(nothing)


def test_a_network_without_a_bundle_says_what_is_missing_and_how_to_make_it(weights: Path, tmp_path: Path) -> None:
    onnx.save(mobile(residual=True, size=112), tmp_path / "own.onnx")
    for network in ("antelopev2", str(tmp_path / "own.onnx"), str(tmp_path)):
        with pytest.raises(NoBundle, match="no verdict") as caught:
            find_bundle(network, weights)
        assert all(step in str(caught.value) for step in STEPS)
        assert f"--network {network} " in str(caught.value)


def test_a_catalog_network_that_has_a_bundle_in_weights_is_that_bundle(tmp_path: Path) -> None:
    (tmp_path / "antelopev2").mkdir()
    (tmp_path / "antelopev2" / "bundle.json").write_text("{}")
    assert find_bundle("antelopev2", tmp_path) == tmp_path / "antelopev2"


@pytest.mark.parametrize("network", ["twin-a", "augmented-b"])
def test_a_network_that_ships_and_is_not_there_is_to_be_restored(network: str, tmp_path: Path) -> None:
    with pytest.raises(NoBundle, match="Restore that folder") as caught:
        find_bundle(network, tmp_path)
    assert network in str(caught.value)
    assert "mint lab" not in str(caught.value)


def test_a_pair_is_installed_with_both_its_bundles(weights: Path, tmp_path: Path) -> None:
    assert installed_pairs(weights) == ("twin",)
    assert installed_pairs(tmp_path / "nowhere") == ()
    for name in ("augmented-a", "twin-a", "augmented-b"):
        (tmp_path / name).mkdir()
        assert installed_pairs(tmp_path) == ()
        if name != "augmented-b":
            (tmp_path / name / "bundle.json").write_text("{}")
    (tmp_path / "augmented-b" / "bundle.json").write_text("{}")
    assert installed_pairs(tmp_path) == ("augmented",)


def test_what_is_asked() -> None:
    assert find_bundles(None, None) == [BundleRef("twin-a"), BundleRef("twin-b")]
    assert find_bundles(None, [Path("mine")]) == [BundleRef("mine")]
    assert find_bundles(["twin-a"], None) == [BundleRef("twin-a")]
    assert find_bundles([], [Path("mine")]) == [BundleRef("mine")]
    assert find_bundles(["twin-a"], [Path("mine")]) == [BundleRef("twin-a"), BundleRef("mine")]
    with pytest.raises(NoBundle):
        find_bundles(["antelopev2"], None)


def test_a_network_without_a_bundle_is_the_one_that_the_bundle_beside_it_audits() -> None:
    mine, other = Path("mine"), Path("other")
    assert find_bundles(["twin-a", "antelopev2"], [mine]) == [BundleRef("twin-a"), BundleRef("mine", "antelopev2")]
    assert find_bundles(["antelopev2"], [mine, other]) == [BundleRef("mine", "antelopev2"), BundleRef("other")]
    with pytest.raises(NoBundle, match="buffalo_l"):
        find_bundles(["antelopev2", "buffalo_l"], [mine])
