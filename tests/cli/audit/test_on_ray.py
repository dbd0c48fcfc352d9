"""``mint audit --out --engine ray``: the file that one process writes, whoever of the workers ends first or dies.

With a stand-in for Ray, which works in this process; the real one is asked in the full tier.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer

from mint import membership
from mint.bundles.find import BundleRef
from mint.cli.audit import on_ray
from mint.cli.audit.command import audit
from mint.cli.audit.on_ray import Audited, PhotoAuditor, Wanted, pieces_of
from mint.cli.network_options import open_test
from mint.errors import LibraryMissing, MintError
from mint.networks.base import GraphReading
from mint.report.answer_files import AnswerFile
from mint.vision.images import to_png
from tests.ray_stand_in import RayStandIn, Worker, install

ROOT = Path(__file__).parents[3]
PHOTOS, BATCH = 7, 2
FAILED = ("2.png", "4.png")


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory, face_path: Path) -> Path:
    """Photos for four pieces, among them two that cannot be audited."""
    from mint.vision.images import open_photo

    folder = tmp_path_factory.mktemp("collection")
    rgb = open_photo(face_path)[::2, ::2]
    for number in range(PHOTOS):
        (folder / f"{number}.png").write_bytes(to_png((rgb * (1 - 0.03 * number)).astype(np.uint8)))
    (folder / FAILED[0]).write_bytes(b"damaged")
    (folder / FAILED[1]).write_bytes(to_png(np.full((90, 90, 3), 200, np.uint8)))
    return folder


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(membership, "PHOTOS_PER_BATCH", BATCH)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # a worker sets it, and here it is this process


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> RayStandIn:
    monkeypatch.setattr("mint.doctor.extras.needs", lambda *packages: None)
    return install(monkeypatch)


@pytest.fixture(scope="module")
def whole(collection: Path, weights: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What one process writes."""
    path = tmp_path_factory.mktemp("whole") / "answers.jsonl"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(membership, "PHOTOS_PER_BATCH", BATCH)
        assert ask(collection, weights, path) == 1
    return path.read_bytes()


def ask(photos: Path, weights: Path, path: Path, **options: Any) -> int:
    """Run the command here; its exit code."""
    try:
        audit([photos], bundle=[weights / "twin-a"], answers=path, **options)
    except typer.Exit as end:
        return end.exit_code
    return 0


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.full)])
def test_the_file_is_that_of_one_process_though_workers_die(
    collection: Path,
    weights: Path,
    whole: bytes,
    tmp_path: Path,
    seed: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("mint.doctor.extras.needs", lambda *packages: None)
    ray, seen = install(monkeypatch, seed=seed), list[str]()

    def dies(name: str, worker: Worker, *arguments: Any) -> bool:
        first = arguments[0][0][1] if name == "run" else ""
        seen.append(first)
        return first.endswith(f"{BATCH}.png") and seen.count(first) == 1

    ray.dies = dies
    path = tmp_path / "answers.jsonl"
    assert ask(collection, weights, path, engine="ray", workers=2) == 1
    assert path.read_bytes() == whole
    failed = [Path(row["photo"]).name for row in map(json.loads, whole.splitlines()) if row["error"]]
    assert failed == list(FAILED)
    assert len(ray.workers) == 3  # one more than were wanted
    said = capsys.readouterr().err
    assert f"{len(FAILED)} of {PHOTOS} photos could not be audited." in said
    assert ray.calls == ["init local", "shutdown"]


@pytest.mark.parametrize("stop_at", [1, 4])
def test_a_stopped_run_goes_on_to_the_same_bytes_with_or_without_ray(
    collection: Path,
    weights: Path,
    whole: bytes,
    tmp_path: Path,
    ray: RayStandIn,
    stop_at: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, count, add = tmp_path / "answers.jsonl", [0], AnswerFile.add

    def stopping(self: AnswerFile, *of_a_photo: Any) -> None:
        if count[0] == stop_at:
            raise KeyboardInterrupt
        count[0] += 1
        add(self, *of_a_photo)

    with monkeypatch.context() as patch:
        patch.setattr(AnswerFile, "add", stopping)
        with pytest.raises(KeyboardInterrupt):
            ask(collection, weights, path, engine="ray", workers=2)
    assert not any(worker.alive for worker in ray.workers)
    there = path.read_bytes()
    assert there == b"".join(whole.splitlines(keepends=True)[:stop_at])
    asked: list[str] = []

    def hears(name: str, worker: Worker, *arguments: Any) -> bool:
        asked.extend(photo for piece in arguments for _, photo in piece)
        return False

    ray.dies = hears
    engine = {"engine": "ray", "workers": 2} if stop_at == 1 else {}
    assert ask(collection, weights, path, **engine) == 1
    assert path.read_bytes() == whole
    assert len(asked) == (PHOTOS if engine else 0)  # from the first photo of the batch that was cut off


def test_a_photo_that_changes_meanwhile_is_not_kept(
    collection: Path,
    weights: Path,
    whole: bytes,
    tmp_path: Path,
    ray: RayStandIn,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    work = PhotoAuditor.__call__

    def changed(self: PhotoAuditor, piece: Any) -> list[Audited]:
        found = work(self, piece)
        return [Audited(one.audits, one.sha256, not name.endswith("5.png")) for one, (_, name) in zip(found, piece)]  # noqa: B905

    monkeypatch.setattr(PhotoAuditor, "__call__", changed)
    path = tmp_path / "answers.jsonl"
    assert ask(collection, weights, path, engine="ray") == 1
    lines = whole.splitlines(keepends=True)
    assert path.read_bytes() == b"".join(lines[:5] + lines[6:])
    assert "5.png: It was changed while it was audited" in " ".join(capsys.readouterr().err.split())


def test_a_worker_reads_photos_where_they_are_and_says_whether_they_stayed(
    collection: Path, weights: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refs = (BundleRef(str(weights / "twin-a")),)
    wanted = Wanted.of(refs, GraphReading(), open_test(list(refs), GraphReading()), 0.01, 0.5)
    photo = tmp_path / "photo.png"
    photo.write_bytes((collection / "0.png").read_bytes())
    worker = PhotoAuditor(wanted)
    monkeypatch.chdir(collection)  # its folder is not that of whoever asked
    (found,) = worker([(str(photo), "a name")])
    assert found.whole
    assert found.audits[0].photo == "a name"
    judge = membership.MembershipTest.judge

    def late(self: membership.MembershipTest, *of_a_look: Any) -> Any:
        photo.write_bytes(b"another one by now")
        return judge(self, *of_a_look)

    monkeypatch.setattr(membership.MembershipTest, "judge", late)
    (found,) = worker([(str(photo), "a name")])
    assert not found.whole


def test_a_worker_of_another_bundle_or_version_is_refused(weights: Path) -> None:
    refs = (BundleRef(str(weights / "twin-a")),)
    test = open_test(list(refs), GraphReading())
    wanted = Wanted.of(refs, GraphReading(), test, 0.01, 0.5)
    other = Wanted(refs, GraphReading(), {"twin-a": "0" * 64}, 0.01, 0.5, wanted.version)
    with pytest.raises(MintError, match=r"another bundle of twin-a, .* instead of 000000000000"):
        PhotoAuditor(other)
    with pytest.raises(MintError, match=r"this machine 0\.0\.0"):
        PhotoAuditor(Wanted(refs, GraphReading(), wanted.sha256, 0.01, 0.5, "0.0.0"))


def test_paths_hold_from_any_folder_and_names_stay(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(weights)
    assert on_ray._placed(BundleRef("twin-a")).bundle == str(weights / "twin-a")
    assert on_ray._placed(BundleRef("twin-c", "net.onnx")) == BundleRef("twin-c", "net.onnx")
    files = [(Path(f"{number}.png"), "") for number in range(5)]
    pieces = pieces_of(files)
    assert [len(piece) for piece in pieces] == [BATCH, BATCH, 1]
    assert [one for piece in pieces for one in piece] == [(str(weights / file), str(file)) for file, _ in files]
    many = pieces_of(files * 1000)
    assert {len(piece) for piece in many[:-1]} == {BATCH * on_ray.MOST_BATCHES}


@pytest.mark.parametrize(
    "options",
    [
        {"engine": "ray"},
        {"engine": "ray", "answers": Path("answers.jsonl"), "report": [Path("report.html")]},
        {"engine": "ray", "answers": Path("answers.jsonl"), "gradients": True},
        {"workers": 2, "answers": Path("answers.jsonl")},
        {"address": "auto", "answers": Path("answers.jsonl")},
    ],
)
def test_what_does_not_go_together_is_refused(
    options: dict[str, Any], collection: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(typer.BadParameter):
        audit([collection], **options)
    assert not list(tmp_path.iterdir())


def test_without_ray_a_line_names_the_extra(collection: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setattr("mint.doctor.extras._there", lambda package: package != "ray")
    with pytest.raises(LibraryMissing, match=r"^This needs ray, which is not installed: pip install '.*\[scale\]'$"):
        audit([collection], answers=tmp_path / "answers.jsonl", engine="ray")
    monkeypatch.setattr("mint.doctor.extras._there", lambda package: False)
    with pytest.raises(LibraryMissing, match=r"^This needs pyarrow and ray, which are not installed: .*\[scale\]'$"):
        audit([collection], answers=tmp_path / "answers.parquet", engine="ray")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".jsonl", ".csv"])
def test_where_no_ray_answers_nothing_is_left_and_what_was_answered_stays(
    ray: RayStandIn, collection: Path, weights: Path, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"answers{suffix}"
    with pytest.raises(MintError, match=r"^No Ray can be reached at 127\.0\.0\.1:99999"):
        ask(collection, weights, path, engine="ray", address="127.0.0.1:99999")
    assert not list(tmp_path.iterdir())
    one = tmp_path / "one" / "0.png"
    one.parent.mkdir()
    one.write_bytes((collection / "0.png").read_bytes())
    assert ask(one, weights, path) == 0
    before = path.read_bytes()
    with pytest.raises(MintError, match=r"^No Ray"):
        ask(collection, weights, path, engine="ray", address="127.0.0.1:99999")
    assert path.read_bytes() == before


@pytest.mark.full
@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="pip install '.[scale]'")
def test_ray_writes_the_same_bytes_though_a_worker_is_killed(tmp_path: Path) -> None:
    # In a process of its own: Ray talks over the machine's own address, which other tests refuse.
    done = subprocess.run(
        [sys.executable, "-m", "tests.cli.audit.audit_on_ray", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found == {"photos": 23, "died": True, "same": True, "same after a stop": True, "left running": False}
