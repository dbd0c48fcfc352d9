"""All of Gradio that is private and touched all the same: what is read, called, replaced or set in its place.

``PRIVATE_NAMES`` lists it, here, in ``programs`` and in ``memory.visits``; a test says whether the installed Gradio still has
every name, and that no other file touches one. Uploads are the largest part. Gradio names an upload's folder after its content:
two visitors with the same photo would share one file, which the first answer removes under the second, and whoever has a photo
could ask the file route whether somebody else has just sent it. It also lists every file that was ever uploaded, under the name
that the visitor gave it, for as long as the page runs. That list is for removing files later, which
``private_folder.PrivateFolder`` does without one.
"""

from __future__ import annotations

import logging
import os
import secrets
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import gradio as gr
import gradio.blocks
import gradio.routes
from gradio import http_server, networking, route_utils
from gradio.components import Component
from gradio.i18n import I18nData
from gradio.queueing import Event, Queue
from gradio.route_utils import FileUploadProgress, FnIndexInferError
from gradio.server_messages import ProcessCompletedMessage
from gradio.utils import get_upload_folder
from starlette.types import ASGIApp

__all__ = ["Event", "FnIndexInferError", "I18nData", "Queue"]  # and what is defined below

PRIVATE_NAMES: Mapping[str, str] = {
    "gradio.blocks.App": "made at every step of building a page, and served from the last one alone",
    "gradio.blocks.Block.temp_files": "files that a component made; remembered no more",
    "gradio.blocks.Blocks._is_running_in_reload_thread": "imports gradio's command line to learn that nobody runs it",
    "gradio.blocks.Blocks._queue": "the line, to be drained when the page closes",
    "gradio.blocks.Blocks.blocks": "every component of a page, to replace its list of files",
    "gradio.blocks.Blocks.config": "what a browser is sent at first; overridden by what each visitor is to see",
    "gradio.blocks.Blocks.get_config_file": "makes it, three times until the page is served; put off until it is read",
    "gradio.blocks.Blocks.preprocess_data": "reads an event's inputs; overridden to log none that do not fit",
    "gradio.blocks.Blocks.server": "uvicorn, told how long connections may last when the page closes",
    "gradio.blocks.Blocks.temp_file_sets": "all lists of files; replaced",
    "gradio.blocks.Blocks.upload_file_set": "every upload's name; replaced by a list that stays empty",
    "gradio.components.base.Component.preprocess": "opens an upload; replaced by reading its bytes",
    "gradio.events.EventData._data": "what the page's script sent with an event",
    "gradio.http_server.start_server": "binds a port and serves; replaced by a server that has listened from the first second on",
    "gradio.i18n.I18nData": "a key that the browser looks up; gr.I18n makes the same",
    "gradio.networking.url_ok": "asks the page's own address whether it answers; replaced where that is known",
    "gradio.queueing.Event._id": "by which the line knows who is still to be told",
    "gradio.queueing.Event.request": "in whose language somebody is told",
    "gradio.queueing.EventQueue.queue": "who waits, to be turned away when the page closes",
    "gradio.queueing.Queue.ANALYTICS_MAX_EVENTS": "how many events are remembered, with their visitors; none",
    "gradio.queueing.Queue.active_jobs": "what runs",
    "gradio.queueing.Queue.event_queue_per_concurrency_id": "the lines of all kinds of events",
    "gradio.queueing.Queue.pending_event_ids_session": "who has not heard yet",
    "gradio.queueing.Queue.progress_update_sleep_when_free": "seconds between two looks for progress; set",
    "gradio.queueing.Queue.send_message": "tells somebody who waits",
    "gradio.queueing.Queue.sleep_when_free": "seconds between two looks at an empty line; set",
    "gradio.route_utils.FileUploadProgress._signals": "who asks for the progress of an upload; bounded",
    "gradio.route_utils.FileUploadProgress._statuses": "names of files under way; forgotten at their end",
    "gradio.route_utils.FileUploadProgress.is_tracked": "overridden",
    "gradio.route_utils.FileUploadProgress.set_done": "overridden",
    "gradio.route_utils.FileUploadProgress.stop_tracking": "overridden",
    "gradio.route_utils.FileUploadProgress.track": "overridden",
    "gradio.route_utils.FnIndexInferError": "raised where a request names no event that there is",
    "gradio.route_utils.GradioUploadFile": "names an upload by its content; replaced",
    "gradio.route_utils.GradioUploadFile.sha": "the name's hash",
    "gradio.routes.file_upload_statuses": "progress of all uploads; replaced",
    "gradio.server_messages.ProcessCompletedMessage": "what somebody is told at the end of an event",
    "gradio.utils.get_upload_folder": "where uploads lie",
}

log = logging.getLogger(__name__)

RELOADER = "gradio.cli.commands.reload"
UNDERWAY = 64  # uploads whose progress is kept, the latest


class UnguessableUpload(route_utils.GradioUploadFile):
    """An upload whose name depends on chance as well."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.sha.update(secrets.token_bytes(16))

    async def write(self, data: bytes) -> None:
        """Write as gradio does, but remove half a photo if the disk is full."""
        try:
            await super().write(data)
        except OSError:
            with suppress(OSError):
                os.truncate(self.file.name, 0)
            raise


def isolate_uploads() -> None:
    """Make gradio use ``UnguessableUpload`` for uploads from now on."""
    route_utils.GradioUploadFile = UnguessableUpload  # type: ignore[misc]


class EmptySet(set[str]):
    """A set that stays empty."""

    def add(self, element: str, /) -> None:
        """Keep nothing."""

    def update(self, *others: Iterable[str]) -> None:
        """Keep nothing."""


class PassingProgress(FileUploadProgress):
    """The progress of uploads while they last; gradio would keep their file names."""

    def track(self, upload_id: str) -> None:
        """Begin to track an upload; the oldest ones make room."""
        super().track(upload_id)
        self._make_room()

    async def is_tracked(self, upload_id: str) -> bool:
        """Wait until an upload begins, without storing uploads that never come."""
        waiting = self._signals[upload_id]
        self._make_room()
        return bool(await waiting.wait())

    def set_done(self, upload_id: str) -> None:
        """Forget the name as soon as nothing more is to come."""
        super().set_done(upload_id)
        self._statuses[upload_id].deque.clear()

    def stop_tracking(self, upload_id: str) -> None:
        """Forget it altogether."""
        super().stop_tracking(upload_id)
        self._signals.pop(upload_id, None)

    def _make_room(self) -> None:
        for known in (self._statuses, self._signals):
            for oldest in list(known)[:-UNDERWAY]:
                del known[oldest]


def preprocess_with(component: Component, read: Callable[[Any], Any]) -> None:
    """Give a component's uploads to ``read``; gradio would open the file itself and fail without words on no picture."""
    component.preprocess = read  # type: ignore[method-assign, assignment]


def upload_folder() -> Path:
    """Return the folder in which gradio writes uploads."""
    return Path(get_upload_folder())


def forget_file_names(blocks: gr.Blocks) -> None:
    """Make a finished page remember no file: neither uploads nor what components made."""
    gradio.routes.file_upload_statuses = PassingProgress()
    blocks.upload_file_set = EmptySet()
    blocks.temp_file_sets = [blocks.upload_file_set]
    for block in blocks.blocks.values():
        block.temp_files = EmptySet()
        blocks.temp_file_sets.append(block.temp_files)


@contextmanager
def without_apps() -> Iterator[None]:
    """Let gradio make no app in here: it makes one at every step of building a page, and serves that of ``launch``."""
    module: Any = gradio.blocks
    made, module.App = module.App, _NoApp
    try:
        yield
    finally:
        module.App = made


class Server(Protocol):
    """A server that listens already: ``mint.ui.early.listening.Listening``."""

    host: str
    port: int

    @property
    def address(self) -> str:
        """Its address."""

    def open(self, app: ASGIApp) -> None:
        """Let an application answer there whoever comes from now on."""

    def release(self) -> None:
        """Let it answer whoever has waited for it."""


@contextmanager
def served_by(server: Server) -> Iterator[None]:
    """Let gradio serve at an address that is listened at already, instead of choosing one and making a server.

    Gradio asks its own address whether it answers, and gives up after three seconds, which a crowd can take: there is no need.
    """

    def start(app: ASGIApp, **where: object) -> tuple[str, int, str, Server]:
        server.open(app)
        return server.host, server.port, server.address, server

    module: Any = http_server
    network: Any = networking
    made, module.start_server = module.start_server, start
    asked, network.url_ok = network.url_ok, lambda url: True
    try:
        yield
    finally:
        module.start_server, network.url_ok = made, asked
    server.release()


class _NoApp:
    """In the place of the class of apps."""

    @staticmethod
    def create_app(blocks: gr.Blocks, **more: Any) -> None:
        """Make none."""


class PageBlocks(gr.Blocks):
    """Blocks that show each visitor first values of their own, and print no inputs that do not fit: one may be a photo.

    Attributes:
        first_values: component to what stands there at first for whoever is being answered, such as a visitor's language;
            what the page was built with where it names none.
        first_title: the title that the page was built with to that of such a visitor; gradio's script sets it once more.
    """

    first_values: Callable[[], Mapping[Component, Any]] = staticmethod(dict)
    first_title: Callable[[str], str] = staticmethod(str)

    def get_config_file(self) -> Any:
        """Return what makes ``config`` when it is first read."""
        return super().get_config_file

    def settle(self) -> None:
        """Make ``config`` now, so that no visitor waits for it."""
        self._settled()

    @property
    def config(self) -> Any:
        """What the page is made of, as a browser is sent it."""
        built = self._settled()
        own = {component._id: value for component, value in self.first_values().items()}
        parts = [
            part | {"props": part["props"] | {"value": own[part["id"]]}} if part["id"] in own else part
            for part in built["components"]
        ]
        return {**built, "title": self.first_title(built["title"]), "components": parts}

    @config.setter
    def config(self, built: Any) -> None:
        self._built = built

    def _settled(self) -> Any:
        built = self._built
        if callable(built):
            built = self._built = built()
        return built

    @property
    def _is_running_in_reload_thread(self) -> bool:
        return RELOADER in sys.modules and bool(super()._is_running_in_reload_thread)

    async def preprocess_data(self, *args: Any, **more: Any) -> Any:
        """Preprocess as gradio does.

        Raises:
            gr.Error: the inputs are none that the page itself would send.
        """
        try:
            return await super().preprocess_data(*args, **more)
        except gr.Error as error:  # its words are for the visitor; a traceback says no more
            error.print_exception = False
            raise
        except Exception as error:
            log.warning("inputs that do not fit: %s", type(error).__name__)
            raise gr.Error(
                "These are not the inputs that this takes: a photo that was uploaded before, or that comes as "
                '{"url": "data:image/jpeg;base64,…"}, and numbers. /gradio_api/info says how; on the page itself, reload it.',
                print_exception=False,
            ) from None


def event_data(event: gr.EventData) -> Mapping[str, Any]:
    """Return what the page's script sent with an event; anybody can send anything."""
    return event._data if isinstance(event._data, dict) else {}


def look_less_often(blocks: gr.Blocks, seconds: float) -> None:
    """Set how long the queue's threads sleep while nothing waits."""
    queue = queue_of(blocks)
    queue.sleep_when_free, queue.progress_update_sleep_when_free = seconds, 5 * seconds


def keep_no_record(blocks: gr.Blocks) -> None:
    """Let the line remember nobody: gradio keeps who asked for what and when, and makes a table of it with pandas each time."""
    queue_of(blocks).ANALYTICS_MAX_EVENTS = 0


def close_server(blocks: gr.Blocks) -> None:
    """Close a page's server: take no more connections, and end the others in a second."""
    blocks.server.config.timeout_graceful_shutdown = 1
    blocks.close(verbose=False)


def queue_of(blocks: gr.Blocks) -> Queue:
    """Return a page's queue."""
    return blocks._queue


def running(queue: Queue) -> list[Event]:
    """Return the events that are being answered."""
    return [event for job in queue.active_jobs if job for event in job]


def turn_away(queue: Queue) -> list[Event]:
    """Take all waiting events out of the queue and return them."""
    found: list[Event] = []
    for line in queue.event_queue_per_concurrency_id.values():
        waiting, line.queue[:] = [*line.queue], []
        found += waiting
    return found


def fail(queue: Queue, event: Event, words: str) -> None:
    """Tell somebody that an event failed, and why."""
    queue.send_message(event, ProcessCompletedMessage(output={"error": words}, success=False))


def has_heard(queue: Queue, event: Event) -> bool:
    """Return whether gradio has sent what was told; it then strikes an event off its session."""
    return event._id not in queue.pending_event_ids_session.get(event.session_hash or "", ())


def scope_of(event: Event) -> MutableMapping[str, Any]:
    """Return the ASGI scope of the request that an event came with."""
    return event.request.scope
