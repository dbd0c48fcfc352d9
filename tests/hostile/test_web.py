"""The page's doors from outside: files of others, addresses of others, pages of others, and words that would be scripts."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from mint.ui.page import UPLOAD_BYTES
from mint.ui.server.headers import HEADERS
from mint.ui.server.limits import LOOK_SECONDS, MOST_BYTES, MOST_UPLOADED, BodyLimit
from mint.ui.server.private_folder import ROOM
from mint.vision.images import MAX_BYTES
from tests.ui.latch import LIMIT
from tests.ui.public_address import listening
from tests.ui.served import LET_GRADIO_WARN, Served

FACE = Path(__file__).parents[1] / "data" / "face.jpg"
ROOT = Path(__file__).parents[2]
API = "/gradio_api"
SECRETS = ("root:", "[project]", "import mint", "Traceback", "site-packages", 'File "')
MB = 2**20


@dataclass(frozen=True)
class Web:
    """A page, and how much it takes.

    Attributes:
        client: with its address.
        one: bytes of one file.
        several: bytes of an upload.
        request: bytes of any other request.
        look_seconds: how long a look at the folder of uploads holds.
    """

    client: httpx.Client
    one: int
    several: int
    request: int
    look_seconds: float

    def audit(self, photo: object) -> str:
        """What the endpoint for programs says of a photo."""
        asked = self.client.post(f"{API}/call/audit", json={"data": [photo, 0.01, 0.5]})
        if asked.status_code != 200:
            return asked.text
        return self.client.get(f"{API}/call/audit/{asked.json()['event_id']}").text

    def upload(self, name: str, data: bytes) -> httpx.Response:
        return self.client.post(f"{API}/upload", files={"files": (name, data)})

    def serves(self) -> bool:
        """Whether it is still there, for others; by a connection of its own."""
        return httpx.get(self.client.base_url.join("/config"), trust_env=False, timeout=LIMIT).status_code == 200

    def look(self) -> None:
        """Let it look at the folder of uploads anew."""
        if self.look_seconds:
            threading.Event().wait(self.look_seconds)


@pytest.fixture(scope="module")
def process(written_examples: Path) -> Iterator[str]:
    from tests.browser.driving import serving

    with serving("-m", "tests.browser.server", str(written_examples)) as url:
        yield url


@pytest.fixture(params=[pytest.param("here", marks=LET_GRADIO_WARN), pytest.param("process", marks=pytest.mark.full)])
def web(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """The page here, which takes little, so that too much is soon sent; and the one that is served as people do."""
    if request.param == "process":
        url, limits = request.getfixturevalue("process"), (UPLOAD_BYTES, MOST_UPLOADED, MOST_BYTES, LOOK_SECONDS)
    else:
        served: Served = request.getfixturevalue("served")
        url, limits = served.url, (MB // 2, MB, MB // 4, 0.0)
        httpx.get(f"{url}/config", trust_env=False, timeout=LIMIT)  # the doors are made for the first request
        bounded = served.door(BodyLimit)
        assert (served.page.blocks.max_file_size, bounded.most_uploaded, bounded.most) == (
            UPLOAD_BYTES,
            MOST_UPLOADED,
            MOST_BYTES,
        )
        for what, name, limit in zip(
            (served.page.blocks, bounded, bounded), ("max_file_size", "most_uploaded", "most"), limits, strict=False
        ):
            monkeypatch.setattr(what, name, limit)
    with httpx.Client(base_url=url, timeout=LIMIT, headers={"Connection": "close"}, trust_env=False) as client:
        yield Web(client, *limits)


def file_data(path: str, **more: object) -> dict[str, Any]:
    return {"path": path, "meta": {"_type": "gradio.FileData"}, **more}


def test_a_photo_that_was_wiped_is_no_error_where_a_page_would_draw_it(web: Web) -> None:
    """The browser asks for its preview while the audit, which removes it, may be over."""
    (path,) = web.upload("face.jpg", FACE.read_bytes()).json()
    drawn = {"sec-fetch-dest": "image"}
    assert web.client.get(f"{API}/file={path}", headers=drawn).content == FACE.read_bytes()
    web.audit(file_data(path))
    assert not Path(path).exists()
    assert web.client.get(f"{API}/file={path}", headers=drawn).status_code == 204
    assert web.client.get(f"{API}/file={path}").status_code in (403, 404)
    assert web.client.get(f"{API}/file=/etc/nothing/here", headers=drawn).status_code in (403, 404)


ROUTES = (f"{API}/file=", "/file=", "/static/", "/assets/", f"{API}/proxy=", f"{API}/stream/")
PATHS = (
    "/etc/passwd", "../../../../etc/passwd", "..%2f..%2f..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd", "//etc/passwd",
    "....//....//etc/passwd", "/proc/self/environ", str(ROOT / "pyproject.toml"), "pyproject.toml", "app.py",
    "http://127.0.0.1:9/x", "http:%2f%2f127.0.0.1:9%2fx", "file:///etc/passwd", "/etc/passwd%00.png",
)  # fmt: skip


def told(answer: httpx.Response) -> list[str]:
    """What an answer says that nobody should read."""
    return [secret for secret in SECRETS if secret in answer.text]


def test_no_file_and_no_address_of_others_is_read(web: Web) -> None:
    answers = {route + path: web.client.get(route + path) for route in ROUTES for path in PATHS}
    read = [where for where, answer in answers.items() if answer.status_code not in (400, 403, 404, 405, 422)]
    assert not read
    assert not [where for where, answer in answers.items() if told(answer)]


STRANGE = (
    file_data("/etc/passwd"),
    file_data(str(ROOT / "examples" / "faces" / "01-openpeople.jpg")),
    file_data("http://127.0.0.1:9/x.png"),
    file_data("x.png", url="http://127.0.0.1:9/x.png"),
    file_data("../../../etc/passwd", orig_name="face.jpg"),
    "/etc/passwd",
    {"path": 7},
    [[]],
)


def test_a_photo_is_what_was_uploaded_and_nothing_else(web: Web) -> None:
    for photo in STRANGE:
        said = web.audit(photo)
        assert '"verdict"' not in said, photo
        assert not [secret for secret in SECRETS if secret in said], photo
    sent = web.upload("face.jpg", FACE.read_bytes())
    assert '"verdict"' in web.audit(file_data(sent.json()[0])), "the next one is served"


def test_nothing_is_fetched_for_a_visitor(web: Web) -> None:
    """A server that would be told if anybody came."""
    with listening() as (address, came):
        there = f"{address}/face.jpg"
        httpx.get(there, trust_env=False, timeout=LIMIT)
        assert came.pop() == "/face.jpg", "it would be seen"
        for photo in (file_data(there), file_data("face.jpg", url=there), there, {"url": there}):
            assert '"verdict"' not in web.audit(photo)
        web.client.get(f"{API}/proxy={there}")
        web.client.get(f"{API}/file={there}")
    assert not came


def test_pages_of_other_origins_can_set_nothing_off(web: Web) -> None:
    evil = {"Origin": "https://evil.test"}
    for path in (f"{API}/queue/join", f"{API}/call/audit", f"{API}/upload", f"{API}/run/audit", f"{API}/cancel"):
        assert web.client.post(path, headers=evil, json={}).status_code == 403, path
    allowed = web.client.get("/config", headers=evil).headers.get("access-control-allow-origin")
    assert allowed is None, "nor read what it says"


def test_headers_are_on_every_answer(web: Web) -> None:
    for path in ("/", "/config", f"{API}/info", "/nowhere", "/theme.css", f"{API}/file=/etc/passwd"):
        answer = web.client.get(path)
        for name, value in HEADERS.items():
            assert answer.headers.get_list(name) == [value], path


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


def test_doors_that_nobody_needs_are_shut(web: Web) -> None:
    assert not [path for path in READ if web.client.get(path).status_code not in (403, 404)]


def test_so_are_those_that_something_is_sent_to(web: Web) -> None:
    doors = [(path.rstrip("/") + end, sent) for path, sent in SENT.items() for end in ("", "/")]
    assert not [door for door, sent in doors if web.client.post(door, json=sent).status_code not in (403, 404)]


def test_no_film_is_taken(web: Web) -> None:
    with uploads_of(web) as left:
        answer = web.client.post(f"{API}/process_recording", files={"video": ("film.mp4", b"film")})
        assert answer.status_code == 404
        assert not left()


def test_nobody_passes_the_line_by(web: Web) -> None:
    sent = web.upload("face.jpg", FACE.read_bytes())
    data = {"data": [file_data(sent.json()[0]), 0.01, 0.5]}
    for path in (f"{API}/run/audit", f"{API}/api/audit", f"{API}/run/audit/"):
        answer = web.client.post(path, json=data)
        assert answer.status_code == 404
        assert "verdict" not in answer.text
    assert '"verdict"' in web.audit(data["data"][0])


@contextmanager
def uploads_of(web: Web) -> Iterator[Callable[[], list[Path]]]:
    """What has come to lie in the folder of uploads since, and lies there still; removed in the end."""
    folder = Path(web.upload("x.png", b"x").json()[0]).parents[1]
    before = set(folder.rglob("*"))

    def left() -> list[Path]:
        return [path for path in folder.rglob("*") if path not in before and path.is_file()]

    yield left
    for path in left():
        path.unlink()
    web.look()


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


@pytest.mark.parametrize("beforehand", [True, False])
def test_an_upload_has_an_end(web: Web, beforehand: bool) -> None:
    """One file, and all of them together; nothing of either stays."""
    for sizes in ([web.one + MB // 8], [web.several // 5] * 5 + [MB // 8]):
        with uploads_of(web) as left:
            with suppress(httpx.WriteError):  # it had hung up before all was sent
                answer = web.client.post(f"{API}/upload", **several(sizes, beforehand))
                assert answer.status_code == 413
                assert not told(answer)
            assert not left()
    assert web.upload("face.jpg", FACE.read_bytes()).status_code == 200


@pytest.mark.parametrize("beforehand", [True, False])
def test_sixteen_photos_of_the_largest_size_come_at_once(web: Web, beforehand: bool) -> None:
    assert MOST_UPLOADED >= 16 * MAX_BYTES
    largest = min(MAX_BYTES, (web.several - MB // 16) // 16)
    with uploads_of(web) as left:
        answer = web.client.post(f"{API}/upload", **several([largest] * 16, beforehand))
        assert answer.status_code == 200
        assert len(left()) == len(answer.json()) == 16


def test_waiting_uploads_have_an_end_together(web: Web) -> None:
    with uploads_of(web) as left:
        waiting = Path(web.upload("large.png", b"x").json()[0])
        with waiting.open("wb") as file:
            file.truncate(ROOM)  # as if somebody had sent so much; takes no room itself
        web.look()
        for sent in (several([MB // 4], told=True), several([MB // 4], told=False)):
            answer = web.client.post(f"{API}/upload", **sent)
            assert (answer.status_code, "no room" in answer.text) == (503, True)
            assert answer.headers["retry-after"]
        assert left() == [waiting]
    assert web.upload("face.jpg", FACE.read_bytes()).status_code == 200


def test_any_other_request_has_one_too(web: Web) -> None:
    def endless() -> Iterator[bytes]:
        yield b'{"data": ["'
        for _ in range(64):
            yield b"A" * (web.request // 16)

    headers = {"Content-Type": "application/json"}
    for path in (f"{API}/queue/join", f"{API}/call/audit", f"{API}/run/audit"):
        for body in (b'{"data": ["' + b"A" * web.request, endless()):
            with suppress(httpx.WriteError):  # it had hung up before all was sent
                assert web.client.post(path, content=body, headers=headers).status_code == 413, path
    assert web.serves()


@pytest.mark.parametrize(("path", "most"), [(f"{API}/upload", "several"), (f"{API}/queue/join", "request")])
def test_what_is_announced_to_be_too_long_is_not_waited_for(web: Web, path: str, most: str) -> None:
    """The head of a request alone."""
    head = [f"POST {path} HTTP/1.1", "Host: here", "Content-Type: multipart/form-data; boundary=x"]
    head += [f"Content-Length: {getattr(web, most) + 1}", "", ""]
    url = web.client.base_url
    with socket.create_connection((url.host, url.port), LIMIT) as line:
        line.sendall("\r\n".join(head).encode())
        assert line.recv(12) == b"HTTP/1.1 413"


NONSENSE = (
    b"{{{", b"[]", b"\xff" * 100, b'{"data": ' + b"[" * 5000, b'{"fn_index": 99999, "data": []}',
    b'{"fn_index": 99999, "data": [], "session_hash": "x"}', b'{"fn_index": -1, "data": [], "session_hash": "x"}',
)  # fmt: skip
TAKING = (
    f"{API}/queue/join", f"{API}/call/nothing", f"{API}/call/v2/nothing", f"{API}/run/audit", f"{API}/run/nothing",
    f"{API}/cancel", f"{API}/reset", f"{API}/upload",
)  # fmt: skip


def test_nonsense_gets_no_stack_trace(web: Web) -> None:
    headers = {"Content-Type": "application/json"}
    for body in NONSENSE:
        for path in TAKING:
            answer = web.client.post(path, content=body, headers=headers)
            assert 400 <= answer.status_code < 500, (path, body)
            assert not told(answer), (path, body)
        asked = web.client.post(f"{API}/call/audit", content=body, headers=headers)
        if asked.status_code == 200:  # it has data, of which the event itself says what it is
            asked = web.client.get(f"{API}/call/audit/{asked.json()['event_id']}")
            assert "event: error" in asked.text, body
        assert asked.status_code < 500, body
        assert not told(asked), body
    assert web.serves()


def test_names_of_files_are_no_scripts(web: Web) -> None:
    name = '"><img src=x onerror=alert(1)>.jpg'
    sent = web.upload(name, FACE.read_bytes())
    said = web.audit(file_data(sent.json()[0], orig_name=name))
    assert "onerror" not in said
    assert '"photo"' in said, "no name at all"
