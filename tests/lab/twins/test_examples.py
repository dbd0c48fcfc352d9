import csv
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mint.errors import BadPool
from mint.lab.twins.example_people import write_people
from mint.lab.twins.examples import THUMBNAIL, Group, choose, clarity, usual_face, write_examples
from mint.lab.twins.ledger import HELD_OUT, TRAINED, Row, write_ledger
from mint.storage.files import write_json
from mint.types import Face
from mint.vision.faces import find, fingerprint
from mint.vision.images import open_photo


def ledger() -> list[Row]:
    rows = []
    for person in range(60):
        name = f"gan/{person:04d}"
        for k in range(70):
            roles = [TRAINED if person % 3 == side and k < 36 else HELD_OUT for side in (0, 1)]
            purpose = "test" if person < 45 else "training"
            rows.append(Row(f"{person}-{k}", name, "gan", f"{name}/{k:02d}", *roles, int(TRAINED in roles), purpose))
    for person in range(10):
        name = f"openpeople/P{person:03d}"
        roles = [TRAINED if person // 3 == side else HELD_OUT for side in (0, 1)]
        purpose = "test" if person < 8 else "calibration"
        rows += [
            Row(
                f"P{person}-{k}",
                name,
                "openpeople",
                f"{name}/{('studio_portrait', 'amateur_selfie', 'emotions_sheet-00', 'emotions_sheet-01', 'amateur_posture')[k]}",
                *roles,
                int(TRAINED in roles),
                purpose,
            )
            for k in range(5)
        ]
    return rows


def test_examples_are_balanced_test_people_and_include_the_hardest() -> None:
    rows = ledger()
    groups = choose(rows, 1)
    assert sum(group.count for group in groups) == 36
    assert [len(group.rows) for group in groups] == [8, 480, 8, 480, 8, 240, 240], (
        "enough for two sets, and more to choose from"
    )
    every = [row for group in groups for row in group.rows]
    assert len({r.sha256 for r in every}) == len(every)
    chosen = [row for group in groups for row in group.rows[: group.count]]
    assert {r.purpose for r in chosen} == {"test"}
    truth = Counter((r.member("twin-a"), r.member("twin-b")) for r in chosen)
    assert truth == {(True, False): 12, (False, True): 12, (False, False): 12}
    known = {r.identity for r in rows if r.exposure}
    neither = [r for r in chosen if not r.exposure and r.source == "gan"]
    assert sum(r.identity in known for r in neither) == 4
    assert groups == choose(rows, 1)
    assert not [r for r in every if "posture" in r.picture]  # the face is too small to show


def test_people_come_as_seldom_as_possible() -> None:
    chosen = [row for group in choose(ledger(), 2) for row in group.rows[: group.count]]
    assert max(Counter(r.identity for r in chosen if r.source == "gan").values()) <= 2


@pytest.fixture
def pool(tmp_path: Path, face_rgb: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two people with a face each; the packages that drew them are not needed."""
    pictures = {"gan/0001/00": face_rgb, "gan/0002/00": np.ascontiguousarray(face_rgb[:, ::-1])}
    rows = [
        Row(fingerprint(find(rgb)[0].crop), name[:8], "gan", name, *roles, int(TRAINED in roles), "test")
        for (name, rgb), roles in zip(pictures.items(), ((TRAINED, HELD_OUT), (HELD_OUT, HELD_OUT)), strict=True)
    ]
    (tmp_path / "pool").mkdir()
    write_ledger(tmp_path / "pool" / "ledger.csv", rows)
    write_json(tmp_path / "pool" / "pool.json", {"seed": 1, "drawn": {"pictures of each": 1}})
    for module in ("examples", "example_people"):
        monkeypatch.setattr(f"mint.lab.twins.{module}.pictures_again", lambda *_: pictures)
    monkeypatch.setattr("mint.lab.twins.examples.choose", lambda rows, seed: [Group(list(rows), 1)])
    monkeypatch.setattr("mint.lab.twins.example_people.choose_people", lambda rows, seed: [[row] for row in rows])
    return tmp_path / "pool"


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_faces_are_written_with_the_truth_and_the_verdicts(pool: Path, weights: Path, tmp_path: Path) -> None:
    faces, game = tmp_path / "faces", tmp_path / "game"
    faces.mkdir()
    (faces / "09-stale.png").write_bytes(b"of an earlier run")
    assert write_examples(pool, tmp_path, weights, 1) == 2
    for folder in (faces, game):
        assert sorted(p.name for p in folder.iterdir()) == ["01-gan.png", "faces.csv", "thumbnails", "verdicts.json"]
    (first,), (second,) = table(faces / "faces.csv"), table(game / "faces.csv")
    assert first["person"] != second["person"], "no picture of the game stands on the wall"
    first, second = sorted((first, second), key=lambda row: row["person"])
    assert first == {
        "file": "01-gan.png",
        "person": "gan/0001",
        "twin-a": "member",
        "twin-b": "non-member",
        "used-by": "twin-a",
        "source": "gan",
    }
    assert (second["twin-a"], second["twin-b"]) == ("non-member", "non-member")
    verdicts = json.loads((faces / "verdicts.json").read_text("utf-8"))
    assert [audit["network"] for audit in verdicts["01-gan.png"]] == ["twin-a", "twin-b"]
    assert open_photo(faces / "thumbnails" / "01-gan.jpg").shape == (THUMBNAIL, THUMBNAIL, 3)


def test_a_picture_that_is_not_the_ledger_s_is_refused(
    pool: Path, weights: Path, tmp_path: Path, face_rgb: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "mint.lab.twins.examples.pictures_again", lambda *_: {f"gan/{k:04d}/00": face_rgb[:-9] for k in (1, 2)}
    )
    with pytest.raises(BadPool, match="does not give its crop"):
        write_examples(pool, tmp_path, weights, 1)


def test_people_are_written_with_who_used_them(pool: Path, tmp_path: Path, face_rgb: np.ndarray) -> None:
    assert write_people(pool, tmp_path, 1) == 2
    first, second = table(tmp_path / "people" / "people.csv")
    assert (first["file"], first["used-by"], second["used-by"]) == ("01-1-gan.png", "twin-a", "")
    np.testing.assert_array_equal(open_photo(tmp_path / "people" / "01-1-gan.png"), face_rgb)
    assert (tmp_path / "people" / "thumbnails" / "02-1-gan.jpg").is_file()


def test_sharp_bright_frontal_and_surely_a_face_is_clear() -> None:
    def face(sharpness: float, grey: int, sure: float = 1.0, aside: int = 0) -> Face:
        crop = np.full((112, 112, 3), grey, np.uint8)
        crop[45:55, 35 + aside : 45 + aside] = crop[45:55, 67 + aside : 77 + aside] = grey - 50  # two eyes
        return Face((0.0, 0.0, 9.0, 9.0), sure, crop, sharpness)

    plain = face(90, 130)
    room = np.full((20, 20, 3), 130, np.uint8)

    def clear(one: Face, around: np.ndarray = room) -> float:
        return clarity(one, around, usual_face([plain]))

    assert clear(plain) == pytest.approx(1)
    for worse in (face(40, 130), face(90, 60), face(90, 230), face(90, 130, sure=0.6), face(90, 130, aside=8)):
        assert clear(worse) < 0.7
    assert clear(face(40, 60)) < min(clear(face(40, 130)), clear(face(90, 60)))
    shadow = plain.crop.copy()
    shadow[:, 56:] //= 2
    assert clear(replace(plain, crop=shadow)) < 0.2
    assert clear(replace(plain, crop=np.full((112, 112, 3), 130, np.uint8))) == 0
    framed = plain.crop.copy()
    framed[:, :20] = framed[:, -20:] = framed[:20] = 0
    assert clear(replace(plain, crop=framed)) == pytest.approx(1)
    helmet = plain.crop.copy()
    helmet[80:84] = 255  # a bar in front of the mouth, as like its mirror image as a face
    assert clear(replace(plain, crop=helmet)) < 0.5
    torn = room.copy()
    torn[:10] = 0
    assert clear(plain, torn) < 0.5
    darker = replace(
        plain, crop=(plain.crop * 0.9).astype(np.uint8)
    )  # skin of another colour is as clear in enough light
    assert clear(darker) == pytest.approx(1, abs=0.01)


def test_what_faces_have_in_common_is_their_mean_and_its_mirror_image() -> None:
    def lit(side: slice) -> Face:
        crop = np.full((112, 112, 3), 100, np.uint8)
        crop[:, side] = 200
        return Face((0.0, 0.0, 9.0, 9.0), 1.0, crop, 90)

    usual = usual_face([lit(np.s_[28:36]), lit(np.s_[28:36])])
    assert usual.shape == (72, 56)
    np.testing.assert_allclose(usual, usual[:, ::-1], atol=1e-9)
    assert (usual.mean(), usual.std()) == (pytest.approx(0), pytest.approx(1))
    assert usual[0, 0] > 0 > usual[0, 28]
