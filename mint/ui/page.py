"""The page: head, six tabs, foot, language, launch. Of this room only ``page``, ``components`` and ``labels`` import Gradio.

What it shows is rendered elsewhere to finished HTML in which everything foreign is escaped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from operator import is_not
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from mint.errors import MintError
from mint.i18n.translate import ENGLISH, LANGUAGES, Say
from mint.ui import context, labels
from mint.ui.components import named, pair_choice, panel, spoken_language
from mint.ui.context import JUDGE, MODEL, STATIC, PageContext
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
from mint.ui.server.previews import DeletedPreviews
from mint.ui.server.private_folder import ROOM
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
from mint.ui.views.play.first_screen import first_screen
from mint.vision.images import MAX_BYTES

log = logging.getLogger("mint.ui")
TITLE = "MINT: was this photo used?"
QUEUE = 16
# A photo over MAX_BYTES is refused in our words, which needs its first bytes; one over this is not even sent.
UPLOAD_BYTES = 4 * MAX_BYTES
CLOSING_SECONDS = 5  # that an audit has when the server is told to stop; containers have ten
IDLE_SECONDS = 0.01  # between two looks at an empty line; gradio's thousand looks a second take a tenth of a core
SYSTEM_FONTS = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif")
PLAIN_STYLES = ("tokens.css", "gradio.css", "first.css")
NESTED_STYLES = (
    "style.css", "answer.css", "examples.css", "flip.css", "figures.css", "scan.css", "over_time.css", "work.css", "phone.css",
)  # fmt: skip
TABS: Sequence[tuple[str, str, Any]] = (
    ("photo", "Was this photo used?", OnePhoto),
    ("person", "Was I used?", OnePerson),
    ("teach", "Teach it my face", Teaching),
    ("play", "Play auditor", Play),
    ("how", "How do you know?", Proof),
    ("many", "Many photos", ManyPhotos),
)
SCRIPTS = ("keys.js", "focus.js", "flip.js", "charts.js")
ASKING = (OnePhoto, OnePerson, ManyPhotos)  # tabs that ask the networks that a visitor chooses
NOT_ON_A_KIOSK = (ManyPhotos,)  # files of one's own, and files to take away


def _style() -> str:
    """Join the style sheets, ours nested so that they outweigh gradio's."""
    plain, nested = ("".join(map(context.text, names)) for names in (PLAIN_STYLES, NESTED_STYLES))
    return f"{plain}.gradio-container {{\n{nested}}}"


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
        with patches.without_apps():
            self.blocks = patches.PageBlocks(title=TITLE, analytics_enabled=False, fill_width=True)
            with self.blocks:
                self._build()
            self.blocks.queue(max_size=QUEUE, api_open=False)  # nobody passes the line by
        self.blocks.first_values = self._first_values
        patches.forget_file_names(self.blocks)
        patches.look_less_often(self.blocks, IDLE_SECONDS)

    def launch(
        self,
        started: Callable[[], object] = lambda: None,
        answered: Callable[[], object] = lambda: None,
        host: str | None = None,
        port: int | None = None,
        **more: Any,
    ) -> None:
        """Serve until told to stop.

        Args:
            started: called once the page answers.
            answered: called once it was told to stop, and what ran has its answer.
            host: where to listen; gradio's ``GRADIO_SERVER_NAME``, else 127.0.0.1, if None.
            port: this one; from ``GRADIO_SERVER_PORT``, else 7860, the first that is free if None.
            more: for ``Blocks.launch``.

        Raises:
            CannotServe: there is no such address here, or somebody has it.
        """
        process.check_address(host, port)
        uploads = patches.upload_folder()
        try:
            with process.direct(host):
                self._launch(uploads, server_name=host, server_port=port, **more)
        except OSError as error:
            raise process.cannot_serve(host, port, error) from error
        print(f"MINT is at {self.blocks.local_url}", flush=True)
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
            state_session_capacity=64,
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
                    Middleware(FirstPage, screen=self._screen, failed=_failed),
                ],
            },
            **more,
        )

    def _close(self) -> None:
        patches.close_server(self.blocks)

    def _screen(self, language: str) -> str:
        """Return the page's own head, its first screen and its scripts; gradio would bring them later."""
        say, kiosk = Say(language), ("kiosk.js", "attract.js") if self.shared.kiosk else ()
        tabs = {name: f"{number} {say(title)}" for number, name, title, _ in self._offered}
        choices = named(self.shared.choices, lambda english, before: before + say(english))
        wall = self.tabs[0].wall(say)
        screen = first_screen(self._intro(say), tabs, [*choices.values()], wall, say)
        scripts = (
            "".join(map(context.text, (*SCRIPTS, *kiosk))) + labels.card() + labels.script() + context.text("first.js")
        )
        style = ("kiosk attract" if wall else "kiosk") if kiosk else ""  # as the scripts will have it
        return (
            f'<!doctype html>\n<html lang="{language}" class="{style}">{_head()}<body><script>{context.text("theme.js")}</script>{screen}'
            f"<script>{scripts}</script>"
        )

    def _build(self) -> None:
        self.language = spoken_language()
        self.intro = panel(self._intro(ENGLISH), "intro")
        self.pair = pair_choice(self.shared.choices, self.labels)
        self.tabs: list[Any] = []
        with gr.Tabs(elem_id="things", overflow_behavior="wrap"):
            for number, name, title, tab in self._offered:
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

    @property
    def _offered(self) -> list[tuple[int, str, str, Any]]:
        """The tabs that there are: number, name, title and what makes it."""
        left_out = NOT_ON_A_KIOSK if self.shared.kiosk else ()
        return [(number, *tab) for number, tab in enumerate(TABS, 1) if tab[-1] not in left_out]

    def _told(self, say: Say) -> dict[Any, Any]:
        """Return every panel as it stands at the beginning, in a language."""
        found: dict[Any, Any] = {
            self.intro: self._intro(say),
            self.colophon: frame.colophon(say, not self.shared.kiosk),
            self.tabs[0].status: self._status(say),
        }
        for tab in self.tabs:
            found |= tab.told(say)
        return found

    def _intro(self, say: Say) -> str:
        links = "".join(
            f'<a href="?lang={language}" lang="{language}" hreflang="{language}"'
            f"{' aria-current=true' if language == say.language else ''}>{name}</a>"
            for language, name in LANGUAGES.items()
        )
        label = say("Language")
        intro = context.told("intro", say).replace(
            "<!--languages-->", f'<nav class="languages" aria-label="{label}">{links}</nav>'
        )
        return frame.skip_links(say) + intro

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
        patches.forget_visitor(self.blocks, request.session_hash or "")

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


@cache
def _head() -> str:
    """Return the page's head, with the first script of all and the styles; gradio would rewrite selectors given as ``css``."""
    script = context.text("language.js")
    return (
        f'<head><meta charset="utf-8"><base href="./"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{TITLE}</title><script>{script}</script><style id="mint">{_style()}</style></head>'
    )


def _failed(language: str) -> str:
    """Tell that the rest of the page did not come."""
    told = Say(language)(
        "The rest of the page could not be made. Load it again; if that fails too, the server's log says why."
    )
    return f'<p class="failed" role="alert">{told}</p>'


def _theme() -> gr.themes.Base:
    theme = gr.themes.Base(font=list(SYSTEM_FONTS), font_mono=["ui-monospace", "Menlo", "Consolas", "monospace"])
    return theme.set(body_background_fill="#f5f5f1", body_background_fill_dark="#121416")
