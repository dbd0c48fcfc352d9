"""``mint lab train STORE``, ``calibrate``, ``evaluate``, ``controls`` and ``mint audit``, one after the other, in the shell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import onnx
import pytest
from click.testing import Result
from typer.testing import CliRunner

import mint.cli.lab.train as lab_train
import mint.lab.training.fit as train
from mint.bundles.files import load_bundle
from mint.cli.console import _last_part
from mint.cli.lab.commands import register
from mint.cli.main import app, lab_app
from mint.errors import MintError
from mint.evidence.score_table import PHOTO
from mint.lab.store.extractor import ExtractionRecipe
from mint.lab.store.reader import open_store
from mint.lab.store.run import extract
from tests.graphs import mobile
from tests.lab.few_views import few_views
from tests.lab.photos import people

if not lab_app.registered_commands:
    register(lab_app)


def mint(*arguments: object) -> Result:
    found = CliRunner().invoke(app, [str(a) for a in arguments])
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found


@pytest.fixture(scope="module")
def place(fewer: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that was trained on nothing, a store with both sides, and one with non-members only."""
    folder = tmp_path_factory.mktemp("stores")
    onnx.save(mobile(residual=True), folder / "mobile.onnx")
    members = people(folder / "in", 45, 2, 0, bad=False)
    others = people(folder / "out", 90, 2, 100, bad=False)
    recipe = ExtractionRecipe(str(folder / "mobile.onnx"), aligned=True)
    extract(recipe, {"members": members, "non-members": others}, folder / "both")
    extract(recipe, {"non-members": others}, folder / "unknown")
    return folder


@pytest.fixture(scope="module", autouse=True)
def fewer() -> Iterator[None]:
    """Five of the altered views: what is tested here is what the commands hand on."""
    with pytest.MonkeyPatch.context() as patch:
        few_views(patch)
        yield


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "Schedule", partial(train.Schedule, epochs=1, strengths=(0.1,)))


def test_from_a_store_to_an_answer(place: Path, face_path: Path) -> None:
    bundle = place / "mine"
    done = mint("lab", "train", place / "both", "--out", bundle, "--auditor", "norm")
    assert done.exit_code == 0
    assert "this photo, against" in done.output
    assert "cannot say: it did not beat its controls" in done.output
    found = json.loads(mint("lab", "evaluate", bundle, "--json").stdout)
    assert (found["level"], set(found["controls"])) == ("identity", {"pixels", "untrained"})
    assert mint("lab", "controls", bundle).exit_code == 1
    with pytest.raises(MintError, match="no sample level"):
        mint("lab", "evaluate", bundle, "--level", "sample")
    before = json.loads((bundle / "bundle.json").read_text())
    assert mint("lab", "calibrate", bundle, "--store", place / "both").exit_code == 0
    again = json.loads((bundle / "bundle.json").read_text())
    # safetensors leaves the order of its metadata to chance, so the sha256 may differ.
    assert {k: v for k, v in again.items() if k != "files"} == {k: v for k, v in before.items() if k != "files"}
    audit = json.loads(mint("audit", face_path, "--network", bundle, "--json").stdout)
    assert audit["bundle"] == "mine"
    assert audit["faces"][0]["verdict"] == audit["faces"][0]["person"]["verdict"] == "cannot say"


@pytest.mark.full
def test_what_was_typed_is_kept_with_what_it_made(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    options = ["--aligned", "--person-level", "members=1", "--no-recall"]
    sides = ["--members", place / "in", "--non-members", "out"]
    mint("lab", "extract", "--network", "mobile.onnx", *sides, *options, "--readers", 1, "--out", tmp_path / "my store")
    mint("lab", "train", tmp_path / "my store", "--out", "typed", "--auditor", "norm", "--seed", 3)
    mint("lab", "calibrate", "typed", "--store", tmp_path / "my store")
    typed = [
        "mint lab extract --network mobile.onnx --non-members out --out 'my store' --members in --person-level members=1 "
        "--no-recall --aligned",
        "mint lab train 'my store' --out typed --auditor norm --seed 3",
        "mint lab calibrate typed --store 'my store'",
    ]
    assert load_bundle(place / "typed").facts["commands"] == typed
    mint("lab", "calibrate", "typed", "--store", "unknown")
    assert load_bundle(place / "typed").facts["commands"] == [], "what was extracted in Python is not on record"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("in", "in"), ("../a b/in", "../a b/in"), ("/home/ana/in", "in"), ("~/in", "in"), ("C:\\ana\\in", "in"), ("s3://ana:secret@b/in/", "in"), ("norm", "norm")],
)  # fmt: skip
def test_no_place_of_this_machine_is_kept(typed: str, kept: str) -> None:
    assert _last_part(typed) == kept


def test_people_without_members_are_added(place: Path) -> None:
    bundle = place / "visited"
    mint("lab", "train", place / "both", "--out", bundle, "--auditor", "norm")
    assert mint("lab", "calibrate", bundle, "--store", place / "unknown").exit_code == 0
    assert load_bundle(bundle).sources(PHOTO) == ("outsiders", "real")


def test_the_reference_tier_says_what_it_is(place: Path, face_path: Path) -> None:
    bundle = place / "alone"
    assert "reference tier" in mint("lab", "train", place / "unknown", "--out", bundle).output
    assert "reference tier" in mint("lab", "evaluate", bundle).output
    with pytest.raises(MintError, match="no member is known"):
        mint("lab", "controls", bundle)
    assert "(reference tier)" in mint("audit", face_path, "--network", bundle).output
    face = json.loads(mint("audit", face_path, "--network", bundle, "--json").stdout)["faces"][0]
    assert (face["tier"], face["verdict"], face["true_positive_rate"]) == ("reference", "cannot say", None)


def test_what_is_missing_is_said(place: Path) -> None:
    with pytest.raises(MintError, match="--out BUNDLE"):
        mint("lab", "train", place / "both")
    with pytest.raises(MintError, match="Give a store"):
        mint("lab", "train", "--pool", place)


def test_options_that_would_be_ignored_are_refused(place: Path, tmp_path: Path) -> None:
    for option in ("--pool", "--twins", "--real", "--dose", "--positive", "--strangers", "--work"):
        with pytest.raises(MintError, match=f"^{option} is of the twins"):
            mint("lab", "train", place / "both", "--out", tmp_path / "mine", option, place)
    twins = ("lab", "train", "--pool", place, "--twins", place, "--real", place)
    with pytest.raises(MintError, match=r"^--bgr/--rgb is of a network in a file"):
        mint(*twins, "--rgb")
    with pytest.raises(MintError, match=r"^--output says how the file of --network is read"):
        mint("lab", "calibrate", place, "--store", place / "both", "--output", "embedding")


def test_a_bundle_made_from_something_else_is_not_replaced(place: Path, tmp_path: Path) -> None:
    store, index = open_store(place / "both"), tmp_path / "bundle.json"
    about = {"store": store.key, "members": {"photos": 90}}
    index.write_text(json.dumps({"facts": {"trained on": about}}))
    lab_train._check_replaced(tmp_path, store)
    for other in ({**about, "store": "k"}, {**about, "members": {"photos": 0}}, {}):
        index.write_text(json.dumps({"facts": {"trained on": other}}))
        with pytest.raises(MintError, match="was not made from this store"):
            lab_train._check_replaced(tmp_path, store)
    index.write_text("no bundle")
    with pytest.raises(MintError, match="was not made from this store"):
        mint("lab", "train", place / "both", "--out", tmp_path)


def test_a_store_that_lost_its_network_is_told_where_it_is(place: Path, tmp_path: Path) -> None:
    (place / "mobile.onnx").rename(tmp_path / "moved.onnx")
    try:
        with pytest.raises(MintError):
            mint("lab", "train", place / "unknown", "--out", tmp_path / "mine")
        done = mint("lab", "train", place / "unknown", "--out", tmp_path / "mine", "--network", tmp_path / "moved.onnx")
        assert done.exit_code == 0
    finally:
        (tmp_path / "moved.onnx").rename(place / "mobile.onnx")
