"""Check the page's address before gradio tries a hundred ports there."""

from __future__ import annotations

import os
import socket

from mint.errors import CannotServe, brief


def check(host: str | None, port: int | None) -> None:
    """Bind the address for a moment.

    Args:
        host: ``GRADIO_SERVER_NAME``, else 127.0.0.1, if None.
        port: any if None.

    Raises:
        CannotServe: there is no such address here, or somebody has it.
    """
    host = host or os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host.strip("[]"), port or 0, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as here:
            # As the server will: the last one may just have ended.
            here.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            here.bind(address)
    except (OSError, UnicodeError) as error:  # the second: no host is called that
        raise cannot(host, port, error) from error


def cannot(host: str | None, port: int | None, error: Exception) -> CannotServe:
    """Make the error that says what went wrong and what to do."""
    where = " ".join([*([f"at {host}"] if host else []), f"on port {port}" if port else "on any port"])
    return CannotServe(f"The page cannot be served {where}: {brief(error)}. Choose another with --host and --port.")
