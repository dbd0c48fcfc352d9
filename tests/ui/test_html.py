from __future__ import annotations

import pytest

from mint.ui.html import count, esc, membership, p_value, percent


@pytest.mark.parametrize(
    "hostile", ["<img src=x onerror=a()>", "\"'><b>", "${alert(1)}", "{{value}}", "`${1}`", "\\x3cscript"]
)
def test_nothing_that_starts_markup_or_a_template_survives(hostile: str) -> None:
    assert not set("<>\"'`${}\\") & set(esc(hostile))


def test_small_rates_never_look_like_zero() -> None:
    assert percent(0.0) == "0\u202f%"
    assert percent(0.0004) == "0.04\u202f%"
    assert percent(0.0312) == "3.1\u202f%"
    assert percent(0.9999) == "100\u202f%"


def test_membership_claims_no_certainty() -> None:
    assert membership(0.0001).startswith("<")
    assert membership(0.9999).startswith(">")
    assert membership(0.5) == "50\u202f%"


def test_p_values_are_plain_decimals() -> None:
    assert [p_value(p) for p in (0.41, 0.0024, 0.0002)] == ["0.41", "0.0024", "0.00020"]


def test_thousands_are_set_apart() -> None:
    assert count(12345) == "12\u202f345"
