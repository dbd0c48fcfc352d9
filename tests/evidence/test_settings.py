"""One sentence for whatever is no promised rate and no belief: NaN, infinities, truth values, words."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from mint.errors import BadSetting, MintError
from mint.evidence.verdict import check_alpha, check_settings, is_between

NONE = (float("nan"), float("inf"), -float("inf"), True, False, "0.01", "", None, [0.01], 1j, np.nan, np.True_)


@pytest.mark.parametrize("given", [*NONE, 0, 1, -0.01, 7, 10**999, -(10**999), 0.0, 1.0])
def test_what_is_no_alpha(given: object) -> None:
    for refuse in (lambda: check_settings(given, 0.5), lambda: check_alpha(given)):
        with pytest.raises(BadSetting, match=r"^alpha is a number above 0 and below 1") as refused:
            refuse()
        assert len(str(refused.value)) < 400
        assert isinstance(refused.value, ValueError), "as Python programs expect"
        assert isinstance(refused.value, MintError), "one line on a shell"


@pytest.mark.parametrize("given", [*NONE, -0.01, 1.01, 10**999])
def test_what_is_no_prior(given: object) -> None:
    with pytest.raises(BadSetting, match=r"and the prior a number from 0 to 1; got 0\.01 and "):
        check_settings(0.01, given)


@pytest.mark.parametrize("given", [0.01, np.float32(0.01), np.float64(0.5), Fraction(1, 100), 1e-300])
def test_any_number_is_one(given: object) -> None:
    check_settings(given, 0)
    check_settings(given, np.int64(1))
    check_alpha(given)


def test_what_is_long_is_told_short() -> None:
    with pytest.raises(BadSetting) as refused:
        check_settings("9" * 10**6, 0.5)
    assert len(str(refused.value)) < 400


def test_both_ends_count() -> None:
    assert is_between(0, 0, 1)
    assert is_between(1.0, 0, 1)
    assert not is_between(1.0000001, 0, 1)
