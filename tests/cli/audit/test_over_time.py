"""``mint audit --versions``: one answer a face over a series, as text in two languages and as JSON, and what is refused."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer

from mint.bundles.series import INDEX, load_series, save_series
from mint.cli.audit import command
from mint.cli.audit.command import audit
from mint.errors import MintError
from mint.evidence.score_table import PHOTO
from mint.i18n.sentences import restored
from mint.i18n.translate import Say
from mint.lab.versions.series import make_series
from mint.membership import MembershipTest
from mint.report.story.over_time import over_time_lines
from tests.lab.versions.made_up_series import bundles, listed
from tests.shell import typed

PEOPLE = 40


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("series")
    with pytest.MonkeyPatch.context() as patch:
        made = make_series(bundles(folder), listed(folder, PEOPLE, 3.0, patch))
    save_series(made, folder / "series")
    return folder / "series"


def ask(*photos: Path, **options: Any) -> int:
    """Run the command here; its exit code."""
    try:
        audit(list(photos), **options)
    except typer.Exit as end:
        return end.exit_code
    return 0


def test_the_json_holds_what_the_library_says(
    series: Path, face_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(face_path, versions=series, as_json=True, alpha=0.2) == 0
    found = json.loads(capsys.readouterr().out)
    known = load_series(series)
    test = MembershipTest.load([str(folder) for folder in known.folders])
    look = test.look(face_path)
    (face,) = test.over_time(look, known, 0.2)
    assert found["photo"] == str(face_path)
    assert found["series_sha256"] == known.sha256
    assert [version["name"] for version in found["versions"]] == list(known.names) == list(test.bundles)
    written = [hashlib.sha256((folder / "bundle.json").read_bytes()).hexdigest() for folder in known.folders]
    assert [version["bundle_sha256"] for version in found["versions"]] == written
    (told,) = found["faces"]
    assert {k: v for k, v in told.items() if k not in ("scores", "ratios", "p_value")} == {
        k: v for k, v in face.to_dict().items() if k not in ("scores", "ratios", "p_value")
    }
    wanted = [
        float(bundle.fusions[PHOTO].score({c: float(v[0]) for c, v in look.scores[name].items()}))
        for name, bundle in test.bundles.items()
    ]
    assert told["scores"] == pytest.approx(wanted, rel=1e-3, abs=1e-3)
    assert told["ratios"] == pytest.approx(list(face.ratios), rel=1e-2, abs=1e-2)


def test_the_text_names_every_version_in_either_language(
    series: Path, face_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(face_path, versions=series, alpha=0.2) == 0
    english = capsys.readouterr().out
    assert ask(face_path, versions=series, alpha=0.2, language="es") == 0
    spanish = capsys.readouterr().out
    for name in ("v1", "v2", "v3", "v4"):
        assert name in english
        assert name in spanish
    assert "False alarms, measured: " in english
    assert "Falsas alarmas, medidas: " in spanish
    assert "Usadas que se detectan, medido: " in spanish
    told, dicho = (text.splitlines()[-3:] for text in (english, spanish))
    assert not set(told) & set(dicho)
    assert "\u2060" not in english + spanish


def test_what_cannot_be_audited_is_told_and_the_others_are(
    series: Path, face_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad_photo = str(tmp_path / "bad.png")
    Path(bad_photo).write_bytes(b"damaged")
    assert ask(Path(bad_photo), face_path, versions=series, as_json=True) == 1
    said = capsys.readouterr()
    bad, good = map(json.loads, said.out.splitlines())  # an object a photo, also of one that has no answer
    assert (bad["photo"], bad["faces"], good["photo"], good["error"]) == (bad_photo, [], str(face_path), None)
    assert f"{bad_photo}: {bad['error']}" in said.err
    assert bad.keys() == good.keys()
    assert "1 of 2 photos could not be audited." in said.err


def test_a_report_has_it_beside_each_version_s_own_answers(
    series: Path, face_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    face_path = Path(shutil.copy(face_path, tmp_path / "-face.jpg"))
    (tmp_path / "bad.png").write_bytes(b"damaged")
    reports = [tmp_path / "r.json", tmp_path / "r.html"]
    photos = (face_path, tmp_path / "bad.png")
    assert ask(*photos, versions=series, alpha=0.2, prior=0.1, report=reports, language="es", case="EXP-7") == 1
    told = capsys.readouterr().out
    document, page = json.loads(reports[0].read_text()), reports[1].read_text()
    assert [network["name"] for network in document["networks"]] == ["v1", "v2", "v3", "v4"]
    assert (document["prior"], document["case"]["number"]) == (0.1, "EXP-7")
    part = document["over_time"]
    assert [photo["name"] for photo in part["photos"]] == [face_path.name, "bad.png"]
    assert [len(photo["faces"]) for photo in part["photos"]] == [1, 0]
    assert part["series_sha256"] == load_series(series).sha256
    (face,) = part["photos"][0]["faces"]
    say = Say("es", strict=True)
    for line in over_time_lines(restored(face, document["sentences"]), say):
        words, shown = ("".join(text.replace("\u2060", "").split()) for text in (line, told))
        assert words in shown, "the shell breaks lines where they end, and keeps nothing together"
        assert line in re.sub(r"<[^>]+>", "", page)
    assert f"--versions {series.name} --alpha 0.2 --json" in page
    for place in (series, *load_series(series).folders):  # its commands run in the folder that holds what they name
        (tmp_path / place.name).symlink_to(place)
    monkeypatch.chdir(tmp_path)
    for check, answers in ((document["check"]["audit"], 4), (part["check"], 1)):
        assert typed(shlex.split(check)[1:]) == 1, "one of the photos is damaged"
        again = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [Path(one["photo"]).name for one in again] == ["-face.jpg"] * answers + ["bad.png"] * answers


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"network": ["twin-a"]}, "--network"),
        ({"bundle": [Path("b")]}, "--bundle"),
        ({"answers": Path("a.jsonl")}, "--out"),
        ({"gradients": True}, "--gradients"),
        ({"prior": 0.1}, "--prior"),
        ({"bgr": True}, "--bgr"),
    ],
)
def test_beside_other_questions_it_is_refused(face_path: Path, options: dict[str, Any], name: str) -> None:
    with pytest.raises(typer.BadParameter, match=name):
        audit([face_path], versions=Path("series"), **options)


def test_no_other_bundle_is_opened(series: Path, face_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: object) -> MembershipTest:
        raise AssertionError("the twins have nothing to do with a series")

    monkeypatch.setattr(command, "open_test", opened)
    assert ask(face_path, versions=series, as_json=True) == 0


def test_without_a_series_it_says_how_to_make_one(face_path: Path, tmp_path: Path) -> None:
    with pytest.raises(MintError, match="mint lab series"):
        audit([face_path], versions=tmp_path)


def test_a_bundle_made_anew_is_refused(series: Path, face_path: Path) -> None:
    index = json.loads((series / INDEX).read_text())
    kept = index["versions"][2]["core_sha256"]
    index["versions"][2]["core_sha256"] = "0" * 64
    (series / INDEX).write_text(json.dumps(index))
    try:
        with pytest.raises(MintError, match="another bundle of v3"):
            audit([face_path], versions=series)
    finally:
        index["versions"][2]["core_sha256"] = kept
        (series / INDEX).write_text(json.dumps(index))
