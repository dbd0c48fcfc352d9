"""The tracer of a photo's way: what it counts, on work that is known, and on a photo under tiny networks."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from mint.auditors.realign import BATCHES
from mint.auditors.views import VIEWS
from mint.evidence.fusion import Fusion
from mint.membership import MembershipTest
from mint.ui.html import data_uri, png_uri
from mint.ui.loading import load_default
from tests.benchmarks.trace import TO_THE_VERDICT, Walk, main, tracing, walk

# A photo's way may not grow again unnoticed: what was measured when this was written.
MOST = {
    "shipped": (28, 90),
    "torch": (36, 100),
}  # files and hand-overs: the twins by their graphs, and bundles without one


def test_a_hand_over_is_a_pair_of_functions_in_two_files() -> None:
    way = Walk()
    way.step("one", lambda: png_uri(np.zeros((4, 4, 3), np.uint8)))
    way.step("two", lambda: [png_uri(np.zeros((4, 4, 3), np.uint8)), data_uri(b"", "png")])
    (_, one), (_, two) = way.steps
    assert one.functions == {("ui/html.py", "png_uri"), ("ui/html.py", "data_uri"), ("vision/images.py", "to_png")}
    assert one.files == {"ui/html.py", "vision/images.py"}
    pair = ("ui/html.py", "png_uri"), ("vision/images.py", "to_png")
    assert one.calls == two.calls == {pair: 1}, "data_uri lies in the same file"
    assert way.total().calls == {pair: 2}
    assert way.total(1).calls == {pair: 1}


def test_what_stands_inside_a_function_belongs_to_it() -> None:
    with tracing() as seen:
        Fusion({"a": 1.0, "b": 2.0}, 0.0).score({"a": [1.0], "b": [2.0]})  # sums over a generator expression
    assert ("evidence/fusion.py", "Fusion.score") in seen.functions
    assert not [name for _, name in seen.functions if "<" in name]
    assert not seen.calls, "nothing left the file"


def test_watching_ends_with_the_block() -> None:
    before = sys.getprofile()
    with tracing() as seen:
        pass
    assert sys.getprofile() is before
    png_uri(np.zeros((4, 4, 3), np.uint8))
    assert not seen.functions


def test_a_photo_is_looked_at_once_judged_once_and_its_way_stays_short(weights: Path, face_path: Path) -> None:
    way = walk(MembershipTest.load(weights=weights).prepare(), face_path.read_bytes())
    one_network = sorted([1 + len(VIEWS), *BATCHES, 1])
    assert sorted(way.total().crops) == sorted(2 * one_network)
    check(way, *MOST["torch"])


def test_under_the_shipped_twins_it_is_shorter_and_a_graph_runs_once_a_network(face_path: Path) -> None:
    way = walk(load_default(), face_path.read_bytes())
    assert way.total().crops == [1, 1]
    check(way, *MOST["shipped"])


def check(way: Walk, files: int, hand_overs: int) -> None:
    """One look, one judgement, no network for the details, and no more files and hand-overs to the verdict than these."""
    everything, to_the_verdict = way.total(), way.total(TO_THE_VERDICT)
    assert (everything.looks, everything.judgements) == (1, 1)
    assert everything.crops == to_the_verdict.crops, "the details run no network"
    assert len(to_the_verdict.files) <= files
    assert len(to_the_verdict.calls) <= hand_overs
    assert ("ui/sessions/photo.py", "show_answer") in to_the_verdict.functions


def test_the_table_is_printed(weights: Path, face_path: Path, capsys, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("tests.benchmarks.trace.load_default", lambda: MembershipTest.load(weights=weights).prepare())
    main(["--photo", str(face_path), "--list"])
    lines = capsys.readouterr().out.splitlines()
    assert "membership.py MembershipTest.judge -> judging/photo.py judge_photos" in lines
    assert lines[-2].startswith("from the photo to the verdict")
    assert lines[-1].split()[-2:] == ["1", "1"]
