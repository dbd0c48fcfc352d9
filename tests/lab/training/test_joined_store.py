"""Several stores of one network as one: every row comes from where it lies."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mint.auditors.features import AGREEMENT, EMBEDDING, MAPS
from mint.lab.store.crops import Crop, extract_crops
from mint.lab.store.reader import NETWORK, Store
from mint.lab.training.joined_store import JoinedStore
from mint.lab.twin_bundles.gallery import untrained_panel
from mint.networks.base import AuditedNetwork
from tests.remembering import Memory, pictures


def store_of(network: AuditedNetwork, folder: Path, crops: np.ndarray, numbers: list[int], kind: str) -> Store:
    from mint.auditors.kinds import specs

    panel = untrained_panel(network, [spec for spec in specs(network) if spec.kind == kind])
    return extract_crops(network, panel, (Crop(str(k), f"p{k % 3}", crops[k]) for k in numbers), folder)


def test_rows_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    network, crops = Memory(None, 32), pictures(8, 1)
    whole = store_of(network, tmp_path / "whole", crops, [*range(8)], "consistency")
    odd = store_of(network, tmp_path / "odd", crops, [1, 3, 5, 7], "consistency")
    even = store_of(network, tmp_path / "even", crops, [0, 2, 4, 6], "consistency")
    joined = JoinedStore([(odd, np.arange(4), np.array([1, 3, 5, 7])), (even, np.array([3, 0]), np.array([6, 0]))])
    assert joined.numbers.tolist() == [0, 1, 3, 5, 6, 7]
    for where in (np.array([0, 1, 2, 3, 4, 5]), np.array([5, 0, 3]), np.array([2])):
        found, wanted = (
            store.read([EMBEDDING, AGREEMENT], NETWORK, rows)
            for store, rows in ((joined, where), (whole, joined.numbers[where]))
        )
        for name, values in wanted.items():
            np.testing.assert_allclose(found[name], values, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(
        joined.read([EMBEDDING])[EMBEDDING], joined.read([EMBEDDING], NETWORK, np.arange(6))[EMBEDDING]
    )
    assert joined.rows.identity.tolist() == whole.rows.identity[joined.numbers].tolist()
    for name, values in joined.rows.qualities.items():
        np.testing.assert_allclose(values, whole.rows.qualities[name][joined.numbers], rtol=1e-4)


def test_only_what_all_of_them_keep_is_there(tmp_path: Path) -> None:
    network, crops = Memory(None, 32), pictures(4, 1)
    maps = store_of(network, tmp_path / "maps", crops, [0, 1], "cnn")
    views = store_of(network, tmp_path / "views", crops, [2, 3], "consistency")
    shapes = JoinedStore([(maps, np.arange(2), np.arange(2)), (views, np.arange(2), np.arange(2) + 2)]).shapes()
    assert EMBEDDING in shapes
    assert AGREEMENT not in shapes
    assert not any(name.startswith(MAPS) for name in shapes)
