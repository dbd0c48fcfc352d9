"""Find out within a second whether a server takes connections."""

from __future__ import annotations

import os
import socket
import threading
import time
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from mint.errors import HubUnreachable, MintError

PATIENCE = "MINT_HUB_SECONDS"  # how long a connection may take before the server counts as out of reach
SECONDS = 0.8
ADDRESSES = 8

Answers = SimpleQueue[OSError | int | None]


def reach(url: str) -> None:
    """Connect to a server, or to the proxy on the way to it, and disconnect.

    All its addresses are tried at once, so that a dead IPv6 route does not hide a living IPv4 one.

    Raises:
        HubUnreachable: none takes a connection in time.
    """
    host, port = _first_hop(url)
    seconds = _patience()
    answers: Answers = SimpleQueue()  # first how many addresses are tried, then what each of them said
    threading.Thread(target=_knock, args=(host, port, seconds, answers), name="reach", daemon=True).start()
    deadline = time.monotonic() + seconds
    left = 1
    while left:
        try:
            answer = answers.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            raise HubUnreachable(
                f"{host} did not answer within {seconds:g} s; on a slow line set {PATIENCE}=10."
            ) from None
        if answer is None:
            return
        left += answer if isinstance(answer, int) else 0
        left -= 1
    assert isinstance(answer, OSError)
    raise HubUnreachable(f"{host} cannot be reached ({answer.strerror or answer}).") from answer


def _knock(host: str, port: int, seconds: float, answers: Answers) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[:ADDRESSES]
    except OSError as error:
        answers.put(error)
        return
    answers.put(len(found) or OSError("it has no address"))
    for family, kind, protocol, _, address in found:
        arguments = (family, kind, protocol, address, seconds, answers)
        threading.Thread(target=_connect, args=arguments, name="reach", daemon=True).start()


def _connect(family: int, kind: int, protocol: int, address: object, seconds: float, answers: Answers) -> None:
    try:
        with socket.socket(family, kind, protocol) as connection:
            connection.settimeout(seconds)
            connection.connect(address)  # type: ignore[arg-type]
        answers.put(None)
    except OSError as error:
        answers.put(error)


def _first_hop(url: str) -> tuple[str, int]:
    address = urlsplit(url)
    if not proxy_bypass(address.hostname or ""):
        proxies = getproxies()
        address = urlsplit(proxies.get(address.scheme) or proxies.get("all") or url)
    return address.hostname or "", address.port or (443 if address.scheme == "https" else 80)


def _patience() -> float:
    stated = os.environ.get(PATIENCE, str(SECONDS))
    try:
        return float(stated)
    except ValueError:
        raise MintError(f"{PATIENCE} is a number of seconds, not {stated!r}.") from None
