"""One photo of every kind that a careless or hostile visitor might send, at the page: each is answered, and so is the next visitor.

By the page's door and the one for programs. All of them, at a page of its own: test_photos_page; without a page: test_photos.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import httpx
import pytest

from tests.hostile.cases import ANSWERED, EITHER, FACE, FACELESS, MAKERS, REFUSED, Case, made_by
from tests.hostile.crowd import expect, unnumbered
from tests.hostile.planted import plant
from tests.hostile.visitor import Failed
from tests.ui.fakes import FakeTest
from tests.ui.guest import Guest
from tests.ui.served import Served

Visit = Callable[..., Guest]
PROBLEMS = {"No face was found in this photo.": FACELESS, "This photo cannot be read.": REFUSED}
BOMBS = ("png that says 65535", "jpeg that says 65,535", "webp that says 16,384")


def chosen() -> list[Case]:
    """The first of every outcome of every maker; of the bombs, which take long to make, those that only say that they are large."""
    found = []
    for maker in MAKERS:
        outcomes: dict[str, Case] = {}
        for case in made_by(maker):
            if maker != "bombs":
                outcomes.setdefault(case.outcome, case)
            elif case.name in BOMBS:
                found.append(case)
        found += [case for outcome, case in outcomes.items() if outcome != EITHER or len(outcomes) == 1]
    return found


def by_the_page(guest: Guest, case: Case) -> str:
    try:
        guest.add(case.data, name=f"photo{case.suffix}")
    except httpx.HTTPStatusError as error:
        if error.response.is_server_error:
            raise
        return REFUSED
    answer = guest.page["answer"]
    assert "Traceback" not in str(guest.page), case.name
    (end,) = [outcome for words, outcome in PROBLEMS.items() if words in answer] or [ANSWERED]
    assert (end == ANSWERED) == ("data-network" in answer), (case.name, answer)
    return end


def by_the_other_door(guest: Guest, case: Case) -> str:
    try:
        audits = guest.audit(case.data)
    except (Failed, httpx.HTTPStatusError):
        return REFUSED
    assert audits, case.name
    told = {str(audit["error"]) for audit in audits}
    if told == {"None"}:
        return ANSWERED
    assert not [words for words in told if "Traceback" in words], case.name
    return FACELESS if any("No face" in words for words in told) else REFUSED


def test_each_is_answered_and_so_is_the_next_visitor(
    served: Served, visit: Visit, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    served.networks.test = FakeTest()
    own = expect(FakeTest(), plant(FACE.read_bytes(), 90))  # type: ignore[arg-type]
    cases = chosen()
    assert len(cases) >= len(MAKERS)
    assert {case.outcome for case in cases} >= {ANSWERED, FACELESS, REFUSED}
    guest = visit()
    for number, case in enumerate(cases):
        end = by_the_page(guest, case)
        assert case.outcome in (end, EITHER), (case.name, end)
        if number % 3 == 0:
            assert by_the_other_door(guest, case) == end, case.name
        assert not served.waiting(), case.name
    following = visit()
    following.add(own.planted.data)
    assert unnumbered(following.page["answer"]) == own.answer
    assert own.crop in following.page["faces"]
    assert not [record for record in caplog.records if record.name.startswith("mint")]
