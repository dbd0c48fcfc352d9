"""``mint lab twins`` and ``mint lab train --pool``: what goes into the twins' bundles, and what is written beside them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import Result
from safetensors.numpy import save_file
from typer.testing import CliRunner

from mint.auditors import build, specs
from mint.auditors.panel import Panel
from mint.bundles.bundle import Bundle
from mint.bundles.files import load_bundle
from mint.bundles.manifest import problems
from mint.cli.lab.commands import register
from mint.cli.main import lab_app
from mint.errors import BadPool, MintError
from mint.lab.twin_bundles.from_pool import Material
from mint.lab.twin_bundles.rescore import rescore_bundle
from mint.lab.twins.ledger import write_ledger
from mint.lab.twins.pool_recipe import RECIPE, PoolRecipe
from mint.lab.twins.verification import verification
from mint.networks.architectures import load_network
from mint.storage.files import read_json, sha256_of, write_json
from mint.vision.faces import fingerprint
from tests.ledgers import people
from tests.remembering import pictures
from tests.tiny_bundles import tiny_bundle

if not lab_app.registered_commands:
    register(lab_app)
REAL = pictures(40, 3, 32), [f"p{k // 4}" for k in range(40)]


def lab(*arguments: object) -> Result:
    found = CliRunner().invoke(lab_app, list(map(str, arguments)))
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found


def pool_of(folder: Path, count: int, seed: int) -> Path:
    """A pool as ``mint lab pool`` writes it, of noise."""
    rows = people(count, 10)
    crops = pictures(len(rows), seed, 32)
    folder.mkdir()
    write_ledger(folder / "ledger.csv", [replace(r, sha256=fingerprint(c)) for r, c in zip(rows, crops, strict=True)])
    save_file({"crops": crops}, folder / "crops.safetensors")
    drawn = PoolRecipe(count, 10).to_dict()
    write_json(folder / "pool.json", {"seed": seed, "crops": len(rows), RECIPE: drawn, "made from (sha256)": {}})
    return folder


@dataclass(frozen=True)
class Place:
    pool: Path
    strangers: Path
    twins: Path
    dose: Path


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Two pools, both twins after two epochs, and a network of the dose-response control."""
    folder = tmp_path_factory.mktemp("pack")
    place = Place(
        pool_of(folder / "pool", 48, 5), pool_of(folder / "strangers", 24, 6), folder / "runs", folder / "dose"
    )
    short = (
        "--epochs",
        2,
        "--width",
        4,
        "--input-size",
        32,
        "--threads",
        torch.get_num_threads(),
        "--precision",
        "float32",
    )
    told = lab("twins", "--pool", place.pool, "--out", place.twins, *short).output
    assert "twin-b epoch 2" in told
    lab("twins", "--pool", place.pool, "--out", place.dose, *short, "--exposure", 1, "--exposure", 3)
    return place


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return tiny_bundle(tmp_path_factory.mktemp("tiny") / "twin-a")


@pytest.fixture
def asked(tiny: Bundle, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What bundles were to be made of; the pipeline is tested in test_make.py, and made-up scores stand for its work."""
    calls: list[tuple[Any, ...]] = []

    def make_bundle(name: str, material: Material, facts: dict[str, Any], work: Path, *rest: Any) -> Bundle:
        calls.append((name, material, facts, *rest))
        network = load_network(material.network_file, material.shape, name)
        every = tuple(specs(network))
        panel = Panel({s.column: build(s, network).eval() for s in every})
        return replace(tiny, name=name, network=network, panel=panel, specs=every, facts=facts)

    def make_people_test(*arguments: Any) -> tuple[None, dict[str, Any]]:
        bundle, gallery, strangers = arguments[:3]
        calls.append(("people", gallery.real, bundle.name, strangers))
        return None, {"used": []}

    monkeypatch.setattr("mint.lab.twin_bundles.pack.make_bundle", make_bundle)
    monkeypatch.setattr("mint.lab.twin_bundles.pack.make_people_test", make_people_test)
    monkeypatch.setattr("mint.lab.twin_bundles.pack.real_crops", lambda path, finder, report, kept: REAL)
    monkeypatch.setattr("mint.lab.twin_bundles.pack.verification", partial(verification, pairs=20))
    return calls


def train(place: Place, out: Path, *more: object) -> Result:
    return lab("train", "--pool", place.pool, "--twins", place.twins, "--real", "REAL", "--out", out, *more)


def test_both_twins_are_packed_with_all_that_belongs_to_them(
    place: Place, asked: list[tuple[Any, ...]], tmp_path: Path
) -> None:
    out = tmp_path / "weights"
    out.mkdir()
    (out / "face_detection_yunet_2023mar.onnx").write_bytes(b"detector")
    train(place, out, "--dose", place.dose, "--strangers", place.strangers, "--seed", 7)
    assert problems(out) == []
    assert {p.relative_to(out).as_posix() for p in out.rglob("*") if p.parent.name in ("weights", "checkpoints")} == {
        "twin-a", "twin-b", "checkpoints", "ledger.csv", "manifest.json", "face_detection_yunet_2023mar.onnx",
        "checkpoints/twin-a-epoch-001.safetensors", "checkpoints/twin-b-epoch-001.safetensors",
    }  # fmt: skip
    made = [call for call in asked if call[0] != "people"]
    for (name, material, *_), other in zip(made, ("twin-b", "twin-a"), strict=True):
        assert material.network_file == place.twins / name / "epoch-002.safetensors"
        assert material.other_file == place.twins / other / "epoch-002.safetensors"
        assert material.checkpoints == {1: place.twins / name / "epoch-001.safetensors"}
        path, recipe = material.trained_controls["dose-response"]
        assert (path, recipe.exposures) == (place.dose / name / "epoch-002.safetensors", (1, 3))
        assert (material.seed, len(material.pool.rows), material.real) == (7, 480, REAL)
        assert material.finder.name == "yunet-learned-1"
        bundle = load_bundle(out / name)
        assert bundle.network.fingerprint == sha256_of(material.network_file)
        evaluation = bundle.evaluation or {}
        assert evaluation["people"] == {"used": []}
        recognition = evaluation["recognition"]
        assert recognition["real people"]["people"] == 10
        assert recognition["fictional people"]["people"] == 8  # of twelve in the test, four are known to this twin
        log = read_json(place.twins / name / "log.json")["epochs"]
        assert (recognition["training"], recognition["checkpoints"]) == (log[1], [log[0]])
        assert PoolRecipe.of(bundle.facts["pool"]) == PoolRecipe(48, 10)
        assert (
            bundle.facts["pool"]["ledger sha256"]
            == sha256_of(place.pool / "ledger.csv")
            == sha256_of(out / "ledger.csv")
        )
        trained = "--epochs 2 --width 4 --input-size 32 --seed 1 --precision float32"
        assert bundle.facts["commands"] == [
            "mint lab pool --out pool --seed 5 --identities 48 --per-identity 10",
            f"mint lab twins --pool pool --out runs {trained}",
            f"mint lab twins --pool pool --out dose {trained} --exposure 1 --exposure 3",
            "mint lab pool --out strangers --seed 6 --identities 24 --per-identity 10",
            "mint lab train --pool pool --twins runs --real REAL_PHOTOS --out weights --seed 7 --dose dose --strangers strangers",
        ]
    people = [call for call in asked if call[0] == "people"]
    assert [(call[1], call[2]) for call in people] == [(REAL, "twin-a"), (REAL, "twin-b")]
    assert [len(call[3].rows) for call in people] == [240, 240]


@pytest.mark.full
def test_networks_with_augmentation_are_packed_with_the_epoch_that_told_strangers_apart_best(
    place: Place, asked: list[tuple[Any, ...]], tmp_path: Path
) -> None:
    short = ("--epochs", 2, "--width", 4, "--input-size", 32, "--precision", "float32")
    runs = tmp_path / "runs"
    for refused in (("--network", "twin-a", "--augment"), ("--network", "augmented-a")):
        with pytest.raises(MintError, match="--network is"):
            lab("twins", "--pool", place.pool, "--out", runs, *short, *refused)
    told = lab("twins", "--pool", place.pool, "--out", runs, *short, "--augment", "--light", "equalised").output
    assert "augmented-b epoch 2" in told
    out = tmp_path / "weights"
    train(replace(place, twins=runs), out)
    made = [call for call in asked if call[0] != "people"]
    for (name, material, *_), other in zip(made, ("augmented-b", "augmented-a"), strict=True):
        assert material.network_file == runs / name / "best.safetensors"
        assert material.other_file == runs / other / "best.safetensors"
        assert material.checkpoints == {}
        assert load_bundle(out / name).facts["commands"][1].endswith("--precision float32 --light equalised --augment")
    assert not (out / "checkpoints").exists()
    assert {path.name for path in out.iterdir()} == {"augmented-a", "augmented-b", "ledger.csv", "manifest.json"}


@pytest.mark.full
def test_auditors_are_kept_of_a_bundle_of_the_same_pool_only(
    place: Place, asked: list[tuple[Any, ...]], tmp_path: Path
) -> None:
    out = tmp_path / "weights"
    train(place, out, "--network", "twin-a")
    train(place, out, "--network", "twin-a", "--auditor", "norm")
    (_, _, _, first, none, *_), (_, _, _, second, old, *_) = (call for call in asked if call[0] != "people")
    assert (first, none, second, old.name) == ([], None, ["norm"], "twin-a")
    other = replace(place, pool=pool_of(tmp_path / "pool", 48, 9))
    with pytest.raises(BadPool, match="made with another pool"):
        train(other, out, "--network", "twin-a", "--auditor", "norm")


def test_twins_that_are_not_finished_are_not_packed(place: Place, asked: list[tuple[Any, ...]], tmp_path: Path) -> None:
    with pytest.raises(BadPool, match="Train the twins first"):
        train(replace(place, twins=tmp_path), tmp_path / "weights")
    log = read_json(place.twins / "twin-a" / "log.json")
    (tmp_path / "twin-a").mkdir()
    write_json(tmp_path / "twin-a" / "log.json", {**log, "epochs": log["epochs"][:1]})
    with pytest.raises(BadPool, match="1 of 2 epochs"):
        train(replace(place, twins=tmp_path), tmp_path / "weights")
    assert not (tmp_path / "weights").exists()
    assert asked == []


@pytest.mark.full
def test_a_bundle_scored_again_is_written_beside_the_same_network(
    place: Place, asked: list[tuple[Any, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "weights"
    train(place, out)
    before = json.loads((out / "twin-a" / "bundle.json").read_text())
    seen: list[tuple[str, str, int, list[str]]] = []

    def calibrated(
        bundle: Bundle, other: Bundle, pool: Any, real: Any, report: Any, work: Path, wanted: list[str]
    ) -> Bundle:
        seen.append((bundle.name, other.name, len(pool.rows), wanted))
        return replace(bundle, gates=dict.fromkeys(bundle.gates, False))

    monkeypatch.setattr("mint.lab.twin_bundles.rescore.rescored", calibrated)
    made = rescore_bundle(out / "twin-a", place.pool, REAL, wanted=["recall/head"])
    assert seen == [("twin-a", "twin-b", 480, ["recall/head"])]
    after = json.loads((out / "twin-a" / "bundle.json").read_text())
    assert after["network"] == before["network"]
    assert load_bundle(out / "twin-a").gates == made.gates == dict.fromkeys(made.gates, False)
    with pytest.raises(BadPool, match="its ledger differs"):
        rescore_bundle(out / "twin-a", place.strangers, REAL)
