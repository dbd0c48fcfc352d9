"""Crops by number: what a finished store holds of them is not extracted again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mint.auditors.features import AGREEMENT, EMBEDDING
from mint.auditors.kinds import specs
from mint.auditors.panel import Panel
from mint.lab.store.reader import open_store
from mint.lab.twin_bundles.gallery import Gallery, untrained_panel
from mint.lab.twins.pool import Pool
from tests.ledgers import people
from tests.remembering import Memory, pictures

ROWS = tuple(people(3, 10))
CROPS = pictures(len(ROWS), 1)
REAL = pictures(4, 2), ["a", "a", "b", "c"]
NETWORK = Memory(CROPS[:4], 32)


@pytest.fixture
def gallery() -> Gallery:
    return Gallery(Pool(ROWS, CROPS), REAL)


@pytest.fixture
def panel() -> Panel:
    return untrained_panel(NETWORK, [spec for spec in specs(NETWORK) if spec.kind == "consistency"])


def held(folder: Path) -> int:
    return len(open_store(folder / "store").rows)


def test_only_what_no_other_store_holds_is_extracted(gallery: Gallery, panel: Panel, tmp_path: Path) -> None:
    first = gallery.show(NETWORK, panel, np.array([0, 5, 7, 31, ~3]), tmp_path / "first")
    wanted = np.array([7, 8, 31, 32, ~3])
    joined = gallery.show(NETWORK, panel, wanted, tmp_path / "second", [tmp_path / "nothing", tmp_path / "first"])
    assert held(tmp_path / "second") == 2
    alone = gallery.show(NETWORK, panel, wanted, tmp_path / "alone")
    for name in (EMBEDDING, AGREEMENT):
        np.testing.assert_allclose(
            joined.tensors([name], wanted)[name], alone.tensors([name], wanted)[name], rtol=1e-4, atol=1e-5
        )
    shared = np.array([7, 31, ~3])
    np.testing.assert_array_equal(
        joined.tensors([AGREEMENT], shared)[AGREEMENT], first.tensors([AGREEMENT], shared)[AGREEMENT]
    )
    with pytest.raises(KeyError):
        joined.tensors([EMBEDDING], np.array([5]))


def test_where_all_is_known_nothing_is_written(gallery: Gallery, panel: Panel, tmp_path: Path) -> None:
    gallery.show(NETWORK, panel, np.arange(6), tmp_path / "first")
    found = gallery.show(NETWORK, panel, np.array([1, 4]), tmp_path / "second", [tmp_path / "first"])
    assert not (tmp_path / "second").exists()
    np.testing.assert_array_equal(found.numbers, [1, 4])


def test_a_store_that_is_finished_stays_as_it_is_when_another_has_come_to_hold_the_same(
    gallery: Gallery, panel: Panel, tmp_path: Path
) -> None:
    gallery.show(NETWORK, panel, np.arange(6), tmp_path / "second")
    before = (tmp_path / "second" / "store" / "manifest.json").read_bytes()
    gallery.show(NETWORK, panel, np.arange(4), tmp_path / "first")
    gallery.show(NETWORK, panel, np.arange(6), tmp_path / "second", [tmp_path / "first"])
    assert (tmp_path / "second" / "store" / "manifest.json").read_bytes() == before


def test_other_networks_and_other_pictures_are_not_taken_for_these(
    gallery: Gallery, panel: Panel, tmp_path: Path
) -> None:
    other = Memory(CROPS[:4], 32)
    other.fingerprint = "1" * 64
    gallery.show(other, panel, np.arange(6), tmp_path / "other")
    another_pool = Gallery(Pool(ROWS, pictures(len(ROWS), 9)), REAL)
    another_pool.show(NETWORK, panel, np.arange(6), tmp_path / "pool")
    known = [tmp_path / "other", tmp_path / "pool"]
    gallery.show(NETWORK, panel, np.arange(6), tmp_path / "mine", known)
    assert held(tmp_path / "mine") == 6


def test_a_store_that_keeps_too_little_is_not_used(gallery: Gallery, panel: Panel, tmp_path: Path) -> None:
    prototype = untrained_panel(NETWORK, [spec for spec in specs(NETWORK) if spec.kind == "prototype"])
    gallery.show(NETWORK, prototype, np.arange(6), tmp_path / "first")
    gallery.show(NETWORK, panel, np.arange(6), tmp_path / "second", [tmp_path / "first"])
    assert held(tmp_path / "second") == 6
