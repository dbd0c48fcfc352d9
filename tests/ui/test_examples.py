from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mint.types import Verdict
from mint.ui.examples import Example, load_examples
from mint.ui.views.play.example_wall import wall
from tests.ui.fakes import write_examples


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> tuple[Example, ...]:
    face = Path(__file__).parents[1] / "data" / "face.jpg"
    return load_examples(write_examples(tmp_path_factory.mktemp("examples"), face) / "faces")


def test_truth_and_verdicts_are_read(examples: tuple[Example, ...]) -> None:
    assert len(examples) == 15
    assert examples[0].truth == {"twin-a": True, "twin-b": False}
    assert examples[0].person_truth == {"twin-a": True, "twin-b": False}
    assert examples[2].person_truth == {"twin-a": False, "twin-b": False}
    assert examples[0].verdicts == {"twin-a": Verdict.EVIDENCE, "twin-b": Verdict.NO_SIGN}


def test_tiles_stand_in_groups_by_truth(examples: tuple[Example, ...]) -> None:
    html = wall(examples)
    positions = [html.index(f"<h3>Used by {who}</h3>") for who in ("twin A", "twin B", "neither")]
    assert positions == sorted(positions)
    assert "Used by both" not in html
    assert html.count("data-pick=") == 15


def test_a_tile_says_truth_and_answer_to_those_who_do_not_see_it(examples: tuple[Example, ...]) -> None:
    name = "A used, B unused. Audit this example. Twin A, answer: evidence of use; twin B, answer: no sign of use"
    assert f'aria-label="{name}"' in wall(examples)


def test_without_verdicts_the_truth_is_still_there(examples: tuple[Example, ...]) -> None:
    html = wall([replace(examples[0], verdicts={})])
    assert 'aria-label="A used, B unused. Audit this example."' in html


def test_a_thumbnail_that_was_made_with_the_example_is_used(tmp_path: Path) -> None:
    (tmp_path / "thumbnails").mkdir()
    (tmp_path / "01.png").write_bytes(b"not opened before somebody clicks")
    (tmp_path / "thumbnails" / "01.jpg").write_bytes(b"small")
    (tmp_path / "faces.csv").write_text("file,person,twin-a,twin-b,source\n01.png,P,member,non-member,x\n")
    (example,) = load_examples(tmp_path)
    assert example.thumbnail == "data:image/jpeg;base64,c21hbGw="


def test_of_whom_nothing_is_told_nothing_is_known(tmp_path: Path) -> None:
    """A table without the column ``used-by`` does not say that nobody was used."""
    (tmp_path / "thumbnails").mkdir()
    for file in ("01.png", "thumbnails/01.jpg"):
        (tmp_path / file).write_bytes(b"small")
    (tmp_path / "faces.csv").write_text("file,person,twin-a,twin-b,source\n01.png,P,non-member,non-member,x\n")
    (example,) = load_examples(tmp_path)
    assert example.person_truth == {}


def test_a_missing_table_or_picture_breaks_nothing(tmp_path: Path) -> None:
    assert load_examples(tmp_path) == ()
    (tmp_path / "faces.csv").write_text("file,person,twin-a,twin-b,source\ngone.png,P,member,non-member,x\n")
    assert load_examples(tmp_path) == ()
    assert wall(()) == ""


def test_the_table_cannot_reach_outside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "faces.csv").write_text("file,person,twin-a,twin-b,source\n../../etc/passwd,P,member,non-member,x\n")
    assert load_examples(tmp_path) == ()


def test_answers_of_another_bundle_are_taken_away(face_path: Path, tmp_path: Path) -> None:
    example = load_examples(write_examples(tmp_path, face_path) / "faces")[0]
    assert example.bundles == {"twin-a": "0" * 64, "twin-b": "0" * 64}
    assert example.answered_by({"twin-a": "0" * 64, "twin-b": "0" * 64}) is example
    assert example.answered_by({"somebody": "1" * 64}) is example, "nobody can tell what that one would say"
    left = example.answered_by({"twin-a": "1" * 64, "twin-b": "0" * 64})
    for told in (left.verdicts, left.scores, left.p_values):
        assert list(told) == ["twin-b"]
    assert (left.truth, left.box) == (example.truth, example.box)
