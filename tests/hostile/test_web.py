"""The page's doors from outside: files of others, addresses of others, pages of others, and words that would be scripts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from mint.ui.bounded import MOST_BYTES
from mint.ui.guard import HEADERS
from mint.ui.page import UPLOAD_BYTES
from tests.browser.driving import serving
from tests.ui.fakes import write_examples

FACE = Path(__file__).parents[1] / "data" / "face.jpg"
ROOT = Path(__file__).parents[2]
API = "/gradio_api"
SECRETS = ("root:", "[project]", "import mint", "Traceback", "site-packages", 'File "')


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    examples = write_examples(tmp_path_factory.mktemp("examples"), FACE)
    with (
        serving("-m", "tests.browser.server", str(examples)) as url,
        httpx.Client(base_url=url, timeout=60, headers={"Connection": "close"}) as client,
    ):
        yield client


def audit(web: httpx.Client, photo: object) -> str:
    """What the endpoint for programs says of a photo."""
    asked = web.post(f"{API}/call/audit", json={"data": [photo, 0.01, 0.5]})
    if asked.status_code != 200:
        return asked.text
    return web.get(f"{API}/call/audit/{asked.json()['event_id']}").text


def upload(web: httpx.Client, name: str, data: bytes) -> httpx.Response:
    return web.post(f"{API}/upload", files={"files": (name, data)})


def file_data(path: str, **more: object) -> dict[str, Any]:
    return {"path": path, "meta": {"_type": "gradio.FileData"}, **more}


@pytest.mark.parametrize("route", [f"{API}/file=", "/file=", "/static/", "/assets/", f"{API}/proxy=", f"{API}/stream/"])
@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd", "../../../../etc/passwd", "..%2f..%2f..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd", "//etc/passwd",
        "....//....//etc/passwd", "/proc/self/environ", str(ROOT / "pyproject.toml"), "pyproject.toml", "app.py",
        "http://127.0.0.1:9/x", "http:%2f%2f127.0.0.1:9%2fx", "file:///etc/passwd", "/etc/passwd%00.png",
    ],
)  # fmt: skip
def test_no_file_and_no_address_of_others_is_read(web: httpx.Client, route: str, path: str) -> None:
    answer = web.get(route + path)
    assert answer.status_code in (400, 403, 404, 405, 422, 500), answer.text
    assert not [secret for secret in SECRETS if secret in answer.text]


@pytest.mark.parametrize(
    "photo",
    [
        file_data("/etc/passwd"),
        file_data(str(ROOT / "examples" / "faces" / "01-openpeople.jpg")),
        file_data("http://127.0.0.1:9/x.png"),
        file_data("x.png", url="http://127.0.0.1:9/x.png"),
        file_data("../../../etc/passwd", orig_name="face.jpg"),
        "/etc/passwd",
        {"path": 7},
        [[]],
    ],
)
def test_a_photo_is_what_was_uploaded_and_nothing_else(web: httpx.Client, photo: object) -> None:
    said = audit(web, photo)
    assert '"verdict"' not in said
    assert not [secret for secret in SECRETS if secret in said]
    sent = upload(web, "face.jpg", FACE.read_bytes())
    assert '"verdict"' in audit(web, file_data(sent.json()[0])), "the next one is served"


def test_nothing_is_fetched_for_a_visitor(web: httpx.Client) -> None:
    """A server that would be told if anybody came."""
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    came: list[str] = []

    class Here(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            came.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Here) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        there = f"http://127.0.0.1:{server.server_port}/face.jpg"
        httpx.get(there)
        assert came.pop() == "/face.jpg", "it would be seen"
        for photo in (file_data(there), file_data("face.jpg", url=there), there, {"url": there}):
            assert '"verdict"' not in audit(web, photo)
        web.get(f"{API}/proxy={there}")
        web.get(f"{API}/file={there}")
        server.shutdown()
    assert not came


def test_pages_of_other_origins_can_set_nothing_off(web: httpx.Client) -> None:
    evil = {"Origin": "https://evil.test"}
    for path in (f"{API}/queue/join", f"{API}/call/audit", f"{API}/upload", f"{API}/run/audit", f"{API}/cancel"):
        assert web.post(path, headers=evil, json={}).status_code == 403, path
    allowed = web.get("/config", headers=evil).headers.get("access-control-allow-origin")
    assert allowed is None, "nor read what it says"


def test_headers_are_on_every_answer(web: httpx.Client) -> None:
    for path in ("/", "/config", f"{API}/info", "/nowhere", "/theme.css", f"{API}/file=/etc/passwd"):
        answer = web.get(path)
        for name, value in HEADERS:
            assert answer.headers.get_list(name.decode()) == [value.decode()], path


@pytest.mark.parametrize(
    "path", ["/monitoring", "/monitoring/summary", "/docs", "/redoc", "/openapi.json", f"{API}/dev/reload", f"{API}/deep_link",
             f"{API}/vibe-code", f"{API}/run_history", f"{API}/mcp/"],
)  # fmt: skip
def test_doors_that_nobody_needs_are_shut(web: httpx.Client, path: str) -> None:
    assert web.get(path).status_code in (403, 404)
    assert web.post(path, json={}).status_code in (403, 404, 405)


def test_an_upload_has_an_end(web: httpx.Client) -> None:
    answer = upload(web, "large.jpg", bytes(UPLOAD_BYTES + 2**20))
    assert answer.status_code in (413, 400)
    assert not [secret for secret in SECRETS if secret in answer.text]


@pytest.mark.parametrize("path", [f"{API}/queue/join", f"{API}/call/audit", f"{API}/run/audit"])
def test_any_other_request_has_one_too(web: httpx.Client, path: str) -> None:
    def endless() -> Iterator[bytes]:
        yield b'{"data": ["'
        for _ in range(64):
            yield b"A" * 2**20

    headers = {"Content-Type": "application/json"}
    for body in (b'{"data": ["' + b"A" * MOST_BYTES, endless()):
        with suppress(httpx.WriteError):  # it had hung up before all was sent
            assert web.post(path, content=body, headers=headers).status_code == 413
    assert httpx.get(web.base_url.join("/config")).status_code == 200


@pytest.mark.parametrize(
    "body", [b"{{{", b"[]", b"\xff" * 100, b'{"data": ' + b"[" * 5000, b'{"fn_index": 99999, "data": []}']
)
def test_nonsense_gets_no_stack_trace(web: httpx.Client, body: bytes) -> None:
    for path in (f"{API}/queue/join", f"{API}/call/audit", f"{API}/call/nothing"):
        answer = web.post(path, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code < 600
        assert not [secret for secret in SECRETS if secret in answer.text], answer.text[:300]
    assert httpx.get(web.base_url.join("/config")).status_code == 200, "it is still there, for others"


def test_names_of_files_are_no_scripts(web: httpx.Client) -> None:
    name = '"><img src=x onerror=alert(1)>.jpg'
    sent = upload(web, name, FACE.read_bytes())
    said = audit(web, file_data(sent.json()[0], orig_name=name))
    assert "onerror" not in said
    assert '"photo"' in said, "no name at all"
