from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
from jsonschema import Draft202012Validator

from mint.cli.report import names_in_report
from mint.report.files import SCHEMA
from mint.vision.images import to_png
from tests.shell import mint
from tests.tiny_bundles import made_up_people, tiny_bundle

VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "twin-a"
    tiny_bundle(folder, people=made_up_people(0))
    return folder


@pytest.fixture
def photos(tmp_path: Path, face_path: Path) -> Path:
    folder = tmp_path / "secret place" / "Ana"
    (folder / "more").mkdir(parents=True)
    (folder / "niña.jpg").write_bytes(face_path.read_bytes())
    (folder / "more" / "<b>.jpg").write_bytes(face_path.read_bytes())
    (folder / "broken.png").write_bytes(to_png(np.zeros((64, 64, 3), np.uint8))[:200])
    return folder


def test_two_photos_of_one_name_are_told_apart_by_their_folders() -> None:
    def named(*found: tuple[str, str]) -> list[str]:
        return [name for _, name in names_in_report([(Path(file), Path(place)) for file, place in found])]

    assert named(("me/b/a.jpg", "me"), ("c.jpg", "c.jpg")) == ["b/a.jpg", "c.jpg"]
    assert named(("me/x/1.jpg", "me/x"), ("me/y/1.jpg", "me/y"), ("me/y/2.jpg", "me/y")) == [
        "x/1.jpg",
        "y/1.jpg",
        "2.jpg",
    ]
    assert named(("a/x/1.jpg", "a/x/1.jpg"), ("b/x/1.jpg", "b/x/1.jpg")) == ["a/x/1.jpg", "b/x/1.jpg"]
    assert named(("1.jpg", "1.jpg"), ("x/1.jpg", "x"))[1] == "x/1.jpg"
    twice = named(("1.jpg", "1.jpg"), (str(Path("1.jpg").absolute()), str(Path("1.jpg").absolute())))
    assert twice == ["1.jpg", "1.jpg"], "one file"


def test_three_reports_at_once_on_several_photos(twin: Path, photos: Path, tmp_path: Path) -> None:
    paths = [tmp_path / "out" / f"report.{kind}" for kind in ("json", "html", "pdf")]
    asked = [part for path in paths for part in ("--report", path)]
    done = mint("audit", photos, "--network", twin, *asked, "--language", "es", "--alpha", "0.05")
    assert done.returncode == 1, "one photo is broken"
    assert "Traceback" not in done.stderr
    document = json.loads(paths[0].read_text("utf-8"))
    VALIDATOR.validate(document)
    assert document["alpha"] == 0.05
    assert [photo["name"] for photo in document["photos"]] == ["broken.png", "more/<b>.jpg", "niña.jpg"]
    assert [photo["error"] is None for photo in document["photos"]] == [False, True, True]
    for photo in document["photos"]:
        assert photo["sha256"] == hashlib.sha256((photos / photo["name"]).read_bytes()).hexdigest()
    assert document["photos"][2]["faces"][0]["thumbnail"] is None
    page = paths[1].read_text("utf-8")
    assert '<html lang="es">' in page
    assert "more/&lt;b&gt;.jpg" in page
    with pdfium.PdfDocument(paths[2]) as found:
        assert "Informe" in found[0].get_textpage().get_text_bounded()
    for path in paths:
        assert b"secret place" not in path.read_bytes(), "a path of this machine"
        assert str(path) in done.stderr.replace("\n", "")


def test_a_stored_report_is_rendered_later(twin: Path, face_path: Path, tmp_path: Path) -> None:
    stored, page, paper = (tmp_path / f"report.{kind}" for kind in ("json", "html", "pdf"))
    assert mint("audit", face_path, "--network", twin, "--report", stored, "--thumbnail").returncode == 0
    assert mint("report", stored, "--out", page, "--out", paper).returncode == 0
    assert page.read_bytes().count(b"data:image/png;base64,") == 1
    assert paper.read_bytes().startswith(b"%PDF-")
    again = mint("report", stored, "--out", page)
    assert again.returncode == 1
    assert "--force" in again.stderr
    assert mint("report", stored, "--out", page, "--force", "--language", "es").returncode == 0
    assert b'lang="es"' in page.read_bytes()


STATED = [
    "--case", "EXP-7", "--organisation", "An Authority", "--auditor", "Ana Muñoz", "--controller", "A Firm",
    "--copy-version", "v3", "--copy-date", "2026-07-31", "--legal-basis", "Consent, Art. 9(2)(a)",
]  # fmt: skip
CASE = dict(zip(("number", *(name[2:].replace("-", "_") for name in STATED[2::2])), STATED[1::2], strict=True))


def test_a_case_is_written_on_it_at_once_or_later(twin: Path, face_path: Path, tmp_path: Path) -> None:
    at_once, later, page = (tmp_path / name for name in ("once.json", "later.json", "later.html"))
    done = mint("audit", face_path, "--network", twin, "--report", at_once, *STATED)
    assert done.returncode == 0, done.stderr
    document = json.loads(at_once.read_text("utf-8"))
    VALIDATOR.validate(document)
    assert document["case"] == CASE
    assert "EXP-7" not in done.stdout + done.stderr, "it stands in the report alone"
    old = Path(__file__).parents[1] / "report" / "data" / "version-1-photos.json"
    assert mint("report", old, "--out", later, "--out", page, *STATED).returncode == 0
    document = json.loads(later.read_text("utf-8"))
    VALIDATOR.validate(document)
    assert document["case"] == CASE
    assert "Ana Muñoz" in page.read_text("utf-8")


def test_a_report_on_a_person(twin: Path, photos: Path, tmp_path: Path) -> None:
    stored = tmp_path / "person.json"
    done = mint("audit", "--person", photos, "--network", twin, "--report", stored, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(stored.read_text("utf-8"))
    VALIDATOR.validate(document)
    assert (document["subject"], document["person"]["name"]) == ("person", "Ana")
    (said,) = document["person"]["answers"]
    told = json.loads(done.stdout)
    assert (said["p_value"], said["verdict"]) == (told["p_value"], told["verdict"])
    assert said["photos"]["copies"] == [{"photo": "niña.jpg", "of": "more/<b>.jpg"}]
    assert {photo["name"]: photo["sha256"] for photo in document["person"]["photos"]} == {
        name: hashlib.sha256((photos / name).read_bytes()).hexdigest()
        for name in ("more/<b>.jpg", "niña.jpg", "broken.png")
    }, "whatever became of a photo, it is told which file was given"
    assert b"secret place" not in stored.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--report", "report.docx"], "Let it end in"),
        (["--report", "there.pdf"], "is there already"),
        (["--report", "no.pdf", "--language", "tlh"], "'tlh' is not one of 'en', 'es'"),
        (["--report", "new.json", "--language", "es"], "JSON is the same in every language"),
        (["--thumbnail"], "give --report"),
        (["--auditor", "Ana"], "give --report"),
        (["--report", "new.pdf", "--copy-date", "31.7.2026"], "written as 2026-07-31"),
        (["--report", "new.pdf", "--case", "x" * 121], "longer than 120 characters"),
    ],
)
def test_what_cannot_be_written_is_said_before_the_work(
    face_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    Path("there.pdf").write_text("old")
    done = mint("audit", face_path, "--network", "no-such-network", *arguments)  # it would fail, had it come to that
    assert done.returncode != 0
    assert words in " ".join(done.stderr.replace("│", " ").split())
    assert Path("there.pdf").read_text() == "old"


def test_an_unwritable_place_is_one_clear_line(twin: Path, face_path: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = mint("audit", face_path, "--network", twin, "--report", tmp_path / "file" / "report.pdf")
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
