"""The page without networks, served inside the test process over the loopback: no process, no browser, no fixed port.

``served`` is one page for all tests of a worker, each of which finds it as new. ``visit`` comes to it as a visitor does.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from tests.ui.latch import LIMIT, Latch, Notes, wait_until

if TYPE_CHECKING:  # every test's conftest imports this module: what takes long is imported where a page is served
    from mint.errors import MintError
    from tests.ui.fakes import FakeTest, Who
    from tests.ui.guest import Guest

T = TypeVar("T")
NETWORKS = ("twin-a", "twin-b")
FACE = Path(__file__).parents[1] / "data" / "face.jpg"


class Networks:
    """In the place of ``Loading``: a test says which networks there are, and when.

    Attributes:
        test: what the page asks.
        error: why there are no networks, if so.
        there: a latch before them; ``hold`` it, and they are still loading.
    """

    def __init__(self, test: FakeTest) -> None:
        self.test = test
        self.error: MintError | None = None
        self._there = threading.Event()
        self._there.set()

    @property
    def waiting(self) -> bool:
        return not self._there.is_set()

    def hold(self) -> None:
        """They are still loading."""
        self._there.clear()

    def arrive(self) -> None:
        """They are there."""
        self._there.set()

    def get(self) -> FakeTest:
        assert self._there.wait(LIMIT), "the networks never came"
        if self.error is not None:
            raise self.error
        return self.test

    def evaluations(self) -> dict[str, Any]:
        return {name: bundle.evaluation for name, bundle in self.get().bundles.items()}


@dataclass
class Served:
    """A page that answers.

    Attributes:
        page: ours.
        url: its address, without a slash at the end.
        networks: that it asks.
        examples: the folder of its examples.
        uploads: the folder of uploads.
        config: what the page is made of, as its script reads it.
        who: a face to the networks that "used" it, as the examples' tables say.
        settling: a latch between the verdict on a photo and its details.
        step: a latch after each step of a lesson.
        notes: what became of each lesson: "began", then "stopped" or "taught", then "wiped".
        others: the other pairs of networks that it offers.
    """

    page: Any
    url: str
    networks: Networks
    examples: Path
    uploads: Path
    config: Mapping[str, Any]
    who: Who
    settling: Latch = field(default_factory=Latch)
    step: Latch = field(default_factory=Latch)
    notes: Notes = field(default_factory=Notes)
    others: Mapping[str, Networks] = field(default_factory=dict)

    @property
    def test(self) -> FakeTest:
        """What the page asks, with its latches."""
        return self.networks.test

    def ask(self, networks: Sequence[str]) -> None:
        """Let the page ask networks of these names."""
        from tests.ui.fakes import FakeTest

        self.networks.test = FakeTest(self.who, networks=networks)

    @property
    def sessions(self) -> set[str]:
        """The visits of which the page keeps something."""
        return set(self.page.blocks.state_holder.session_data)

    def forget(self) -> None:
        """As if so much time had passed that nothing is kept any more of anybody."""
        for name in self.sessions:
            self.page.blocks.state_holder.delete_state(name)

    def waiting(self) -> list[Path]:
        """The uploads that lie there."""
        return [path for path in self.uploads.rglob("*") if path.is_file()]

    def door(self, kind: type[T]) -> T:
        """One of the doors that every request comes through."""
        found = self.page.blocks.app.middleware_stack
        while not isinstance(found, kind):
            found = found.app
        return found

    def idle(self) -> bool:
        """Whether nothing runs and nobody waits in the line."""
        queue = self.page.blocks._queue
        return not (len(queue) or queue._asyncio_tasks or self.page.shutdown.posts)

    def left(self) -> bool:
        """Whether everybody has left, and gradio has forgotten them, which comes some time later."""
        return not self.page.blocks.server.config.app.here

    def renew(self) -> None:
        """As if the page had just been started: what runs may end, and nothing of it is kept."""
        from tests.ui.fakes import FakeTest

        for networks in (self.networks, *self.others.values()):
            networks.arrive()
        for latch in (self.test.looking, self.settling, self.step):
            latch.open()
        wait_until(self.idle, "the page is idle")
        wait_until(self.left, "everybody has left the page")
        for name in self.sessions:
            self.page.blocks.state_holder.delete_state(name)
            self.page.blocks.state_holder.session_data.pop(name, None)
        for upload in self.uploads.iterdir():
            shutil.rmtree(upload)
        self.page.shutdown.begun = False
        self.networks.error = None
        self.ask(NETWORKS)
        for pair, networks in self.others.items():
            networks.error, networks.test = None, FakeTest(self.who, networks=_networks(pair))
        self.settling, self.step, self.notes = Latch(), Latch(), Notes()


def _networks(choice: str) -> Sequence[str]:
    """Those of a pair, or the one of a bundle."""
    from mint.i18n.labels import PAIRS

    return PAIRS[choice].networks if choice in PAIRS else (choice,)


class Visits:
    """ASGI middleware: counts visitors by the stream that each page keeps open, to the end of what gradio does afterwards.

    Attributes:
        here: how many there are.
    """

    def __init__(self, app: Any) -> None:
        self.app, self.here = app, 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        visit = "/heartbeat/" in scope.get("path", "")
        self.here += visit
        try:
            await self.app(scope, receive, send)
        finally:
            self.here -= visit


def start_server(app: Any, **_: Any) -> tuple[str, int, str, Any]:
    """In the place of gradio's: on a port that the system gives and nobody can take meanwhile, however long it takes."""
    import uvicorn
    from gradio.http_server import Server

    door = socket.socket()
    door.bind(("127.0.0.1", 0))
    port = door.getsockname()[1]
    server = Server(uvicorn.Config(Visits(app), "127.0.0.1", port, log_config=None, log_level="warning"))
    server.thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    server.thread.start()
    wait_until(lambda: server.started, "the server is started")
    return "127.0.0.1", port, f"http://127.0.0.1:{port}/", server


@contextmanager
def serving_here(
    examples: Path,
    uploads: Path,
    kiosk: bool = False,
    who: Who | None = None,
    others: Sequence[str] = (),
    versions: Any = None,
    **launch: Any,
) -> Iterator[Served]:
    """Serve a page from this process, for as long as the block lasts.

    Args:
        examples: see ``fakes.write_examples``.
        uploads: an empty folder; while the page is used, ``GRADIO_TEMP_DIR`` must name it.
        kiosk: whether it stands on a screen that strangers pass by.
        who: a face to the networks that "used" it; as the examples' tables say unless told otherwise.
        others: keys of other pairs of networks that it offers, and names of bundles.
        versions: a series that photos are asked under as well, ``mint.ui.loading.Versions``.
        launch: more for gradio's ``launch``.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in ("GRADIO_ANALYTICS_ENABLED", "GRADIO_RUN_HISTORY", "GRADIO_SHARE"):
            patch.setenv(name, "False")
        patch.setenv("GRADIO_TEMP_DIR", str(uploads))
        from mint.ui.context import PageContext
        from mint.ui.examples import load_examples, load_people
        from mint.ui.page import Page
        from mint.ui.portraits import KIOSK_SIDE, SIDE, portraits_ahead
        from mint.ui.server.limits import UploadQuota
        from mint.ui.server.shipped_files import Pictures
        from mint.ui.tabs.one_photo import OnePhoto
        from mint.ui.views.play.flip_wall import NETWORKS
        from tests.ui.fakes import FakeTest, who_by_table

        patch.setattr("gradio.http_server.start_server", start_server)
        # What lies there is looked at each time.
        patch.setattr("mint.ui.page.UploadQuota", partial(UploadQuota, look_seconds=0))
        settle = OnePhoto._settle

        @wraps(settle)  # gradio counts its arguments
        def settled(*given: Any) -> Any:
            served.settling.through()
            return settle(*given)

        patch.setattr(OnePhoto, "_settle", settled)
        who = who or who_by_table(examples)
        networks = Networks(FakeTest(who))
        pairs = {pair: Networks(FakeTest(who, networks=_networks(pair))) for pair in others}
        faces, people = load_examples(examples / "faces"), load_people(examples / "people")
        pictures = Pictures()
        first = portraits_ahead(faces, NETWORKS, KIOSK_SIDE if kiosk else SIDE, pictures.add)
        desk = PageContext(networks, faces, people, kiosk, pairs, versions=versions, pictures=pictures, faces=first)  # type: ignore[arg-type]

        async def make() -> Page:  # gradio makes loops of its own, and leaves them open, where none runs
            page = Page(desk)
            page._launch(uploads, **launch)
            return page

        with ThreadPoolExecutor(1) as apart:  # where no loop of playwright's runs
            page = apart.submit(lambda: asyncio.run(make())).result()
    url = str(page.blocks.local_url).rstrip("/")
    served = Served(page, url, networks, examples, uploads, page.blocks.config, who, others=pairs)
    try:
        yield served
    finally:
        thread = page.blocks.server.thread
        page._close()
        thread.join(LIMIT)
        assert not thread.is_alive(), "the server goes on"


@pytest.fixture(scope="session")
def written_examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small wall of made-up examples; read only."""
    from tests.ui.fakes import write_examples

    return write_examples(tmp_path_factory.mktemp("examples"), FACE)


@pytest.fixture(scope="session")
def served_once(written_examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The worker's page; a test takes ``served``."""
    with serving_here(written_examples, tmp_path_factory.mktemp("uploads")) as served:
        yield served


@contextmanager
def lent(served: Served) -> Iterator[Served]:
    """A page for one test: as new before and after it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(served.uploads))  # gradio and ``receive`` read it whenever a photo comes
        patch.setattr("mint.teaching.experiment.teach", partial(_teach, served))
        # Gradio's own client has left only when the next one is due, 15 seconds apart.
        patch.setattr("gradio.utils.get_heartbeat_rate", lambda: 0.5)
        served.renew()
        yield served
        served.renew()


def _teach(served: Served, *given: Any, **named: Any) -> Any:
    from tests.ui.fake_lesson import fake_teach

    return fake_teach(0, served.notes, step=served.step)(*given, **named)


# What warns fails a test; gradio's own warnings would fail gradio's own threads, in the middle of an event.
LET_GRADIO_WARN = pytest.mark.filterwarnings("ignore", r"error:::mint\b")


def pytest_itemcollected(item: pytest.Item) -> None:
    """For whoever takes the page as a fixture; who gets it in another way marks the test."""
    if {"served", "served_once"} & set(getattr(item, "fixturenames", ())):
        item.add_marker(LET_GRADIO_WARN)


@pytest.fixture
def served(served_once: Served) -> Iterator[Served]:
    """The worker's page, as new."""
    with lent(served_once) as served:
        yield served


@pytest.fixture
def visit(served: Served) -> Iterator[Callable[..., Guest]]:
    """Come to the page: ``visit()``, or ``visit(speaks="es-ES")``; everybody has left in the end."""
    from tests.ui.guest import Guests

    with Guests(served.url, served.config) as guests:
        yield guests.come
