"""The ledger: every picture is one network's, its list is read as any other, and a folder is never mixed."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mint.errors import BadInput
from mint.lab.inputs.photo_lists import samples
from mint.lab.objects.halves import Halves, halved
from mint.lab.objects.pictures import ObjectPictures
from tests.lab.photos import crop

COUNT = 120


def some(count: int = COUNT) -> ObjectPictures:
    labels = np.arange(count) % 3
    pictures = tuple(crop(k)[:16, :24] for k in range(count))
    return ObjectPictures("some", pictures, ("a", "b,c", "d"), labels, tuple(f"some-{k}" for k in range(count)), ())


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> Halves:
    return halved(some(), tmp_path_factory.mktemp("halves"), 1)


def test_the_ledger_says_who_trained_on_what(halves: Halves) -> None:
    with halves.ledger.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["split"] == "a" for row in rows] == halves.first.tolist()
    assert [row["class"] for row in rows] == [("a", "b,c", "d")[k % 3] for k in range(COUNT)]
    assert 40 < halves.first.sum() < 80
    np.testing.assert_array_equal(halves.member("a"), ~halves.member("b"))


def test_each_networks_members_are_the_others_non_members(halves: Halves) -> None:
    found = {
        (half, side): {sample.id: sample.identity for sample in samples(source)}
        for half in ("a", "b")
        for side, source in halves.sides(half).items()
    }
    assert found["a", "members"] == found["b", "non-members"]
    assert found["b", "members"] == found["a", "non-members"]
    numbers = halves.numbers(np.array(list(found["a", "members"]), object))
    assert sorted(numbers) == np.flatnonzero(halves.first).tolist()
    assert list(found["a", "members"].values()) == [halves.pictures.units[k] for k in numbers]


def test_crops_are_the_whole_pictures(halves: Halves) -> None:
    crops = halves.crops()
    assert crops.shape == (COUNT, 112, 112, 3)
    assert abs(float(crops[5].mean()) - float(crop(5)[:16, :24].mean())) < 3


def test_a_folder_is_gone_on_with_and_never_mixed(tmp_path: Path) -> None:
    first = halved(some(), tmp_path, 1)
    before = first.ledger.read_bytes()
    np.testing.assert_array_equal(halved(some(), tmp_path, 1).first, first.first)
    with pytest.raises(BadInput, match="another seed"):
        halved(some(), tmp_path, 2)
    other = replace(some(), pictures=(crop(999)[:16, :24], *some().pictures[1:]))
    with pytest.raises(BadInput, match=r"000000\.png is missing or another"):
        halved(other, tmp_path, 1)
    assert first.ledger.read_bytes() == before


def test_too_few_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="has 30 pictures, and each half needs 40"):
        halved(some(30), tmp_path, 1)
    assert not list(tmp_path.iterdir())


def test_classes_that_one_half_alone_has_are_refused(tmp_path: Path) -> None:
    each = replace(some(), classes=tuple(f"{k:03d}" for k in range(COUNT)), labels=np.arange(COUNT))
    with pytest.raises(BadInput, match=f"^{COUNT} of some's {COUNT} pictures are of a class that only one half got"):
        halved(each, tmp_path, 1)
    assert not list(tmp_path.iterdir())
    rare = some().labels.copy()
    rare[rare == 2] = 1
    rare[0] = 2  # one picture alone tells too little to refuse all others
    assert len(halved(replace(some(), labels=rare), tmp_path, 1).pictures) == COUNT
