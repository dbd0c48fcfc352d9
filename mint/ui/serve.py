"""Start to finish: silence, a private folder, the page, and the networks loading behind it."""

from __future__ import annotations

from pathlib import Path

from mint.paths import EXAMPLES
from mint.ui.gallery import load_examples
from mint.ui.loading import Loading
from mint.ui.privacy import PrivateFolder, silence


def serve(loading: Loading | None = None, examples: Path = EXAMPLES / "faces") -> None:
    """Serve the page until the process is told to stop.

    Args:
        loading: the networks; the bundled twins unless told otherwise.
        examples: folder with ``faces.csv`` and its pictures.
    """
    silence()
    folder = PrivateFolder()
    folder.use()
    from mint.ui.page import Page  # gradio reads its settings when it is imported

    loading = loading or Loading()
    Page(loading, load_examples(examples)).launch(loading.start)
