"""Which networks a run asks for, with which labels and recipes, and one of them in tiny; whole runs: test_whole_run.py."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.lab.controls.names import OTHER_TWIN, POSITIVE
from mint.lab.objects import run
from mint.lab.objects.halves import HALVES, halved
from mint.lab.objects.network import Material, plain_network
from mint.lab.objects.pictures import ObjectPictures
from mint.lab.objects.recipe import ObjectRecipe
from mint.storage.files import read_json

COUNT, CLASSES = 96, 4
RECIPE = ObjectRecipe(widths=(4,), embedding_size=8, input_size=8, dropout=0.2, epochs=1, batch=16)


@pytest.fixture(scope="module")
def noise() -> ObjectPictures:
    random = np.random.default_rng(4)
    pixels = random.integers(0, 256, (COUNT, 8, 8, 3), np.uint8).repeat(4, 1).repeat(4, 2)
    names = tuple(f"noise-{k}" for k in range(COUNT))
    labels = random.integers(0, CLASSES, COUNT)
    return ObjectPictures(
        "noise", tuple(pixels), tuple(f"class-{k}" for k in range(CLASSES)), labels, names, ("noise",)
    )


class Named:
    """Stands for the audit of a network; says whose scores stand beside whose list."""

    columns = ("a score",)

    def __init__(self, name: str) -> None:
        self.name = name

    def flipped(self, other: Named) -> Named:
        return Named(f"{self.name} by the list of {other.name}")

    def row(self, column: str) -> str:
        return self.name

    def best(self) -> str:
        return f"best of {self.name}"


def test_what_is_asked_for_and_written(noise: ObjectPictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Any, ...]] = []

    def halves_network(material: Material, half: str) -> tuple[Named, dict[str, Any]]:
        return Named(half), {"half": half}

    def plain(
        material: Material, name: str, half: str, labels: Any, recipe: ObjectRecipe
    ) -> tuple[Named, dict[str, Any]]:
        asked.append((name, half, labels, recipe))
        return Named(name), {"name": name}

    monkeypatch.setattr(run, "halves_network", halves_network)
    monkeypatch.setattr(run, "plain_network", plain)
    monkeypatch.setattr(run, "gain", lambda audit, base, column: f"{column}: {audit.name} less {base.name}")
    results = tmp_path / "objects.json"
    results.write_text('{"data": {"other": {"kept": true}}}')
    found = run.measure_objects(noise, tmp_path, results, RECIPE)
    assert read_json(results) == found
    assert found["data"]["other"] == {"kept": True}
    one = found["data"]["noise"]
    first, second = HALVES
    assert one["networks"][first][OTHER_TWIN] == [f"{first} by the list of {second}"]
    assert one["networks"][second][OTHER_TWIN] == [f"{second} by the list of {first}"]
    (_, half, labels, recipe), (name, other_half, random_labels, by_heart) = asked
    assert half == other_half == first
    assert recipe == replace(RECIPE, dropout=0.0)
    np.testing.assert_array_equal(labels, noise.labels)
    assert name == POSITIVE
    assert by_heart == replace(RECIPE, dropout=0.0, epochs=4)
    assert set(random_labels) == set(range(CLASSES))
    assert (random_labels != noise.labels).mean() > 0.5
    assert one["positive"]["labels"] == CLASSES
    gains = one["without dropout"]["gains"]
    assert set(gains) == {f"best of {first}", "best of no-dropout", *run.SIMPLE}
    assert gains["loss/output"] == f"loss/output: no-dropout less {first}"


def test_a_network_is_trained_shown_and_audited(noise: ObjectPictures, tmp_path: Path) -> None:
    halves = halved(noise, tmp_path / "noise", RECIPE.seed)
    material = Material(halves, halves.crops(), RECIPE, lambda line: None)
    audit, found = plain_network(material, "one", HALVES[0], noise.labels, RECIPE)
    assert found["pictures"] == int(halves.member(HALVES[0]).sum())
    assert found["accuracy"]["members"]["n"] == found["pictures"]
    assert found["accuracy"]["non-members"]["n"] == COUNT - found["pictures"]
    assert audit.best() == found["best"]
    assert [row["auditor"] for row in found["rows"]]
    assert all(0 <= row["auc_low"] <= row["auc"] <= row["auc_high"] <= 1 for row in found["rows"])
