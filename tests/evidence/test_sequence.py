"""Ratios over versions are those of normal distributions, and the maximum over versions keeps its promise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from mint.evidence.sequence import Known, SequenceModel, SequenceTest

V = 3
COVARIANCE = np.array([[1.0, 0.6, 0.5], [0.6, 1.2, 0.7], [0.5, 0.7, 0.9]])
MEAN = np.array([0.1, -0.2, 0.3])
JUMPS = np.array([[3.0, 2.5, 2.0], [0.0, 3.0, 2.5], [0.0, 0.0, 3.0]])
FADE = 0.9
MODEL = SequenceModel(MEAN, np.linalg.inv(COVARIANCE), JUMPS, FADE)
OUT = JUMPS[0] - FADE * JUMPS[2]  # used by the first version, taken out by the third


def drawn(n: int, seed: int, shift: np.ndarray | float = 0.0) -> np.ndarray:
    return np.random.default_rng(seed).multivariate_normal(MEAN, COVARIANCE, n) + shift


def made(people: int = 300, model: SequenceModel = MODEL) -> SequenceTest:
    """A test whose known photos, one a person, were drawn from its own model."""

    def known(values: np.ndarray) -> Known:
        return Known(values, np.arange(len(values)))

    members = [drawn(people, 10 + t, model.jumps[t]) for t in range(V)]
    ratios = [model.ratios(of) for of in members]
    return SequenceTest(
        model,
        {"siblings": known(model.ratios(drawn(people, 1)).max(1))},
        known(np.concatenate([of.max(1) for of in ratios])),
        [known(of.max(1) - of[:, t]) for t, of in enumerate(ratios)],
        [known(model.removals(of).max(1)) for of in members[:-1]],
    )


def log_density(scores: np.ndarray, shift: np.ndarray) -> np.ndarray:
    return np.asarray(multivariate_normal(MEAN + shift, COVARIANCE).logpdf(scores))


def test_ratios_are_those_of_normal_densities() -> None:
    scores = drawn(20, 0, JUMPS[1])
    ways = [  # a first use by each version, that stayed or was taken out by a later one
        [JUMPS[0], JUMPS[0] - FADE * JUMPS[1], JUMPS[0] - FADE * JUMPS[2]],
        [JUMPS[1], JUMPS[1] - FADE * JUMPS[2]],
        [JUMPS[2]],
    ]
    never = log_density(scores, np.zeros(V))
    wanted = np.stack([np.max([log_density(scores, way) for way in of], axis=0) - never for of in ways], axis=1)
    np.testing.assert_allclose(MODEL.ratios(scores), wanted)


def test_increments_give_the_ratios_of_scores() -> None:
    scores = drawn(20, 0)
    steps = np.eye(V) - np.eye(V, k=-1)  # scores to increments
    there = SequenceModel(steps @ MEAN, np.linalg.inv(steps @ COVARIANCE @ steps.T), JUMPS @ steps.T, FADE)
    np.testing.assert_allclose(there.ratios(scores @ steps.T), MODEL.ratios(scores))


def test_a_removal_is_the_best_use_before_it_without_what_it_takes_away() -> None:
    scores = drawn(20, 0, OUT)
    stayed = np.max([log_density(scores, JUMPS[t]) for t in range(V)], axis=0)
    at_the_third = np.max([log_density(scores, JUMPS[t] - FADE * JUMPS[2]) for t in (0, 1)], axis=0) - stayed
    at_the_second = log_density(scores, JUMPS[0] - FADE * JUMPS[1]) - stayed
    found = MODEL.removals(scores)
    np.testing.assert_allclose(found[:, 1:], np.stack([at_the_second, at_the_third], axis=1))
    assert (found[:, 0] == -np.inf).all()


def test_a_photo_that_was_taken_out_is_still_evidence_of_use() -> None:
    test, out = made(), drawn(1000, 80, OUT)
    assert (test.p_values(out) <= 0.05).mean() > 0.5
    assert (test.first_used(out) == 0).mean() > 0.7


def test_of_noise_no_more_is_accused_than_was_promised() -> None:
    test, strangers = made(), drawn(4000, 99)
    p = test.p_values(strangers)
    for alpha in (0.02, 0.05, 0.2):
        assert (p <= alpha).mean() <= alpha + 2 * np.sqrt(alpha * (1 - alpha) / 4000)
    # One version's ratio would be below the bound of the maximum more often: the same maximum must be on both sides.
    single = test.bounds()["siblings"].at(MODEL.ratios(strangers)[:, 0])
    assert (single <= 0.2).mean() < (p <= 0.2).mean()


@pytest.mark.parametrize("version", range(V))
def test_a_planted_jump_is_found_at_its_version_with_its_set(version: int) -> None:
    test, members = made(), drawn(1000, 50 + version, JUMPS[version])
    assert (test.p_values(members) <= 0.05).mean() > 0.5
    assert (test.first_used(members) == version).mean() > 0.8
    inside = test.sets(members)
    assert inside[:, version].mean() > 0.87
    assert inside.sum(1).mean() < 1.6
    assert inside[np.arange(1000), test.first_used(members)].all()


def test_a_removal_is_found_and_what_stayed_is_not_accused() -> None:
    test = made()
    out = drawn(1000, 70, OUT)
    assert (test.removal_p_values(out) <= 0.05).mean() > 0.5
    assert (test.taken_out(out) == 2).mean() > 0.8
    for version in range(V):  # of each, so that nobody pays for members of the last, which cannot be taken out
        stayed = drawn(2000, 71 + version, JUMPS[version])
        assert (test.removal_p_values(stayed) <= 0.05).mean() <= 0.06


def test_a_photo_that_is_a_little_weaker_under_the_last_version_was_not_taken_out() -> None:
    # A network that remembers very well: photos that stayed never come near to one that was taken out.
    sure = SequenceModel(MEAN, np.linalg.inv(COVARIANCE), 4 * JUMPS, FADE)
    test = made(model=sure)
    assert all((known.values < 0).all() for known in test.stayed)
    edited = MEAN + 4 * JUMPS[0] - np.array([[0.0, 0.0, 4.0]])  # a removal takes 10.8 away
    assert sure.removals(edited).max() < 0
    assert sure.removals(edited).max() > max(known.values.max() for known in test.stayed)
    assert test.removal_p_values(edited).tolist() == [1.0]
    gone = MEAN + 4 * (JUMPS[0] - FADE * JUMPS[2])[None]
    assert test.removal_p_values(gone)[0] <= 0.01
    assert test.taken_out(gone)[0] > test.first_used(gone)[0]


def test_without_known_photos_no_version_is_excluded() -> None:
    test = made()
    empty = Known(np.zeros(0), np.zeros(0, np.int64))
    bare = SequenceTest(MODEL, test.never, test.members, [empty] * V, test.stayed)
    assert bare.sets(drawn(5, 0, JUMPS[0])).all()


@pytest.mark.parametrize("scores", [np.zeros((2, V + 1)), np.zeros(V)])
def test_scores_of_other_versions_are_refused(scores: np.ndarray) -> None:
    with pytest.raises(ValueError, match="scores of 3 versions"):
        MODEL.ratios(scores)


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not a number"):
        MODEL.ratios(np.full((1, V), np.nan))
