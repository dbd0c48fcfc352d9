"""The reported rates count what the verdict says, also at the very limit."""

from __future__ import annotations

import numpy as np
import pytest

from mint.evidence.conformal import FalseAlarmBound, evidence_rate
from mint.evidence.verdict import decide
from mint.types import Verdict

KNOWN = FalseAlarmBound.of(np.arange(1000.0), np.arange(1000))
LIMIT = float(KNOWN.at([996.0])[0])  # reached by four of a thousand


@pytest.mark.parametrize("score", [997.0, 996.0, 995.0])
def test_a_photo_is_counted_exactly_if_it_is_accused(score: float) -> None:
    p = float(KNOWN.at([score])[0])
    accused = decide(p, score, LIMIT, -np.inf, None, KNOWN.people)[0] is Verdict.EVIDENCE
    found = evidence_rate([score, -1.0], {"known": KNOWN}, LIMIT)
    assert accused == (score >= 996)
    assert (found.value, found.n) == (accused / 2, 2)
