import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import betaincinv

from mint.errors import TooFew
from mint.evidence.conformal import (
    ENOUGH_PEOPLE,
    FalseAlarmBound,
    kinds_to_compare,
    largest_p_values,
    least_bound,
    people_p_values,
)

scores = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=40)


def p_values(asked: object, known: object) -> np.ndarray:
    """Conformal p-values that count photos: everybody has one."""
    return people_p_values(asked, known, np.arange(np.size(known)))


@settings(deadline=None)
@given(scores, scores)
def test_counts_non_members_at_or_above(asked: list[float], known: list[float]) -> None:
    expected = [(1 + sum(k >= s for k in known)) / (1 + len(known)) for s in asked]
    assert p_values(asked, known) == pytest.approx(expected)


@settings(deadline=None)
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
    easy, hard = (FalseAlarmBound.of(v, np.arange(299)) for v in (np.zeros(299), np.linspace(0, 1, 299)))
    found = largest_p_values([0.5, 2.0], {"easy": easy, "hard": hard})
    assert found == pytest.approx([hard.at([0.5])[0], least_bound(299)])
    with pytest.raises(TooFew):
        largest_p_values([1.0], {})


def test_so_many_people_promise_one_percent_and_one_less_do_not() -> None:
    assert least_bound(ENOUGH_PEOPLE) <= 0.01 < least_bound(ENOUGH_PEOPLE - 1)
    assert least_bound(36) == pytest.approx(1 - 0.1 ** (1 / 36))


def test_which_kinds_are_compared_with() -> None:
    own = ("siblings", "outsiders")
    many = {"siblings": 235, "outsiders": 324, "photographic": 2, "real": ENOUGH_PEOPLE}
    assert kinds_to_compare(many, own) == ("siblings", "outsiders", "real")
    # Where the own source is small, a kind from elsewhere counts if it is as large.
    assert kinds_to_compare({"siblings": 36, "outsiders": 50, "real": 36}, own) == ("siblings", "outsiders", "real")
    assert kinds_to_compare({"siblings": 36, "real": 35}, own) == ("siblings",)
    assert kinds_to_compare({"real": 5, "photographic": 2}, own) == ("real", "photographic")
    assert kinds_to_compare({}, own) == ()


def test_people_are_counted_and_not_their_photos() -> None:
    scores, people = np.array([1.0, 3.0, 5.0, 2.0, 4.0]), np.array(["a", "a", "a", "b", "c"])
    found = people_p_values([3.0, 4.5, 6.0, 0.0], scores, people)
    by_hand = [(1 + 2 / 3 + 0 + 1) / 4, (1 + 1 / 3) / 4, 1 / 4, 1.0]
    assert found == pytest.approx(by_hand)
    # With one photo each, it is the usual count.
    assert people_p_values([3.0, 4.5], scores, range(5)) == pytest.approx(p_values([3.0, 4.5], scores))


def test_the_promise_by_people_holds_where_photos_of_a_person_score_alike() -> None:
    random = np.random.default_rng(3)
    alpha, alarms, counted = 0.1, [], []
    for _ in range(400):  # 20 people with 30 photos each, and a new person
        own = random.normal(size=21)
        scores = own[:20].repeat(30) + 0.3 * random.normal(size=600)
        new = own[20:] + 0.3 * random.normal(size=1)
        alarms.append(people_p_values(new, scores, np.arange(20).repeat(30))[0] <= alpha)
        counted.append(p_values(new, scores)[0] <= alpha)
    assert np.mean(alarms) <= alpha + 3 * np.sqrt(alpha * (1 - alpha) / 400)
    assert np.mean(counted) > np.mean(alarms)


def test_what_cannot_be_compared_by_people_is_refused() -> None:
    with pytest.raises(TooFew):
        people_p_values([1.0], [], [])
    with pytest.raises(ValueError, match="cannot belong to 1 people"):
        people_p_values([1.0], [1.0, 2.0], [1])
    with pytest.raises(ValueError, match="not a number"):
        people_p_values([float("nan")], [1.0], [1])


# ---- bounds about people


def bound_by_hand(score: float, non_members: np.ndarray, people: np.ndarray, confidence: float = 0.9) -> float:
    """The bound at one score, person by person."""
    shares = np.array([np.mean(non_members[people == p] >= score) for p in np.unique(people)])
    share, variance = shares.mean(), shares.var(ddof=1) / len(shares)
    if share == 1:
        return 1.0
    effective = len(shares) if variance == 0 else np.clip(share * (1 - share) / variance, 1, len(non_members))
    return float(stats.beta.ppf(confidence, share * effective + 1, (1 - share) * effective))


def test_a_bound_is_the_highest_of_those_by_hand_from_this_score_up():
    random = np.random.default_rng(3)
    people = random.integers(0, 40, 150)
    scores = (random.normal(size=40)[people] + random.normal(size=150)).round(1)  # with ties
    asked = np.concatenate([[9.0, -9.0], scores[:20], random.normal(size=10)])
    found = FalseAlarmBound.of(scores, people).at(asked)
    for score, bound in zip(asked, found, strict=True):
        above = [score, *np.unique(scores[scores > score])]
        wanted = max(bound_by_hand(x, scores, people) for x in above)
        assert wanted <= bound + 1e-9  # what lies between two photos of one score counts as well
        assert bound == pytest.approx(wanted, abs=0.02)


@pytest.mark.parametrize("seed", range(4))
def test_a_bound_is_the_same_number_in_whatever_order_it_is_asked_for(seed: int) -> None:
    random = np.random.default_rng(seed)
    who = random.integers(0, 60, 400)
    scores = (random.normal(size=60)[who] + 0.5 * random.normal(size=400)).round(1)  # with ties
    asked = np.concatenate([[99.0, -99.0], np.unique(scores)])
    bound = FalseAlarmBound.of(scores, who)
    plain = np.append(betaincinv(bound.first, bound.second, 0.9)[:-1], 1.0)
    wanted = np.maximum.accumulate(plain)[[(scores >= score).sum() for score in asked]]
    assert bound.at([]).tolist() == []
    assert bound.at(asked).tolist() == wanted.tolist()
    for order in (np.argsort(asked), np.argsort(-asked), random.permutation(len(asked))):
        fresh = FalseAlarmBound.of(scores, who)
        assert [fresh.at([score])[0] for score in asked[order]] == wanted[order].tolist()


def test_nobody_above_gives_what_as_many_people_allow():
    people = np.repeat(np.arange(50), 4)
    scores = np.random.default_rng(1).normal(size=200)
    assert FalseAlarmBound.of(scores, people).at([99.0])[0] == pytest.approx(1 - 0.1 ** (1 / 50))
    assert FalseAlarmBound.of(scores, people).at([-99.0])[0] == 1
    higher = FalseAlarmBound.of(scores, people).at(np.linspace(-4, 4, 50))
    assert (np.diff(higher) <= 0).all()


@pytest.mark.parametrize("alike", [0.1, 0.5, 0.9])
def test_the_promise_holds_in_nine_of_ten_draws_of_people_and_counting_photos_holds_it_in_half(alike):
    """New people: their rate above the lowest score that gets p <= alpha is known, since scores are normal."""
    random, alpha, draws = np.random.default_rng(7), 0.05, 200
    people = np.repeat(np.arange(150), 5)
    kept = {"people": 0, "photos": 0}
    for _ in range(draws):
        scores = np.sqrt(alike) * random.normal(size=150)[people] + np.sqrt(1 - alike) * random.normal(size=750)
        at = np.sort(scores)
        for name, p in (("people", FalseAlarmBound.of(scores, people).at(at)), ("photos", p_values(at, scores))):
            lowest = at[p <= alpha].min() if (p <= alpha).any() else np.inf
            kept[name] += stats.norm.sf(lowest) <= alpha
    assert kept["people"] / draws >= 0.84  # 0.9, less three standard errors
    assert kept["photos"] / draws <= 0.68


def test_a_planted_member_is_found_and_one_person_is_too_few():
    people = np.repeat(np.arange(300), 3)
    scores = np.random.default_rng(2).normal(size=900)
    assert FalseAlarmBound.of(scores, people).at([6.0])[0] < 0.01
    with pytest.raises(TooFew, match="two people"):
        FalseAlarmBound.of(scores, np.zeros(900)).at([0.0])
    with pytest.raises(ValueError, match="cannot belong"):
        FalseAlarmBound.of(scores, people[1:]).at([0.0])
    with pytest.raises(ValueError, match="not a number"):
        FalseAlarmBound.of(scores, people).at([np.nan])
