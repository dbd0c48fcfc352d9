"""A crowd at the line before the networks: whoever finds a place gets the own answer, whoever does not is told so."""

from __future__ import annotations

from collections.abc import Callable

from mint.i18n.translate import Say
from tests.hostile.crowd import Expected, expect, unnumbered
from tests.hostile.planted import plant
from tests.hostile.visitor import QueueFull
from tests.ui.fakes import FakeTest
from tests.ui.guest import Guest
from tests.ui.latch import LIMIT, wait_until
from tests.ui.reading import FACE
from tests.ui.served import Served

Visit = Callable[..., Guest]
CROWD, PLACES = 24, 16
FULL = "The queue is full. Wait a little, then try again."


def right(answer: dict[str, str], own: Expected) -> bool:
    return unnumbered(answer["answer"]) == own.answer and own.crop in answer["faces"]


def test_seventeen_of_a_crowd_are_taken_and_the_others_told_so(served: Served, visit: Visit) -> None:
    served.networks.test = FakeTest()  # whose answer depends on the pixels
    # By turns in English and in Spanish, as the guests are.
    spoken = [Say("es" if i % 2 else "en") for i in range(4)]
    people = [expect(FakeTest(), plant(FACE.read_bytes(), 20 + i), say) for i, say in enumerate(spoken)]  # type: ignore[arg-type]
    assert len({own.answer for own in people}) > 1
    assert len({own.crop for own in people}) == len(people)
    served.test.looking.hold()
    guests = [visit("es-ES" if number % 2 else "en-GB", loads=False) for number in range(CROWD)]
    jobs = []
    for number, guest in enumerate(guests):
        photo = guest.upload(people[number % len(people)].planted.data)
        jobs.append(guest.begin("photo", "input", photo=photo))
        if number == 0:
            served.test.looking.wait_for()  # from here on this one is looked at, and stands no longer in the line
        elif number <= PLACES:
            wait_until(lambda: len(served.page.blocks._queue) == number, "there is one more in the line")  # noqa: B023
        else:
            refused = jobs[-1].exception(LIMIT)
            assert isinstance(refused, QueueFull), number
            assert str(refused) == Say("es" if number % 2 else "en", strict=True)(FULL)
    assert len(served.waiting()) == PLACES + 1, "whoever has a place keeps the photo, whoever has none leaves none"
    served.test.looking.open()
    for number, job in enumerate(jobs[: PLACES + 1]):
        assert right(job.result(LIMIT), people[number % len(people)]), number
    late = guests[-1]
    own = people[(CROWD - 1) % len(people)]
    assert right(late.add(own.planted.data), own), "who comes again is taken"
    assert not served.waiting()
