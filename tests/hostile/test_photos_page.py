"""Hostile photos at the running page, by both of its doors: each is answered, and whoever comes next is served.

A few run here; ``MINT_HOSTILE_PAGE=all`` sends all of them to the page with the networks that ship, and
``MINT_HOSTILE_REPORT=FILE`` writes down what came of it.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections import Counter
from pathlib import Path

import httpx
import pytest

from tests.hostile.cases import ANSWERED, EITHER, FACE, FACELESS, REFUSED, Case, cases
from tests.hostile.crowd import Expected, expect, unnumbered
from tests.hostile.memory import MOST_MB, Growth, resident_mb
from tests.hostile.planted import plant
from tests.hostile.test_load import SERVER
from tests.hostile.visitor import Failed, Visitor, running, visiting
from tests.ui.fakes import FakeTest

pytestmark = pytest.mark.full
ALL = os.environ.get("MINT_HOSTILE_PAGE") == "all"
FEW = 40
NEXT = 10  # after so many of them an ordinary visitor comes
LOADING_MB = 1500  # that the networks may take which the page loads meanwhile
REAL = "from mint.ui.loading import Loading; from mint.ui.serve import serve; serve(Loading())"
PROBLEMS = {"No face was found in this photo.": FACELESS, "This photo cannot be read.": REFUSED}


def chosen() -> list[Case]:
    """Half of the few are of those that must be refused."""
    if ALL:
        return list(cases())
    random_ = random.Random(5)
    refused = [case for case in cases() if case.outcome == REFUSED]
    others = [case for case in cases() if case.outcome != REFUSED]
    return random_.sample(refused, FEW // 2) + random_.sample(others, FEW // 2)


def turned_away(response: httpx.Response, case: Case) -> str:
    assert 400 <= response.status_code < 500, case.name
    return REFUSED


async def through_the_page(visitor: Visitor, case: Case) -> str:
    try:
        seen = await visitor.add(case.data, name=f"photo{case.suffix}")
    except httpx.HTTPStatusError as error:
        return turned_away(error.response, case)
    answer = seen["answer"]
    assert "Traceback" not in str(seen), case.name
    found = [outcome for words, outcome in PROBLEMS.items() if words in answer]
    assert found or 'data-visit="problem"' not in answer, (case.name, answer)
    return found[0] if found else ANSWERED


async def through_the_door(visitor: Visitor, case: Case) -> str:
    try:
        audits = await visitor.audit(case.data)
    except httpx.HTTPStatusError as error:
        return turned_away(error.response, case)
    except Failed:
        return REFUSED
    assert audits, case.name
    if any(audit.get("error") for audit in audits):
        return FACELESS if "face" in str(audits[0]["error"]) else REFUSED
    return ANSWERED


async def come(url: str, process: int, expected: Expected) -> dict[str, object]:
    outcomes: Counter[str] = Counter()
    memory: list[float] = []
    async with visiting(url) as first:
        folder = Path(await first.upload(b"x")).parents[1]
        for i, case in enumerate(chosen()):
            async with visiting(url, first.config) as visitor:  # one session each, as a visitor has
                found = await through_the_page(visitor, case)
                assert case.outcome in (found, EITHER), (case.name, found)
                outcomes[found] += 1
                if ALL or i % 4 == 0:
                    again = await through_the_door(visitor, case)
                    assert again == found or found != ANSWERED != again, (case.name, found, again)
            if i % NEXT == NEXT - 1:
                async with visiting(url, first.config) as visitor:
                    seen = await visitor.add(expected.planted.data, name=expected.planted.name)
                    assert unnumbered(seen["answer"]) == expected.answer, case.name
                memory.append(resident_mb(process))
        await asyncio.sleep(1)
        left = [path.name for path in folder.glob("*/*") if path.is_file()]
        assert left in ([], ["photo.png"]), left  # the first visitor's, who is still there
    return {"photos": len(chosen()), "outcomes": outcomes, "resident_mb": memory}


def test_each_is_answered_and_the_next_visitor_is_served() -> None:
    test = FakeTest()
    if ALL:
        from mint import MembershipTest

        test = MembershipTest.load()  # type: ignore[assignment]
    expected = expect(test, plant(FACE.read_bytes(), 90))  # type: ignore[arg-type]
    with running(["-c", REAL] if ALL else ["-c", SERVER, "0"]) as server:
        with Growth(server.process.pid) as growth:
            found = asyncio.run(come(server.url, server.process.pid, expected))
        server.stop()
    assert not [line for line in server.said if "Traceback" in line or "failed" in line]
    assert 10 < growth.mb < MOST_MB + LOADING_MB * ALL
    if report := os.environ.get("MINT_HOSTILE_REPORT"):
        Path(report).write_text(json.dumps({**found, "most_mb_above_idle": growth.mb}, indent=1))
