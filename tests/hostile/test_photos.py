"""Every hostile photo at the first door: it opens or is refused with a clear message, and nothing else."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mint.errors import BadPhoto, NoFace
from mint.faces import find
from mint.images import MAX_SIDE, open_photo
from tests.hostile.cases import ANSWERED, EITHER, FACELESS, REFUSED, cases


def outcome_of(data: bytes) -> tuple[str, str]:
    try:
        rgb = open_photo(data)
    except BadPhoto as error:
        return REFUSED, str(error)
    assert rgb.dtype == np.uint8
    assert rgb.ndim == 3
    assert rgb.shape[2] == 3
    assert max(rgb.shape) <= MAX_SIDE
    try:
        faces = find(rgb)
    except NoFace as error:
        return FACELESS, str(error)
    assert all(face.crop.shape == (112, 112, 3) for face in faces)
    return ANSWERED, ""


def test_there_are_enough():
    assert len(cases()) >= 300
    assert {case.outcome for case in cases()} == {ANSWERED, FACELESS, REFUSED, EITHER}
    assert sum(case.outcome == EITHER for case in cases()) < len(cases()) / 2


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_it_ends_well(case):
    found, message = outcome_of(case.data)
    assert case.outcome in (found, EITHER), message
    if found != ANSWERED:
        assert re.fullmatch(r"[A-Z].+\.", message, re.S), message
        assert len(message) < 300
        assert "Traceback" not in message
        assert not re.search(r"[<>]|0x[0-9a-f]{6}|/(tmp|home|usr)/", message), message  # nothing of the inside


MEMORY = """
import resource
from mint.errors import MintError
from mint.membership import MembershipTest
from tests.hostile.cases import FACE, cases
test = MembershipTest.load()
test.look(FACE)
files = [case.data for case in cases()]
idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for data in files:
    test.audit(data, "photo")
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - idle) // 1024)
"""


@pytest.mark.slow
def test_all_of_them_in_one_process_need_less_than_700_mb_above_idle():
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", MEMORY], cwd=root, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 700, done.stdout
