"""Several people at once: each sees the own answers, a full line says so, and whoever leaves is forgotten."""

from __future__ import annotations

from collections.abc import Callable

from mint.ui.page import QUEUE
from tests.hostile.visitor import QueueFull
from tests.ui.guest import Guest
from tests.ui.latch import LIMIT, wait_until
from tests.ui.reading import FACE, words
from tests.ui.served import Served

Visit = Callable[..., Guest]


def test_two_visitors_never_see_each_other_s_answers(served: Served, visit: Visit) -> None:
    one, other = visit(), visit()
    one.pick("examples", 0)
    other.ask("make")
    assert other.page["links"] == "", "nothing of the other one's can be taken along"
    other.pick("faces", 0)
    assert not {"faces", "answer", "details"} & set(other.page)
    other.pick("examples", 1)
    assert "only twin A" in one.page["answer"]
    assert "only twin B" in other.page["answer"]
    one.move("alpha", 0.001)
    other.move("prior", 0.1)
    assert words(one.page["answer"])["twin-a"] == "Inconclusive"
    assert words(other.page["answer"])["twin-b"] == "Evidence of use"
    one.pick("people", 0)
    other.ask("person-make")
    assert other.page["person-links"] == ""
    one.pick("teach-examples", 2)
    other.ask("teach-start")
    assert "There is no photo yet." in other.page["teach-answer"]


def test_two_at_the_same_time_are_answered_one_after_the_other(served: Served, visit: Visit) -> None:
    one, other = visit(), visit()
    served.test.looking.hold()
    first, second = one.begin("examples", data={"pick": 0}), other.begin("examples", data={"pick": 1})
    served.test.looking.wait_for(1)
    wait_until(lambda: len(served.page.blocks._queue) == 1, "the other one waits")
    assert served.test.looking.came == 1, "one at a time"
    served.test.looking.open()
    assert "only twin A" in first.result(LIMIT)["answer"]
    assert "only twin B" in second.result(LIMIT)["answer"]


def test_whoever_leaves_is_forgotten(served: Served, visit: Visit) -> None:
    one, other = visit(), visit()
    for guest in (one, other):
        guest.add(FACE)
    assert served.sessions >= {one.visitor.session, other.visitor.session}
    one.leave()
    wait_until(lambda: one.visitor.session not in served.sessions, "nothing is kept of who has left")
    assert other.visitor.session in served.sessions
    other.move("alpha", 0.02)
    assert "evidence at 0.02 or less" in other.page["answer"]


def test_a_full_line_refuses_an_audit_and_nothing_else(served: Served, visit: Visit) -> None:
    served.test.looking.hold()
    crowd = visit()
    waiting = [crowd.begin("examples", data={"pick": 0})]
    served.test.looking.wait_for(1)
    waiting += [crowd.begin("examples", data={"pick": i % 3}) for i in range(QUEUE)]
    wait_until(lambda: len(served.page.blocks._queue) == QUEUE, "the line is full")
    late = visit("es-ES")
    assert "Las dos redes están listas." in late.standing["status"], "the page is there all the same"
    refused = late.begin("photo", "input", photo=late.upload(FACE.read_bytes()))
    told = refused.exception(LIMIT)
    assert isinstance(told, QueueFull)
    assert "La cola está llena" in str(told)
    assert not served.waiting(), "the photo that nobody will look at is gone"
    late.ask("game", data={"places": []})
    late.move("play-alpha", 0.02)
    assert late.page["score"], "what runs no network needs no place"
    served.test.looking.open()
    for number, job in enumerate(waiting):
        only = ["only twin A", "only twin B", "No sign"][(number - 1) % 3 if number else 0]
        assert only in job.result(LIMIT)["answer"]
    late.add(FACE)
    assert 'data-network="twin-a"' in late.page["answer"], "who comes again is taken"


def test_the_line_remembers_nobody(served: Served, visit: Visit) -> None:
    """Gradio would keep for every event who asked for what, when and for how long, and count it out with pandas."""
    guest = visit()
    guest.pick("examples", 0)
    queue = served.page.blocks._queue
    assert queue.events_recorded > 0, "events came through the line"
    assert not queue.event_analytics
    assert queue.compute_analytics_summary([]) == {"functions": {}}
