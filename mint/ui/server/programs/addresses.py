"""Nothing is fetched for a visitor: an input that is an address, and the route of files where it is asked for one, are refused.

Gradio would fetch it, from every address that is not private. One address names no file of others: that of an upload to
this page, which programs send that know a photo by no other name. Its file lies here, so it is read and not fetched.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

import gradio as gr
import gradio.processing_utils
import gradio.routes
from starlette.exceptions import HTTPException

from mint.ui.server.asgi import FILES
from mint.ui.server.gradio_patches import upload_folder
from mint.ui.server.uploads import uploaded

PRIVATE_NAMES: Mapping[str, str] = {
    "gradio.processing_utils.async_ssrf_protected_download": "fetches the file of an input, whatever component it is for; replaced",
    "gradio.processing_utils.async_ssrf_protected_get": "fetches for every other use; replaced",
    "gradio.routes.secure_url_stream_response": "fetches for whoever asks the route of files; replaced",
}
NO_ADDRESS = "MINT fetches no addresses. Send the photo itself: upload it, or send it as data:image/jpeg;base64,…"


def fetch_nothing() -> None:
    """Let gradio fetch no address from now on."""
    utilities: Any = gradio.processing_utils
    utilities.async_ssrf_protected_download = own_upload
    utilities.async_ssrf_protected_get = _refuse
    routes: Any = gradio.routes
    routes.secure_url_stream_response = _refuse_file


async def own_upload(url: str, cache_dir: str) -> str:
    """Return the path of an upload to this page, by the address that it has there.

    Its name is known to nobody else, so it does not matter by which name of the server a program has come.

    Raises:
        gr.Error: it is any other address.
    """
    _, _, path = urlsplit(url).path.partition(FILES)
    try:
        return str(uploaded(Path(unquote(path)), upload_folder()))
    except ValueError:
        raise gr.Error(NO_ADDRESS, print_exception=False) from None


async def _refuse(url: str) -> NoReturn:
    raise gr.Error(NO_ADDRESS, print_exception=False)


async def _refuse_file(url: str, request: object) -> NoReturn:
    raise HTTPException(403, NO_ADDRESS)
