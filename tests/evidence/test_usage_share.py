from math import comb

import numpy as np
import pytest

from mint.errors import TooFew
from mint.evidence.conformal import people_p_values
from mint.evidence.usage_share import LEAST_ERRING, PeopleRates, discoveries, usage_share

SURE = PeopleRates(1.0, 1e9, 0.0)


def fixed(rate: float) -> PeopleRates:
    """A rate that is known exactly and the same for everybody."""
    return PeopleRates(rate, 1e9, 0.0)


def test_a_perfect_test_counts() -> None:
    found = usage_share([True] * 7 + [False] * 33, np.arange(40), SURE, {"others": fixed(0.0)})
    assert (found.value, found.low, found.high) == (7 / 40, 7 / 40, 7 / 40)
    assert (found.positive, found.n, found.people) == (7, 40, 40)


def test_the_interval_is_that_of_the_exact_distribution() -> None:
    n, positive, found_rate, alarm_rate = 12, 5, 0.8, 0.1

    def tails(used: int) -> tuple[float, float]:
        """Chances of at least and at most as many positive answers, by summing over all outcomes."""
        chance = np.zeros(n + 1)
        for a in range(used + 1):
            for b in range(n - used + 1):
                chance[a + b] += (
                    comb(used, a) * found_rate**a * (1 - found_rate) ** (used - a)
                    * comb(n - used, b) * alarm_rate**b * (1 - alarm_rate) ** (n - used - b)
                )  # fmt: skip
        return float(chance[positive:].sum()), float(chance[: positive + 1].sum())

    fits = [k for k in range(n + 1) if min(tails(k)) > 0.025]
    hits = [True] * positive + [False] * (n - positive)
    found = usage_share(hits, np.arange(n), fixed(found_rate), {"x": fixed(alarm_rate)}, draws=20000)
    assert (found.low, found.high) == (fits[0] / n, fits[-1] / n)
    assert found.value == pytest.approx((positive / n - alarm_rate) / (found_rate - alarm_rate))


def test_photos_of_one_person_tell_less_than_those_of_many() -> None:
    hits = [True] * 10 + [False] * 30
    alike = {"others": PeopleRates(0.1, 500.0, 0.3)}
    one = usage_share(hits, np.zeros(40), SURE, alike)
    many = usage_share(hits, np.arange(40), SURE, alike)
    assert one.low < many.low
    assert one.high >= many.high


def test_unused_photos_may_be_of_any_kind() -> None:
    hits = [True] * 10 + [False] * 30
    kinds = {"siblings": fixed(0.2), "outsiders": fixed(0.0)}
    both = usage_share(hits, np.arange(40), SURE, kinds)
    assert both.low == usage_share(hits, np.arange(40), SURE, {"siblings": kinds["siblings"]}).low
    assert both.high == usage_share(hits, np.arange(40), SURE, {"outsiders": kinds["outsiders"]}).high


def people_who_differ(random: np.random.Generator, mean: float, alike: float, people: int, photos: int) -> np.ndarray:
    """(people, photos) answers; everybody has a rate of their own."""
    size = 1 / alike - 1
    rates = random.beta(mean * size, (1 - mean) * size, people)
    return random.random((people, photos)) < rates[:, None]


def test_rates_of_people_who_differ_are_seen() -> None:
    random = np.random.default_rng(1)
    answers = people_who_differ(random, 0.2, 0.25, 400, 20)
    found = PeopleRates.of(answers.ravel(), np.arange(400).repeat(20))
    assert found.mean == pytest.approx(answers.mean())
    assert found.alike == pytest.approx(0.25, abs=0.04)
    assert found.photos == pytest.approx(8000 / (1 + 19 * found.alike))
    alone = PeopleRates.of(random.random(8000) < 0.2, np.arange(400).repeat(20))
    assert alone.alike < 0.02


@pytest.mark.parametrize("share", [0.0, 0.25, 0.75])
def test_the_interval_covers_and_the_estimate_is_right_where_errors_come_in_people(share: float) -> None:
    random = np.random.default_rng(7)
    draws, n, people, covered, off = 120, 40, 4, 0, []
    for draw in range(draws):
        members = PeopleRates.of(people_who_differ(random, 0.9, 0.05, 40, 15).ravel(), np.arange(40).repeat(15))
        others = PeopleRates.of(people_who_differ(random, 0.05, 0.1, 40, 15).ravel(), np.arange(40).repeat(15))
        used = np.arange(n) % 20 < round(share * 20)
        found = people_who_differ(random, 0.9, 0.05, people, n // people).ravel()
        alarms = people_who_differ(random, 0.05, 0.1, people, n // people).ravel()
        hits, who = np.where(used, found, alarms), np.arange(people).repeat(n // people)
        told = usage_share(hits, who, members, {"others": others}, seed=draw, draws=1000)
        covered += told.low <= used.mean() <= told.high
        off.append(told.value - used.mean())
    assert covered / draws >= 0.93
    assert abs(np.mean(off)) <= 0.05


def test_the_list_is_wrong_as_rarely_as_promised_where_people_differ() -> None:
    random = np.random.default_rng(11)
    wrong = []
    for _ in range(200):
        means = random.normal(size=61)  # 60 calibration people with 15 photos each, and the one of the folder
        known = means[:60].repeat(15) + 0.5 * random.normal(size=900)
        unused = means[60] + 0.5 * random.normal(size=20)
        scores = np.concatenate([random.normal(6, 1, size=20), unused])
        named = discoveries(people_p_values(scores, known, np.arange(60).repeat(15)), 0.1)
        wrong.append((named >= 20).sum() / max(1, len(named)))
    assert np.mean(wrong) <= 0.1
    assert np.mean(wrong) > 0  # some are, or the list would be needlessly short


def test_the_list_is_the_longest_that_the_rate_allows() -> None:
    p = [0.04, 0.001, 0.5, 0.02, 0.9]
    # 2/5 of 0.05 is 0.02, 3/5 is 0.03: the two smallest.
    assert discoveries(p, 0.05).tolist() == [1, 3]
    assert discoveries(p, 0.07).tolist() == [1, 3, 0]
    assert discoveries([0.9, 0.8], 0.05).tolist() == []
    assert discoveries([], 0.05).tolist() == []


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(TooFew):
        usage_share([], [], SURE, {"others": fixed(0.0)})
    with pytest.raises(TooFew):
        usage_share([True], [0], SURE, {})
    with pytest.raises(ValueError, match="cannot belong to 1 people"):
        usage_share([True, False], [0], SURE, {"others": fixed(0.0)})
    with pytest.raises(ValueError, match="tells no share"):
        usage_share([True], [0], fixed(0.1), {"others": fixed(0.1)})
    for wrong in (0.0, 1.0, float("nan")):
        with pytest.raises(ValueError, match="false-discovery rate"):
            discoveries([0.5], wrong)
    for wrong in (0.0, 1.1, float("nan")):
        with pytest.raises(ValueError, match="p-value"):
            discoveries([wrong], 0.1)


def test_where_few_people_err_each_person_counts_once() -> None:
    people = np.repeat(np.arange(50), 20)
    hits = np.ones(1000, bool)
    for who in range(LEAST_ERRING - 1):
        hits[20 * who] = False
    assert PeopleRates.of(hits, people).photos == 50
    assert PeopleRates.of(~hits, people).photos == 50
    hits[20 * (LEAST_ERRING - 1)] = False
    assert PeopleRates.of(hits, people).photos > 900  # ten people with an error each: errors do not come in people
    assert PeopleRates.of(np.ones(1000, bool), people).photos == 50
