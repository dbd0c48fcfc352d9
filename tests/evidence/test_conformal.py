import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mint.errors import TooFew
from mint.evidence.conformal import largest_p_values, p_values

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
    easy, hard = np.zeros(99), np.linspace(0, 1, 99)
    found = largest_p_values([0.5, 2.0], {"easy": easy, "hard": hard})
    assert found == pytest.approx([(1 + (hard >= 0.5).sum()) / 100, 1 / 100])


@pytest.mark.parametrize("known", [[], {}])
def test_nothing_to_compare_with_is_refused(known: object) -> None:
    with pytest.raises(TooFew):
        p_values([1.0], []) if known == [] else largest_p_values([1.0], {})


def test_not_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not a number"):
        p_values([np.nan], [1.0])
