"""Examples are written as a user writes: with the public names of MINT, and nothing from inside it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import mint
import mint.lab

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").rglob("*.py"))
PUBLIC = {"mint": mint.__all__, "mint.lab": mint.lab.__all__}


def inner_names(source: str) -> list[str]:
    """What a script takes from MINT beyond its public names."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            named = [name.name for name in node.names]
            found += [name for name in named if name.partition(".")[0] == "mint" and name not in PUBLIC]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "mint":
            module = str(node.module)
            found += [f"{module}.{k.name}" for k in node.names if k.name not in PUBLIC.get(module, ())]
    return found


def test_there_are_examples() -> None:
    assert [path.name for path in EXAMPLES] == ["custom_network.py"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_takes_public_names_alone(path: Path) -> None:
    assert inner_names(path.read_text("utf-8")) == []


def test_inner_names_are_found_wherever_they_stand() -> None:
    source = (
        "import mint, mint.lab, numpy, minting\nimport mint.lab.objects.pictures\nfrom mint import Tap, errors\n"
        "from mint.lab import train, store\ndef later():\n    from mint.lab.objects.pictures import digits\n"
    )
    assert sorted(inner_names(source)) == [
        "mint.errors", "mint.lab.objects.pictures", "mint.lab.objects.pictures.digits", "mint.lab.store"
    ]  # fmt: skip
