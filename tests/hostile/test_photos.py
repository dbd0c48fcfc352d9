"""Every hostile photo at the first door: it opens or is refused with a clear message, and nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.hostile.cases import ANSWERED, EITHER, FACELESS, REFUSED, cases
from tests.hostile.fuzz import photos
from tests.hostile.memory import MOST_MB
from tests.hostile.outcomes import outcome_of


def test_there_are_enough():
    assert len(cases()) >= 300
    assert {case.outcome for case in cases()} == {ANSWERED, FACELESS, REFUSED, EITHER}
    assert sum(case.outcome == EITHER for case in cases()) < len(cases()) / 2


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_it_ends_well(case):
    found, message = outcome_of(case.data)
    assert case.outcome in (found, EITHER), message


@settings(max_examples=60, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(photos())
def test_also_after_edits_at_random(data):
    """A few here; ``python -m tests.hostile.fuzz`` goes on for as long as it is told to."""
    found, _ = outcome_of(data)
    assert found in (ANSWERED, FACELESS, REFUSED)


MEMORY = """
from mint.membership import MembershipTest
from tests.hostile.cases import FACE, REFUSED, cases
from tests.hostile.memory import Growth
test = MembershipTest.load(["twin-a"])  # the other twin needs what this one has given back
test.look(FACE)
files = [case.data for number, case in enumerate(cases()) if case.outcome == REFUSED or number % 2]
with Growth() as growth:
    for data in files:
        test.audit(data, "photo")
print(growth.mb)
"""


@pytest.mark.full
def test_bombs_and_half_of_the_rest_in_one_process_need_little_above_idle():
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", MEMORY], cwd=root, capture_output=True, text=True, check=True)
    assert 10 < float(done.stdout) < MOST_MB, done.stdout  # a photo of 24 megapixels alone takes more than 10
