"""Stored bounds of false alarms: SciPy's numbers, taken for the scores that they were computed from and for no others."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save

from mint.bundles.bounds import NOTE, StoredBounds, about, differences
from mint.bundles.bundle import Bundle
from mint.bundles.files import SCORES, add_bounds, load_bundle
from mint.bundles.manifest import problems, read_manifest, write_manifest
from mint.cli.weights import bounds as command
from mint.errors import BundleMismatch, WeightsCorrupt, WeightsMissing
from mint.evidence.conformal import FalseAlarmBound
from mint.evidence.score_table import PERSON, PHOTO
from mint.judging.photo import evidence_from, false_alarms_by_kind, measured_rates
from mint.storage.bundle_index import BOUNDS
from mint.storage.paths import WEIGHTS
from tests.tiny_bundles import tiny_bundle

Tensors = dict[str, np.ndarray]
SHIPPED = tuple(sorted(path.parent.name for path in WEIGHTS.glob(f"*/{BOUNDS}")))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle with bounds; read only."""
    folder = tmp_path_factory.mktemp("bounds") / "twin-a"
    tiny_bundle(folder)
    add_bounds(folder)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(made, tmp_path / "twin-a"))


def promise(folder: Path, name: str, data: bytes) -> None:
    """Put other bytes in a file's place, and let the index promise them."""
    (folder / name).write_bytes(data)
    index = json.loads((folder / "bundle.json").read_text())
    index["files"][name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (folder / "bundle.json").write_text(json.dumps(index))


def rewrite(folder: Path, change: Callable[[Tensors], object], **said: object) -> None:
    """Change stored bounds, as whoever forges a bundle does."""
    index = json.loads((folder / "bundle.json").read_text())
    tensors = load_file(folder / BOUNDS)
    change(tensors)
    note = {NOTE: json.dumps(json.loads(about(index["files"][SCORES]["sha256"])[NOTE]) | said)}
    promise(folder, BOUNDS, save({name: np.ascontiguousarray(v) for name, v in tensors.items()}, note))


def stored(bundle: Bundle) -> StoredBounds:
    assert bundle.stored_bounds is not None
    return bundle.stored_bounds


def same_answers(one: Bundle, other: Bundle) -> None:
    asked = np.linspace(-9, 9, 50)
    for question, column in ((PHOTO, "prototype/head"), (PHOTO, PHOTO), (PERSON, PERSON)):
        mine, theirs = one.bounds(column, question), other.bounds(column, question)
        assert mine.keys() == theirs.keys() != set()
        for kind in mine:
            assert mine[kind].at(asked).tolist() == theirs[kind].at(asked).tolist()
            assert mine[kind].people == theirs[kind].people
            assert mine[kind].highest.tolist() == theirs[kind].highest.tolist()
    for question in (PHOTO, PERSON):
        for alpha in (0.01, 0.1, 0.4):
            assert measured_rates(one, question, alpha) == measured_rates(other, question, alpha)
            assert false_alarms_by_kind(one, question, alpha) == false_alarms_by_kind(other, question, alpha)
            assert evidence_from(one, question, alpha) == evidence_from(other, question, alpha)


def test_answers_are_those_of_computed_ones(made: Path) -> None:
    computed, taken = load_bundle(made), load_bundle(made, graph=True)
    assert computed.stored_bounds is None, "the lab computes"
    assert stored(taken).rates.keys() >= {("siblings", PHOTO), ("outsiders", PERSON), ("siblings", "prototype/head")}
    same_answers(computed, taken)


def test_a_bundle_without_them_computes(folder: Path, made: Path) -> None:
    index = json.loads((folder / "bundle.json").read_text())
    del index["files"][BOUNDS]
    (folder / "bundle.json").write_text(json.dumps(index))
    without = load_bundle(folder, graph=True)
    assert without.stored_bounds is None
    same_answers(without, load_bundle(made, graph=True))


def test_intervals_of_older_files_are_passed_over(folder: Path, made: Path) -> None:
    rewrite(folder, lambda tensors: tensors.update({"interval|3": np.full((4, 2), 0.5)}))
    same_answers(load_bundle(folder, graph=True), load_bundle(made, graph=True))


def test_other_scores_are_never_judged_by_them(made: Path) -> None:
    bundle = load_bundle(made, graph=True)
    moved = {s: {c: v + (c == PHOTO) for c, v in table.items()} for s, table in bundle.calibration.items()}
    other = replace(bundle, scores={**bundle.scores, "calibration": moved})
    half = {s: {c: v[::2] for c, v in table.items()} for s, table in bundle.calibration.items()}
    for tables in (moved, half):
        other = replace(bundle, scores={**bundle.scores, "calibration": tables})
        for kind, bound in other.bounds(PHOTO, PHOTO).items():
            wanted = FalseAlarmBound.of(tables[kind][PHOTO], tables[kind]["identity"])
            assert bound.rates.tolist() == wanted.rates.tolist()
            assert bound.highest.tolist() == wanted.highest.tolist()


def test_bounds_of_other_scores_are_refused(folder: Path) -> None:
    scores = load_file(folder / SCORES)
    scores["calibration|siblings|photo"] = scores["calibration|siblings|photo"] + 1
    fingerprint = json.loads((folder / "bundle.json").read_text())["network"]["fingerprint"]
    promise(folder, SCORES, save(scores, {"network": fingerprint}))
    with pytest.raises(BundleMismatch, match=rf"other scores.*: mint weights bounds {re.escape(str(folder))}$"):
        load_bundle(folder, graph=True)
    add_bounds(folder)
    same_answers(load_bundle(folder), load_bundle(folder, graph=True))


def put(name: str, change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Tensors], object]:
    return lambda tensors: tensors.update({name: change(tensors[name])})


def first(values: np.ndarray, value: float) -> np.ndarray:
    return np.concatenate([[value], values[1:]])


RATES = "bound|siblings|photo"
WRONG: dict[str, Callable[[Tensors], object]] = {
    "falling": put(RATES, lambda v: v[::-1]),
    "not up to 1": put(RATES, lambda v: np.minimum(v, 0.9)),
    "too low": put(RATES, lambda v: first(v, v[0] / 2)),
    "no number": put(RATES, lambda v: first(v, np.nan)),
    "too few": put(RATES, lambda v: v[1:]),
    "single": put(RATES, lambda v: v.astype(np.float32)),
    "a table": put(RATES, lambda v: np.stack([v, v])),
    "of nobody": lambda tensors: tensors.update({"bound|strangers|photo": tensors[RATES]}),
    "of no column": lambda tensors: tensors.update({"bound|siblings|peak": tensors[RATES]}),
    "of no kind": lambda tensors: tensors.update({"x": tensors[RATES]}),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_bounds_is_refused(folder: Path, what: str) -> None:
    rewrite(folder, WRONG[what])
    with pytest.raises(WeightsCorrupt, match="it has bounds"):
        load_bundle(folder, graph=True)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"scores": "0" * 64}, BundleMismatch),
        ({"confidence": 0.5}, BundleMismatch),
        ({"format": "mint-bounds-0"}, WeightsCorrupt),
    ],
)
def test_bounds_of_something_else_are_refused(folder: Path, said: dict[str, object], error: type[Exception]) -> None:
    rewrite(folder, lambda _: None, **said)
    with pytest.raises(error):
        load_bundle(folder, graph=True)


@pytest.mark.parametrize("data", [b"", b"\0" * 99, b"no tensors", b"\x02\0\0\0\0\0\0\0[]"])
def test_what_is_no_file_of_tensors_is_refused(folder: Path, data: bytes) -> None:
    promise(folder, BOUNDS, data)
    with pytest.raises(WeightsCorrupt):
        load_bundle(folder, graph=True)


def test_computed_again_they_are_the_same_and_nothing_else_changes(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    add_bounds(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("data", [None, b"damaged"])
def test_damaged_or_missing_ones_are_computed_again(folder: Path, made: Path, data: bytes | None) -> None:
    (folder / BOUNDS).unlink()
    if data is not None:
        (folder / BOUNDS).write_bytes(data)
    with pytest.raises((WeightsCorrupt, WeightsMissing), match=f"mint weights bounds {folder}"):
        load_bundle(folder, graph=True)
    command([folder])
    assert (folder / BOUNDS).read_bytes() == (made / BOUNDS).read_bytes()
    assert (folder / "bundle.json").read_bytes() == (made / "bundle.json").read_bytes()


def test_the_command_adds_them_and_lists_the_file(folder: Path, made: Path) -> None:
    index = json.loads((folder / "bundle.json").read_text())
    del index["files"][BOUNDS]
    (folder / "bundle.json").write_text(json.dumps(index))
    (folder / BOUNDS).unlink()
    write_manifest({"twin-a": ("MIT", "a test")}, folder.parent)
    command([folder])
    assert (folder / BOUNDS).read_bytes() == (made / BOUNDS).read_bytes()
    assert f"twin-a/{BOUNDS}" in {entry.file for entry in read_manifest(folder.parent)}
    assert problems(folder.parent) == []


def test_verify_recomputes_them(folder: Path) -> None:
    write_manifest({"twin-a": ("MIT", "a test")}, folder.parent)
    assert problems(folder.parent) == []
    rewrite(folder, put(RATES, lambda v: np.append(v[0], np.sqrt(v[1:]))))  # sound, and not the scores' own
    write_manifest({"twin-a": ("MIT", "a test")}, folder.parent)
    load_bundle(folder, graph=True)
    (line,) = problems(folder.parent)
    assert f"{BOUNDS}: {RATES} is not what its scores say" in line
    rewrite(folder, lambda tensors: tensors.pop(RATES))
    assert RATES in next(differences(stored(load_bundle(folder, graph=True)), load_bundle(folder).bound_tensors()))


@pytest.mark.parametrize("network", SHIPPED)
def test_shipped_bounds_are_what_scipy_says(network: str) -> None:
    taken = load_bundle(WEIGHTS / network, graph=True)
    computed = replace(taken, stored_bounds=None)
    assert not list(differences(stored(taken), computed.bound_tensors()))
    questions = [(spec.column, PHOTO) for spec in taken.specs if spec.online] + [(PHOTO, PHOTO), (PERSON, PERSON)]
    for column, question in questions:
        assert {(kind, column) for kind in taken.compared(question)} <= stored(taken).rates.keys()
    for question in (PHOTO, PERSON):
        assert measured_rates(taken, question, 0.01) == measured_rates(computed, question, 0.01)


def test_the_default_pair_has_them() -> None:
    assert {"twin-a", "twin-b"} <= set(SHIPPED)


def test_judging_a_photo_needs_no_scipy() -> None:
    code = (
        "import sys; import mint; test = mint.MembershipTest.load(); look = test.look(sys.argv[1]); "
        "print([test.judge(look, alpha)[0].faces[0].photo.verdict for alpha in (0.01, 0.3)], 'scipy' in sys.modules, "
        "'onnx' in sys.modules)"
    )
    command = [sys.executable, "-c", code, "examples/faces/05-gan.png"]
    done = subprocess.run(command, cwd=WEIGHTS.parent, capture_output=True, text=True, check=True)
    assert done.stdout.split()[-2:] == ["False", "False"]
