"""Odd graphs, sound and spoilt: their embeddings are the runtime's own, or one line says what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from mint.errors import MintError
from mint.networks.open import open_network
from tests.hostile.odd_networks import CLASSES, Graph, few_of
from tests.networks.onnx.fuzz import judge


def offenders(graphs: Iterable[Graph], folder: Path) -> list[str]:
    """What was not read or refused as it should be, a line each."""
    found = []
    for graph in graphs:
        data = graph.make().SerializeToString()
        read, wrong = judge(data, folder)
        if wrong or read is bool(graph.refused):
            found.append(f"{graph.name}: {wrong or ('read' if read else 'refused')}")
        elif graph.refused:
            with pytest.raises(MintError) as caught:
                open_network(folder / "net.onnx")
            if not re.search(graph.refused, str(caught.value)):
                found.append(f"{graph.name}: {caught.value}")
        if left := sorted(path.name for path in folder.iterdir() if path.name != "net.onnx"):
            found.append(f"{graph.name} leaves {left}")
    return found


@pytest.mark.parametrize("name", CLASSES)
def test_one_that_is_read_and_one_that_is_refused(name: str, tmp_path: Path) -> None:
    assert not offenders(few_of(name), tmp_path)


@pytest.mark.full
@pytest.mark.parametrize("name", CLASSES)
def test_all_of_them(name: str, tmp_path: Path) -> None:
    assert not offenders(CLASSES[name], tmp_path)


def test_what_is_wrong_is_told(tmp_path: Path) -> None:
    read, refused = few_of("quantised dynamically")
    swapped = [Graph("a", read.make, "x"), Graph("b", refused.make), Graph("c", refused.make, "another line")]
    assert [line.split(":")[0] for line in offenders(swapped, tmp_path)] == ["a", "b", "c"]
