"""Told to stop, with gradio's own line and a clock that the test moves: who is answered, who is told, who is refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # gradio takes seconds to import: it is imported where it is used, not when tests are collected
    from gradio.queueing import Event

    from mint.ui.server.shutdown import GracefulShutdown

CLOSED = "The page is being closed"
QUIET, DELIVERY = 0.5, 3  # seconds in which nothing may happen, and in which those who are told something hear it
SECONDS = 120  # that running events have here; those of the fake clock pass at once


class Clock:
    """Time that passes only while somebody waits for it; at each moment, what is due then happens."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.due: list[tuple[float, Callable[[], object]]] = []

    def __call__(self) -> float:
        return self.now

    def after(self, seconds: float, what: Callable[[], object]) -> None:
        self.due.append((self.now + seconds, what))

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        ready = [what for when, what in self.due if when <= self.now]
        self.due = [pair for pair in self.due if pair[0] > self.now]
        for what in ready:
            what()
        await asyncio.sleep(0)


class Line:
    """Gradio's line, with visitors in it.

    Attributes:
        queue: gradio's own.
        answered: who got an answer.
        deaf: whether nobody fetches what the line has for them.
    """

    def __init__(self, clock: Clock) -> None:
        from gradio.queueing import EventQueue, Queue

        self.clock = clock
        self.queue = Queue(False, 4, 1, 16, None)  # type: ignore[arg-type]
        self.queue.active_jobs = [None] * 4
        self.queue.event_queue_per_concurrency_id["model"] = EventQueue("model", 1)
        self.deaf = False

    def comes(self, name: str, language: str = "en") -> Event:
        """Somebody takes a place in the line."""
        from gradio.queueing import Event

        fn = SimpleNamespace(concurrency_id="model", connection="sse")
        headers = [(b"accept-language", language.encode())]
        event = Event(name, fn, SimpleNamespace(scope={"headers": headers}), None)  # type: ignore[arg-type]
        self.queue.pending_messages_per_session[name] = asyncio.Queue()
        self.queue.pending_event_ids_session[name] = {event._id}
        self.waiting.append(event)
        return event

    def runs(self, event: Event) -> None:
        """The networks turn to somebody."""
        self.waiting.remove(event)
        self.queue.active_jobs[0] = [event]

    def ends(self, event: Event) -> None:
        """The networks are done with somebody, and gradio has the answer."""
        from gradio.server_messages import ProcessCompletedMessage

        self.queue.active_jobs[0] = None
        self.queue.send_message(event, ProcessCompletedMessage(output={"data": ["an answer"]}, success=True))

    def fetch(self) -> None:
        """Whoever has got a message hears it: gradio strikes the event off the session."""
        for name, messages in list(self.queue.pending_messages_per_session.items()):
            if not messages.empty():
                self.queue.pending_event_ids_session[name].clear()

    @property
    def waiting(self) -> list[Event]:
        return self.queue.event_queue_per_concurrency_id["model"].queue

    def heard(self, name: str) -> list[Any]:
        """The outputs that somebody was sent: answers, or errors."""
        messages, found = self.queue.pending_messages_per_session[name], []
        while not messages.empty():
            found.append(messages.get_nowait().output)
        return found


async def come(
    shutdown: GracefulShutdown, path: str, app: Any = None, language: bytes = b"en", method: str = "POST"
) -> tuple[int, str]:
    """What the door answers to a request."""
    from mint.ui.server.shutdown import ShutdownGate

    async def answers(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"let in"})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": [(b"accept-language", language)]}
    await ShutdownGate(app or answers, shutdown)(scope, None, send)  # type: ignore[arg-type]
    length = dict(sent[0]["headers"]).get(b"content-length")
    assert length in (None, str(len(sent[1]["body"])).encode())
    return sent[0]["status"], sent[1]["body"].decode()


def leaving_by(clock: Clock) -> GracefulShutdown:
    from mint.ui.server.shutdown import GracefulShutdown

    return GracefulShutdown(clock, clock.sleep)


def told_to_stop(prepare: Callable[[Line, Clock, GracefulShutdown], object]) -> tuple[Line, Clock, float]:
    """Stop a server whose line was prepared: the line, and how many seconds of the clock it took."""

    async def stop() -> tuple[Line, Clock, float]:
        clock = Clock()
        shutdown, line = leaving_by(clock), Line(clock)
        await come(shutdown, "/")  # the server has a loop from its first visitor on

        def fetch() -> None:
            if not line.deaf:
                line.fetch()
            clock.after(0.01, fetch)

        fetch()
        prepare(line, clock, shutdown)
        begun = clock()
        await asyncio.to_thread(shutdown.drain, line.queue, SECONDS)
        assert shutdown.begun
        return line, clock, clock() - begun

    return asyncio.run(stop())


def test_what_runs_is_answered_and_what_waits_is_told_so() -> None:
    def prepare(line: Line, clock: Clock, shutdown: GracefulShutdown) -> None:
        first, _, _ = line.comes("first"), line.comes("second"), line.comes("third", "es-ES")
        line.runs(first)
        clock.after(0.9 * SECONDS, lambda: line.ends(first))

    line, _, took = told_to_stop(prepare)
    assert line.heard("first") == [{"data": ["an answer"]}]
    (second,), (third,) = line.heard("second"), line.heard("third")
    assert second["error"].startswith(CLOSED)
    assert third["error"].startswith("La página se está cerrando")
    assert not line.waiting
    assert 0.9 * SECONDS + QUIET <= took < SECONDS


def test_what_takes_too_long_is_told_so() -> None:
    line, _, took = told_to_stop(lambda line, clock, shutdown: line.runs(line.comes("first")))
    (first,) = line.heard("first")
    assert first["error"].startswith(CLOSED)
    assert SECONDS <= took < SECONDS + DELIVERY


def test_nobody_slips_in_who_was_on_the_way() -> None:
    def prepare(line: Line, clock: Clock, shutdown: GracefulShutdown) -> None:
        first = line.comes("first")
        line.runs(first)
        clock.after(1, lambda: line.comes("late"))
        clock.after(2, lambda: line.ends(first))
        clock.after(2 + QUIET / 2, lambda: line.comes("later"))

    line, _, _ = told_to_stop(prepare)
    for name in ("late", "later"):
        (told,) = line.heard(name)
        assert told["error"].startswith(CLOSED)
    assert line.heard("first") == [{"data": ["an answer"]}]


def test_an_empty_page_ends_as_soon_as_it_was_quiet() -> None:
    _, _, took = told_to_stop(lambda line, clock, shutdown: None)
    assert QUIET <= took < 2 * QUIET


def test_what_follows_an_answer_is_waited_for() -> None:
    """The page asks once more after an answer, past the line; the server ends when that is answered, too."""

    def prepare(line: Line, clock: Clock, shutdown: GracefulShutdown) -> None:
        shutdown.posts = 1
        clock.after(10, lambda: setattr(shutdown, "posts", 0))

    _, _, took = told_to_stop(prepare)
    assert 10 + QUIET <= took < SECONDS


def test_the_server_waits_until_those_who_were_told_have_heard_it() -> None:
    def prepare(line: Line, clock: Clock, shutdown: GracefulShutdown) -> None:
        line.deaf = True
        line.comes("first")
        clock.after(QUIET + 1, lambda: setattr(line, "deaf", False))

    line, _, took = told_to_stop(prepare)
    assert QUIET + 1 <= took < QUIET + DELIVERY
    assert not line.queue.pending_event_ids_session["first"]


def test_but_not_for_somebody_who_never_does() -> None:
    def prepare(line: Line, clock: Clock, shutdown: GracefulShutdown) -> None:
        line.deaf = True
        line.comes("first")

    _, _, took = told_to_stop(prepare)
    assert QUIET + DELIVERY <= took < QUIET + DELIVERY + 1


def test_a_page_that_nobody_visited_ends_at_once() -> None:
    clock = Clock()
    leaving_by(clock).drain(None, SECONDS)  # type: ignore[arg-type]
    assert clock() == Clock()()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/gradio_api/queue/join", 429),
        ("/gradio_api/queue/join/", 429),
        ("/gradio_api/call/audit", 429),
        ("/gradio_api/upload", 503),
        ("/gradio_api/upload/", 503),
    ],
)
@pytest.mark.parametrize(("language", "words"), [(b"en", CLOSED), (b"es-ES,es;q=0.9", "La página se está cerrando")])
def test_who_comes_late_is_refused_in_words(path: str, status: int, language: bytes, words: str) -> None:
    shutdown = leaving_by(Clock())
    assert asyncio.run(come(shutdown, path, None, language)) == (200, "let in")
    shutdown.begun = True
    answer, body = asyncio.run(come(shutdown, path, None, language))
    assert answer == status
    assert (json.loads(body)["detail"] if status == 429 else body).startswith(words)


def test_what_follows_an_answer_is_let_in() -> None:
    shutdown = leaving_by(Clock())
    shutdown.begun = True
    assert asyncio.run(come(shutdown, "/gradio_api/run/predict")) == (200, "let in")


def test_requests_are_counted_for_as_long_as_they_last() -> None:
    shutdown, seen = leaving_by(Clock()), []

    async def answers(scope: Any, receive: Any, send: Any) -> None:
        seen.append(shutdown.posts)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def fails(scope: Any, receive: Any, send: Any) -> None:
        seen.append(shutdown.posts)
        raise ZeroDivisionError

    asyncio.run(come(shutdown, "/gradio_api/run/predict", answers))
    asyncio.run(come(shutdown, "/config", answers, method="GET"))  # newcomers may not hold up the end
    with pytest.raises(ZeroDivisionError):
        asyncio.run(come(shutdown, "/gradio_api/run/predict", fails))
    assert seen == [1, 0, 1]
    assert shutdown.posts == 0
