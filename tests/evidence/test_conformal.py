import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mint.errors import TooFew
from mint.evidence.conformal import ENOUGH_TO_COUNT, few_p_values, largest_p_values, p_values

scores = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=40)


@given(scores, scores)
def test_counts_non_members_at_or_above(asked: list[float], known: list[float]) -> None:
    expected = [(1 + sum(k >= s for k in known)) / (1 + len(known)) for s in asked]
    assert p_values(asked, known) == pytest.approx(expected)


@given(scores, scores)
def test_never_zero_and_never_rising_with_the_score(asked: list[float], known: list[float]) -> None:
    found = p_values(np.sort(asked), known)
    assert (found > 0).all()
    assert (found <= 1).all()
    assert (np.diff(found) <= 0).all()


def test_non_members_are_accused_no_more_often_than_promised() -> None:
    random = np.random.default_rng(0)
    alarms = [(p_values(random.normal(size=50), random.normal(size=199)) <= 0.05).mean() for _ in range(400)]
    assert np.mean(alarms) == pytest.approx(0.05, abs=0.006)


def test_the_largest_p_holds_for_each_kind_of_non_member() -> None:
    easy, hard = np.zeros(299), np.linspace(0, 1, 299)
    found = largest_p_values([0.5, 2.0], {"easy": easy, "hard": hard})
    assert found == pytest.approx([(1 + (hard >= 0.5).sum()) / 300, 1 / 300])


def test_few_non_members_are_extrapolated_and_keep_the_promise_for_normal_scores() -> None:
    random = np.random.default_rng(1)
    found = np.concatenate([few_p_values(random.normal(size=20), random.normal(size=12)) for _ in range(2000)])
    assert (found <= 0.01).mean() == pytest.approx(0.01, abs=0.002)
    assert (found <= 0.10).mean() == pytest.approx(0.10, abs=0.01)


def test_the_fewer_they_are_the_more_careful() -> None:
    few, many = np.array([-1.0, 0.0, 1.0]), np.tile([-1.0, 0.0, 1.0], 30)
    assert few_p_values([4.0], few)[0] > few_p_values([4.0], many)[0]
    assert few_p_values([4.0], many)[0] < 0.01
    assert p_values([4.0], many)[0] > 0.01  # counting 90 cannot say so


def test_which_sources_are_counted() -> None:
    random = np.random.default_rng(2)
    small, large = random.normal(size=ENOUGH_TO_COUNT - 1), random.normal(size=ENOUGH_TO_COUNT)
    assert largest_p_values([2.0], {"x": small}) == pytest.approx(few_p_values([2.0], small))
    assert largest_p_values([2.0], {"x": large}) == pytest.approx(p_values([2.0], large))
    with pytest.raises(TooFew):
        few_p_values([1.0], [0.0, 1.0])


@pytest.mark.parametrize("known", [[], {}])
def test_nothing_to_compare_with_is_refused(known: object) -> None:
    with pytest.raises(TooFew):
        p_values([1.0], []) if known == [] else largest_p_values([1.0], {})


def test_not_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not a number"):
        p_values([np.nan], [1.0])
