"""The networks come one pair after the other, each once, in the background."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from mint.bundles.evaluation import told_evaluation
from mint.errors import BundleMismatch, WeightsCorrupt, WeightsMissing
from mint.i18n.labels import PAIRS
from mint.membership import MembershipTest
from mint.ui.loading import Loading, load_beside, offers, other_pairs, versions_of
from tests.hostile.series_files import series
from tests.tiny_bundles import tiny_bundle
from tests.ui.latch import LIMIT


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both pairs; read only."""
    folder = tmp_path_factory.mktemp("weights")
    for seed, name in enumerate(("twin-a", "twin-b", "augmented-a", "augmented-b")):
        tiny_bundle(folder / name, name, seed)
    return folder


def test_another_pair_is_loaded_when_it_is_first_asked_for_and_once(
    both: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    load = MembershipTest.load
    monkeypatch.setattr(
        MembershipTest, "load", lambda names, *more, **other: order.extend(names) or load(names, *more, **other)
    )
    loading = Loading(lambda: MembershipTest.load(PAIRS["twin"].networks, both))
    others = other_pairs(loading, both)
    assert list(others) == ["augmented"]
    loading.start()
    assert list(loading.get().bundles) == ["twin-a", "twin-b"]
    measured = others["augmented"].evaluations()
    assert list(measured) == ["augmented-a", "augmented-b"]
    assert others["augmented"].waiting
    assert order == ["twin-a", "twin-b"], "nobody has asked for the others"
    with ThreadPoolExecutor(4) as several:
        found = [several.submit(others["augmented"].get) for _ in range(4)]
    assert {id(one.result(LIMIT)) for one in found} == {id(others["augmented"].get())}
    assert order == ["twin-a", "twin-b", "augmented-a", "augmented-b"], "nothing is loaded twice"
    assert measured == {n: told_evaluation(b.evaluation, b.facts) for n, b in others["augmented"].get().bundles.items()}


def test_what_was_measured_of_a_pair_is_checked_as_it_is_read(both: Path, tmp_path: Path) -> None:
    measured = {name: {"sample": {"network": name, "rows": []}} for name in PAIRS["augmented"].networks}
    shutil.copytree(both, tmp_path, dirs_exist_ok=True)
    for name, found in measured.items():
        data, index = json.dumps(found).encode(), tmp_path / name / "bundle.json"
        (tmp_path / name / "evaluation.json").write_bytes(data)
        kept = json.loads(index.read_text())
        kept["files"]["evaluation.json"] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        index.write_text(json.dumps(kept))
    (pair,) = other_pairs(Loading(), tmp_path).values()
    assert pair.evaluations() == {name: {**found, "pool": False} for name, found in measured.items()}
    (tmp_path / "augmented-b" / "evaluation.json").write_bytes(b"something else")
    with pytest.raises(WeightsCorrupt, match=r"augmented-b/evaluation\.json is damaged"):
        pair.evaluations()


def test_what_stands_beside_the_first_pair_stands_beside_the_others_and_is_held_once(
    both: Path, tmp_path: Path
) -> None:
    tiny_bundle(tmp_path / "mine", "mine", 9)
    first = MembershipTest.load(["twin-a", "twin-b", str(tmp_path / "mine"), str(both / "augmented-b")], both)
    found = load_beside(first, "augmented", both)
    assert list(found.bundles) == ["augmented-a", "augmented-b", "mine"]
    assert found.bundles["mine"] is first.bundles["mine"]


def test_a_pair_that_is_not_there_is_not_offered(weights: Path) -> None:
    assert other_pairs(Loading(lambda: MembershipTest.load(weights=weights)), weights) == {}


def test_where_the_first_pair_is_broken_nobody_waits_for_another(both: Path) -> None:
    def broken() -> MembershipTest:
        raise WeightsMissing("weights/twin-a is missing.")

    loading = Loading(broken)
    others = other_pairs(loading, both)
    loading.start()
    for each in (loading, *others.values()):
        with pytest.raises(WeightsMissing, match="twin-a"):
            each.get()


def test_what_the_owner_offers_is_loaded_by_itself_and_a_broken_one_says_so_in_a_line(
    both: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tiny_bundle(tmp_path / "mine", "mine", 9)
    tiny_bundle(tmp_path / "broken", "broken", 10)
    next((tmp_path / "broken").glob("*.safetensors")).write_bytes(b"something else")
    first = Loading(lambda: MembershipTest.load(weights=both))
    found = offers(first, {"broken": tmp_path / "broken", "mine": tmp_path / "mine"})
    assert list(found) == ["broken", "mine"]
    assert all(each.waiting for each in found.values())
    first.start()
    with pytest.raises(BundleMismatch, match="The bundle broken cannot be opened here"):
        found["broken"].get()
    assert list(found["mine"].get().bundles) == ["mine"], "the next one is loaded all the same"
    (line,) = [record.getMessage() for record in caplog.records if record.name == "mint.ui"]
    assert line.startswith("broken cannot be opened: ")
    assert "\n" not in line


def test_what_is_loaded_after_another_begins_though_that_one_is_there(weights: Path) -> None:
    first = Loading(lambda: MembershipTest.load(weights=weights)).start()
    test, begun = first.get(), threading.Event()

    def load() -> MembershipTest:
        begun.set()
        return test

    Loading(load, after=first)
    assert begun.wait(60)


def test_versions_are_loaded_after_the_networks_and_checked(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for seed, name in enumerate(("v1", "v2")):
        tiny_bundle(tmp_path / name, name, seed)
    bundles = MembershipTest.load([str(tmp_path / "v1"), str(tmp_path / "v2")]).bundles
    cores = tuple(bundle.core_sha256 for bundle in bundles.values())
    one = replace(series(tmp_path), names=("v1", "v2"), folders=(tmp_path / "v1", tmp_path / "v2"), cores=cores)
    first = Loading(lambda: MembershipTest(bundles))
    versions = versions_of(first, one)
    assert versions.there() is None
    assert not versions.failed
    first.start().get()
    assert list(versions.loading.get().bundles) == ["v1", "v2"]
    assert versions.there() is versions.loading.get()
    other = versions_of(first, replace(one, cores=("0" * 64, cores[1]), name="mine"))
    with pytest.raises(BundleMismatch, match="another bundle of v1"):
        other.loading.get()
    assert other.there() is None
    assert other.failed
    (line,) = [record.message for record in caplog.records]
    assert line.startswith(
        "the versions of mine cannot be opened: The series was calibrated with another bundle of v1."
    )
