"""Halves are halves, every reference knows every person, and what a network is asked is the class that was meant."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch

from mint.lab.ceiling.attacks import own_logits
from mint.lab.ceiling.references import Asked, coins, logits_of, nearest_of, reference_ledger
from tests.ledgers import people
from tests.remembering import Memory, pictures

ROWS = people(24, pictures=9)


def test_one_of_a_pair_is_trained_on_what_the_other_is_not_and_every_photo_by_half_of_all() -> None:
    used = coins(ROWS, 6, 1)
    for pair in range(3):
        assert np.array_equal(used[:, 2 * pair], ~used[:, 2 * pair + 1])
    assert (used.sum(1) == 3).all()
    for k in range(6):
        each = Counter(row.identity for row, coin in zip(ROWS, used[:, k], strict=True) if coin)
        assert set(each.values()) == {4, 5}
        assert len(each) == 24
    assert not np.array_equal(used[:, 0], used[:, 2])


def test_halves_hang_on_the_seed_and_more_references_go_on_behind_fewer() -> None:
    assert np.array_equal(coins(ROWS, 6, 1)[:, :4], coins(ROWS, 4, 1))
    assert not np.array_equal(coins(ROWS, 4, 1), coins(ROWS, 4, 2))
    for count in (0, 1, 3):
        with pytest.raises(ValueError, match="pairs"):
            coins(ROWS, count, 1)


def test_the_halves_know_nothing_of_what_the_audited_network_used() -> None:
    rows = people(1200, pictures=9)
    used = coins(rows, 2, 3)[:, 0]
    member = np.array([row.member("twin-a") for row in rows])
    known = {row.identity for row in rows if row.member("twin-a")}
    sibling = np.array([row.identity in known for row in rows]) & ~member
    error = np.sqrt(0.25 / sibling.sum() + 0.25 / member.sum())
    assert abs(used[member].mean() - used[sibling].mean()) < 4 * error


def test_a_reference_is_trained_on_its_half_of_the_people_whom_the_audited_network_knows() -> None:
    used = coins(ROWS, 2, 1)
    known = {row.identity for row in ROWS if row.member("twin-b")}
    both = [reference_ledger(ROWS, "twin-b", used[:, k]) for k in range(2)]
    for k, ledger in enumerate(both):
        trained = [row.identity in known and bool(used[i, k]) for i, row in enumerate(ROWS)]
        assert [row.member("twin-a") for row in ledger] == trained == [row.exposure == 1 for row in ledger]
        assert not any(row.member("twin-b") for row in ledger)
        assert [row.sha256 for row in ledger] == [row.sha256 for row in ROWS]
        assert {row.identity for row in ledger if row.member("twin-a")} == known
    assert sum(row.exposure for ledger in both for row in ledger) == sum(row.identity in known for row in ROWS)


def test_a_network_is_asked_for_the_class_by_the_persons_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mint.lab.ceiling.references.COSINES_AT_ONCE", 5)
    crops = pictures(12, 1, size=32)
    network = Memory(crops[:4], 32)
    names = ("d", "a", "c", "b")
    asked = Asked(np.arange(12), tuple("abcd" * 3))
    found = logits_of(network, names, crops, asked, 8.0)
    with torch.inference_mode():
        embedding = network.forward(network.preprocess(torch.from_numpy(crops).permute(0, 3, 1, 2).float())).embedding
        cosines = (torch.nn.functional.normalize(embedding) @ network.head.T).numpy()
    classes = np.array([names.index(name) for name in asked.names])
    np.testing.assert_allclose(found, own_logits(cosines, classes, 8.0), atol=1e-3)
    nearest = nearest_of(network, names, crops, np.arange(4), names)
    assert nearest == list(names), "what it has memorised lies at its own centre"
    assert nearest_of(network, names, crops, np.arange(4), ("a", "b"))[1::2] == ["a", "b"]


def test_a_network_without_a_head_cannot_be_asked() -> None:
    with pytest.raises(ValueError, match="classification head"):
        logits_of(Memory(None, 32), ("a", "b"), pictures(2, 1, size=32), Asked(np.arange(2), ("a", "b")), 8.0)
