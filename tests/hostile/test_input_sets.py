"""Odd training sets: everybody is who they are, or one line says what to do, and nothing is lost or left behind."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import onnx
import pytest

from mint.errors import BadPhoto, MintError
from mint.lab.inputs.photo_lists import samples
from mint.lab.inputs.samples import Photos
from mint.lab.inputs.source import PhotoSource
from tests.hostile.fuzz_inputs import one_line
from tests.hostile.input_sets import CLASSES, Odd, few_of, options
from tests.lab.photos import tree
from tests.odd_graphs import scaled
from tests.shell import typed

FEW = [(name, odd) for name in CLASSES for odd in few_of(name)]
ALL = [(name, odd) for name, some in CLASSES.items() for odd in some]


def called(pair: tuple[str, Odd]) -> str:
    return f"{pair[0]}: {pair[1].name}"


@pytest.mark.parametrize("pair", ALL, ids=called)
def test_everybody_is_who_they_are_or_it_is_refused(pair: tuple[str, Odd], tmp_path: Path) -> None:
    odd = pair[1]
    place, photos = odd.make(tmp_path), Photos()
    before = tree(tmp_path)
    source = PhotoSource(place, **odd.told)  # type: ignore[arg-type]
    if isinstance(odd.found, str):
        with pytest.raises(MintError, match=odd.found) as caught:
            list(samples(source))
        assert "\n" not in str(caught.value)
    else:
        who, unread = {}, set()
        for sample in samples(source):
            who[sample.id] = sample.identity
            try:
                photos.read(sample)
            except BadPhoto as error:
                one_line(error)
                unread.add(sample.id)
        assert who == odd.found
        assert unread == odd.unread
    assert tree(tmp_path) == before


def at_the_door(odd: Odd, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``mint lab extract --dry-run``: the counts and 0, or one line and 1; nothing else."""
    onnx.save(scaled(("Sub", 127.5), ("Div", 128.0)), place / "net.onnx")
    given = odd.make(place / "given")
    before = tree(place)
    command = [
        "lab",
        "extract",
        "--network",
        place / "net.onnx",
        "--non-members",
        given,
        "--dry-run",
        *options(odd.told),
    ]
    code = typed([*map(str, command)])
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err
    if isinstance(odd.found, str):
        assert code == 1
        assert not told.out
        said = " ".join(told.err.split())
        assert said.startswith("mint: ")
        assert said.count("mint: ") == 1
        assert re.search(odd.found, said)
    else:
        assert code == 0, told.err
        photos, people = len(odd.found), len(set(odd.found.values()))
        words = f"{photos} photo{'s' * (photos > 1)} of {people} {'people' if people > 1 else 'person'}"
        assert " ".join(told.out.split()).startswith(f"non-members: {words}")
    assert tree(place) == before


@pytest.mark.parametrize("pair", FEW, ids=called)
def test_the_shell_counts_or_refuses(
    pair: tuple[str, Odd], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [])
    at_the_door(pair[1], tmp_path, capsys)


@pytest.mark.full
@pytest.mark.parametrize("pair", [pair for pair in ALL if pair not in FEW], ids=called)
def test_the_shell_counts_or_refuses_each(
    pair: tuple[str, Odd], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [])
    at_the_door(pair[1], tmp_path, capsys)
