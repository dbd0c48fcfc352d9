"""The papers' protocol on planted data: a shift between two databases shows in the pixels, no shift does not."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image

from mint.errors import TooFew
from mint.lab.inputs.layout import INNERMOST
from mint.lab.inputs.source import PhotoSource
from mint.lab.paper import protocol
from mint.lab.paper.faces import SIDES, Limits, Side, centres, load_sides, reencode
from mint.lab.paper.protocol import Plan
from mint.lab.paper.run import run_paper
from mint.lab.paper.table import tabulate
from mint.lab.store.census import take_census
from mint.storage.files import read_json
from mint.vision.images import to_png
from tests.graphs import mobile

PLAN = Plan(sizes=(32, None), whole_maps=32, control=64, near=2.0, vanilla_epochs=20, cnn_epochs=1)
LIMITS = Limits(validation=24, test=60)


def database(folder: Path, name: str, seed: int, brightness: float, people: int = 12, photos: int = 9) -> Path:
    """A tar of aligned crops: smooth noise, one folder a person."""
    random = np.random.default_rng(seed)
    path = folder / f"{name}.tar"
    with tarfile.open(path, "w") as archive:
        for person in range(people):
            for number in range(photos):
                small = random.uniform(40, 160, (7, 7, 3)) + brightness
                picture = Image.fromarray(small.astype(np.uint8)).resize((112, 112), Image.Resampling.BICUBIC)
                data = to_png(np.asarray(picture), effort=0)
                entry = tarfile.TarInfo(f"{name}/{name}-{person:02d}/{number}.png")
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
    return path


def run(folder: Path, brightness: float) -> dict[str, object]:
    network = folder / "mobile.onnx"
    onnx.save(mobile(residual=True), network)
    members, external = database(folder, "inside", 1, 0.0), database(folder, "outside", 2, brightness)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(protocol, "SAMPLES_PER_STEP", 32)
        (file,) = run_paper([network], members, external, folder / "out", None, PLAN, LIMITS)
    return read_json(file)


def figures(found: dict[str, object], control: str | None = None) -> dict[tuple[str, str], float]:
    rows = found["controls"][control] if control else found["rows"]  # type: ignore[index]
    return {(r["auditor"], r["layer"]): r["auc"] for r in rows}  # the largest size comes last


@pytest.fixture(scope="module")
def shifted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    return run(tmp_path_factory.mktemp("shifted"), 60.0)


def test_a_planted_shift_is_seen_by_whatever_cannot_know_membership(shifted: dict[str, object]) -> None:
    assert figures(shifted, "pixels")["vanilla", "embedding"] > 0.97
    assert max(figures(shifted, "untrained").values()) > 0.97
    assert max(figures(shifted).values()) > 0.97


@pytest.mark.full
def test_without_a_shift_nothing_is_seen(tmp_path: Path) -> None:
    found = run(tmp_path, 0.0)
    for control in (None, "pixels", "untrained"):
        assert abs(np.mean(list(figures(found, control).values())) - 0.5) < 0.1, control


def test_the_result_says_what_was_done(shifted: dict[str, object]) -> None:
    rows: list[dict[str, object]] = shifted["rows"]  # type: ignore[assignment]
    assert {(r["auditor"], r["layer"], r["asked"]) for r in rows} == {
        *(("vanilla", layer, size) for layer in ("stage1", "stage2", "stage3", "stage4", "embedding", "all")
          for size in (32, "all")),
        *(("cnn", f"stage{k}", 32) for k in (1, 2, 3, 4)),
    }  # fmt: skip
    splits: dict[str, dict[str, dict[str, int]]] = shifted["splits"]  # type: ignore[assignment]
    for split in splits.values():
        assert split["members"]["photos"] == split["external"]["photos"]
    assert sum(split["members"]["people"] for split in splits.values()) == 12
    assert all(r["members"] == splits["test"]["members"]["photos"] for r in rows)


def test_a_run_goes_on_with_the_stores_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "SAMPLES_PER_STEP", 8)
    network = tmp_path / "mobile.onnx"
    onnx.save(mobile(residual=False), network)
    members, external = database(tmp_path, "inside", 1, 0.0, 6, 4), database(tmp_path, "outside", 2, 30.0, 6, 4)
    plan = Plan(sizes=(8,), whole_maps=8, control=8, near=2.0, vanilla_epochs=1, cnn_epochs=1)
    lines: list[str] = []

    def once() -> dict[str, object]:
        lines.clear()
        files = run_paper([network], members, external, tmp_path, tmp_path / "work", plan, LIMITS, report=lines.append)
        return read_json(files[0])

    first = once()
    stamps = {p: p.stat().st_mtime_ns for p in (tmp_path / "work").rglob("*.safetensors")}
    assert {p.relative_to(tmp_path / "work").parts[:2] for p in stamps} == {
        (name, "maps") for name in ("mobile", "mobile-untrained", "pixels")
    }
    assert once() == first
    assert {p: p.stat().st_mtime_ns for p in stamps} == stamps
    gone = next((tmp_path / "work" / "mobile").rglob("*.safetensors"))
    gone.unlink()
    assert once() == first
    assert [p for p in stamps if p.stat().st_mtime_ns != stamps[p]] == [gone]


# ---- the two sides


def test_splits_share_nobody_and_namesakes_go(tmp_path: Path) -> None:
    members = database(tmp_path, "inside", 1, 0.0, photos=3)
    external = database(tmp_path, "outside", 2, 0.0, photos=3)
    both = tmp_path / "both.tar"
    with tarfile.open(both, "w") as archive:
        for source in (external, members):
            with tarfile.open(source) as old:
                for entry in old.getmembers()[: 12 if source is members else None]:
                    archive.addfile(entry, old.extractfile(entry))
    lines: list[str] = []
    inside, outside, counts = load_sides(members, both, LIMITS, 1, lines.append)
    sides = {side: PhotoSource(path, person_level=INNERMOST) for side, path in zip(SIDES, (members, both), strict=True)}
    assert lines[:3] == take_census(sides).lines()  # as mint lab extract says it
    assert lines[0] == "members: 36 photos of 12 people: the folder that a photo lies in is the person"
    assert lines[2] == "4 names on both sides, taken for the same people; --separate-people keeps them apart"
    names = ", ".join(f"inside-{k:02d}" for k in range(4))
    assert lines[3] == f"external: 4 people of a member's name left out, with 12 photos: {names}"
    assert counts["external: namesakes removed, people"] == 4
    assert counts["external: namesakes removed, photos"] == 12
    for side in (inside, outside):
        by_split = [set(side.people[side.split == s]) for s in ("training", "validation", "test")]
        assert all(by_split)
        assert len(set.union(*by_split)) == sum(map(len, by_split))
    assert not set(inside.people) & set(outside.people)


def test_namesakes_stay_where_the_user_says_that_they_are_others(tmp_path: Path) -> None:
    one = database(tmp_path, "inside", 1, 0.0, photos=2)
    (tmp_path / "other").mkdir()
    other = database(tmp_path / "other", "inside", 2, 0.0, photos=2)
    lines: list[str] = []
    inside, outside, counts = load_sides(one, other, LIMITS, 1, lines.append, separate_people=True)
    assert lines[2] == "12 names on both sides, taken for different people (--separate-people)"
    assert counts["external: namesakes removed, people"] == 0
    assert len(set(inside.people)) == len(set(outside.people)) == 12
    assert not set(inside.people) & set(outside.people)
    with pytest.raises(TooFew, match="external show 0 people"):
        load_sides(one, other, LIMITS, 1, lines.append)


def test_who_is_who_is_said_for_a_list_and_for_samples(tmp_path: Path) -> None:
    members = database(tmp_path, "inside", 1, 0.0, photos=2)
    with tarfile.open(members) as packed, tarfile.open(tmp_path / "samples.tar", "w") as samples_of:
        packed.extractall(tmp_path)
        rows = ["path,subject"]
        for number, entry in enumerate(packed.getmembers()):
            folder, name = Path(entry.name).parent, f"w/{number}"
            rows.append(f"{entry.name},who-{folder.name}")
            for end, data in (("png", (tmp_path / entry.name).read_bytes()), ("cls", f"cls-{folder.name}".encode())):
                info = tarfile.TarInfo(f"{name}.{end}")
                info.size = len(data)
                samples_of.addfile(info, io.BytesIO(data))
    (tmp_path / "list.csv").write_text("\n".join([*rows, "gone.png,who-inside-00"]))
    lines: list[str] = []
    inside, outside, counts = load_sides(str(tmp_path / "list.csv"), tmp_path / "samples.tar", LIMITS, 1, lines.append)
    assert lines[0] == "members: 25 photos of 12 people: the column subject names the person"
    assert lines[1] == "external: 24 photos of 12 people: cls of a sample names the person"
    assert {person[:4] for person in inside.people} == {"who-"}
    assert {person[:4] for person in outside.people} == {"cls-"}
    assert counts["members: photos without a face"] <= 1  # the one that is gone, if it was drawn


def test_the_same_seed_draws_the_same(tmp_path: Path) -> None:
    members, external = database(tmp_path, "inside", 1, 0.0, 8, 2), database(tmp_path, "outside", 2, 0.0, 8, 2)
    one, again, other = (load_sides(members, external, LIMITS, seed, lambda line: None)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.crops, again.crops)
    assert not np.array_equal(one.people, other.people)


def test_too_few_people_are_refused(tmp_path: Path) -> None:
    members, external = database(tmp_path, "inside", 1, 0.0, 3, 2), database(tmp_path, "outside", 2, 0.0, 6, 2)
    with pytest.raises(TooFew, match="members show 3 people"):
        load_sides(members, external, LIMITS, 1, lambda line: None)


def test_every_crop_passes_through_the_same_jpeg() -> None:
    crop = np.random.default_rng(0).integers(0, 256, (112, 112, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(crop).save(buffer, "JPEG", quality=90, subsampling="4:2:0")
    np.testing.assert_array_equal(reencode(crop), np.asarray(Image.open(buffer).convert("RGB")))


def test_training_rows_alternate_so_that_a_prefix_is_balanced() -> None:
    def side(number: int, photos: int) -> Side:
        splits = np.array(["validation", "test", "training"])[np.arange(photos) % 3]
        crops = np.full((photos, 2, 2, 3), number, np.uint8)
        return Side(crops, np.array([f"{number}-{k}" for k in range(photos)]), splits)

    table = tabulate(side(1, 30), side(0, 21))
    assert (table.validation, table.test, table.training) == (14, 14, 14)
    for start in (0, 14, 28):
        for size in (2, 6, 14):
            assert table.member[start : start + size].sum() == size / 2
    np.testing.assert_array_equal(table.crops[:, 0, 0, 0] == 1, table.member)


def test_a_centre_is_the_mean_direction() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(9, 5))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    people = np.array(list("aabbbacca"))
    names, means = centres(x, people)
    for name, mean in zip(names, means, strict=True):
        total = sum(x[k] for k in range(9) if people[k] == name)
        np.testing.assert_allclose(mean, total / np.linalg.norm(total))
