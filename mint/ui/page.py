"""The page: head, six tabs, foot, language, launch. Of this room only ``page``, ``components`` and ``labels`` import Gradio.

What it shows is rendered elsewhere to finished HTML in which everything foreign is escaped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import is_not
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from mint.errors import MintError
from mint.i18n.translate import ENGLISH, Say
from mint.ui import context
from mint.ui.components import pair_choice, panel, spoken_language
from mint.ui.context import JUDGE, MODEL, STATIC, VISITS, PageContext
from mint.ui.early import screen
from mint.ui.early.choices import offered
from mint.ui.early.listening import Listening
from mint.ui.early.screen import TITLE
from mint.ui.examples import Example
from mint.ui.known_pictures import FILE as KNOWN_PICTURES
from mint.ui.known_pictures import known_pictures
from mint.ui.labels import Labels
from mint.ui.server import gradio_patches as patches
from mint.ui.server import process
from mint.ui.server.errors import UNKNOWN_EVENTS, QuietStreams
from mint.ui.server.first_page import SPOKEN, Compressed, FirstPage
from mint.ui.server.headers import BlockedRoutes, SecurityHeaders
from mint.ui.server.limits import BodyLimit, UploadQuota, disk_full
from mint.ui.server.memory import visits
from mint.ui.server.previews import DeletedPreviews
from mint.ui.server.private_folder import ROOM
from mint.ui.server.programs.addresses import fetch_nothing
from mint.ui.server.programs.models import answer_models
from mint.ui.server.queue import CountRequests, QueueFull, Visitors
from mint.ui.server.shipped_files import ShippedFile, ShippedPictures
from mint.ui.server.shutdown import GracefulShutdown, ShutdownGate
from mint.ui.server.uploads import Upload
from mint.ui.tabs.many_photos import ManyPhotos
from mint.ui.tabs.one_person import OnePerson
from mint.ui.tabs.one_photo import OnePhoto
from mint.ui.tabs.play import Play
from mint.ui.tabs.proof import Proof
from mint.ui.tabs.teaching import Teaching
from mint.ui.views import frame, notices
from mint.vision.images import MAX_BYTES

log = logging.getLogger("mint.ui")
QUEUE = 16
# A photo over MAX_BYTES is refused in our words, which needs its first bytes; one over this is not even sent.
UPLOAD_BYTES = 4 * MAX_BYTES
CLOSING_SECONDS = 5  # that an audit has when the server is told to stop; containers have ten
IDLE_SECONDS = 0.01  # between two looks at an empty line; gradio's thousand looks a second take a tenth of a core
SYSTEM_FONTS = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif")
TABS: Mapping[str, Any] = {
    "photo": OnePhoto, "person": OnePerson, "teach": Teaching, "play": Play, "how": Proof, "many": ManyPhotos,
}  # fmt: skip
ASKING = (OnePhoto, OnePerson, ManyPhotos)  # tabs that ask the networks that a visitor chooses


class Page:
    """The page around one membership test.

    Args:
        shared: the networks, on their way, and the examples.
    """

    def __init__(self, shared: PageContext) -> None:
        self.shared = shared
        self.labels = Labels()
        self._kept: dict[str, tuple[str, Sequence[Example], Mapping[Any, Any]]] = {}
        self.shutdown = GracefulShutdown()
        self.visitors = Visitors()
        patches.isolate_uploads()
        visits.keep_visits()
        fetch_nothing()
        answer_models()
        with patches.without_apps():
            self.blocks = patches.PageBlocks(title=TITLE, analytics_enabled=False, fill_width=True)
            with self.blocks:
                self._build()
            self.blocks.queue(max_size=QUEUE, api_open=False)  # nobody passes the line by
        self.blocks.first_values = self._first_values
        self.blocks.first_title = lambda title: Say(SPOKEN.get())(title)
        patches.forget_file_names(self.blocks)
        patches.look_less_often(self.blocks, IDLE_SECONDS)
        patches.keep_no_record(self.blocks)

    def launch(
        self,
        listening: Listening,
        started: Callable[[], object] = lambda: None,
        answered: Callable[[], object] = lambda: None,
        **more: Any,
    ) -> None:
        """Serve until told to stop.

        Args:
            listening: where the page is waited for already.
            started: called once the page answers.
            answered: called once it was told to stop, and what ran has its answer.
            more: for ``Blocks.launch``.
        """
        uploads = patches.upload_folder()
        with process.direct(listening.host), patches.served_by(listening):
            self._launch(uploads, **more)
        try:
            started()
            self.blocks.block_thread()
        finally:
            print("MINT is closing: what runs gets its answer. Told again, it ends at once.", flush=True)
            self.shutdown.drain(patches.queue_of(self.blocks), CLOSING_SECONDS)
            answered()
            self._close()

    def look_ahead(self) -> None:
        """Look at the examples once a first page is drawn, while nobody waits for anything: a click then has its answer."""
        queue, visitors = patches.queue_of(self.blocks), self.visitors
        self.tabs[0].looks.begin(
            self.shared.loading, visitors.painted, lambda: visitors.nobody_waits(queue), lambda: self.shutdown.begun
        )

    def _launch(self, uploads: Path, **more: Any) -> None:
        """Launch gradio's server behind our middleware."""
        known = None if self.shared.kiosk else known_pictures(self.shared.examples)
        self.blocks.launch(
            share=False,
            ssr_mode=False,
            quiet=True,
            prevent_thread_lock=True,
            max_file_size=UPLOAD_BYTES,
            run_history=False,
            enable_monitoring=False,
            footer_links=[],
            theme=_theme(),
            i18n=self.labels.i18n(),
            favicon_path=STATIC / "favicon.svg",
            state_session_capacity=VISITS,
            app_kwargs={
                "exception_handlers": {**UNKNOWN_EVENTS, OSError: disk_full},
                "middleware": [
                    Middleware(CountRequests, visitors=self.visitors),
                    Middleware(SecurityHeaders),
                    Middleware(Compressed),
                    Middleware(BlockedRoutes),
                    Middleware(ShutdownGate, shutdown=self.shutdown),
                    Middleware(BodyLimit, quota=UploadQuota(uploads, ROOM)),
                    Middleware(QueueFull, folder=uploads),
                    Middleware(DeletedPreviews, folder=uploads),
                    Middleware(QuietStreams, shutdown=self.shutdown),
                    Middleware(ShippedPictures, pictures=self.shared.pictures),
                    Middleware(ShippedFile, name=KNOWN_PICTURES, make=known.archive if known else None),
                    Middleware(FirstPage, screen=partial(screen.screen, self.shared), failed=screen.failed),
                ],
            },
            **more,
        )
        self.blocks.settle()

    def _close(self) -> None:
        patches.close_server(self.blocks)

    def _build(self) -> None:
        self.language = spoken_language()
        self.intro = panel(screen.intro(ENGLISH), "intro")
        self.pair = pair_choice(self.shared.choices, self.labels)
        self.tabs: list[Any] = []
        with gr.Tabs(elem_id="things", overflow_behavior="wrap"):
            for number, name, title in offered(self.shared.kiosk):
                tab = TABS[name]
                with gr.Tab(
                    self.labels(title, f"{number} "), id=name, elem_id=f"tab-{name}", render_children=True
                ) as fold:
                    chosen = (self.pair,) if tab in ASKING else ()
                    self.tabs.append(tab(self.shared, self.language, self.labels, *chosen))
                if isinstance(self.tabs[-1], Play | Proof):  # what outweighs the first screen comes when somebody looks
                    self.tabs[-1].opened(fold)
        self.colophon = panel(frame.colophon(links=not self.shared.kiosk), "colophon")

        photo = self.tabs[0]
        self.blocks.load(
            self._arrived, [photo.status, self.language], [photo.status, photo.flip, photo.examples], **JUDGE
        )
        self.blocks.unload(self._forget)

        with gr.Row(visible=False):  # for programs: the same audit as JSON. No visitor of the page can set it off
            button, result = gr.Button(), gr.JSON()
        button.click(
            self.audit,
            [photo.photo, *photo.sliders],
            result,
            api_name="audit",
            **dict(MODEL) | {"api_visibility": "public"},
        )

    def _told(self, say: Say) -> dict[Any, Any]:
        """Return every panel as it stands at the beginning, in a language."""
        found: dict[Any, Any] = {
            self.intro: screen.intro(say),
            self.colophon: frame.colophon(say, not self.shared.kiosk),
            self.tabs[0].status: self._status(say),
        }
        for tab in self.tabs:
            found |= tab.told(say)
        return found

    def _first_values(self) -> Mapping[Any, Any]:
        """Return what stands on the page at first for whoever is being answered, in their language."""
        say = Say(SPOKEN.get())
        status, known = self._status(say), self.shared.known
        kept = self._kept.get(say.language)
        # What is drawn anew depends on the networks alone: on whether they are there, and which stored answers are theirs.
        if kept is None or kept[0] != status or any(map(is_not, kept[1], known)):
            kept = status, known, {**self._told(say), self.language: say.language}
            self._kept[say.language] = kept
        return kept[2]

    def _arrived(self, shown: str, language: str) -> tuple[Any, ...]:
        """Tell that the networks are there, or never will be; take stored answers of others from the walls."""
        self.visitors.painted.set()  # gradio's script asks for this, and behind the first screen it is the last to come
        say = Say(language)
        try:
            self.shared.loading.get()
        except Exception as error:
            context.problem(error, say)  # for the log; whoever asks is told why
        now = self._status(say)
        if now == shown:  # they were there before the visitor
            return gr.skip(), gr.skip(), gr.skip()
        return now, *self.tabs[0].arrived(say)

    def _status(self, say: Say) -> str:
        """Tell whether the networks are there."""
        if self.shared.loading.waiting:
            return notices.status(None, say)
        try:
            return notices.status(len(self.shared.loading.get().bundles), say)
        except Exception:  # see ``_arrived``
            return notices.status(0, say)

    def _forget(self, request: gr.Request) -> None:
        """Forget a visitor who left."""
        visits.forget_visitor(self.blocks, request.session_hash or "")

    def audit(self, photo: Upload | None, alpha: float, prior: float, request: gr.Request) -> list[dict[str, Any]]:
        """Audit a photo: was it used to train the networks? One object per network, faces largest first.

        Args:
            photo: JPEG, PNG or WebP.
            alpha: promised false-alarm rate.
            prior: belief before the test.
            request: of the program, which gradio gives.
        """
        try:
            test, data = self.shared.loading.get(), photo.data if photo else b""
            return [a.to_dict() for a in test.audit(data, "photo", alpha, prior)]
        except MintError as error:
            raise gr.Error(str(error), print_exception=False) from None
        except Exception as error:
            log.error("audit failed: %s", type(error).__name__)
            raise gr.Error("The audit failed; the server's log says why.", print_exception=False) from None
        finally:
            if photo:
                photo.forget()
            self._forget(request)  # gradio would keep every call as a visit, until somebody who is there is pushed out


def _theme() -> gr.themes.Base:
    theme = gr.themes.Base(font=list(SYSTEM_FONTS), font_mono=["ui-monospace", "Menlo", "Consolas", "monospace"])
    return theme.set(body_background_fill="#f5f5f1", body_background_fill_dark="#121416")
