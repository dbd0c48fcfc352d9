"""Figures on record: taken where everything they hang on is the same, and a recipe from before new settings still fits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mint.errors import BadPool
from mint.lab.training.on_record import FIGURES
from mint.lab.twin_bundles.trained_network import on_record
from mint.lab.twins.precision import AUTO, BFLOAT16, FLOAT32
from mint.lab.twins.recipe import TwinRecipe
from mint.storage.files import read_json, write_json
from tests.ledgers import people

ROWS = people(8)
RECIPE = TwinRecipe(precision=FLOAT32)


def measured() -> dict[str, Any]:
    return {"precision": FLOAT32, "auc": 0.75}


def kept(folder: Path, **changed: Any) -> dict[str, Any]:
    given = {"rows": ROWS, "recipe": RECIPE, "seed": 1, "measure": pytest.fail, "others": "pool", **changed}
    return on_record(folder, **given)


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    assert kept(tmp_path, measure=measured) == measured()
    return tmp_path


def test_what_is_on_record_is_not_measured_again(filled: Path) -> None:
    assert kept(filled) == measured()
    assert kept(filled, recipe=replace(RECIPE, precision=AUTO)) == measured()


@pytest.mark.parametrize(
    "changed",
    [
        {"rows": [replace(ROWS[0], exposure=7), *ROWS[1:]]},
        {"recipe": replace(RECIPE, dropout=0.4)},
        {"recipe": replace(RECIPE, loss="arcface")},
        {"recipe": replace(RECIPE, precision=BFLOAT16)},
        {"seed": 2},
    ],
)
def test_anything_else_is_refused(filled: Path, changed: dict[str, Any]) -> None:
    with pytest.raises(BadPool, match=r"holds a network of another pool\. Choose another folder"):
        kept(filled, **changed)


def test_a_recipe_from_before_losses_and_dropout_still_fits(filled: Path) -> None:
    found = read_json(filled / FIGURES)
    for name in ("loss", "dropout"):
        del found["about"]["recipe"][name]
    write_json(filled / FIGURES, found)
    assert kept(filled) == measured()
    with pytest.raises(BadPool):
        kept(filled, recipe=replace(RECIPE, dropout=0.4))
