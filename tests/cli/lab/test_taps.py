"""``mint lab taps``: the table and its JSON say where a network is looked at."""

from __future__ import annotations

import json
from pathlib import Path

import onnx
import pytest
import typer
from typer.testing import CliRunner

from mint.cli.lab.commands import register
from mint.errors import TapSilent, UnknownNetwork
from mint.vision.detectors import CURRENT
from tests.graphs import mobile


@pytest.fixture(scope="module")
def lab() -> typer.Typer:
    app = typer.Typer()
    register(app)
    return app


@pytest.fixture
def model(tmp_path: Path) -> str:
    onnx.save(mobile(residual=True), tmp_path / "mobile.onnx")
    return str(tmp_path / "mobile.onnx")


def places(lab: typer.Typer, *arguments: str) -> list[dict[str, object]]:
    done = CliRunner().invoke(lab, ["taps", *arguments, "--json"], catch_exceptions=False)
    found = json.loads(done.output)
    assert [t["module"] for t in found["network"]["taps"]] == [p["module"] for p in found["places"] if p["tap"]]
    rows: list[dict[str, object]] = found["places"]
    return rows


def test_the_last_place_of_each_size_or_all(lab: typer.Typer, model: str) -> None:
    last = places(lab, model)
    assert [(p["tap"], p["module"]) for p in last] == [
        ("stage1", "s1_pw_relu"), ("stage2", "s2_sum"), ("stage3", "s3_sum"), ("stage4", "s4_pw_relu"),
    ]  # fmt: skip
    said = CliRunner().invoke(lab, ["taps", model, "--json"], catch_exceptions=False).output
    assert json.loads(said)["network"]["finder"] == CURRENT.name  # as mint lab extract says of it
    every = places(lab, model, "--all")
    assert len(every) == 14
    assert [p for p in every if p["tap"]] == last


def test_own_places_take_the_stages_place(lab: typer.Typer, model: str) -> None:
    (only,) = places(lab, model, "--tap", "early=s1_dw_bn")
    assert (only["tap"], only["channels"], only["side"], only["stride"]) == ("early", 4, 16, 2)
    with pytest.raises(TapSilent, match="nothing"):
        places(lab, model, "--tap", "early=nothing")


def test_a_twin_is_listed_by_modules(lab: typer.Typer, weights: Path) -> None:
    found = places(lab, str(weights / "twin-a"), "--tap", "end=layer4")
    assert [(p["tap"], p["module"], p["channels"]) for p in found] == [("end", "layer4", 32)]


def test_the_table_names_shape_and_cost(lab: typer.Typer, model: str) -> None:
    done = CliRunner().invoke(lab, ["taps", model], catch_exceptions=False)
    assert done.exit_code == 0
    for words in ("stage3", "s3_sum", "4 × 4 × 4", "32 × 32 pixels", "%"):
        assert words in done.output


def test_what_is_no_network_is_said(lab: typer.Typer) -> None:
    with pytest.raises(UnknownNetwork, match="There is no network"):
        places(lab, "nothing-like-it")
