"""What the layers around Gradio share: its routes, the refusal that its script shows, and the visitor's language."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from mint.i18n.translate import Say, chosen

AGAIN_SECONDS = 10
AGAIN = {"retry-after": str(AGAIN_SECONDS)}
UPLOADS = "/gradio_api/upload"
FILES = "/gradio_api/file="


def joins_queue(path: str) -> bool:
    """Return whether a request joins the queue."""
    return path.rstrip("/").endswith("/queue/join") or "/gradio_api/call/" in path


def stays_open(scope: Scope) -> bool:
    """Return whether a request stays open as long as the page or the program that it comes from: nobody waits for its end."""
    path = scope["path"].rstrip("/")
    return scope["method"] == "GET" and ("/heartbeat/" in path or path.endswith("/queue/data") or "/mcp" in path)


def queue_refusal(words: str) -> Response:
    """Refuse a request to the queue for now: gradio's script shows a 429's words, and its own English for a 503."""
    return JSONResponse({"detail": words}, 429, AGAIN, "application/json; charset=utf-8")


def visitor_language(scope: Scope) -> Say:
    """Return a translator into the language of the page that a request comes from."""
    headers = Headers(scope=scope)
    asked = parse_qs(urlsplit(headers.get("referer", "")).query).get("lang", [None])[-1]
    return Say(chosen(asked, headers.get("accept-language")))
