"""The reported rates count what the verdict says, also at the very limit."""

from __future__ import annotations

import numpy as np
import pytest

from mint.evidence.conformal import evidence_rate, p_values
from mint.evidence.verdict import decide
from mint.types import Verdict

ALPHA = 0.01
KNOWN = np.arange(399.0)  # a p-value is a multiple of 1/400, and four of these are exactly the limit


@pytest.mark.parametrize(("score", "p"), [(397.0, 3 / 400), (396.0, 4 / 400), (395.0, 5 / 400)])
def test_a_photo_is_counted_exactly_if_it_is_accused(score: float, p: float) -> None:
    assert p_values([score], KNOWN)[0] == p
    accused = decide(p, score, ALPHA, -np.inf, None, True)[0] is Verdict.EVIDENCE
    found = evidence_rate([score, -1.0], {"known": KNOWN}, ALPHA)
    assert accused == (p <= 4 / 400)
    assert (found.value, found.n) == (accused / 2, 2)
