"""``mint audit --out``: a collection's answers in a file that goes on where it stopped."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import typer

from mint.cli.audit.answers import shown
from mint.cli.audit.command import audit
from mint.errors import CannotWrite
from mint.membership import MAX_FACES, PHOTOS_PER_BATCH, MembershipTest
from mint.report.answer_files import UNFINISHED, AnswerFile
from mint.vision.images import to_png
from tests.hostile.faults import Fault
from tests.shell import mint
from tests.ui.reading import side_by_side

MORE = 3  # photos, in a second batch


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory, face_path: Path) -> Path:
    """A batch of photos and a few more, among them two that cannot be audited."""
    from mint.vision.images import open_photo

    folder = tmp_path_factory.mktemp("collection")
    rgb = open_photo(face_path)
    for number in range(PHOTOS_PER_BATCH + MORE):
        dimmed = (rgb[::2, ::2] * (1 - 0.02 * number)).astype(np.uint8)
        (folder / f"{number:02d}.png").write_bytes(to_png(dimmed))
    (folder / "04.png").write_bytes(b"damaged")
    (folder / f"{PHOTOS_PER_BATCH + 1:02d}.png").write_bytes(to_png(np.full((90, 90, 3), 200, np.uint8)))
    return folder


@pytest.fixture(scope="module")
def whole(collection: Path, weights: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What an undisturbed run writes as JSON Lines."""
    path = tmp_path_factory.mktemp("whole") / "answers.jsonl"
    assert ask(collection, weights, path) == 1
    return path.read_bytes()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def ask(photos: Path, weights: Path, path: Path, *others: Path, **options: Any) -> int:
    """Run the command here; its exit code."""
    try:
        audit([photos, *others], bundle=[weights / "twin-a"], answers=path, **options)
    except typer.Exit as end:
        return end.exit_code
    return 0


def test_a_row_a_face_and_network_in_the_order_of_the_files(
    collection: Path, weights: Path, whole: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [json.loads(line) for line in whole.splitlines()]
    assert [row["photo"] for row in rows] == sorted(map(str, collection.iterdir()))
    assert [row["photo_sha256"] for row in rows] == [sha256(path.read_bytes()) for path in sorted(collection.iterdir())]
    failed = [Path(row["photo"]).name for row in rows if row["error"]]
    assert failed == ["04.png", f"{PHOTOS_PER_BATCH + 1:02d}.png"]
    assert all((row["verdict"] is None) == bool(row["error"]) for row in rows)
    test = MembershipTest.load([str(weights / "twin-a")])
    for row in rows[:3]:
        (said,) = test.audit(row["photo"], row["photo"])
        face = said.to_dict()["faces"][0]
        assert (row["verdict"], row["reason"], row["person_verdict"]) == (
            face["verdict"],
            face["reason"],
            face["person"]["verdict"],
        )
        assert row["score"] == pytest.approx(face["combined"]["score"], rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
def test_faces_beyond_the_limit_stand_in_every_file(weights: Path, tmp_path: Path, suffix: str) -> None:
    (tmp_path / "wall.png").write_bytes(side_by_side(MAX_FACES + 1))
    out = tmp_path / f"answers.{suffix}"
    assert ask(tmp_path / "wall.png", weights, out) == 0
    found: list[dict[str, Any]]
    if suffix == "parquet":
        found = pq.read_table(out).to_pylist()
    else:
        text = out.read_text("utf-8")
        found = (
            [json.loads(line) for line in text.splitlines()]
            if suffix == "jsonl"
            else [*csv.DictReader(io.StringIO(text))]
        )
    assert {(int(row["faces"]), int(row["skipped"])) for row in found} == {(MAX_FACES, 1)}
    assert len(found) == MAX_FACES


def test_the_shell_says_that_smaller_faces_were_not_looked_at(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = tmp_path / "wall.png"
    photo.write_bytes(side_by_side(MAX_FACES + 1))
    audit([photo], bundle=[weights / "twin-a"])
    assert "1 smaller face was not looked at: only the 12 largest are." in capsys.readouterr().out
    audit([photo], bundle=[weights / "twin-a"], as_json=True)
    assert json.loads(capsys.readouterr().out)["skipped"] == 1


@pytest.mark.parametrize(
    "stop_at", [7, PHOTOS_PER_BATCH, *(pytest.param(n, marks=pytest.mark.full) for n in (1, PHOTOS_PER_BATCH + 2))]
)
def test_stopped_between_photos_it_goes_on_to_the_same_bytes(
    collection: Path,
    weights: Path,
    whole: bytes,
    tmp_path: Path,
    stop_at: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path, count = tmp_path / "answers.jsonl", [0]
    add = AnswerFile.add

    def stopping(self: AnswerFile, *of_a_photo: Any) -> None:
        if count[0] == stop_at:
            raise KeyboardInterrupt
        count[0] += 1
        add(self, *of_a_photo)

    with monkeypatch.context() as patch:
        patch.setattr(AnswerFile, "add", stopping)
        with pytest.raises(KeyboardInterrupt):
            ask(collection, weights, path)
    there = path.read_bytes()
    assert there == b"".join(whole.splitlines(keepends=True)[:stop_at])
    path.write_bytes(there + whole[len(there) :][:40])  # a torn line
    capsys.readouterr()
    assert ask(collection, weights, path, as_json=True) == 1
    assert path.read_bytes() == whole
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == PHOTOS_PER_BATCH + MORE - stop_at  # only what was not said before
    assert f"{PHOTOS_PER_BATCH + MORE} photos, {PHOTOS_PER_BATCH + MORE - stop_at} of them now" in said.err


def test_what_is_answered_is_not_looked_at_again(
    collection: Path,
    weights: Path,
    whole: bytes,
    tmp_path: Path,
    face_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path, looked = tmp_path / "answers.jsonl", []
    path.write_bytes(whole)
    find = MembershipTest.find

    def watched(self: MembershipTest, photo: Any) -> Any:
        looked.append(Path(photo).name)
        return find(self, photo)

    monkeypatch.setattr(MembershipTest, "find", watched)
    assert ask(collection, weights, path) == 1
    assert looked == []
    assert "Not printed" not in capsys.readouterr().err
    assert ask(collection, weights, path, as_json=True) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert f"Not printed: {PHOTOS_PER_BATCH + MORE} of the photos, as their answers are in {path} already." in said.err
    assert looked == []
    assert path.read_bytes() == whole
    assert f"2 of {PHOTOS_PER_BATCH + MORE} photos could not be audited" in said.err
    path.write_bytes(b"".join(line for line in whole.splitlines(keepends=True) if b"/02.png" not in line))
    assert ask(collection, weights, path) == 1
    assert looked == ["02.png"]  # a single one: no batch was cut off
    looked.clear()
    assert ask(face_path, weights, path, face_path) == 0  # other photos, one named twice, in the same file
    assert looked == ["face.jpg"]
    assert len(path.read_bytes().splitlines()) == PHOTOS_PER_BATCH + MORE + 1
    report = tmp_path / "report.json"
    assert ask(collection, weights, path, report=[report]) == 1  # a report shows all of them
    assert len(json.loads(report.read_bytes())["photos"]) == PHOTOS_PER_BATCH + MORE
    assert len(path.read_bytes().splitlines()) == PHOTOS_PER_BATCH + MORE + 1


def test_a_photo_that_has_changed_is_refused(
    collection: Path, weights: Path, whole: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos, path = tmp_path / "photos", tmp_path / "answers.jsonl"
    shutil.copytree(collection, photos)
    moved = whole.replace(json.dumps(str(collection))[1:-1].encode(), json.dumps(str(photos))[1:-1].encode())
    path.write_bytes(b"".join(moved.splitlines(keepends=True)[:5]))
    shutil.copy(photos / "01.png", photos / "00.png")  # another picture under the same name, and one that is gone
    (photos / "02.png").unlink()
    before = path.read_bytes()
    monkeypatch.setattr(MembershipTest, "find", None)  # nothing is looked at
    with pytest.raises(CannotWrite, match=r"00\.png before: the content has changed"):
        ask(photos, weights, path)
    with pytest.raises(CannotWrite, match=r"02\.png before"):
        ask(photos / "02.png", weights, path)
    assert path.read_bytes() == before


def test_a_photo_that_is_replaced_while_it_is_audited_is_not_kept(
    weights: Path, face_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    photo, path, find = tmp_path / "photo.jpg", tmp_path / "answers.jsonl", MembershipTest.find
    shutil.copy(face_path, photo)

    def replaced(self: MembershipTest, file: Any) -> Any:
        found = find(self, file)
        photo.write_bytes(face_path.read_bytes() + b"more")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(MembershipTest, "find", replaced)
        assert ask(photo, weights, path, as_json=True) == 1
    said = capsys.readouterr()
    assert path.read_bytes() == b""
    assert said.out == ""
    assert "changed while it was audited" in said.err
    assert ask(photo, weights, path) == 0
    assert json.loads(path.read_bytes())["photo_sha256"] == sha256(photo.read_bytes())


@pytest.mark.parametrize(("total", "kept", "lines"), [(31, True, 1), (16, True, 0), (3000, True, 19), (31, False, 0)])
def test_how_far_it_is_is_said(total: int, kept: bool, lines: int, capsys: pytest.CaptureFixture[str]) -> None:
    now = iter(range(0, 10**9, 60))  # a minute a line
    assert list(shown(range(total), total, kept, lambda: next(now))) == list(range(total))  # type: ignore[arg-type]
    said = capsys.readouterr().err.splitlines()
    assert len(said) == lines
    if total == 31 and kept:
        assert said == ["16 of 31 photos, about 56 s left"]
    if total == 3000:
        assert said[0] == "150 of 3000 photos, about 19 min left"  # 60 s for 150, so 1140 s for 2850
        assert said[-1] == "2850 of 3000 photos, about 60 s left"


def test_fail_fast_stops_and_can_be_gone_on_with(collection: Path, weights: Path, whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    assert ask(collection, weights, path, fail_fast=True) == 1
    assert path.read_bytes() == b"".join(whole.splitlines(keepends=True)[:5])
    assert ask(collection, weights, path) == 1
    assert path.read_bytes() == whole


@pytest.mark.parametrize("words", [("--alpha", "nan"), ("--prior", "nan"), ("--alpha", "nan", "--prior", "NAN")])
def test_what_is_no_setting_is_refused_in_a_line(face_path: Path, words: tuple[str, ...]) -> None:
    """Nan is beyond no end of a range, and in none all the same."""
    done = mint("audit", face_path, *words)
    assert done.returncode == 2
    assert f"Invalid value for '{words[0]}'" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert not done.stdout


def test_another_bundle_or_alpha_is_refused_in_a_line(weights: Path, face_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    asked = ["audit", face_path, "--out", path]
    assert mint(*asked, "--bundle", weights / "twin-a").returncode == 0
    before = path.read_bytes()
    for options, words in (
        (["--bundle", weights / "twin-a", "--alpha", "0.05"], "alpha 0.01 instead of 0.05"),
        (["--bundle", weights / "twin-b"], "network twin-a instead of twin-b"),
    ):
        done = mint(*asked, *options)
        assert done.returncode == 1
        assert words in done.stderr
        assert "Name another --out, or begin it anew with --force" in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert path.read_bytes() == before
    assert mint(*asked, "--bundle", weights / "twin-b", "--force").returncode == 0
    assert b"twin-b" in path.read_bytes()
    assert b"twin-a" not in path.read_bytes()


def test_what_cannot_be_written_is_refused_before_anything_is_loaded(tmp_path: Path, face_path: Path) -> None:
    with pytest.raises(CannotWrite, match=r"\.parquet"):
        ask(face_path, Path("nowhere"), tmp_path / "answers.txt")
    with pytest.raises(typer.BadParameter, match="--person"):
        audit(person=face_path.parent, answers=tmp_path / "answers.csv")
    with pytest.raises(typer.BadParameter, match="nor --report keeps"):
        audit([face_path], gradients=True, report=[tmp_path / "report.json"])


def test_parquet_without_pyarrow_says_what_to_install(weights: Path, face_path: Path, tmp_path: Path) -> None:
    asked = ["audit", face_path, "--bundle", weights / "twin-a", "--out"]
    done = mint(*asked, tmp_path / "answers.parquet", without=["pyarrow"])
    assert done.returncode == 1
    assert "pyarrow" in done.stderr
    assert "[lab]" in done.stderr
    assert list(tmp_path.iterdir()) == []
    assert mint(*asked, tmp_path / "answers.csv", without=["pyarrow"]).returncode == 0


@pytest.mark.full
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_every_step_a_parquet_file_is_the_same_in_the_end(
    weights: Path, face_path: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    path = folder / "answers.parquet"
    asked = ["audit", face_path, "tests/data/nowhere.jpg", "--bundle", weights / "twin-a", "--out", path]
    done = mint(*asked, fault=Fault(within=str(folder)))
    assert (done.returncode, path.is_file()) == (1, True), done.stderr
    wanted = pq.read_table(path).to_pylist()
    assert len(wanted) == 2
    assert done.steps >= 4
    for step in range(1, done.steps + 1):
        for left in folder.iterdir():
            left.unlink()
        assert mint(*asked, fault=Fault(within=str(folder), kill_at=step)).returncode == -signal.SIGKILL
        assert not path.exists() or pq.read_table(path).to_pylist() == wanted
        assert mint(*asked).returncode == 1
        assert pq.read_table(path).to_pylist() == wanted
        assert not (folder / f"{path.name}{UNFINISHED}").exists()
