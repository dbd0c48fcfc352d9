"""A port of this machine that nobody listens on, chosen by the system: two test runs at once never agree on one."""

from __future__ import annotations

import socket


def free_port() -> int:
    """A free port of the loopback; the system hands it out to nobody else for a good while."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])
