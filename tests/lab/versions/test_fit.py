"""What is fitted is what was planted; nobody's value comes from a model that was fitted on them."""

from __future__ import annotations

import numpy as np
import pytest

from mint.errors import TooFew
from mint.lab.versions import fit as module
from mint.lab.versions.fit import MIN_OF_A_VERSION, NEVER, History, calibrated, fit
from tests.lab.versions.made_up_histories import VERSIONS, made_up


def test_mean_covariance_and_jumps_are_those_of_the_photos() -> None:
    known = made_up(300, jump=3.0)
    model = fit(known)
    unused = known.scores[known.kinds == "siblings"]
    np.testing.assert_allclose(model.mean, unused.mean(0))
    np.testing.assert_allclose(np.linalg.inv(model.precision), np.cov(unused.T), atol=0.05)
    wanted = 3.0 * (np.arange(VERSIONS) >= np.arange(VERSIONS)[:, None])
    np.testing.assert_allclose(model.jumps, wanted, atol=0.25)
    assert (model.jumps[np.tril_indices(VERSIONS, -1)] == 0).all()


def test_how_much_a_removal_takes_away_is_fitted_on_photos_that_were_taken_out() -> None:
    known = made_up(300, jump=3.0)
    assert fit(known).fade == pytest.approx(1.0, abs=0.1)
    half = known.scores + 1.5 * (np.arange(VERSIONS) >= known.out[:, None])  # half of each jump stays
    faded = History(half, known.people, known.first, known.out, known.kinds)
    assert fit(faded).fade == pytest.approx(0.5, abs=0.1)
    assert fit(known[known.never | known.stayed]).fade == 1.0


def test_without_siblings_others_are_compared_with() -> None:
    known = made_up(50, jump=3.0)
    alone = known[known.kinds != "siblings"]
    np.testing.assert_allclose(fit(alone).mean, known.scores[known.kinds == "outsiders"].mean(0))


def test_values_of_known_people_come_from_models_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted: list[set[int]] = []
    real = module.fit

    def noted(known: History) -> object:
        fitted.append(set(known.people.tolist()))
        return real(known)

    monkeypatch.setattr(module, "fit", noted)
    known = made_up(60, jump=3.0)
    test = calibrated(known)
    everybody = set(known.people.tolist())
    *folds, whole = fitted
    assert whole == everybody
    left = [everybody - fold for fold in folds]
    assert sorted(person for fold in left for person in fold) == sorted(everybody)  # each in one fold
    assert [len(one.values) for one in test.gaps] == [60] * VERSIONS
    assert {kind: len(one.values) for kind, one in test.never.items()} == {"siblings": 360, "outsiders": 120}
    assert len(test.members.values) == 60 * VERSIONS
    assert [len(one.values) for one in test.stayed] == [60] * (VERSIONS - 1)


def test_of_photos_that_differ_in_nothing_the_version_is_a_guess_and_nobody_is_accused() -> None:
    test, tested = calibrated(made_up(100, jump=0.0)), made_up(200, jump=0.0, seed=1)
    stayed = tested[tested.stayed]
    right = test.first_used(stayed.scores) == stayed.first
    assert abs(right.mean() - 1 / VERSIONS) < 0.05
    assert (test.p_values(tested[tested.never].scores) <= 0.05).mean() < 0.06


def test_a_planted_jump_is_found_in_new_people_and_so_is_a_removal() -> None:
    test, tested = calibrated(made_up(150, jump=3.0)), made_up(100, jump=3.0, seed=1)
    third = tested[tested.stayed & (tested.first == 2)]
    assert (test.first_used(third.scores) == 2).mean() > 0.9
    assert test.sets(third.scores)[:, 2].mean() > 0.84
    out = tested[(tested.first == 0) & (tested.out == 2)]
    assert (test.removal_p_values(out.scores) <= 0.05).mean() > 0.9
    assert (test.taken_out(out.scores) == 2).all()


@pytest.mark.parametrize("first", [NEVER, 0, VERSIONS - 1])
def test_too_few_people_are_refused(first: int) -> None:
    known = made_up(MIN_OF_A_VERSION + 2, jump=1.0)
    lacking = known[(known.first != first) | (known.people < MIN_OF_A_VERSION - 1)]
    with pytest.raises(TooFew, match="at least 10 people"):
        fit(lacking)
