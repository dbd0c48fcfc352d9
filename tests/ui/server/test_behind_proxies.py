"""Proxies on either side: those of the environment keep out of the page's start, and those before it tell who visits.

One real page is launched in this process, with every variable set to a proxy that there is not, and asked over the loopback.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpx
import pytest

from mint.ui.server.process import direct
from tests.ports import free_port

# Gradio's own warnings would fail gradio's own threads.
pytestmark = pytest.mark.filterwarnings("ignore", r"error:::mint\b")
ROOT = Path(__file__).parents[3]
VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
KINDS = ("http://", "", "socks5://", "carrier-pigeon://")
INSIDE, OUTSIDE = "127.0.0.1:7860", "mint.example:8443"
PAGE = f"https://{OUTSIDE}"  # what a visitor's browser says where its page is from
TOLD = {"X-Forwarded-Host": OUTSIDE, "X-Forwarded-Proto": "https"}
SAID = re.compile(r'"root":\s*"([^"]*)"')


class Enough(Exception):
    """The page was asked all that there is to ask."""


def proxied(patch: pytest.MonkeyPatch, proxy: str) -> None:
    """Every variable, in lower and in upper case."""
    for name in VARIABLES:
        for spelt in (name, name.upper()):
            patch.delenv(spelt, raising=False)
    for name in VARIABLES[:3]:
        for spelt in (name, name.upper()):
            patch.setenv(spelt, proxy)


@pytest.fixture(scope="module")
def local() -> Iterator[str]:
    """The address of a server that answers anybody."""

    class Hello(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Hello) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def nowhere() -> Iterator[str]:
    """Host and port where nobody listens, nor will."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{held.getsockname()[1]}"


@pytest.mark.parametrize("kind", KINDS)
def test_no_proxy_stands_between_the_page_and_itself(
    kind: str, nowhere: str, local: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxied(monkeypatch, kind + nowhere)
    with pytest.raises((httpx.ConnectError, ImportError, ValueError)):
        httpx.get(local)
    before = dict(os.environ)
    with direct():
        httpx.Client().close()  # as gradio makes one when it is imported
        assert httpx.get(local).status_code == 200
    changed = {name for name in before.keys() | os.environ.keys() if before.get(name) != os.environ.get(name)}
    assert changed <= {"no_proxy"}


def test_networks_are_fetched_through_the_proxy_again_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    proxied(monkeypatch, "http://proxy.test:8080")
    monkeypatch.setenv("NO_PROXY", "intern.test")
    with pytest.raises(Enough), direct("10.0.0.7"):
        raise Enough
    assert getproxies()["https"] == "http://proxy.test:8080"
    assert not proxy_bypass("hub.test")
    assert all(map(proxy_bypass, ("intern.test", "127.0.0.1", "localhost", "::1", "10.0.0.7")))


def test_without_a_proxy_nothing_is_left_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for told in (None, "intern.test"):
        for name in VARIABLES:
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.upper(), raising=False)
        if told is not None:
            monkeypatch.setenv("no_proxy", told)
        with direct():
            assert os.environ["no_proxy"] == "*"
        assert os.environ.get("no_proxy") == told


def test_gradio_is_imported_without_a_proxy(nowhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It makes clients when it is imported; here somebody else stands in its place and looks."""
    from mint.ui import serve

    seen: list[str | None] = []

    class Looking(ModuleType):
        def __getattr__(self, name: str) -> Any:
            if name == "Page":
                seen.append(os.environ.get("no_proxy"))
                raise Enough
            raise AttributeError(name)

    proxied(monkeypatch, f"socks5://{nowhere}")
    monkeypatch.setitem(sys.modules, "mint.ui.page", Looking("mint.ui.page"))
    monkeypatch.setattr(serve, "PrivateFolder", lambda: SimpleNamespace(use=lambda: None))
    monkeypatch.setattr(serve, "share_heaps", lambda: None)
    monkeypatch.setattr(serve, "silence", lambda: None)
    listening = SimpleNamespace(address="here", give_up=lambda: None)
    monkeypatch.setattr(serve, "Listening", lambda *given: listening)
    with pytest.raises(Enough):
        serve.serve()
    assert seen == ["*"]


@pytest.fixture(scope="module")
def answers(face_path: Path, nowhere: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one page answered to all that the tests below send, and its environment at that time."""
    from tests.ui.fakes import FakeTest, write_examples

    found: dict[str, Any] = {}
    examples, uploads = tmp_path_factory.mktemp("examples"), tmp_path_factory.mktemp("uploads")
    write_examples(examples, face_path)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("GRADIO_ANALYTICS_ENABLED", "GRADIO_RUN_HISTORY", "GRADIO_SHARE"):
            patch.setenv(name, "False")
        patch.setenv("GRADIO_TEMP_DIR", str(uploads))
        from mint.ui.context import PageContext
        from mint.ui.early.doorway import Doorway
        from mint.ui.early.listening import Listening
        from mint.ui.early.screen import failed, screen
        from mint.ui.examples import load_examples, load_people
        from mint.ui.loading import Loading
        from mint.ui.page import Page

        proxied(patch, f"socks5://{nowhere}")
        loading = Loading(FakeTest)  # type: ignore[arg-type]
        desk = PageContext(loading, load_examples(examples / "faces"), load_people(examples / "people"))

        listening = Listening(Doorway(partial(screen, desk), failed, desk.pictures), port=free_port())
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(listening.address) as early:
            found["early"] = [early.read(15)]

            async def serve() -> None:  # gradio makes loops of its own, and leaves them open, where none runs
                page = Page(desk)

                def ask() -> None:
                    loading.start()
                    found["early"].append(early.read())
                    found["environment"] = {name: os.environ.get(name) for name in VARIABLES}
                    with httpx.Client(trust_env=False, base_url=str(page.blocks.local_url), timeout=120) as client:
                        for name, headers in {"rewritten": {}, "told": TOLD, "kept": {"Host": OUTSIDE}}.items():
                            found[name] = visit(client, {"Host": INSIDE} | headers, face_path)
                    raise Enough

                page.launch(listening, ask)

            with pytest.raises(Enough):
                asyncio.run(serve())
    assert not listening.thread.is_alive(), "the server ends with the page"
    return found


def test_who_came_before_the_page_has_all_of_it_once(answers: dict[str, Any]) -> None:
    first, rest = answers["early"]
    assert first == b"<!doctype html>"
    assert rest.count(b"<gradio-app") == rest.count(b'<div id="first"') == 1
    assert rest.endswith(b"</body></html>\n")


def visit(client: httpx.Client, headers: dict[str, str], photo: Path) -> dict[str, Any]:
    """What a browser that is at ``PAGE`` gets through a proxy: the page, an upload, an event's answer, the upload again."""
    found: dict[str, Any] = {"root": SAID.findall(client.get("/", headers=headers).text)[0]}
    sent = headers | {"Origin": PAGE}
    files = {"files": ("photo.jpg", photo.read_bytes(), "image/jpeg")}
    upload = client.post("/gradio_api/upload", headers=sent, files=files)
    found["upload"] = upload.status_code
    path = upload.json()[0] if upload.is_success else ""
    if path:
        preview = client.get(f"/gradio_api/file={path}", headers=headers)
        found["preview"] = (preview.status_code, preview.content == photo.read_bytes())
    asked = {"data": [{"path": path, "meta": {"_type": "gradio.FileData"}}, 0.01, 0.5]}
    event = client.post("/gradio_api/call/audit", headers=sent, json=asked)
    found["event"] = event.status_code
    if event.is_success:
        answer = client.get(f"/gradio_api/call/audit/{event.json()['event_id']}", headers=headers).text
        found["answer"] = json.loads(answer.partition("event: complete\ndata: ")[2])
    return found


def test_the_page_starts_behind_a_proxy_that_is_not_there(answers: dict[str, Any], nowhere: str) -> None:
    assert answers["environment"]["all_proxy"] == f"socks5://{nowhere}"  # again, for networks that are fetched
    assert "127.0.0.1" in answers["environment"]["no_proxy"].split(",")


def test_a_rewritten_host_alone_shuts_visitors_out(answers: dict[str, Any]) -> None:
    """As ``mint serve --help`` says: their browsers would have to send to an address that the page's own policy forbids."""
    found = answers["rewritten"]
    assert found["root"] == f"http://{INSIDE}"
    assert (found["upload"], found["event"]) == (403, 403)


@pytest.mark.parametrize(("how", "root"), [("told", PAGE), ("kept", f"http://{OUTSIDE}")])
def test_a_proxy_that_tells_the_visitor_s_address_lets_everything_through(
    how: str, root: str, answers: dict[str, Any]
) -> None:
    found = answers[how]
    assert found["root"] == root
    assert (found["upload"], found["event"], found["preview"]) == (200, 200, (200, True))
    assert [one["network"] for one in found["answer"][0]] == ["twin-a", "twin-b"]
    assert all(one["faces"][0]["verdict"] for one in found["answer"][0])


@pytest.mark.full
@pytest.mark.parametrize("kind", ["http://", "socks5://"])
def test_a_process_starts_behind_a_proxy_that_is_not_there(
    kind: str, nowhere: str, face_path: Path, tmp_path: Path
) -> None:
    from tests.ui.fakes import write_examples

    environment = {k: v for k, v in os.environ.items() if k.lower() not in VARIABLES}
    environment |= {name: kind + nowhere for v in VARIABLES[:3] for name in (v, v.upper())}
    command = [sys.executable, "-m", "tests.browser.server", str(write_examples(tmp_path, face_path))]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            address = process.stdout.readline().removeprefix("MINT is at ").strip()
            assert address.startswith("http://127.0.0.1:")
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address) as page:
                assert b"<gradio-app" in page.read()
        finally:
            process.terminate()
