"""Weights of resampled people against people copied one by one."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from mint.evidence import bootstrap
from mint.evidence.bootstrap import identity_weights, weighted_auc, weighted_tprs
from mint.evidence.metrics import roc


def together(who_m, who_n, draws, seed):
    blocks = list(identity_weights(who_m, who_n, draws, seed))
    return np.concatenate([m for m, _ in blocks]), np.concatenate([n for _, n in blocks])


def test_a_draw_takes_people_whole_and_as_many_as_there_are():
    who_m, who_n = np.array([1, 1, 2, 3]), np.array([3, 4, 4, 4, 5])
    m, n = together(who_m, who_n, 200, 0)
    assert (m.shape, n.shape) == ((200, 4), (200, 5))
    np.testing.assert_array_equal(m[:, 0], m[:, 1])  # both pictures of person 1
    np.testing.assert_array_equal(m[:, 3], n[:, 0])  # person 3 on both sides
    people = m[:, 0] + m[:, 2] + m[:, 3] + n[:, 1] + n[:, 4]
    np.testing.assert_array_equal(people, 5)
    assert m.any(1).all()
    assert n.any(1).all()
    assert m.mean() == pytest.approx(1, abs=0.15)


def test_blocks_change_nothing(monkeypatch):
    who_m, who_n = np.arange(6) // 2, np.arange(9) // 3 + 2
    whole = together(who_m, who_n, 25, 4)
    monkeypatch.setattr(bootstrap, "WEIGHTS_AT_ONCE", 60)  # four draws of fifteen pictures
    parts = list(identity_weights(who_m, who_n, 25, 4))
    assert len(parts) == 7
    for side in (0, 1):
        np.testing.assert_array_equal(np.concatenate([part[side] for part in parts]), whole[side])


def test_figures_of_weights_are_figures_of_copies():
    random = np.random.default_rng(5)
    members, non_members = random.integers(0, 9, 40) + 2.0, random.integers(0, 9, 60).astype(float)
    w_m, w_n = together(random.integers(0, 12, 40), random.integers(6, 20, 60), 60, 1)
    aucs, tprs = (
        weighted_auc(members, non_members, w_m, w_n),
        weighted_tprs(members, non_members, w_m, w_n, (0.05, 0.2)),
    )
    for draw in range(60):
        m, n = members.repeat(w_m[draw]), non_members.repeat(w_n[draw])
        assert aucs[draw] == pytest.approx(roc_auc_score(np.r_[np.ones(len(m)), np.zeros(len(n))], np.r_[m, n]))
        false, true, _ = roc(m, n)
        for k, fpr in enumerate((0.05, 0.2)):
            assert tprs[k, draw] == pytest.approx(true[false <= fpr].max())


def test_no_draws_are_no_interval():
    with pytest.raises(ValueError, match="at least one draw"):
        list(identity_weights([1], [2], 0, 0))
