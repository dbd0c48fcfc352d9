"""A server over real sockets: it answers at once, at the address that it says, which nobody else can take meanwhile."""

from __future__ import annotations

import socket
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from mint.errors import CannotServe
from mint.ui.early import listening
from mint.ui.early.doorway import Doorway
from mint.ui.early.listening import Listening
from mint.ui.server.shipped_files import Pictures
from tests.ports import free_port

LOOPBACK = "127.0.0.1"


@contextmanager
def taken() -> Iterator[int]:
    """A port that somebody has."""
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        yield int(other.getsockname()[1])


@contextmanager
def listens(host: str | None = None, port: int | None = None) -> Iterator[Listening]:
    server = Listening(Doorway(lambda language: "first", lambda language: " failed", Pictures()), host, port)
    try:
        yield server
    finally:
        server.close()
        assert not server.thread.is_alive()


async def page(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        for done in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{done}.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"<head></head><body> and the page</body>"})


def opened(url: str) -> Any:
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=60)


def test_who_comes_early_gets_the_first_screen_and_then_the_page() -> None:
    with listens(port=(port := free_port())) as server:
        assert server.address == f"http://127.0.0.1:{port}/"
        with opened(server.address) as early:
            assert early.read(5) == b"first"
            server.open(page)
            server.release()
            assert early.read() == b" and the page</body></html>\n"
        with opened(server.address + "anything") as later:
            assert b"and the page" in later.read()


def test_who_waits_for_a_page_that_never_comes_is_told() -> None:
    with listens(port=free_port()) as server, opened(server.address) as early:
        assert early.read(5) == b"first"
        with ThreadPoolExecutor(1) as apart:
            ended = apart.submit(server.give_up)
            assert early.read() == b" failed</body></html>\n"
            ended.result()


def test_a_port_that_somebody_has_is_refused_in_a_line() -> None:
    with taken() as port, pytest.raises(CannotServe, match=f"on port {port}"), listens(port=port):
        pass
    with listens(port=(port := free_port())), pytest.raises(CannotServe), listens(port=port):
        pass


def test_without_a_port_the_first_that_is_free_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with taken() as port:
        monkeypatch.setenv("GRADIO_SERVER_PORT", str(port))
        monkeypatch.setenv("GRADIO_NUM_PORTS", "1")
        with pytest.raises(CannotServe), listens():
            pass
        monkeypatch.setenv("GRADIO_NUM_PORTS", "50")
        with listens() as server:
            assert port < server.port < port + 50
    with taken() as port:
        monkeypatch.setenv("GRADIO_SERVER_PORT", str(port))
        monkeypatch.setattr(listening, "LAST_PORT", port)
        with pytest.raises(CannotServe), listens():
            pass
    for odd in ("0", "-5", "abc", ""):
        monkeypatch.setenv("GRADIO_NUM_PORTS", odd)
        with pytest.raises(CannotServe, match="GRADIO_NUM_PORTS says"), listens():
            pass
    monkeypatch.delenv("GRADIO_NUM_PORTS")
    monkeypatch.setenv("GRADIO_SERVER_PORT", "seven")
    with pytest.raises(CannotServe, match="GRADIO_SERVER_PORT is a port"), listens():
        pass


@pytest.mark.parametrize(
    ("host", "shown"),
    [("localhost", "localhost"), ("0.0.0.0", "localhost"), ("::", "[::1]"), ("[::1]", "[::1]"), ("::1", "[::1]")],
)
def test_the_address_is_one_that_a_browser_opens(host: str, shown: str) -> None:
    if ":" in host and not socket.has_ipv6:
        pytest.skip("this machine has no such addresses")
    try:
        with listens(host, port=(port := free_port())) as server:
            assert server.address == f"http://{shown}:{port}/"
            with opened(server.address) as early:
                assert early.read(5) == b"first"
                server.open(page)
                server.release()
    except CannotServe:
        if ":" not in host:
            raise
        pytest.skip("this machine has no such addresses")


def test_a_name_has_all_its_addresses_as_far_as_the_machine_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 0)) for host in (LOOPBACK, "192.0.2.1", LOOPBACK)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **named: found)
    (here,) = listening._sockets("somewhere", 0)
    here.close()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **named: found[1:2])
    with pytest.raises(OSError, match="assign requested address"):
        listening._sockets("somewhere", 0)
