"""Inputs that do not fit are answered with words, and nothing of them is written down."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.hostile.test_load import SERVER
from tests.hostile.visitor import API, Server, file_data, running

FACE = Path(__file__).parents[1] / "data" / "face.jpg"
PHOTO = base64.b64encode(FACE.read_bytes()).decode()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running(["-c", SERVER, "0"]) as server:
        yield server


def told(server: Server, data: object) -> tuple[str, str]:
    """The event that ended an audit, and its words."""
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        asked = client.post(f"{API}/call/audit", json={"data": data}).raise_for_status()
        kind, words = client.get(f"{API}/call/audit/{asked.json()['event_id']}").text.strip().split("\n")[-2:]
    return kind.removeprefix("event: "), words.removeprefix("data: ")


@pytest.mark.full
@pytest.mark.parametrize(
    "data",
    [
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
    ],
    ids=range(11),
)
def test_what_does_not_fit_is_told_so_and_not_written_down(server: Server, data: object) -> None:
    before = len(server.said)
    kind, words = told(server, data)
    error = json.loads(words)["error"]
    assert kind == "error"
    assert "not the inputs that this takes" in error or "Value" in error
    assert PHOTO[:40] not in error
    said = "".join(server.said[before:])
    assert PHOTO[1000:1040] not in said
    assert "Traceback" not in said
    kind, words = told(server, [{"url": f"data:image/jpeg;base64,{PHOTO}"}, 0.01, 0.5])  # the next one is served
    assert (kind, json.loads(words)[0][0]["error"]) == ("complete", None)


@pytest.mark.full
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"meta": {}},
        {"meta": {"_type": "gradio.Other"}},
        {"url": "", "size": 3},
        {"meta": {"_type": "gradio.FileData"}},
    ],
)
def test_a_file_of_the_server_is_neither_read_nor_removed(
    server: Server, tmp_path: Path, more: dict[str, object]
) -> None:
    """Gradio looks only at paths that come with its own mark."""
    victim = tmp_path / "victim.jpg"
    victim.write_bytes(FACE.read_bytes())
    kind, _ = told(server, [{"path": str(victim), **more}, 0.01, 0.5])
    assert kind == "error"
    assert victim.read_bytes() == FACE.read_bytes()


@pytest.mark.full
@pytest.mark.parametrize("door", ["call/audit/nothing", "call/nothing/nothing", "queue/data?session_hash=nothing"])
def test_events_that_there_are_not_are_told_so_and_not_written_down(server: Server, door: str) -> None:
    before = len(server.said)
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        answer = client.get(f"{API}/{door}")
    assert answer.status_code == 404 or "404" in answer.text
    assert "Traceback" not in answer.text + "".join(server.said[before:])
