import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from mint.errors import BadPool
from mint.lab.twins.example_people import write_people
from mint.lab.twins.examples import THUMBNAIL, choose, write_examples
from mint.lab.twins.ledger import HELD_OUT, TRAINED, Row, write_ledger
from mint.storage.files import write_json
from mint.vision.faces import find, fingerprint
from mint.vision.images import open_photo


def ledger() -> list[Row]:
    rows = []
    for person in range(60):
        name = f"gan/{person:04d}"
        for k in range(10):
            roles = [TRAINED if person % 3 == side and k < 4 else HELD_OUT for side in (0, 1)]
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
    chosen = choose(rows, 1)
    assert len(chosen) == len({r.sha256 for r in chosen}) == 36
    assert {r.purpose for r in chosen} == {"test"}
    truth = Counter((r.member("twin-a"), r.member("twin-b")) for r in chosen)
    assert truth == {(True, False): 12, (False, True): 12, (False, False): 12}
    known = {r.identity for r in rows if r.exposure}
    neither = [r for r in chosen if not r.exposure and r.source == "gan"]
    assert sum(r.identity in known for r in neither) == 4
    assert chosen == choose(rows, 1)
    assert not [r for r in chosen if "posture" in r.picture]  # the face is too small to show


def test_people_come_as_seldom_as_possible() -> None:
    chosen = choose(ledger(), 2)
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
    monkeypatch.setattr("mint.lab.twins.examples.choose", lambda rows, seed: list(rows))
    monkeypatch.setattr("mint.lab.twins.example_people.choose_people", lambda rows, seed: [[row] for row in rows])
    return tmp_path / "pool"


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_faces_are_written_with_the_truth_and_the_verdicts(pool: Path, weights: Path, tmp_path: Path) -> None:
    faces = tmp_path / "faces"
    faces.mkdir()
    (faces / "09-stale.png").write_bytes(b"of an earlier run")
    assert write_examples(pool, tmp_path, weights, 1) == 2
    assert sorted(p.name for p in faces.iterdir()) == [
        "01-gan.png",
        "02-gan.png",
        "faces.csv",
        "thumbnails",
        "verdicts.json",
    ]
    first, second = table(faces / "faces.csv")
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
    assert [audit["network"] for audit in verdicts["02-gan.png"]] == ["twin-a", "twin-b"]
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
