"""Hostile photos at the first door: each opens or is refused with a clear message, and nothing else.

The gate takes every bomb and some of every other kind; ``pytest -m ""`` takes all.
"""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from PIL import ImageFile

from mint.vision.images import MAX_PIXELS_OTHER
from tests.hostile.cases import ANSWERED, EITHER, FACELESS, MAKERS, REFUSED, Case, cases, few_of, rest_of
from tests.hostile.fuzz import photos
from tests.hostile.memory import MOST_MB
from tests.hostile.outcomes import outcome_of

KINDS = [maker for maker in MAKERS if maker != "bombs"]  # which take long to make, and have a test of their own
SAME_EACH_TIME = settings(derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def offenders(among: Iterable[Case]) -> list[str]:
    """What did not end as it must, one line each."""
    found = []
    for case in among:
        try:
            outcome, message = outcome_of(case.data)
        except Exception as error:
            found.append(f"{case.name}: {type(error).__name__}: {error}")
            continue
        if case.outcome not in (outcome, EITHER):
            found.append(f"{case.name}: {outcome} in place of {case.outcome} {message}")
    return found


def some() -> tuple[Case, ...]:
    """What the gate takes of these kinds."""
    return tuple(case for maker in KINDS for case in few_of(maker))


def test_there_are_enough():
    assert len(cases()) >= 300
    assert {case.outcome for case in cases()} == {ANSWERED, FACELESS, REFUSED, EITHER}
    assert sum(case.outcome == EITHER for case in cases()) < len(cases()) / 2
    for maker in MAKERS:  # what the gate takes stands for all
        assert {case.outcome for case in few_of(maker)} == {case.outcome for case in (*few_of(maker), *rest_of(maker))}
        assert len(few_of(maker)) > 3, maker
    assert {case.suffix for case in some()} > {".jpg", ".png", ".webp"}


@pytest.mark.parametrize("maker", KINDS)
def test_some_of_every_kind_end_well(maker):
    assert not (found := offenders(few_of(maker))), "\n".join(found)


@pytest.mark.full
@pytest.mark.parametrize("maker", KINDS)
def test_the_rest_of_every_kind_ends_well(maker):
    assert not (found := offenders(rest_of(maker))), "\n".join(found)


def test_what_ends_otherwise_is_told():
    bad = [Case("a note", b"hello", ".jpg", ANSWERED), Case("no bytes at all", lambda: [][0], ".jpg", REFUSED)]
    assert [line.split(":")[:2] for line in offenders(bad)] == [
        ["a note", " refused in place of answered This is not a JPEG, PNG or WebP photo. Save it as one of these."],
        ["no bytes at all", " IndexError"],
    ]


def test_bombs_end_well_and_limits_come_before_pixels(monkeypatch):
    """Of what is too large no pixel is decoded, and a large JPEG is decoded at a part of its size."""
    sizes, load = [], ImageFile.ImageFile.load

    def watched(image):
        sizes.append(image.size)
        return load(image)

    monkeypatch.setattr(ImageFile.ImageFile, "load", watched)
    decoded, found = {}, []
    for case in few_of("bombs"):
        sizes.clear()
        found += offenders([case])
        decoded[case.name] = set(sizes)
    assert not found, "\n".join(found)
    assert not {n for n, seen in decoded.items() for width, height in seen if width * height > MAX_PIXELS_OTHER}
    large = {name for name in decoded if "says" in name or "144" in name or "×" in name}
    assert len(large) == 17
    assert not {name for name in large if decoded[name]}
    assert decoded["jpeg of 48 megapixels"] == {(4000, 3000)}  # of 8,000 × 6,000
    assert decoded["png of 23 megapixels"] == {(4800, 4800)}  # so that the watch is known to see


@settings(SAME_EACH_TIME, max_examples=20)
@given(photos(some))
def test_also_after_edits_at_random(data):
    """A few here; ``python -m tests.hostile.fuzz`` goes on for as long as it is told to."""
    found, _ = outcome_of(data)
    assert found in (ANSWERED, FACELESS, REFUSED)


@pytest.mark.full
@settings(SAME_EACH_TIME, max_examples=60)
@given(photos())
def test_also_after_more_edits_of_all_of_them(data):
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
