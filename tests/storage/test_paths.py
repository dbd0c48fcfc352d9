"""Weights are found in a checkout and once installed, and never among strangers."""

from __future__ import annotations

from mint.storage.paths import EXAMPLES, WEIGHTS, data_folder


def test_a_checkout_comes_first(tmp_path):
    for folder in ("mint/weights", "weights"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    assert data_folder("weights", tmp_path / "mint") == tmp_path / "weights"


def test_neighbours_in_site_packages_are_strangers(tmp_path):
    for folder in ("mint/weights", "weights"):
        (tmp_path / folder).mkdir(parents=True)
    assert data_folder("weights", tmp_path / "mint") == tmp_path / "mint" / "weights"


def test_this_checkout():
    assert (WEIGHTS / "face_detection_yunet_2023mar.onnx").is_file()
    assert EXAMPLES.parent == WEIGHTS.parent
