"""A page of its own settings: on a screen that strangers pass by. It starts over in tests/browser."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import httpx
import pytest

from mint.ui import context
from tests.ui.guest import Guests
from tests.ui.latch import LIMIT
from tests.ui.served import Served, lent, serving_here


def test_a_kiosk_leads_nowhere_and_starts_over_and_its_start_asks_nobody(
    served: Served, written_examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached: list[object] = []
    look_up = socket.getaddrinfo

    def noted(host: object, *more: object, **named: object) -> object:
        reached.append(host)
        return look_up(host, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", noted)
    with (
        serving_here(written_examples, tmp_path, kiosk=True, who=served.who) as kiosk,
        lent(kiosk),
        Guests(kiosk.url, kiosk.config) as guests,
    ):
        guest = guests.come()
        guest.pick("examples", 0)
        assert "only twin A" in guest.page["answer"]
        shown = [html for html in (*guest.standing.values(), *guest.page.values()) if isinstance(html, str)]
        shown.append(guest.get("/").text)
    links = [link for html in shown for link in re.findall(r'<a\b[^>]*\shref="([^"]*)"', html)]
    assert links
    assert [link for link in links if not link.startswith(("?lang=", "#"))] == []
    assert context.text("kiosk.js") in shown[-1]
    assert context.text("kiosk.js") not in httpx.get(served.url, trust_env=False, timeout=LIMIT).text
    assert set(reached) <= {"127.0.0.1", "localhost"}
    with pytest.raises(httpx.ConnectError):  # it is closed, and the other page goes on
        httpx.get(kiosk.url, trust_env=False, timeout=LIMIT)
    assert httpx.get(f"{served.url}/config", trust_env=False, timeout=LIMIT).status_code == 200
