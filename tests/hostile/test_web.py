"""The page's doors from outside: files of others, addresses of others, pages of others, and words that would be scripts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from mint.images import MAX_BYTES
from mint.ui.bounded import MOST_BYTES, MOST_UPLOADED
from mint.ui.guard import HEADERS
from mint.ui.page import UPLOAD_BYTES
from mint.ui.privacy import ROOM
from mint.ui.room import LOOK_SECONDS
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


def test_a_photo_that_was_wiped_is_no_error_where_a_page_would_draw_it(web: httpx.Client) -> None:
    """The browser asks for its preview while the audit, which removes it, may be over."""
    (path,) = upload(web, "face.jpg", FACE.read_bytes()).json()
    drawn = {"sec-fetch-dest": "image"}
    assert web.get(f"{API}/file={path}", headers=drawn).content == FACE.read_bytes()
    audit(web, file_data(path))
    assert not Path(path).exists()
    assert web.get(f"{API}/file={path}", headers=drawn).status_code == 204
    assert web.get(f"{API}/file={path}").status_code in (403, 404)
    assert web.get(f"{API}/file=/etc/nothing/here", headers=drawn).status_code in (403, 404)


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
    assert answer.status_code in (400, 403, 404, 405, 422), answer.text
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


# Gradio's doors for its developers, for keeping what visitors sent, and for other programs: see its routes.py.
READ = (
    "/monitoring", "/monitoring/summary", "/monitoring/key", "/docs", "/redoc", "/openapi.json", f"{API}/dev/reload",
    f"{API}/deep_link?session_hash=x", f"{API}/runs", f"{API}/run-history/buckets", f"{API}/run-history/records",
    f"{API}/run-history/records/audit/x/assets/y", f"{API}/profiling/traces", f"{API}/profiling/summary", f"{API}/vibe-code",
    f"{API}/mcp/", f"{API}/mcp/sse", f"{API}/proxy=https://x.hf.space/config",
)  # fmt: skip
SENT: dict[str, dict[str, Any]] = {
    f"{API}/run-history/connect": {"bucket_id": "x/y"},
    f"{API}/vibe-edit": {"prompt": "x"},
    f"{API}/undo-vibe-edit": {"hash": "x"},
    f"{API}/vibe-code": {"code": "x"},
    f"{API}/vibe-starter-queries": {},
    f"{API}/profiling/clear": {},
    f"{API}/component_server": {"data": [], "component_id": 1, "session_hash": "x", "fn_name": "postprocess"},
    f"{API}/mcp/": {"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
}


@pytest.mark.parametrize("path", READ)
def test_doors_that_nobody_needs_are_shut(web: httpx.Client, path: str) -> None:
    assert web.get(path).status_code in (403, 404)


@pytest.mark.parametrize("path", SENT)
def test_so_are_those_that_something_is_sent_to(web: httpx.Client, path: str) -> None:
    for door in (path.rstrip("/"), path.rstrip("/") + "/"):
        assert web.post(door, json=SENT[path]).status_code in (403, 404)


def test_no_film_is_taken(web: httpx.Client) -> None:
    with uploads_of(web) as left:
        answer = web.post(f"{API}/process_recording", files={"video": ("film.mp4", b"film")})
        assert answer.status_code == 404
        assert not left()


def test_nobody_passes_the_line_by(web: httpx.Client) -> None:
    sent = upload(web, "face.jpg", FACE.read_bytes())
    data = {"data": [file_data(sent.json()[0]), 0.01, 0.5]}
    for path in (f"{API}/run/audit", f"{API}/api/audit", f"{API}/run/audit/"):
        answer = web.post(path, json=data)
        assert answer.status_code == 404
        assert "verdict" not in answer.text
    assert '"verdict"' in audit(web, data["data"][0])


@contextmanager
def uploads_of(web: httpx.Client) -> Iterator[Callable[[], list[Path]]]:
    """What has come to lie in the folder of uploads since, and lies there still; removed in the end."""
    folder = Path(upload(web, "x.png", b"x").json()[0]).parents[1]
    before = set(folder.rglob("*"))

    def left() -> list[Path]:
        return [path for path in folder.rglob("*") if path not in before and path.is_file()]

    yield left
    for path in left():
        path.unlink()
    time.sleep(LOOK_SECONDS)


def several(sizes: list[int], told: bool) -> dict[str, Any]:
    """An upload of files of these many zeros; whether its length is told beforehand."""
    heads = [
        f'--x\r\nContent-Disposition: form-data; name="files"; filename="{i}.jpg"\r\n\r\n' for i in range(len(sizes))
    ]
    end = "\r\n--x--\r\n"
    length = sum(sizes) + sum(map(len, heads)) + 2 * (len(sizes) - 1) + len(end)

    def body() -> Iterator[bytes]:
        for i, (head, size) in enumerate(zip(heads, sizes, strict=True)):
            yield b"\r\n" * (i > 0) + head.encode()
            for start in range(0, size, 2**20):
                yield bytes(min(2**20, size - start))
        yield end.encode()

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    return {"content": body(), "headers": headers | ({"Content-Length": str(length)} if told else {})}


@pytest.mark.parametrize("told", [True, False])
def test_an_upload_has_an_end(web: httpx.Client, told: bool) -> None:
    """One file, and all of them together; nothing of either stays."""
    for sizes in ([UPLOAD_BYTES + 2**20], [MOST_UPLOADED // 5] * 5 + [2**20]):
        with uploads_of(web) as left:
            with suppress(httpx.WriteError):  # it had hung up before all was sent
                answer = web.post(f"{API}/upload", **several(sizes, told))
                assert answer.status_code == 413
                assert not [secret for secret in SECRETS if secret in answer.text]
            assert not left()
    assert upload(web, "face.jpg", FACE.read_bytes()).status_code == 200


def test_the_largest_photos_come_several_at_once(web: httpx.Client) -> None:
    with uploads_of(web) as left:
        answer = web.post(f"{API}/upload", **several([MAX_BYTES] * 16, told=True))
        assert answer.status_code == 200
        assert len(left()) == len(answer.json()) == 16


def test_waiting_uploads_have_an_end_together(web: httpx.Client) -> None:
    with uploads_of(web) as left:
        waiting = Path(upload(web, "large.png", b"x").json()[0])
        with waiting.open("wb") as file:
            file.truncate(ROOM)  # as if somebody had sent so much; takes no room itself
        time.sleep(LOOK_SECONDS)
        for sent in (several([2**20], told=True), several([2**20], told=False)):
            answer = web.post(f"{API}/upload", **sent)
            assert (answer.status_code, "no room" in answer.text) == (503, True)
            assert answer.headers["retry-after"]
        assert left() == [waiting]
    assert upload(web, "face.jpg", FACE.read_bytes()).status_code == 200


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
    "body",
    [
        b"{{{", b"[]", b"\xff" * 100, b'{"data": ' + b"[" * 5000, b'{"fn_index": 99999, "data": []}',
        b'{"fn_index": 99999, "data": [], "session_hash": "x"}', b'{"fn_index": -1, "data": [], "session_hash": "x"}',
    ],
)  # fmt: skip
def test_nonsense_gets_no_stack_trace(web: httpx.Client, body: bytes) -> None:
    for path in (
        f"{API}/queue/join", f"{API}/call/nothing", f"{API}/call/v2/nothing", f"{API}/run/audit", f"{API}/run/nothing",
        f"{API}/cancel", f"{API}/reset", f"{API}/upload",
    ):  # fmt: skip
        answer = web.post(path, content=body, headers={"Content-Type": "application/json"})
        assert 400 <= answer.status_code < 500
        assert not [secret for secret in SECRETS if secret in answer.text], answer.text[:300]
    asked = web.post(f"{API}/call/audit", content=body, headers={"Content-Type": "application/json"})
    if asked.status_code == 200:  # it has data, of which the event itself says what it is
        asked = web.get(f"{API}/call/audit/{asked.json()['event_id']}")
        assert "event: error" in asked.text
    assert asked.status_code < 500
    assert not [secret for secret in SECRETS if secret in asked.text]
    assert httpx.get(web.base_url.join("/config")).status_code == 200, "it is still there, for others"


def test_names_of_files_are_no_scripts(web: httpx.Client) -> None:
    name = '"><img src=x onerror=alert(1)>.jpg'
    sent = upload(web, name, FACE.read_bytes())
    said = audit(web, file_data(sent.json()[0], orig_name=name))
    assert "onerror" not in said
    assert '"photo"' in said, "no name at all"
