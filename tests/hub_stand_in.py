"""A Hub on the loopback: the few endpoints that huggingface_hub 2.4.0 uses, and the ways in which a Hub can fail.

Commits are dictionaries of files. Files of ``LARGE`` bytes and more are stored as on the real Hub: their etag is their
sha256, and they are redirected to a store, which is another server.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    import httpx2
    import pytest

LARGE = 1000
TOKEN = "hf_standin"


@dataclass
class Repository:
    """Commits, oldest first, and what branches name."""

    private: bool = False
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)

    def commit(self, files: dict[str, bytes]) -> str:
        sha = hashlib.sha1(repr((len(self.commits), sorted(files.items()))).encode()).hexdigest()
        self.commits[sha] = files
        self.refs["main"] = sha
        return sha


class Server(ThreadingHTTPServer):
    """Says nothing of a caller who hung up, as those do who had enough of a lie."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Hub:
    """A server with switches.

    Attributes:
        url: of the Hub.
        store: address of the second server, which keeps the large files.
        repositories: by name.
        log: method, path and headers of every request.
        cut: bytes after which the store breaks a connection off, used up one a request.
        lie: what the store makes of a file's bytes.
        delay: seconds before the server answers at all.
        ranges: whether the store goes on where it is told to.
        hide_etag: whether the Hub keeps a large file's sha256 to itself.
        full: whether the store takes nothing more.
        stall: whether the store, at such a place, falls silent in place of breaking off.
        silent: part of the paths of requests that get no answer; None for no request.
        over: set where silence is over: whoever still waits is hung up on.
        instead: method and path to status, headers and body of another answer than a Hub's, or to None.
    """

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.log: list[tuple[str, str, dict[str, str]]] = []
        self.cut: list[int] = []
        self.lie: Callable[[bytes], bytes] = lambda data: data
        self.hide_etag = False
        self.delay = 0.0
        self.ranges = True
        self.full = False
        self.stall = False
        self.silent: str | None = None
        self.over = threading.Event()
        self.instead: Callable[[str, str], tuple[int, dict[str, str], bytes] | None] = lambda _method, _path: None
        self.blobs: dict[str, bytes] = {}
        bound = type("Bound", (Handler,), {"hub": self})
        self.servers = [Server(("127.0.0.1", 0), bound) for _ in range(2)]
        self.url, self.store = (f"http://127.0.0.1:{server.server_address[1]}" for server in self.servers)
        self.threads = [
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}) for server in self.servers
        ]

    def __enter__(self) -> Hub:
        for server, thread in zip(self.servers, self.threads, strict=True):
            server.daemon_threads = True
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for server, thread in zip(self.servers, self.threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join()

    def add(self, name: str, files: dict[str, bytes], private: bool = False) -> str:
        """A repository with one more commit; its sha1."""
        return self.repositories.setdefault(name, Repository(private)).commit(files)

    def is_silent(self, path: str) -> bool:
        """Whether a request gets no answer."""
        return self.silent is not None and self.silent in path

    def asked(self, method: str, part: str = "") -> list[str]:
        """Paths of the requests of one kind."""
        return [path for verb, path, _ in self.log if verb == method and part in path]


class Handler(BaseHTTPRequestHandler):
    """One request."""

    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def do_HEAD(self) -> None:
        self._route("HEAD")

    def do_GET(self) -> None:
        self._route("GET")

    def do_POST(self) -> None:
        self._route("POST")

    def do_PUT(self) -> None:
        self._route("PUT")

    def _route(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.hub.log.append((method, self.path, {k.lower(): v for k, v in self.headers.items()}))
        time.sleep(self.hub.delay)
        path = unquote(urlsplit(self.path).path)
        if self.hub.is_silent(path):
            self._say_nothing()
            return
        if strange := self.hub.instead(method, path):
            self._send(strange[2], strange[1], strange[0])
            return
        for pattern, answer in (
            (r"/store/(\w+)", self._store),
            (r"/api/models/([^/]+/[^/]+)(?:/revision/(.+))?", self._info),
            (r"/api/repos/create", self._create),
            (r"/api/validate-yaml", lambda _b: self._json({})),
            (r"/api/models/([^/]+/[^/]+)/preupload/(.+)", self._preupload),
            (r"/([^/]+/[^/]+)\.git/info/lfs/objects/batch", self._batch),
            (r"/api/models/([^/]+/[^/]+)/commit/(.+)", self._commit),
            (r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", self._resolve),
        ):
            if found := re.fullmatch(pattern, path):
                answer(body, *found.groups())
                return
        self._refuse(404, "no such address")

    def _repository(self, name: str) -> Repository | None:
        """The repository, unless it is private and the request has no token."""
        found = self.hub.repositories.get(name)
        if found is None or (found.private and self.headers.get("Authorization") != f"Bearer {TOKEN}"):
            self._refuse(401, "RepoNotFound")
            return None
        return found

    def _resolve(self, _body: bytes, name: str, revision: str, file: str) -> None:
        repository = self._repository(name)
        if repository is None:
            return
        sha = repository.refs.get(revision, revision)
        if sha not in repository.commits:
            return self._refuse(404, "RevisionNotFound")
        data = repository.commits[sha].get(file)
        if data is None:
            return self._refuse(404, "EntryNotFound", {"X-Repo-Commit": sha})
        if len(data) < LARGE:
            etag = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
            return self._send(data, {"X-Repo-Commit": sha, "ETag": f'"{etag}"'})
        digest = hashlib.sha256(data).hexdigest()
        self.hub.blobs[digest] = data
        promised = "0" * 40 if self.hub.hide_etag else digest
        head = {"X-Repo-Commit": sha, "X-Linked-Size": str(len(data)), "X-Linked-Etag": f'"{promised}"'}
        return self._send(b"", {**head, "Location": f"{self.hub.store}/store/{digest}"}, 302)

    def _store(self, body: bytes, digest: str) -> None:
        if self.command == "PUT":
            if self.hub.full:
                return self._refuse(507, "no room")
            self.hub.blobs[digest] = body
            return self._send(b"")
        data = self.hub.lie(self.hub.blobs[digest])
        first = 0
        if (asked := self.headers.get("Range")) and self.hub.ranges:
            first = int(re.fullmatch(r"bytes=(\d+)-", asked)[1])  # type: ignore[index]
        head = {"Content-Range": f"bytes {first}-{len(data) - 1}/{len(data)}"} if first else {}
        self._send(data[first:], head, 206 if first else 200, self.hub.cut.pop(0) if self.hub.cut else None)
        return None

    def _info(self, _body: bytes, name: str, revision: str | None) -> None:
        if repository := self._repository(name):
            sha = repository.refs.get(revision or "main", revision or "")
            if sha not in repository.commits:
                return self._refuse(404, "RevisionNotFound")
            files = [{"rfilename": file} for file in repository.commits[sha]]
            self._json({"id": name, "sha": sha, "private": repository.private, "siblings": files})
        return None

    def _create(self, body: bytes) -> None:
        asked = json.loads(body)
        name = f"{asked['organization']}/{asked['name']}"
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self._refuse(401, "no token")
        if name in self.hub.repositories:
            return self._json({"url": f"{self.hub.url}/{name}", "error": "there already"}, 409)
        self.hub.repositories[name] = Repository(asked.get("visibility") == "private")
        self.hub.repositories[name].commit({})
        return self._json({"url": f"{self.hub.url}/{name}", "name": name})

    def _preupload(self, body: bytes, name: str, _revision: str) -> None:
        if self._repository(name):
            files = [
                {
                    "path": file["path"],
                    "uploadMode": "lfs" if file["size"] >= LARGE else "regular",
                    "shouldIgnore": False,
                    "oid": None,
                }
                for file in json.loads(body)["files"]
            ]
            self._json({"files": files})

    def _batch(self, body: bytes, name: str) -> None:
        if self._repository(name):
            objects = [
                {**o, "actions": {"upload": {"href": f"{self.hub.store}/store/{o['oid']}"}}}
                for o in json.loads(body)["objects"]
            ]
            self._json({"transfer": "basic", "objects": objects})

    def _commit(self, body: bytes, name: str, revision: str) -> None:
        repository = self._repository(name)
        if repository is None:
            return
        files = dict(repository.commits[repository.refs[revision]])
        for line in map(json.loads, body.splitlines()):
            value: dict[str, Any] = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                files[value["path"]] = self.hub.blobs[value["oid"]]
        sha = repository.commit(files)
        self._json({"commitUrl": f"{self.hub.url}/{name}/commit/{sha}", "commitOid": sha})

    def _json(self, value: object, status: int = 200) -> None:
        self._send(json.dumps(value).encode(), {"Content-Type": "application/json"}, status)

    def _refuse(self, status: int, code: str, head: dict[str, str] | None = None) -> None:
        self._send(b"", {**(head or {}), "X-Error-Code": code}, status)

    def _send(self, data: bytes, head: dict[str, str] | None = None, status: int = 200, cut: int | None = None) -> None:
        self.send_response(status)
        for name, value in (head or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[:cut])
        if cut is not None:
            self.wfile.flush()
            if self.hub.stall:
                self._say_nothing()
            self.close_connection = True

    def _say_nothing(self) -> None:
        """For longer than anybody waits, then hang up."""
        self.hub.over.wait()
        self.close_connection = True


def given_up_at_once(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the Hub is silent, it hangs up at once, and this process takes that for a silence that lasted too long.

    Nor does it sleep before it tries again. A request that would be waited for without end fails the test, and so does a
    sleep of a hundred seconds, which only a Hub can ask for.
    """
    import httpx2

    def sleep(seconds: float) -> None:
        assert seconds < 100, f"asleep for {seconds} s"

    class Stalled(httpx2.SyncByteStream):
        def __init__(self, stream: httpx2.SyncByteStream) -> None:
            self.stream = stream

        def __iter__(self) -> Iterator[bytes]:
            with too_long():
                yield from self.stream

        def close(self) -> None:
            self.stream.close()

    @contextmanager
    def too_long() -> Iterator[None]:
        try:
            yield
        except (httpx2.RemoteProtocolError, httpx2.ReadError) as error:
            raise httpx2.ReadTimeout("The read operation timed out") from error

    def handle(self: httpx2.HTTPTransport, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        if not (hub.is_silent(path) or (hub.stall and "/store/" in path)):
            return real(self, request)
        assert request.extensions["timeout"]["read"] is not None, f"{path} is waited for without end"
        with too_long():
            response = real(self, request)
        response.stream = Stalled(response.stream)
        return response

    real = httpx2.HTTPTransport.handle_request
    hub.over.set()
    clock = SimpleNamespace(**{**vars(time), "sleep": sleep})
    for module in ("huggingface_hub.utils._http", "huggingface_hub.file_download"):
        monkeypatch.setattr(f"{module}.time", clock)
    monkeypatch.setattr(httpx2.HTTPTransport, "handle_request", handle)
