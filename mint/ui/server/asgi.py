"""What the layers around Gradio share: its routes, how long to wait, and the visitor's language."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from starlette.types import Scope

from mint.i18n.translate import Say, chosen

AGAIN_SECONDS = 10
UPLOADS = "/gradio_api/upload"


def joins_queue(path: str) -> bool:
    """Return whether a request joins the queue."""
    return path.rstrip("/").endswith("/queue/join") or "/gradio_api/call/" in path


def visitor_language(scope: Scope) -> Say:
    """Return a translator into the language of the page that a request comes from."""
    headers = {name.lower(): value.decode("latin-1") for name, value in scope.get("headers", ())}
    asked = parse_qs(urlsplit(headers.get(b"referer", "")).query).get("lang", [None])[-1]
    return Say(chosen(asked, headers.get(b"accept-language")))
