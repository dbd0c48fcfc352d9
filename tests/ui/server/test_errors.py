"""Inputs that do not fit are answered with words, and nothing of them is written down."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from mint.ui.server.programs.settings import SETTINGS
from tests.hostile.visitor import API, Server, file_data, running
from tests.ui.latch import LIMIT, wait_until
from tests.ui.served import LET_GRADIO_WARN, Served

FACE = Path(__file__).parents[2] / "data" / "face.jpg"
PHOTO = base64.b64encode(FACE.read_bytes()).decode()


@dataclass(frozen=True)
class Quiet:
    """A page, and all that it has written down so far."""

    client: httpx.Client
    said: Callable[[], str]

    def told(self, data: object) -> tuple[str, str]:
        """The event that ended an audit, and its words."""
        asked = self.client.post(f"{API}/call/audit", json={"data": data}).raise_for_status()
        kind, words = self.client.get(f"{API}/call/audit/{asked.json()['event_id']}").text.strip().split("\n")[-2:]
        return kind.removeprefix("event: "), words.removeprefix("data: ")


@pytest.fixture(scope="module")
def process() -> Iterator[Server]:
    from tests.hostile.test_load import SERVER

    with running(["-c", SERVER, "0"]) as server:
        yield server


@pytest.fixture(params=[pytest.param("here", marks=LET_GRADIO_WARN), pytest.param("process", marks=pytest.mark.full)])
def page(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> Iterator[Quiet]:
    """The page here, and the one that is served as people do."""
    if request.param == "process":
        server: Server = request.getfixturevalue("process")
        url = server.url
        before = len(server.said)

        def said() -> str:
            return "".join(server.said[before:])
    else:
        served: Served = request.getfixturevalue("served")
        url = served.url
        written: list[str] = []

        def said() -> str:
            wait_until(served.idle, "all is written that is written")
            written.extend(capsys.readouterr())
            return caplog.text + "".join(written)

    with httpx.Client(base_url=url, timeout=LIMIT, trust_env=False) as client:
        yield Quiet(client, said)


UNFIT: tuple[list[object], ...] = (
    [PHOTO, 0.01, 0.5],
    [{"data": PHOTO}, 0.01, 0.5],
    [{"path": PHOTO}, 0.01, 0.5],
    [{"url": f"https://example.org/{PHOTO}"}, 0.01, 0.5],
    [[file_data(PHOTO)], 0.01, 0.5],
    [file_data("/etc/passwd"), 0.01, 0.5],
    [None, PHOTO, 0.5],
    [None, 2, 0.5],
    [None, 0.01, -1],
    [PHOTO],
    [PHOTO] * 9,
)


def test_what_does_not_fit_is_told_so_and_not_written_down(page: Quiet) -> None:
    for number, data in enumerate(UNFIT):
        kind, words = page.told(data)
        error = json.loads(words)["error"]
        assert kind == "error", number
        assert "not the inputs that this takes" in error or SETTINGS in error, number
        assert PHOTO[:40] not in error, number
    assert PHOTO[1000:1040] not in page.said()
    assert "Traceback" not in page.said()
    assert "inputs that do not fit: " in page.said(), "that something came is written down"
    kind, words = page.told([{"url": f"data:image/jpeg;base64,{PHOTO}"}, 0.01, 0.5])  # the next one is served
    assert (kind, json.loads(words)[0][0]["error"]) == ("complete", None)


def test_a_file_of_the_server_is_neither_read_nor_removed(page: Quiet, tmp_path: Path) -> None:
    """Gradio looks only at paths that come with its own mark."""
    victim = tmp_path / "victim.jpg"
    victim.write_bytes(FACE.read_bytes())
    for more in (
        {},
        {"meta": {}},
        {"meta": {"_type": "gradio.Other"}},
        {"url": "", "size": 3},
        {"meta": {"_type": "gradio.FileData"}},
    ):
        kind, _ = page.told([{"path": str(victim), **more}, 0.01, 0.5])
        assert kind == "error", more
        assert victim.read_bytes() == FACE.read_bytes(), more


def test_events_that_there_are_not_are_told_so_and_not_written_down(page: Quiet) -> None:
    for door in ("call/audit/nothing", "call/nothing/nothing", "queue/data?session_hash=nothing"):
        answer = page.client.get(f"{API}/{door}")
        assert answer.status_code == 404 or "404" in answer.text, door
        assert "Traceback" not in answer.text, door
    assert "Traceback" not in page.said()


def test_the_name_of_a_photo_is_written_nowhere(page: Quiet) -> None:
    photo = {"url": f"data:image/jpeg;base64,{PHOTO}", "orig_name": "me-at-the-beach.jpg"}
    kind, words = page.told([photo, 0.01, 0.5])
    assert kind == "complete"
    assert "me-at-the-beach" not in words + page.said()
