"""Many visitors at once, each with a photo of its own whose answer is known beforehand to the letter."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mint.i18n.translate import ENGLISH, Say
from mint.ui.html import png_uri
from mint.ui.sessions import photo as photo_session
from tests.hostile.memory import resident_mb
from tests.hostile.planted import Planted
from tests.hostile.visitor import QueueFull, Server, Visitor, visiting

if TYPE_CHECKING:
    from mint.membership import MembershipTest

ALPHA, PRIOR = 0.01, 0.5
AGAIN_SECONDS = (0.5, 2.0)  # how long somebody waits whom the full queue turned away


@dataclass(frozen=True)
class Expected:
    """What one visitor must see, and nobody else may.

    Attributes:
        planted: the visitor's photo.
        crop: its cut-out face, as it stands on the page.
        answer: on the page.
        audits: what programs get.
    """

    planted: Planted
    crop: str
    answer: str
    audits: list[dict[str, Any]]


def expect(test: MembershipTest, planted: Planted, say: Say = ENGLISH) -> Expected:
    """Ask the networks here what the server must say in a language."""
    now = photo_session.begin(test, photo_session.read(planted.data))
    answer = unnumbered(photo_session.show_answer(test, now, ALPHA, PRIOR, say))
    audits = [audit.to_dict() for audit in test.audit(planted.data, "photo", ALPHA, PRIOR)]
    return Expected(planted, png_uri(now.look.faces[0].crop), answer, audits)


def unnumbered(answer: str) -> str:
    """An answer without the number that tells it from the one before."""
    return re.sub(r'data-visit="\d+"', "", answer)


@dataclass
class Crowd:
    """What happened to all of them.

    Attributes:
        seconds: of every answer, from the upload on, by the door it came through.
        full: how often the queue was full, by the words that were said.
        wrong: answers that were not the visitor's own, or not right.
        errors: everything else that went wrong.
        memory: (seconds since the start, resident MB) of the server.
    """

    expected: Sequence[Expected]
    seconds: dict[str, list[float]] = field(default_factory=lambda: {"page": [], "programs": []})
    full: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)
    memory: list[tuple[float, float]] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    async def come(self, server: Server, seconds: float, watch_every: float = 1.0) -> None:
        """All at once, again and again until the time is over; each waits for its own answer."""
        self.started = time.monotonic()
        end = self.started + seconds
        watching = asyncio.create_task(self._watch(server.process.pid, watch_every))
        try:
            async with visiting(server.url) as first:
                stays = (self._stay(server.url, first.config, number, end) for number in range(len(self.expected)))
                await asyncio.gather(*stays)
        finally:
            watching.cancel()

    async def _stay(self, url: str, config: Mapping[str, Any], number: int, end: float) -> None:
        chance = random.Random(number)
        while time.monotonic() < end:  # an error ends the visit, not the visitor
            try:
                async with visiting(url, config) as visitor:
                    while time.monotonic() < end:
                        try:
                            await self._ask(visitor, number, chance)
                        except QueueFull as full:
                            self.full[str(full)] = self.full.get(str(full), 0) + 1
                            await asyncio.sleep(chance.uniform(*AGAIN_SECONDS))
            except Exception as error:
                self._count(error)
                await asyncio.sleep(1)

    async def _ask(self, visitor: Visitor, number: int, chance: random.Random) -> None:
        own = self.expected[number]
        begun = time.monotonic()
        if chance.random() < 0.75:
            door, answer = "page", await visitor.add(own.planted.data, name=own.planted.name)
            right = unnumbered(answer["answer"]) == own.answer and own.crop in answer["faces"]
        else:
            door, answer = "programs", {"": await visitor.audit(own.planted.data)}
            right = answer[""] == own.audits
        self.seconds[door].append(time.monotonic() - begun)
        if not right:
            self.wrong.append(f"visitor {number}, {door}: {self._told(answer, number)}")

    def _told(self, answer: Mapping[str, Any], number: int) -> str:
        """What a wrong answer was: somebody else's, or words."""
        for other, expected in enumerate(self.expected):
            if other != number and (expected.crop in str(answer) or expected.answer == answer.get("answer")):
                return f"the answer of visitor {other}"
        return re.sub(r"<[^>]+>", " ", str(answer.get("answer", answer)))[:300]

    def _count(self, error: Exception) -> None:
        name = f"{type(error).__name__}: {error}"[:200]
        self.errors[name] = self.errors.get(name, 0) + 1

    async def _watch(self, process: int, every: float) -> None:
        while True:
            self.memory.append((round(time.monotonic() - self.started, 1), resident_mb(process)))
            await asyncio.sleep(every)
