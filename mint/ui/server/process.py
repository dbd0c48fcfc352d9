"""The server's process: its address before Gradio takes it, and the memory that visitors leave behind."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import getproxies_environment

from mint.errors import CannotServe, brief

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # malloc.h, mallopt(3)
ARENAS = 2  # one line of networks, one of everything else
LARGE = 2**20  # bytes: what a photo takes, and is given back once it was looked at


def chosen_host(host: str | None) -> str:
    """Return where to listen: as told, else as ``GRADIO_SERVER_NAME`` says, else 127.0.0.1."""
    return host or os.environ.get("GRADIO_SERVER_NAME") or LOOPBACK[0]


def check_address(host: str | None, port: int | None) -> None:
    """Bind the address for a moment.

    Args:
        host: ``GRADIO_SERVER_NAME``, else 127.0.0.1, if None.
        port: any if None.

    Raises:
        CannotServe: there is no such address here, or somebody has it; or ``GRADIO_SERVER_PORT`` is no port.
    """
    _check_variable()
    host = chosen_host(host)
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host.strip("[]"), port or 0, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as here:
            # As the server will: the last one may just have ended.
            here.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            here.bind(address)
    except (OSError, UnicodeError) as error:  # the second: no host is called that
        raise cannot_serve(host, port, error) from error


def cannot_serve(host: str | None, port: int | None, error: Exception) -> CannotServe:
    """Make the error that says what went wrong and what to do."""
    where = " ".join([*([f"at {host}"] if host else []), f"on port {port}" if port else "on any port"])
    return CannotServe(f"The page cannot be served {where}: {brief(error)}. Choose another with --host and --port.")


@contextmanager
def direct(host: str | None = None) -> Iterator[None]:
    """Let no proxy of the environment stand between this process and its own address.

    Gradio asks its own address when it is launched, and cannot even be imported where a proxy is of a kind that httpx does
    not know. In here proxies count for nothing; afterwards they count again, for networks that have to be fetched, but for
    this machine's own addresses, which a tool of language models asks for every photo.

    Args:
        host: where the page listens, if not at the loopback.
    """
    before = os.environ.get("no_proxy")
    told = getproxies_environment()
    own = (told.get("no"), *LOOPBACK, chosen_host(host).strip("[]"))
    os.environ["no_proxy"] = "*"  # the lower case counts before NO_PROXY
    try:
        yield
    finally:
        if told.keys() - {"no"}:
            os.environ["no_proxy"] = ",".join(dict.fromkeys(filter(None, own)))
        elif before is None:
            del os.environ["no_proxy"]
        else:
            os.environ["no_proxy"] = before


def _check_variable() -> None:
    told = os.environ.get("GRADIO_SERVER_PORT")
    if told is not None and not (told.strip().isdecimal() and 1 <= int(told) <= 65535):
        raise CannotServe(f"GRADIO_SERVER_PORT is a port, a number from 1 to 65535, and not {told!r}.")
    many = os.environ.get("GRADIO_NUM_PORTS")
    if many is not None and not (many.strip().isdecimal() and int(many) >= 1):
        raise CannotServe(f"GRADIO_NUM_PORTS says how many ports are tried, a number from 1 on, and not {many!r}.")


def share_heaps() -> bool:
    """Let the threads of this process share a few heaps that keep nothing large; return whether that is possible.

    The C library learns from the largest piece that was given back to keep as much, so that each photo would leave a hundred
    megabytes behind for the next.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        library = ctypes.CDLL(None)
        kept = library.mallopt(_M_MMAP_THRESHOLD, LARGE) and library.mallopt(_M_TRIM_THRESHOLD, LARGE)
        return bool(kept and library.mallopt(_M_ARENA_MAX, ARENAS))
    except (AttributeError, OSError):  # another C library
        return False
