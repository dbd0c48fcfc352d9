"""Drawings are made, are the same each time, and say what they show. SVG keeps its words as comments."""

from __future__ import annotations

import html
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mint.errors import MintError
from mint.lab.evaluation.plots import FORMATS, Bin, Curve, Decline, Group, decline, histograms, reliability, roc_loglog

random = np.random.default_rng(0)
CURVES = [
    Curve("combined", random.normal(2, 1, 300), random.normal(0, 1, 1500)),
    Curve("pixels", random.normal(0, 1, 300), random.normal(0, 1, 1500), control=True),
]
GROUPS = [
    Group("members", random.normal(3, 1, 40), np.arange(40) // 4),
    Group("real faces", random.normal(size=60), np.zeros(60)),
]
BINS = [Bin(0.02, 0.0, 0.0, 0.1, 1234, 40), Bin(0.97, 0.9, 0.7, 0.98, 7, 3)]  # fmt: skip
SIZES = np.array([500.0, 2000.0, 8000.0])
GRID = np.geomspace(500, 2e7, 9)
DECLINES = [
    Decline(
        "combined", SIZES, np.array([0.99, 0.97, 0.94]), np.array([0.98, 0.96, 0.93]), np.array([1.0, 0.98, 0.95]),
        (GRID, np.linspace(0.99, 0.6, 9), np.linspace(0.98, 0.5, 9), np.linspace(1.0, 0.7, 9)),
    ),
    Decline("published", SIZES, np.full(3, 0.5), np.full(3, 0.48), np.full(3, 0.52)),
]  # fmt: skip
DRAWINGS = {
    "roc": lambda path: roc_loglog(CURVES, path, "A title", "siblings"),
    "histograms": lambda path: histograms(GROUPS, path, "A title", 2.0, "α = 0.01"),
    "reliability": lambda path: reliability(BINS, path, "A title", "calibration error 0.031"),
    "decline": lambda path: decline(DECLINES, path, "A title", {"MS1MV2": 5.8e6}),
}
WORDS = {
    "roc": [
        "false-positive rate, of 1,500 siblings",
        "true-positive rate, of 300 members",
        "chance",
        "too few",
        "10 %",
    ],
    "histograms": ["members", "40 pictures", "10 people", "1 person", "α = 0.01", "score (larger = more member)"],
    "reliability": [
        "calibration error 0.031",
        "1,234",
        "7",
        "probability said, at a prior of one half; 1,241 pictures",
    ],
    "decline": ["pictures in the training set", "combined", "published", "MS1MV2", "1,000,000", "0.5"],
}


def words(path: Path) -> str:
    return " | ".join(html.unescape(w.strip()) for w in re.findall("<!--(.*?)-->", path.read_text("utf-8"), re.DOTALL))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every drawing in every format, and as a vector, which holds everything that is drawn, once more."""
    folder = tmp_path_factory.mktemp("plots")
    for name, draw in DRAWINGS.items():
        for suffix in FORMATS:
            draw(folder / f"{name}-0{suffix}")
        draw(folder / f"{name}-1.svg")
    return folder


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_says_what_it_shows(name: str, folder: Path) -> None:
    said = words(folder / f"{name}-0.svg")
    for word in ("A title", *WORDS[name]):
        assert word in said, said
    text = (folder / f"{name}-0.svg").read_text("utf-8")
    assert "<text" not in text  # paths: it needs no font
    assert "<dc:date>" not in text


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_same_numbers_give_the_same_bytes(name: str, folder: Path) -> None:
    one, other = ((folder / f"{name}-{k}.svg").read_bytes() for k in (0, 1))
    assert one == other
    assert len(list(folder.iterdir())) == len(DRAWINGS) * (1 + len(FORMATS)), "something else lies there"


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_has_its_own_light_ground(name: str, folder: Path) -> None:
    picture = np.asarray(Image.open(folder / f"{name}-0.png").convert("RGBA"))
    np.testing.assert_array_equal(picture[[0, 0, -1, -1], [0, -1, 0, -1]], 255)
    assert (picture[..., 3] == 255).all()
    assert (picture[..., :3] < 128).any()


def test_other_numbers_give_another_drawing(folder: Path, tmp_path: Path) -> None:
    other = Curve("pixels", *[random.normal(size=n) for n in (300, 1500)], control=True)
    roc_loglog([CURVES[0], other], tmp_path / "b.png", "A title", "siblings")
    assert (folder / "roc-0.png").read_bytes() != (tmp_path / "b.png").read_bytes()


def test_enough_non_members_have_no_grey_zone(tmp_path: Path) -> None:
    roc_loglog([Curve("one", np.arange(5), np.arange(10_000))], tmp_path / "a.svg")
    assert "too few" not in words(tmp_path / "a.svg")
    assert "0.1 %" in words(tmp_path / "a.svg")
    roc_loglog([Curve("one", np.arange(5), np.arange(50))], tmp_path / "b.svg")
    assert "too few" in words(tmp_path / "b.svg")
    assert "0.1 %" not in words(tmp_path / "b.svg")  # 1 / 50 is the least there is to see


def test_little_and_constant_data_are_drawn(tmp_path: Path) -> None:
    roc_loglog([Curve(f"{k}", [1.0], [float(k)], control=k % 2 > 0) for k in range(16)], tmp_path / "roc.svg")
    assert "0, AUC 1.000" in words(tmp_path / "roc.svg")
    assert "1, AUC 0.500" in words(tmp_path / "roc.svg")
    histograms([Group("one", [2.0], ["ann"])], tmp_path / "histograms.svg")
    assert "beyond" not in words(tmp_path / "histograms.svg")
    reliability([Bin(0.5, 0.5, 0.0, 1.0, 2, 2)], tmp_path / "reliability.svg")


def test_the_share_beyond_counts_the_threshold_itself(tmp_path: Path) -> None:
    histograms([Group("x", [0.0, 1.0, 1.0, 2.0], np.arange(4))], tmp_path / "a.svg", threshold=1.0)
    assert "75.0 % beyond" in words(tmp_path / "a.svg")
    assert "(19.4 to 99.4 %)" in words(tmp_path / "a.svg")  # Clopper-Pearson, 3 of 4


def test_the_suffix_decides(tmp_path: Path) -> None:
    with pytest.raises(MintError, match="svg"):
        roc_loglog(CURVES, tmp_path / "a.gif")
    assert not list(tmp_path.iterdir())
