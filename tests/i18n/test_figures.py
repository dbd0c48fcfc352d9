from __future__ import annotations

from mint.i18n.figures import at_least, count, interval, membership, p_value, percent
from mint.types import Rate


def test_small_rates_never_look_like_zero() -> None:
    assert percent(0.0) == "0\u202f%"
    assert percent(0.0004) == "0.04\u202f%"
    assert percent(0.0312) == "3.1\u202f%"
    assert percent(0.9999) == "100\u202f%"


def test_membership_claims_no_certainty() -> None:
    assert membership(0.0001).startswith("<")
    assert membership(0.9999).startswith(">")
    assert membership(0.5) == "50\u202f%"


def test_a_lower_bound_is_never_above_what_it_is() -> None:
    assert [at_least(bound) for bound in (4.4272, 4.79898, 7.2952, 0.0)] == ["4.42", "4.79", "7.29", "0.00"]


def test_p_values_are_plain_decimals() -> None:
    assert [p_value(p) for p in (0.41, 0.0024, 0.0002)] == ["0.41", "0.0024", "0.00020"]


def test_thousands_are_set_apart() -> None:
    assert count(12345) == "12\u202f345"


def test_an_interval_stays_on_one_line_and_says_of_how_many() -> None:
    told = interval(Rate(0.024, 0.016, 0.034, 1151).to_dict() or {})
    assert told == "1.6\u2060–\u20603.4\u202f%, n\u00a0=\u00a01\u202f151"
