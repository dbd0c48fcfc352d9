from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import binomtest, kstest

from mint.errors import TooFew
from mint.evidence.fusion import Fusion
from mint.evidence.person import MAX_PHOTOS, PersonTest, Photos, set_features, size
from mint.evidence.verdict import WorstRate, at_most
from tests.tiny_bundles import made_up_people

EXPECTED = (0.1, 0.4)


def photos(n: int, seed: int = 0, spread: float = 1.0) -> Photos:
    """Embeddings around one direction; the smaller the spread, the more compact."""
    random = np.random.default_rng(seed)
    raw = random.normal(size=12) + spread * random.normal(size=(n, 12))
    alike = random.uniform(0.2, 0.5, (n, n))
    alike = (alike + alike.T) / 2
    np.fill_diagonal(alike, 1)
    unit = raw / np.linalg.norm(raw, axis=1, keepdims=True)
    return Photos(random.normal(size=n), random.normal(size=n), unit, alike)


def compactness(p: Photos, kept: list[int]) -> float:
    pairs = list(combinations(kept, 2))
    return sum(float(p.unit[i] @ p.unit[j]) - 0.1 - 0.4 * p.alike[i, j] ** 2 for i, j in pairs) / len(pairs)


@pytest.mark.parametrize("n", [2, 3, 4, 7, 20])
def test_features_by_hand(n: int) -> None:
    p = photos(n, seed=n)
    head = np.linalg.qr(np.random.default_rng(1).normal(size=(12, 12)))[0][:5]
    found = set_features(p, EXPECTED, head)
    choices = [[i for i in range(n) if i != out] for out in range(n)] if n >= 4 else [list(range(n))]
    assert found["compactness"] == pytest.approx(max(compactness(p, kept) for kept in choices))
    assert found["best photos"] == pytest.approx(np.mean(sorted(p.person, reverse=True)[: (n + 1) // 2]))
    assert found["consistency"] == pytest.approx(p.consistency.mean())
    middle = p.unit.sum(axis=0)
    assert found["nearest centre"] == pytest.approx(max(float(c @ middle) for c in head) / np.linalg.norm(middle))


def test_one_photo_has_no_compactness_and_none_is_refused() -> None:
    found = set_features(photos(1), EXPECTED, None)
    assert found["compactness"] == 0
    assert "nearest centre" not in found
    with pytest.raises(TooFew):
        set_features(photos(1)[:0], EXPECTED, None)


def test_one_wrong_photo_hardly_moves_the_compactness() -> None:
    clean = photos(6, spread=0.2)
    swapped = Photos(clean.person, clean.consistency, np.vstack([clean.unit[:5], photos(1, seed=9).unit]), clean.alike)
    gaps = [set_features(p, EXPECTED, None)["compactness"] for p in (clean[:5], swapped)]
    assert gaps[1] == pytest.approx(gaps[0], abs=0.08)


def test_photos_that_are_alike_in_pixels_are_not_taken_for_compact() -> None:
    usual = photos(4, spread=0.1)
    alike = replace(usual, alike=np.full((4, 4), 0.74))
    assert set_features(alike, EXPECTED, None)["compactness"] < set_features(usual, EXPECTED, None)["compactness"] - 0.1


def test_the_odd_photo_is_named() -> None:
    clean = photos(5, spread=0.1)
    other = np.vstack([clean.unit[:2], -clean.unit[2:3], clean.unit[3:]])
    test = made_up_people(0)
    assert test.odd_one(clean) is None
    assert test.odd_one(replace(clean, unit=other)) == 2
    assert test.odd_one(clean[:1]) is None
    assert replace(test, odd={}).odd_one(replace(clean, unit=other)) is None, "nobody measured when to ask"


def test_a_set_more_alike_than_any_calibration_set_cannot_be_judged() -> None:
    test = made_up_people(0)
    assert test.outside(photos(3)) is None
    assert "more alike" in str(test.outside(replace(photos(3), alike=np.full((3, 3), 0.74))))
    assert test.outside(photos(1)) is None  # a photo is like itself


@pytest.mark.parametrize("n", [1, pytest.param(3, marks=pytest.mark.full), MAX_PHOTOS])
def test_p_is_uniform_over_people_who_were_not_used_and_counts_people(n: int) -> None:
    test = made_up_people(1, others=400)
    random = np.random.default_rng(5)
    p = np.array([test.p_value(s, n) for s in random.normal(size=1500)])
    for alpha in (0.01, 0.05, 0.2):
        assert (p <= alpha).mean() <= alpha + 3 * np.sqrt(alpha / 1500)
    one = replace(test, scores={"calibration": {"outsiders": test.scores["calibration"]["outsiders"]}, "test": {}})
    single = [one.p_value(s, n) for s in random.normal(size=1500)]
    assert kstest(single, "uniform").statistic < 0.1
    scores = np.sort(test.scores["calibration"]["outsiders"][size(n)])
    for reached in (0, 3, 40):  # Clopper and Pearson's upper end, of people
        bound = binomtest(reached, len(scores), alternative="less").proportion_ci(0.9).high
        at = np.inf if reached == 0 else scores[-reached]
        assert one.p_value(float(at), n) == pytest.approx(bound, rel=0.02)


def thinned(test: PersonTest, people: dict[str, dict[int, int]]) -> PersonTest:
    """The same, in which only so many people of a kind have more than so many photos."""

    def kept(kind: str, n: int) -> int | None:
        return min((left for above, left in people.get(kind, {}).items() if n > above), default=None)

    def thin(sets: Mapping[str, Mapping[str, np.ndarray]]) -> dict[str, dict[str, np.ndarray]]:
        return {
            kind: {size(n): of[size(n)][: kept(kind, n)] for n in range(1, MAX_PHOTOS + 1)} for kind, of in sets.items()
        }

    return replace(test, scores={purpose: thin(sets) for purpose, sets in test.scores.items()})


@pytest.mark.parametrize(
    ("people", "most"),
    [
        ({}, MAX_PHOTOS),
        ({"real": {4: 229}}, 4),  # a kind that would drop out
        ({"real": {4: 230}}, MAX_PHOTOS),
        ({"real": {0: 40}}, MAX_PHOTOS),  # one that was never compared with
        ({"outsiders": {6: 120}}, 6),  # nobody could be accused any more
        ({"outsiders": {6: 120}, "real": {2: 100}}, 2),
        ({"outsiders": {0: 50, 9: 2}, "real": {0: 60, 9: 1}}, 9),  # few from the first on: as long as any are left
        ({"outsiders": {0: 0}, "real": {0: 0}}, 1),
    ],
)
def test_as_many_are_judged_together_as_every_kind_of_people_has(people: dict[str, dict[int, int]], most: int) -> None:
    assert thinned(made_up_people(0, others=400), people).most() == most


def test_real_people_with_many_photos_are_accused_no_more_than_promised() -> None:
    """Some kinds of people score higher the more photos they bring, and few of them bring many."""
    test, random = made_up_people(3, others=400), np.random.default_rng(0)
    real = {size(n): random.normal(size=400) + 0.4 * n for n in range(1, MAX_PHOTOS + 1)}
    scores = {purpose: {**sets, "real": real} for purpose, sets in test.scores.items()}
    few = thinned(replace(test, scores=scores), {"real": {4: 60}})
    many = random.normal(size=2000) + 0.4 * 10
    assert (np.array([few.p_value(s, 10) for s in many]) <= 0.01).mean() > 0.5, "without them the promise is broken"
    n = few.most()
    judged = random.normal(size=2000) + 0.4 * n
    assert n == 4
    assert (np.array([few.p_value(s, n) for s in judged]) <= 0.01).mean() <= 0.01 + 3 * np.sqrt(0.01 / 2000)


def test_a_planted_person_is_found_and_rates_count_people() -> None:
    test = made_up_people(2)
    alarms, hits = test.rates(5, 0.01)
    assert alarms.n == 250
    assert alarms.value <= 0.03
    assert hits.value > 0.9
    assert hits.n == 40
    assert test.p_value(8.0, 5) < 0.01
    assert 0 < test.no_sign_below(5) < 6


def test_sizes_that_nobody_has_are_left_out_or_refused() -> None:
    test = made_up_people(3)
    calibration = {kind: dict(sets) for kind, sets in test.scores["calibration"].items()}
    calibration["real"][size(9)] = np.zeros(2, np.float32)  # too few to say anything about real people
    few = replace(test, scores={**test.scores, "calibration": calibration})
    assert few.p_value(9.0, 9) == pytest.approx(1 - 0.1 ** (1 / 250))
    calibration["outsiders"][size(9)] = np.zeros(0, np.float32)
    with pytest.raises(TooFew, match="9 photos"):
        few.p_value(9.0, 9)


def test_what_is_stored_comes_back() -> None:
    test = made_up_people(4)
    again = PersonTest.from_dict(test.to_dict(), test.scores)
    assert again.to_dict() == test.to_dict()
    assert again.score(photos(MAX_PHOTOS), None) == test.score(photos(MAX_PHOTOS), None)
    assert replace(test, fusion=Fusion({"compactness": 2.0}, 1.0)).score(photos(1), None) == 1.0


def test_the_worst_kind_of_people_is_told_however_small() -> None:
    test = made_up_people(6)
    few = {**test.scores["test"], "openpeople": {size(5): np.array([50.0, -50.0], np.float32)}}
    known = replace(test, scores={**test.scores, "test": few})
    alarms, _ = known.rates(5, 0.01)
    assert (alarms.value, alarms.n) == (0.5, 2)
    assert WorstRate.among(known.false_alarms_by_kind(5, 0.01).values()) == alarms
    assert set(known.false_alarms_by_kind(5, 0.01)) == {"outsiders", "real", "openpeople"}
    quiet = {**test.scores["test"], "openpeople": {size(5): np.full(1, -50.0, np.float32)}}
    alarms, _ = replace(test, scores={**test.scores, "test": quiet}).rates(5, 0.1)
    assert alarms.n == 250, "a wide interval without an alarm is not the worst"
    assert alarms.high < at_most(alarms) == pytest.approx(0.975), "but nobody knows how often such people are accused"
    assert known.compared(5) == 500
