"""Sets of faces as they are downloaded: counted right by ``take_census``, or refused with what to do.

Each is laid out as its makers do, with a handful of photos; the counts stand beside it.
"""

from __future__ import annotations

import json
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mint.errors import BadInput
from mint.lab.inputs.source import PhotoSource
from mint.lab.store.census import take_census
from tests.lab.inputs.record_writer import insightface, written
from tests.lab.inputs.sources import jpeg, write

FIGURES = [1, 2, 3, 4, 5, 6]
CELEBA = {f"{k:06}.jpg": jpeg(k) for k in FIGURES}
WHO = {1: 2880, 2: 2937, 3: 2880, 4: 5805, 5: 2880, 6: 2937}
LFW = {f"{name}/{name}_{k:04}.jpg": jpeg(k) for name in ("Aaron_Eckhart", "Abel_Pacheco", "Zico") for k in (1, 2)}
CASIA = [(person, f"{folder}/{k:03}.jpg") for person, folder in enumerate(("0000045", "0000099")) for k in (1, 2, 3)]
VGG = {"train": ("n000002", "n000003", "n000004"), "test": ("n000001", "n000009")}
POINTS = "46.060 62.026 87.785 60.323 68.851 77.656 52.162 99.875 86.450 98.648 0.999"
Made = dict[str, bytes | str]


def lines(*rows: object) -> str:
    return "".join(f"{row}\n" for row in rows)


def under(folder: str, files: Made) -> Made:
    return {f"{folder}/{name}": data for name, data in files.items()}


def vgg(train: str, test: str) -> Made:
    where = {"train": train, "test": test}
    return {
        f"{where[split]}/{n}/{k:04}_01.jpg": jpeg(k) for split, people in VGG.items() for n in people for k in (1, 2)
    }


@dataclass(frozen=True)
class Case:
    """A set, what is given of it, and what must be found: photos and people, or why it is refused."""

    name: str
    files: Made
    given: str = ""
    told: dict[str, object] = field(default_factory=dict)
    found: tuple[int, int] | str = ""


IDENTITY = lines(*(f"{k:06}.jpg {person} " for k, person in WHO.items()))  # with the space at its end
PARTITION = lines(*(f"{k:06}.jpg {k % 2}" for k in FIGURES))
ATTRIBUTES = lines(6, "5_o_Clock_Shadow Male", *(f"{k:06}.jpg -1  1" for k in FIGURES))
RECORD_LIST = lines(*(f"{k}\t{person}.000000\tcasia/{path}" for k, (person, path) in enumerate(CASIA)))
ALIGNED_LIST = lines(*(f"1\tcasia/{path}\t{person}" for person, path in CASIA))
PAIRS = lines("10\t300", "Abel_Pacheco\t1\t4", "Zico\t1\tAaron_Eckhart\t2")
METADATA = lines("file_name,label", *(f"{split}/{k}.jpg,{k // 2}" for split in ("train", "test") for k in (1, 2, 3)))
TWO_SPLITS = {f"{split}/{k}.jpg": jpeg(k) for split in ("train", "test") for k in (1, 2, 3)}
JSONL = lines(*(json.dumps({"file_name": f"{k}.jpg", "label": k // 2}) for k in (1, 2, 3)))

CASES = [
    # CelebA: 202,599 photos in one folder, who is who in a text with spaces
    Case("CelebA, all", under("img_align_celeba", CELEBA) | {"identity_CelebA.txt": IDENTITY},
         found=r"All 6 photos of .* lie in its one folder img_align_celeba\. Give the list that names the people"),
    Case("CelebA, list beside its photos", CELEBA | {"identity_CelebA.txt": IDENTITY}, "identity_CelebA.txt", found=(6, 3)),
    Case("CelebA, list elsewhere", under("img_align_celeba", CELEBA) | {"identity_CelebA.txt": IDENTITY}, "identity_CelebA.txt",
         found=r"None of the 6 photos that .* names is there, such as .*/000001\.jpg\. Paths are relative to the list"),
    Case("CelebA, partition", CELEBA | {"list_eval_partition.txt": PARTITION}, "list_eval_partition.txt",
         found=r"6 photos of .* are of 2 people, and it is called like a list of splits"),
    Case("CelebA, attributes", CELEBA | {"list_attr_celeba.txt": ATTRIBUTES}, "list_attr_celeba.txt", found="names no photo and no known"),
    # LFW
    Case("LFW", under("lfw", LFW), found=r"lie in its one folder lfw\. Say --person-level 2"),
    Case("LFW, level", under("lfw", LFW), told={"person_level": 2}, found=(6, 3)),
    Case("LFW, folder", under("lfw", LFW) | {"pairs.txt": PAIRS}, "lfw", found=(6, 3)),
    Case("LFW of Kaggle", under("lfw-deepfunneled/lfw-deepfunneled", LFW) | {"pairs.csv": "name,imagenum1,imagenum2,\n"},
         found=r"one folder lfw-deepfunneled/lfw-deepfunneled\. Say --person-level 3"),
    Case("LFW of Kaggle, level", under("lfw-deepfunneled/lfw-deepfunneled", LFW), told={"person_level": 3}, found=(6, 3)),
    Case("LFW, people.txt", LFW | {"people.txt": lines(3, "Aaron_Eckhart\t2", "Zico\t2")}, "people.txt", found="names no photo"),
    Case("LFW, pairs.txt", LFW | {"pairs.txt": PAIRS}, "pairs.txt", found="names no photo"),
    Case("LFW, numbers of photos", LFW | {"people.csv": lines("name,images", "Zico,2", "Abel_Pacheco,1")}, "people.csv",
         found="no column of pictures; it has name, images"),
    # CASIA-WebFace, MS1M and others in the lists of their loaders
    Case("CASIA", {f"CASIA-WebFace/{path}": jpeg(path) for _, path in CASIA}, "CASIA-WebFace", found=(6, 2)),
    Case("path person.lst", {f"casia/{p}": jpeg(p) for _, p in CASIA} | {"a.lst": lines(*(f"casia/{p} {n}" for n, p in CASIA))},
         "a.lst", found=(6, 2)),
    Case("MXNet's .lst", {f"casia/{p}": jpeg(p) for _, p in CASIA} | {"a.lst": RECORD_LIST}, "a.lst", found=r"3 column\(s\) without names"),
    Case("MXNet's .lst, column", {f"casia/{p}": jpeg(p) for _, p in CASIA} | {"a.lst": RECORD_LIST}, "a.lst",
         {"person_column": "2"}, (6, 2)),
    Case("InsightFace's .lst, column", {f"casia/{p}": jpeg(p) for _, p in CASIA} | {"a.lst": ALIGNED_LIST}, "a.lst",
         {"person_column": "3"}, (6, 2)),
    Case("paths alone", {f"casia/{p}": jpeg(p) for _, p in CASIA} | {"a.lst": lines(*(f"casia/{p}" for _, p in CASIA))}, "a.lst",
         found="names photos and nobody.*--person-level"),
    Case("paths alone, level", {f"casia/{p}": jpeg(p) for _, p in CASIA} | {"a.lst": lines(*(f"casia/{p}" for _, p in CASIA))},
         "a.lst", {"person_level": 2}, (6, 2)),
    # VGGFace2
    Case("VGGFace2", vgg("train", "test"), found=r"the split\(s\) test, train\. Say which one"),
    Case("VGGFace2, split", vgg("train", "test"), told={"split": "train"}, found=(6, 3)),
    Case("VGGFace2 as it unpacks", vgg("vggface2_train/train", "vggface2_test/test"),
         found=r"the split\(s\) vggface2_test/test, vggface2_train/train"),
    Case("VGGFace2 as it unpacks, split", vgg("vggface2_train/train", "vggface2_test/test"), told={"split": "test"}, found=(4, 2)),
    # IJB
    Case("IJB-C, points", {"1.jpg": b"", "n.txt": lines(*(f"{k}.jpg {POINTS}" for k in (1, 2)))}, "n.txt", found="12 column"),
    Case("IJB-C, templates", {"1.jpg": b"", "t.txt": lines("1.jpg 1 69544", "2.jpg 2 69544")}, "t.txt", found="3 column"),
    Case("IJB-C, faces", under("loose_crop", {f"{k}.jpg": b"" for k in (1, 2)}), found="one folder loose_crop"),
    Case("IJB-C, gallery", {"img/1.jpg": b"", "g.csv": lines("TEMPLATE_ID,SUBJECT_ID,FILENAME", "7,2,img/1.jpg", "8,2,img/2.jpg")},
         "g.csv", found=(2, 1)),
    # Hugging Face
    Case("ImageFolder, metadata above its splits", TWO_SPLITS | {"metadata.csv": METADATA}, found=r"the split\(s\) train, test"),
    Case("ImageFolder, metadata above, split", TWO_SPLITS | {"metadata.csv": METADATA}, told={"split": "train"}, found=(3, 2)),
    Case("ImageFolder, metadata in each", TWO_SPLITS | {"train/metadata.jsonl": JSONL, "test/metadata.jsonl": JSONL},
         told={"split": "test"}, found=(3, 2)),
    Case("ImageFolder, another name", {f"{k}.jpg": b"" for k in (1, 2, 3)} | {"metadata.jsonl": JSONL.replace("file_name", "image_file_name")},
         found=(3, 2)),
    Case("ImageFolder, split in a column", {f"{k}.jpg": b"" for k in (1, 2)} | {"metadata.csv": "file_name,label,split\n1.jpg,0,a\n2.jpg,1,b\n"},
         told={"split": "b"}, found=(1, 1)),
    # Kaggle
    Case("Kaggle, folder in a folder", {"105_classes/pins_Ann/1.jpg": b"", "105_classes/pins_Bo/1.jpg": b""}, found="--person-level 2"),
    Case("Kaggle, list of names", {"Faces/Ann_1.jpg": b"", "Dataset.csv": "id,label\nAnn_1.jpg,Ann\nBo_1.jpg,Bo\nBo_2.jpg,Bo\n"},
         "Dataset.csv", found="None of the 3 photos"),
    Case("what a Mac adds", {"ann/1.jpg": b"", "bo/1.jpg": b"", "__MACOSX/ann/._1.jpg": b"", "__MACOSX/x/1.jpg": b"", ".DS_Store": b""},
         found=(2, 2)),
    Case("what a disk station adds", {"ann/1.jpg": b"", "ann/@eaDir/1.jpg/SYNOPHOTO_THUMB_M.jpg": b"", "bo/1.jpg": b""}, found=(2, 2)),
    Case("Excel's list", {"1.jpg": b"", "l.csv": "sep=;\r\nimage;person\r\n1.jpg;ann\r\n2.jpg;ann\r\n"}, "l.csv", found=(2, 1)),
    Case("numbers with a point", {"1.jpg": b"", "l.csv": "image,label\n1.jpg,7.0\n2.jpg,7\n3.jpg,7.5\n"}, "l.csv", found=(3, 2)),
]  # fmt: skip


def counted(place: Path, told: dict[str, object]) -> tuple[int, int]:
    side = take_census({"members": PhotoSource(place, side="members", **told)}).sides["members"]  # type: ignore[arg-type]
    return side.photos, side.people


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_set_as_it_is_downloaded(case: Case, tmp_path: Path) -> None:
    place = write(tmp_path, case.files) / case.given
    if isinstance(case.found, str):
        with pytest.raises(BadInput, match=case.found) as caught:
            counted(place, case.told)
        assert "\n" not in str(caught.value)
    else:
        assert counted(place, case.told) == case.found


def one_deeper(place: Path) -> Path:
    return place.parent


def in_a_tar(place: Path) -> Path:
    with tarfile.open(place.parent / "set.tar", "w") as archive:
        archive.add(place, place.name)
    return place.parent / "set.tar"


def in_a_zip(place: Path) -> Path:
    with zipfile.ZipFile(place.parent / "set.zip", "w") as archive:
        for path in place.iterdir():
            archive.write(path, f"{place.name}/{path.name}")
    return place.parent / "set.zip"


def twice_in_a_folder(place: Path) -> Path:
    (place / "train.idx").unlink()
    shutil.copy(place / "train.rec", place / "glint.rec")
    (place / "train.rec").rename(place / "ms1m.rec")
    return place


def without_records(place: Path) -> Path:
    (place / "train.rec").unlink()
    return place


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (lambda place: place, (6, 3)),
        (one_deeper, (6, 3)),
        (lambda place: place / "train.rec", (6, 3)),
        (lambda place: place / "train.idx", "Give the .rec file beside it, or the folder"),
        (lambda place: place / "property", "Give the .rec file beside it, or the folder"),
        (lambda place: place / "lfw.bin", "Give the .rec file beside it, or the folder"),
        (in_a_tar, r"set\.tar holds ms1m/train\.rec, .* Unpack the tar, and give the folder"),
        (in_a_zip, r"set\.zip is packed, .*: unpack it, and give the folder"),
        (lambda place: in_a_tar(place).parent, r"set\.tar holds ms1m/train\.rec"),
        (twice_in_a_folder, r"glint\.rec and ms1m\.rec lie in one folder, and both number their people\. Give parts"),
        (without_records, "There are no photos"),
    ],
)
def test_a_set_in_recordio_wherever_it_lies(
    given: Callable[[Path], Path], found: tuple[int, int] | str, tmp_path: Path
) -> None:
    place = written(tmp_path / "ms1m", insightface([[b"a1", b"a2"], [b"b1"], [b"c1", b"c2", b"c3"]]))
    write(place, {"property": "3,112,112\n", "lfw.bin": b"pairs"})
    if isinstance(found, str):
        with pytest.raises(BadInput, match=found):
            counted(given(place), {})
    else:
        assert counted(given(place), {}) == found


def test_parts_of_one_set_are_given_as_a_range_and_other_sets_in_folders_of_their_own(tmp_path: Path) -> None:
    for name in ("a", "b"):
        written(tmp_path / name, insightface([[b"1"], [b"2", b"3"]]))
        shutil.copy(tmp_path / name / "train.rec", tmp_path / f"part_{'ab'.index(name)}.rec")
    assert counted(tmp_path / "part_{0..1}.rec", {}) == (6, 2)
    for part in tmp_path.glob("part_*"):
        part.unlink()
    assert counted(tmp_path, {}) == (6, 4)
    for name in ("a", "b"):
        (tmp_path / name).rename(tmp_path / f"set-{'ab'.index(name)}")
    assert counted(tmp_path / "set-{0..1}" / "train.rec", {}) == (6, 4)
    with pytest.raises(BadInput, match="stands for folders"):
        counted(tmp_path / "set-{0..1}", {})


@pytest.mark.parametrize("told", [{"person_level": 1}, {"person_column": "label"}])
def test_options_that_mean_nothing_to_records_are_refused(told: dict[str, object], tmp_path: Path) -> None:
    place = written(tmp_path / "ms1m", insightface([[b"a1"], [b"b1"]]))
    with pytest.raises(BadInput, match="--person-"):
        counted(place, told)
