"""A ledger of hashes finds the very photos that it lists, and takes no other for one of them."""

from __future__ import annotations

import numpy as np

from mint.evidence.metrics import auc
from mint.lab.active.hash_ledger import BITS, hashes, ledger_scores
from tests.remembering import pictures


def test_exact_copies_are_found_and_other_pictures_are_not() -> None:
    crops = pictures(40, 3, 64)
    listed = hashes(crops[:20])
    assert (ledger_scores(listed, hashes(crops[:20].copy())) == 0).all()
    others = ledger_scores(listed, hashes(crops[20:]))
    assert (others < -4).all(), "further than near duplicates of a pool are"
    assert (others >= -BITS).all()
    assert auc(ledger_scores(listed, listed), others) == 1.0


def test_the_score_is_the_smallest_number_of_bits_that_differ() -> None:
    random = np.random.default_rng(1)
    listed, shown = (random.integers(0, 2**63, n, dtype=np.uint64) for n in (30, 300))
    expected = [-min(bin(int(a) ^ int(b)).count("1") for b in listed) for a in shown]
    assert ledger_scores(listed, shown).tolist() == expected


def test_a_mirrored_copy_is_lost() -> None:
    crops = pictures(10, 4, 64)
    mirrored = ledger_scores(hashes(crops), hashes(np.ascontiguousarray(crops[:, :, ::-1])))
    assert (mirrored < -8).all()
