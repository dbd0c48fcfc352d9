"""Serve the page from start to finish: private folder, page, networks loading behind it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from mint.storage.paths import EXAMPLES
from mint.ui.context import PageContext
from mint.ui.early.doorway import Doorway
from mint.ui.early.listening import Listening
from mint.ui.early.screen import failed, screen
from mint.ui.examples import load_examples, load_people
from mint.ui.gradio_import import certificates_once, lean_import, nothing_collected
from mint.ui.loading import Loading, Versions, other_pairs
from mint.ui.portraits import KIOSK_SIDE, SIDE, portraits_ahead
from mint.ui.server.private_folder import PrivateFolder, end, silence
from mint.ui.server.process import direct, share_heaps
from mint.ui.server.shipped_files import Pictures
from mint.ui.views.play.flip_wall import NETWORKS

LEAVING_SECONDS = 0.5  # that those who wait for the page have to hear that it is closed


def serve(
    loading: Loading | None = None,
    examples: Path = EXAMPLES,
    kiosk: bool = False,
    mcp: bool = False,
    host: str | None = None,
    port: int | None = None,
    others: Mapping[str, Loading] | None = None,
    versions: Versions | None = None,
    ahead: bool = True,
) -> None:
    """Serve the page until the process is told to stop.

    Args:
        loading: the networks; the bundled twins unless told otherwise.
        examples: folder with ``faces/faces.csv``, ``people/people.csv``, ``game/faces.csv`` and their pictures.
        kiosk: for a screen that strangers pass by: large type, no links out, starts over when nobody touches it.
        mcp: also answer the Model Context Protocol; needs the extra ``mcp``.
        host: where to listen, see ``Listening``.
        port: likewise.
        others: other networks that a visitor may choose, see ``PageContext``; the pairs that are installed if
            ``loading`` is not given either. A kiosk offers none.
        versions: a series of versions that photos are asked under as well.
        ahead: whether the examples are looked at before anybody asks about them.

    Raises:
        CannotServe: there is no such address here, or somebody has it.
    """
    silence()
    share_heaps()
    folder = PrivateFolder()
    folder.use()
    pictures = Pictures()
    faces = load_examples(examples / "faces", pictures.add)
    first = portraits_ahead(faces, NETWORKS, KIOSK_SIDE if kiosk else SIDE, pictures.add)
    if loading is None:
        loading = Loading()
        others = {} if kiosk else other_pairs(loading)
    shared = PageContext(
        loading,
        faces,
        load_people(examples / "people", pictures.add),
        kiosk,
        {} if kiosk else others or {},
        load_examples(examples / "game", pictures.add),
        versions,
        pictures,
        first,
    )
    listening = Listening(Doorway(partial(screen, shared), failed, pictures), host, port)
    print(f"MINT is at {listening.address}", flush=True)
    try:
        with ExitStack() as beginning:
            beginning.enter_context(nothing_collected())
            beginning.enter_context(certificates_once())
            with direct(), lean_import():
                from mint.ui.page import Page  # gradio reads its settings when it is imported
            page = Page(shared)
            if ahead:
                page.look_ahead()

            def started() -> None:
                beginning.close()
                loading.start()

            more: dict[str, Any] = {"mcp_server": True} if mcp else {}
            page.launch(listening, started, folder.wipe, **more)
    except SystemExit as told:  # by a signal
        listening.give_up(LEAVING_SECONDS)  # of those who still wait for the page
        end(told.code if isinstance(told.code, int) else 1)
    except BaseException:
        listening.give_up()
        raise
