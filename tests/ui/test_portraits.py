"""Which faces stand on the first screen, and how they are cut out."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mint.types import Verdict
from mint.ui.examples import Example, load_examples
from mint.ui.html import data_uri, jpeg_uri
from mint.ui.portraits import FACES, SIDE, portraits, portraits_ahead
from mint.vision.images import to_png
from tests.ui.fakes import write_examples

Make = Callable[..., Example]
TWINS = ("twin-a", "twin-b")
USED: Mapping[str, Mapping[str, bool]] = {
    "a": {"twin-a": True, "twin-b": False},
    "b": {"twin-a": False, "twin-b": True},
    "none": {"twin-a": False, "twin-b": False},
    "both": {"twin-a": True, "twin-b": True},
}


def pixels(uri: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))).convert("RGB"))


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """An example of a fate, as sharp, large and bright as it is asked for."""

    def example(fate: str, person: str, sharpness: float = 300, width: float = 400, grey: int = 150) -> Example:
        path = tmp_path / "wide.png"
        if not path.exists():
            Image.new("RGB", (600, 500), "#808080").save(path)
        verdicts = dict.fromkeys(TWINS, Verdict.NO_SIGN)
        small = to_png(np.full((32, 32, 3), grey, np.uint8))
        box = (100.0, 50.0, width, 400.0)
        return Example(
            path,
            person,
            "drawn",
            USED[fate],
            verdicts,
            data_uri(small, "png"),
            box=box,
            sharpness=sharpness,
            small=small,
        )

    return example


def chosen(examples: list[Example], **more: int) -> list[int]:
    found = portraits(examples, TWINS, **more)
    assert all(face.example is examples[face.index] for face in found)
    return [face.index for face in found]


def test_every_fate_has_its_turn(make: Make) -> None:
    fates = ["a"] * 5 + ["b"] * 2 + ["none"] * 3
    examples = [make(fate, str(number)) for number, fate in enumerate(fates)]
    assert [fates[i] for i in chosen(examples)] == ["a", "b", "none", "a", "b", "none", "a"]
    assert len(chosen(examples)) == FACES
    assert [fates[i] for i in chosen(examples, count=9)][6:] == ["a", "none", "a"]


def test_the_sharpest_the_largest_and_the_brightest_come_first(make: Make) -> None:
    plain = make("a", "1", sharpness=100, width=200, grey=50)
    for better in ({"sharpness": 101}, {"width": 201}, {"grey": 51}):
        one = make("a", "2", **({"sharpness": 100, "width": 200, "grey": 50} | better))
        assert chosen([plain, one]) == [1, 0], better


def test_a_person_comes_twice_only_after_everybody(make: Make) -> None:
    examples = [make("a", "Ann", 300), make("a", "Ann", 200), make("a", "Bob", 100)]
    assert chosen(examples) == [0, 2, 1]


def test_what_the_test_answered_has_no_say(make: Make) -> None:
    examples = [make(fate, str(n), 10 * n) for n, fate in enumerate(["a", "b", "none"] * 4)]
    before = chosen(examples)
    wrong = [
        replace(e, verdicts=dict.fromkeys(TWINS, Verdict.EVIDENCE)) if n in before else e
        for n, e in enumerate(examples)
    ]
    assert chosen(wrong) == before


def test_what_a_network_cannot_judge_comes_last(make: Make) -> None:
    silent = replace(make("a", "silent"), verdicts={"twin-a": Verdict.CANNOT_SAY, "twin-b": Verdict.NO_SIGN})
    wrong = replace(make("a", "wrong", sharpness=90), verdicts={"twin-a": Verdict.NO_SIGN, "twin-b": Verdict.EVIDENCE})
    assert chosen([silent, make("a", "dim", sharpness=30), wrong]) == [2, 1, 0]


def test_without_truth_or_answers_of_both_there_is_no_place_on_the_wall(make: Make) -> None:
    one = make("a", "1")
    assert chosen([replace(one, verdicts={"twin-a": Verdict.EVIDENCE}), replace(one, truth={"twin-b": True})]) == []
    assert chosen([make("both", "2"), one]) == [1], "what both had used could not flip"
    assert chosen([]) == []


def test_a_portrait_is_the_square_around_the_face(tmp_path: Path, make: Make) -> None:
    """A picture of four colours, with the face in the blue corner."""
    rgb = np.zeros((1000, 1000, 3), np.uint8)
    rgb[500:, 500:] = (0, 0, 255)
    path = tmp_path / "corner.png"
    path.write_bytes(to_png(rgb))
    (face,) = portraits([replace(make("a", "1"), path=path, box=(650.0, 650.0, 150.0, 200.0))], TWINS)
    seen = pixels(face.picture)
    assert seen.shape == (240, 240, 3), "never enlarged"
    assert seen[..., 2].min() > 200
    (small,) = portraits([replace(make("a", "1"), path=path, box=(650.0, 650.0, 150.0, 200.0))], TWINS, side=100)
    assert pixels(small.picture).shape == (100, 100, 3)
    (edge,) = portraits([replace(make("a", "1"), path=path, box=(0.0, 0.0, 900.0, 990.0))], TWINS)
    assert pixels(edge.picture).shape == (SIDE, SIDE, 3), "within the picture"


def test_a_picture_that_cannot_be_read_shows_its_thumbnail(tmp_path: Path, make: Make) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(b"no picture")
    one = replace(make("a", "1"), path=path)
    assert portraits([one], TWINS)[0].picture == one.thumbnail


def test_the_faces_of_a_table_are_where_its_audits_found_them(face_path: Path, tmp_path: Path) -> None:
    examples = load_examples(write_examples(tmp_path, face_path) / "faces")
    assert all(e.box is not None and e.sharpness > 0 for e in examples)
    assert len(portraits(examples, TWINS)) == FACES


def test_cut_ahead_they_are_the_same(make: Make) -> None:
    examples = [make("a", "1"), make("b", "2"), make("none", "3")]
    wanted = portraits(examples, TWINS, side=40)
    waits = portraits_ahead(examples, TWINS, 40, jpeg_uri)
    assert waits() == waits() == wanted


def test_what_goes_wrong_ahead_is_told_whoever_waits(make: Make) -> None:
    def full(jpeg: bytes) -> str:
        raise OSError("no room")

    waits = portraits_ahead([make("a", "1")], TWINS, 40, full)
    with pytest.raises(OSError, match="no room"):
        waits()
