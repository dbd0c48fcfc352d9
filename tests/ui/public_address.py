"""An address of others that gradio takes for a public one, though it is at the loopback: a test sees who comes there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.ui.served import FACE


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """An address at the loopback, without a slash at its end, and the paths that are asked for there."""
    came: list[str] = []

    class Here(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            came.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(FACE.read_bytes())

        do_HEAD = do_POST = do_GET

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Here) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", came
        server.shutdown()


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[str]]]:
    """An address that gradio takes for a public one, and who came there."""
    import safehttpx

    monkeypatch.setattr(safehttpx, "is_public_ip", lambda ip: True)
    with listening() as (there, came):
        asyncio.run(safehttpx.get(f"{there}/seen"))
        assert came.pop() == "/seen", "what gradio fetches with would come through"
        yield there, came
