import json
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from PIL import Image

from mint.cli.console import out
from mint.cli.folder import _notes, _print
from mint.evidence.usage_share import UsageShare
from mint.i18n.sentences import Sentence
from mint.i18n.translate import ENGLISH
from mint.judging.folder import FolderAudit
from mint.report.files import SCHEMA
from mint.report.story.answers import only_largest
from mint.storage.paths import EXAMPLES
from tests.shell import mint

FACE = Path(__file__).parents[1] / "data" / "face.jpg"


def asked(weights: Path, *words: str | Path) -> tuple[str, ...]:
    return ("folder", *map(str, words), "--bundle", str(weights / "twin-a"), "--bundle", str(weights / "twin-b"))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two people in folders of their own; one photo comes twice, and one is none."""
    root = tmp_path / "photos"
    for person in ("ann", "bob"):
        (root / person).mkdir(parents=True)
        shutil.copy(FACE, root / person / "1.jpg")
    (root / "bob" / "2.jpg").write_bytes(b"no photo")
    return root


def test_a_folder_is_one_answer_a_network(weights: Path, photos: Path) -> None:
    done = mint(*asked(weights, photos, "--people", "--json"))
    assert done.returncode == 0
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [f["network"] for f in found] == ["twin-a", "twin-b"]
    for one in found:
        assert one["given"] == 3
        assert len(one["copies"]) == 1
        assert [Path(name).name for name, _ in one["errors"]] == ["2.jpg"]
        assert one["share"] is None or one["share"]["n"] == len(one["judged"]) == 1
    assert "2.jpg" in done.stderr
    assert "bob/1.jpg and " in done.stderr
    assert "ann/1.jpg are one picture, under two people" in done.stderr
    done = mint(*asked(weights, photos))
    assert done.returncode == 0
    assert "two people" not in done.stderr
    assert "photos used in training" in " ".join(done.stdout.split())  # the title breaks where the table ends
    assert "cannot be told" in done.stdout, "one photo: 0 % to 100 %"
    assert "counted once" in done.stdout


def test_a_person_behind_a_link_is_asked_about_and_previews_are_not(
    weights: Path, photos: Path, tmp_path: Path
) -> None:
    (photos / "bob").rename(tmp_path / "bob")
    (photos / "bob").symlink_to(tmp_path / "bob")
    (photos / "ann" / "@eaDir").mkdir()
    shutil.copy(FACE, photos / "ann" / "@eaDir" / "small.jpg")
    done = mint(*asked(weights, photos, "--people", "--fdr", "0.004"))
    assert done.returncode == 0
    assert "1 of 3" in done.stdout
    assert "bob/1.jpg repeats" in done.stdout
    assert f"{photos}: 1 hidden photo was left out" in done.stderr
    assert "0.4\u202f% of a list may be wrong" in done.stdout
    assert "0% of a list" not in done.stdout


def test_what_cannot_be_asked_is_refused_in_a_line(weights: Path, photos: Path, tmp_path: Path) -> None:
    shutil.copy(FACE, photos / "loose.jpg")
    done = mint(*asked(weights, photos, "--people"))
    assert done.returncode == 1
    assert "loose.jpg does not" in done.stderr
    done = mint(*asked(weights, photos, "--fdr", "1"))
    assert done.returncode == 1
    assert "--fdr must lie between 0 and 1" in done.stderr
    for alpha in ("0.9", "nan"):
        done = mint(*asked(weights, photos, "--alpha", alpha))
        assert done.returncode == 1
        assert "--alpha must lie from 0.0001 to 0.5" in done.stderr
    (tmp_path / "empty").mkdir()
    done = mint(*asked(weights, tmp_path / "empty"))
    assert done.returncode == 1
    assert "There are no JPEG, PNG or WebP photos" in done.stderr
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "1.jpg").write_bytes(b"no photo")
    done = mint(*asked(weights, tmp_path / "none"))
    assert done.returncode == 1
    assert "None of the 1 photos could be asked about" in done.stderr
    assert "cannot say: none of the photos could be looked at" in done.stdout
    file = tmp_path / "none.json"
    assert mint(*asked(weights, tmp_path / "none", "--report", file)).returncode == 1
    assert [photo["name"] for photo in json.loads(file.read_text("utf-8"))["photos"]] == ["1.jpg"], "as mint audit does"


def test_a_report_tells_the_photos_and_the_share(
    weights: Path, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, page = tmp_path / "report.json", tmp_path / "report.html"
    done = mint(*asked(weights, photos, "--people", "--report", file, "--report", page, "--case", "EXP-7"))
    assert done.returncode == 0, done.stderr
    document = json.loads(file.read_text("utf-8"))
    Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(document)
    assert {photo["name"] for photo in document["photos"]} == {"ann/1.jpg", "bob/1.jpg", "bob/2.jpg"}
    assert [said["network"] for said in document["usage"]["answers"]] == ["twin-a", "twin-b"]
    assert {said["given"] for said in document["usage"]["answers"]} == {3}
    for network in ("twin-a", "twin-b"):  # its commands run in the folder that holds what they name
        (tmp_path / network).symlink_to(weights / network)
    monkeypatch.chdir(tmp_path)
    command, *words = shlex.split(document["check"]["audit"])
    again = [json.loads(line) for line in mint(*words).stdout.splitlines()]
    assert command == "mint"
    assert [one["photo"] for one in again[::2]] == ["photos/ann/1.jpg", "photos/bob/1.jpg", "photos/bob/2.jpg"]
    command, *words = shlex.split(document["usage"]["check"])
    counted = [json.loads(line) for line in mint(*words).stdout.splitlines()]
    assert (command, words[:2], "--people" in words) == ("mint", ["folder", "photos"], True)
    assert [one["share"] for one in counted] == [said["share"] for said in document["usage"]["answers"]]
    assert document["case"]["number"] == "EXP-7"
    assert "How many of these photos were used" in page.read_text("utf-8")
    assert str(tmp_path) not in file.read_text("utf-8")
    again = mint(*asked(weights, photos, "--report", file))
    assert again.returncode == 1
    assert "--force" in again.stderr


def test_a_persons_report_counts_as_its_command_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A near-copy is no photo of its own there; ``mint folder``, which drops exact copies alone, would count it."""
    folder, file = tmp_path / "me", tmp_path / "report.json"
    folder.mkdir()
    for number in (1, 2, 3):
        shutil.copy(EXAMPLES / "people" / f"01-{number}-gan.png", folder / f"{number}.png")
    shutil.copy(EXAMPLES / "faces" / "13-openpeople.jpg", folder / "4.jpg")
    Image.open(folder / "1.png").convert("RGB").save(folder / "again.jpg", quality=80)
    monkeypatch.chdir(tmp_path)
    assert mint("audit", "--person", "me", "--report", file).returncode == 0
    usage = json.loads(file.read_text("utf-8"))["usage"]
    assert {(one["photo"], one["of"]) for a in usage["answers"] for one in a["copies"]} == {("again.jpg", "1.png")}
    for said in usage["answers"]:
        photos = [*said["judged"], *(one["photo"] for key in ("copies", "left_out") for one in said[key])]
        assert sorted(photos) == sorted(path.name for path in folder.iterdir()), (
            "each is counted, or told why it is not"
        )
        assert said["given"] == len(photos)
    assert [one["photo"] for one in usage["answers"][1]["left_out"]] == ["4.jpg"], "twin B was trained on it"
    command, *words = shlex.split(usage["check"])
    assert (command, mint(*words).returncode) == ("mint", 0)
    assert json.loads((tmp_path / words[-1]).read_text("utf-8"))["usage"] == usage


def test_faces_that_are_not_asked_about_are_told_once() -> None:
    audits = [
        FolderAudit("f", n, "0" * 64, 0.05, 0.1, 2, ("a.jpg",), (), (), (), other_faces=(("a.jpg", 13), ("[b].jpg", 1)))
        for n in ("twin-a", "twin-b")
    ]
    with out.capture() as shown:
        _print(audits)
    assert shown.get().count(only_largest(audits[0].other_faces, ENGLISH)) == 1


@pytest.mark.parametrize(
    ("shortest", "judged", "words"),
    [
        (1, 3, "none scores high enough"),
        (9, 40, "fewer than the 9 that a list needs score high enough"),
        (40, 40, "fewer than the 40 that a list needs score high enough"),
        (41, 40, "the people compared with allow no list below 41"),
        (None, 40, "there are too few people to compare with"),
    ],
)
def test_the_reason_why_no_photo_is_named_is_the_true_one(shortest: int | None, judged: int, words: str) -> None:
    names = tuple(f"{i}.jpg" for i in range(judged))
    share = UsageShare(0.0, 0.0, 0.1, 0, judged, 1)
    found = FolderAudit("f", "twin-a", "0" * 64, 0.05, 0.1, judged, names, (), (), (), share, (), shortest)
    (note,) = _notes(found)
    assert note.startswith("no photo is named: ")
    assert note.endswith(words)
    copies = ("a.jpg", "0.jpg"), ("b.jpg", "out.jpg")  # a repeat of what is left out counts not at all
    repeats = _notes(replace(found, copies=copies, left_out=(("out.jpg", "unlike"),)))[:3]
    assert [line.rpartition(": ")[2] for line in repeats[:2]] == ["counted once", "neither counts"]


def test_photos_that_are_left_out_for_one_reason_take_one_line() -> None:
    def told(out: tuple[tuple[str, str], ...]) -> list[str]:
        return _notes(FolderAudit("f", "twin-a", "0" * 64, 0.05, 0.1, 6, ("x.jpg",), (), out, (), reason=Sentence("x")))  # type: ignore[arg-type]

    out = tuple((f"{number}.jpg", "unlike" if number else "not seen") for number in range(6))
    assert told(out)[:2] == [
        "0.jpg is left out, not seen",
        "5 photos are left out, unlike: 1.jpg, 2.jpg, 3.jpg and 2 more, all in --json and in a report",
    ]
    assert told(out[:4])[1] == "3 photos are left out, unlike: 1.jpg, 2.jpg, 3.jpg"
