import numpy as np
import pytest

from mint.evidence.conformal import least_bound
from mint.evidence.verdict import Range, chance_right, decide
from mint.types import Rate, Verdict


@pytest.mark.parametrize(
    ("p", "score", "outside", "expected"),
    [
        (0.01, 5.0, None, Verdict.EVIDENCE),
        (0.0101, 5.0, None, Verdict.INCONCLUSIVE),
        (0.5, 1.0, None, Verdict.INCONCLUSIVE),
        (0.5, 0.99, None, Verdict.NO_SIGN),
        (0.001, 9.0, "too dark", Verdict.CANNOT_SAY),
    ],
)
def test_words(p: float, score: float, outside: str | None, expected: Verdict) -> None:
    assert decide(p, score, 0.01, members_low=1.0, outside=outside, people=300)[0] is expected


def test_too_few_people_promise_nothing_and_say_so() -> None:
    highest = least_bound(36)
    verdict, reason = decide(highest, 5.0, 0.01, 1.0, None, 36)
    assert verdict is Verdict.CANNOT_SAY
    assert str(reason) == "36 people are too few to compare with: with so many, nothing below 6.2% can be promised"
    assert decide(highest, 5.0, 0.07, 1.0, None, 36)[0] is Verdict.EVIDENCE  # who asks for less gets an answer
    assert decide(2 * highest, 5.0, 0.01, 1.0, None, 36)[0] is Verdict.INCONCLUSIVE  # some score as high
    # Where nobody unused scores as high it is no comfort that most members do.
    assert decide(highest, 0.5, 0.01, 1.0, None, 36) == (verdict, reason)
    assert decide(2 * highest, 0.5, 0.01, 1.0, None, 36)[0] is Verdict.NO_SIGN


def test_range_names_what_is_unlike() -> None:
    bounds = Range({"brightness": (10.0, 200.0)})
    assert bounds.outside({"brightness": 10.0}) is None
    told = {value: str(bounds.outside({"brightness": value})) for value in (9.9, 200.1, float("inf"))}
    assert all("in nearly all the photos this test was calibrated on" in why for why in told.values())
    assert ["lower" in why for why in told.values()] == [True, False, False]
    assert str(bounds.outside({"brightness": float("nan")})) == "brightness could not be measured"
    values = np.array([9.9, 10.0, 200.0, 200.1, np.nan])
    assert bounds.mask({"brightness": values}).tolist() == [
        bounds.outside({"brightness": v}) is not None for v in values
    ]


def test_chance_right_is_bayes_rule_at_the_upper_false_positive_rate() -> None:
    tpr, fpr = Rate(0.89, 0.8, 0.95, 100), Rate(0.05, 0.02, 0.11, 100)
    assert chance_right(0.01, tpr, fpr) == pytest.approx(0.01 * 0.89 / (0.01 * 0.89 + 0.99 * 0.11))
    assert chance_right(0.0, tpr, fpr) == 0.0
    assert chance_right(0.5, Rate(0, 0, 0, 1), Rate(0, 0, 0, 1)) is None
    for prior in (0.0, 0.5, 1.0):  # an answer that is never given is not wrong each time
        assert chance_right(prior, Rate(0.0, 0.0, 0.003, 1406), Rate(0.0, 0.0, 0.03, 105)) is None
