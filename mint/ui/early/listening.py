"""Listen at an address from the first second on, and serve there what comes later."""

from __future__ import annotations

import errno
import os
import socket
import threading
import time
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from mint.errors import CannotServe
from mint.ui.early.doorway import Doorway
from mint.ui.server.process import cannot_serve, check_address, chosen_host

FIRST_PORT, PORTS = 7860, 100  # as Gradio chooses them where none is named
ANYWHERE = {"0.0.0.0": "localhost", "::": "[::1]"}  # and what a browser of this machine opens then
LAST_PORT = 65535
ABSENT = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)  # an address, or a kind of address, that this machine does not have
STEP_SECONDS = 0.001
JOIN_SECONDS = 5.0  # that the server has to end


class Listening(uvicorn.Server):
    """A server of a doorway, in a thread of its own; Gradio takes it for the one that it would have made.

    Args:
        door: what answers.
        host: address or name; ``GRADIO_SERVER_NAME``, else 127.0.0.1, if None.
        port: the first that is free from ``GRADIO_SERVER_PORT``, else 7860, on if None.

    Attributes:
        host, port: where it listens.

    Raises:
        CannotServe: there is no such address here, or somebody has it.
    """

    def __init__(self, door: Doorway, host: str | None = None, port: int | None = None) -> None:
        check_address(host, port)
        self.door = door
        self.host = chosen_host(host)
        self._sockets, self.port = _listen(self.host, port)
        super().__init__(uvicorn.Config(door, log_level="warning"))
        self.thread = threading.Thread(target=self.run, args=(self._sockets,), name="server", daemon=True)
        self.thread.start()
        while not self.started and self.thread.is_alive():
            time.sleep(STEP_SECONDS)
        if not self.started:
            raise CannotServe(f"The page cannot be served at {self.address}: the server did not start.")

    @property
    def address(self) -> str:
        """The address to open, with a slash at the end."""
        host = self.host.strip("[]")
        local = ANYWHERE.get(host) or (f"[{host}]" if ":" in host else host)
        return f"http://{local}:{self.port}/"

    def open(self, page: ASGIApp) -> None:
        """Let the page answer from now on. Raises as ``Doorway.open``."""
        self.door.open(page)

    def release(self) -> None:
        """Let the page answer whoever has waited, and nothing else compute for as long as that takes, or nearly."""
        self.door.release()
        self.door.head_start()

    def give_up(self, seconds: float = JOIN_SECONDS) -> None:
        """Tell whoever waits that there will be no page, and close within so many seconds."""
        self.door.give_up()
        self.close(seconds)

    def close(self, seconds: float = JOIN_SECONDS) -> None:
        """Take no more connections, end those that there are, and end the thread; Gradio calls it as well."""
        self.should_exit = True
        self.thread.join(seconds)


def _listen(host: str, port: int | None) -> tuple[list[socket.socket], int]:
    """Return the sockets of all addresses of a host, at one port. Raises as ``Listening``."""
    first = int(os.environ.get("GRADIO_SERVER_PORT", FIRST_PORT))
    tries = int(os.environ.get("GRADIO_NUM_PORTS", PORTS))
    error: OSError | UnicodeError | None = None
    for number in range(first, min(first + tries, LAST_PORT + 1)) if port is None else (port,):
        try:
            return _sockets(host, number), number
        except (OSError, UnicodeError) as why:  # the second: no host is called that
            error = why
    assert error is not None
    raise cannot_serve(host, port, error) from error


def _sockets(host: str, port: int) -> list[socket.socket]:
    """Return a socket for each address of a host that this machine has."""
    absent = OSError(f"{host} has no address")
    found: list[socket.socket] = []
    known = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    for family, kind, protocol, _, address in dict.fromkeys(known):
        try:
            found.append(_bound(socket.socket(family, kind, protocol), address))
        except OSError as error:
            if error.errno not in ABSENT:
                for here in found:
                    here.close()
                raise
            absent = error
    if not found:
        raise absent
    return found


def _bound(here: socket.socket, address: Any) -> socket.socket:
    """Bind a socket and listen: from now on nobody else can have the address. Closes it where that cannot be."""
    try:
        if os.name == "posix":  # the last server may just have ended
            here.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if here.family == socket.AF_INET6:
            here.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        here.bind(address)
        here.listen()
    except OSError:
        here.close()
        raise
    return here
