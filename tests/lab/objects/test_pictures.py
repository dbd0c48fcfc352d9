"""What is read and told: digits, people of a pool, class folders; splits are asked for, never pooled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from mint.errors import BadInput
from mint.lab.objects import pictures
from mint.lab.objects.pictures import class_folders, digits, object_pictures, people
from mint.lab.twins.fictional_people import GAN, OPENPEOPLE
from mint.lab.twins.pool import Pool
from tests.lab.photos import crop, png
from tests.ledgers import people as ledger


def folder_of(place: Path, *folders: str, each: int = 3) -> Path:
    for number, name in enumerate(folders):
        (place / name).mkdir(parents=True)
        for k in range(each):
            (place / name / f"{k}.png").write_bytes(png(crop(100 * number + k)[:32, :32]))
    return place


def test_digits_are_all_there_each_a_unit_of_its_own() -> None:
    found, known = digits(), load_digits()
    assert (len(found), len(found.classes), len(set(found.units))) == (1797, 10, 1797)
    assert not found.by_class
    np.testing.assert_array_equal(found.labels, known.target)
    for k in (0, 1000, 1796):
        small = found.pictures[k][::8, ::8, 0]
        np.testing.assert_allclose(small, known.images[k] * 255 / 16, atol=1)
    assert found.told == ("1797 pictures of 10 classes: scikit-learn's digits",)


def test_people_of_a_pool_are_classes_and_drawn_by_the_seed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rows = tuple(ledger(30))
    photographed = rows[0].identity
    rows = tuple(replace(row, source=OPENPEOPLE) if row.identity == photographed else row for row in rows)
    pool = Pool(rows, np.arange(len(rows), dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 4, 3), np.uint8))
    monkeypatch.setattr(pictures, "load_pool", lambda folder: pool)
    generated = {row.identity for row in rows if row.source == GAN}
    found = people(tmp_path, 1, 5)
    assert found.by_class
    assert found.units == tuple(found.classes[label] for label in found.labels)
    assert set(found.classes) <= generated
    assert photographed not in people(tmp_path, 1, len(generated)).classes
    for name, picture in zip(found.units, found.pictures, strict=True):
        assert rows[int(picture[0, 0, 0])].identity == name
    assert len(found) == sum(row.identity in found.classes for row in rows)  # all crops of each
    assert people(tmp_path, 1, 5).classes == found.classes
    assert any(people(tmp_path, seed, 5).classes != found.classes for seed in (2, 3))
    with pytest.raises(BadInput, match=f"has {len(generated)} generated people; 1000 are needed"):
        people(tmp_path, 1, 1000)


def test_class_folders_are_classes(tmp_path: Path) -> None:
    lines: list[str] = []
    found = object_pictures(str(folder_of(tmp_path / "fruit", "apple", "pear")), None, 100, 1, lines.append)
    assert (found.name, found.classes, found.by_class) == ("fruit", ("apple", "pear"), False)
    assert found.labels.tolist() == [0, 0, 0, 1, 1, 1]
    np.testing.assert_array_equal(found.pictures[4], crop(101)[:32, :32])
    assert lines == list(found.told) == ["6 pictures of 2 classes in fruit", "the folder is the class"]


def test_splits_are_asked_for_and_one_is_read(tmp_path: Path) -> None:
    place = folder_of(tmp_path / "cifar", "train/cat", "train/dog", "test/cat", "test/dog", each=2)
    with pytest.raises(BadInput, match=r"has the split\(s\).*--split"):
        class_folders(place, None, 100, 1)
    found = class_folders(place, "test", 100, 1)
    assert (len(found), found.classes) == (4, ("cat", "dog"))
    np.testing.assert_array_equal(found.pictures[0], crop(200)[:32, :32])
    assert "of the split test" in found.told
    with pytest.raises(BadInput, match="has no split"):
        class_folders(place, "validation", 100, 1)


def test_an_export_of_gtsrb_is_read_by_its_train_folder(tmp_path: Path) -> None:
    place = folder_of(tmp_path / "gtsrb", "Train/0", "Train/1", each=2)
    (place / "Test").mkdir()
    (place / "Test" / "00000.png").write_bytes(png(crop(9)[:32, :32]))
    with pytest.raises(BadInput, match="--split"):
        class_folders(place, None, 100, 1)
    assert class_folders(place, "train", 100, 1).classes == ("0", "1")


def test_too_many_are_drawn_and_unreadable_ones_told(tmp_path: Path) -> None:
    place = folder_of(tmp_path / "many", "a", "b", each=6)
    (place / "a" / "broken.jpg").write_bytes(b"\xff\xd8 no photo")
    found = class_folders(place, None, 100, 1)
    assert len(found) == 12
    assert any(line.startswith("1 cannot be read and are left out, the first a/broken.jpg: ") for line in found.told)
    few = class_folders(place, None, 5, 1)
    assert 4 <= len(few) <= 5
    assert "of 13, drawn with seed 1," in few.told[0]


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    flat = folder_of(tmp_path / "outer", "flat") / "flat"
    with pytest.raises(BadInput, match=r"flat has no folders in it\. Put the pictures of each class"):
        class_folders(flat, None, 100, 1)
    with pytest.raises(BadInput, match="--person-level 1"):
        class_folders(flat.parent, None, 100, 1)
    with pytest.raises(BadInput, match=r"of 1 class\(es\)"):
        class_folders(flat.parent, None, 100, 1, level=1)
    (flat.parent / "other").mkdir()
    for picture in flat.iterdir():
        picture.write_bytes(b"no picture")
        (flat.parent / "other" / picture.name).write_bytes(b"no picture")
    with pytest.raises(BadInput, match=r"^None of the 6 pictures of .*outer can be read, the first flat/0\.png: "):
        class_folders(flat.parent, None, 100, 1)
    with pytest.raises(BadInput):
        class_folders(tmp_path / "nothing", None, 100, 1)
    with pytest.raises(BadInput, match="digits is none"):
        object_pictures("digits", "train", 100, 1)


def test_how_a_folder_was_read_is_kept_as_options(tmp_path: Path) -> None:
    place = folder_of(tmp_path / "many", "cats", "dogs")
    assert object_pictures(str(place)).options == "--most 2000"
    assert object_pictures(str(place), most=3, level=1).options == "--person-level 1 --most 3"
