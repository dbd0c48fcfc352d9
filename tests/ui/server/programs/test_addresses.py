"""Nothing is fetched for a visitor, from public addresses neither; an upload is found by its address here, and not fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio.components import State
from gradio.state_holder import SessionState

from mint.ui.server.programs.addresses import NO_ADDRESS, own_upload
from tests.hostile.visitor import API
from tests.ui.guest import Guest
from tests.ui.latch import LIMIT
from tests.ui.reading import FACE
from tests.ui.served import Served

Visit = Callable[..., Guest]
FILE = {"_type": "gradio.FileData"}


def payloads(there: str) -> list[Any]:
    """An address, in every place of a file that gradio reads."""
    photo = f"{there}/face.jpg"
    file = {"path": photo, "meta": FILE}
    return [
        file,
        file | {"url": photo, "orig_name": "face.jpg", "size": 9, "is_stream": False},
        {"path": "face.jpg", "url": photo, "meta": FILE},
        {"path": None, "url": photo, "meta": FILE},
        {"url": photo},
        photo,
        [file],
        {"value": file, "x": [{"y": file}]},
        file | {"path": photo.replace("http://", "HTTP://")},
        file | {"path": f"{there}{API}/file=/etc/passwd"},
        file | {"path": f"{there}{API}/file={there}/face.jpg"},
    ]


def test_no_input_of_the_audit_is_fetched(served: Served, visit: Visit, public: tuple[str, list[str]]) -> None:
    there, came = public
    guest = visit()
    (file, *others) = payloads(there)
    for data in ([file, 0.01, 0.5], [None, file, 0.5], [None, 0.01, file], *([other, 0.01, 0.5] for other in others)):
        asked = guest.post(f"{API}/call/audit", json={"data": data})
        if asked.status_code == 200:
            said = guest.get(f"{API}/call/audit/{asked.json()['event_id']}").text
            assert "event: error" in said, data
            assert there not in said, data
    assert not came
    assert not served.waiting()


def test_no_input_of_any_event_is_fetched(served: Served, public: tuple[str, list[str]]) -> None:
    """Whatever component it is for: each that any event of the page reads is read once."""
    there, came = public
    blocks = served.page.blocks
    events = {c._id: (fn, i) for fn in blocks.fns.values() for i, c in enumerate(fn.inputs) if not isinstance(c, State)}
    refused: list[str] = []

    async def each() -> None:
        state = SessionState(blocks)
        for fn, i in events.values():
            alone = SimpleNamespace(inputs=[fn.inputs[i]], component_prop_inputs=[], preprocess=True, name="alone")
            try:
                await blocks.preprocess_data(alone, [payloads(there)[0]], state)
            except gr.Error as error:
                refused.append(str(error))

    asyncio.run(each())
    assert len(refused) == len(events) > 10
    assert {*refused} == {repr(NO_ADDRESS)}
    assert not came


def test_no_route_fetches(served: Served, visit: Visit, public: tuple[str, list[str]]) -> None:
    there, came = public
    guest = visit()
    photo = f"{there}/face.jpg"
    for path in (f"{API}/file={photo}", f"{API}/file/{photo}", f"/file={photo}", f"{API}/proxy={photo}"):
        for method in ("GET", "HEAD"):
            answer = httpx.request(method, f"{served.url}{path}", timeout=LIMIT, trust_env=False)
            assert answer.status_code in (400, 403, 404, 405), (method, path)
    guest.post(f"{API}/upload", json={"files": [photo]})
    guest.post(f"{API}/upload", files={"files": ("x.url", photo.encode())})
    httpx.get(f"{served.url}/config", headers={"X-Forwarded-Host": there[7:]}, timeout=LIMIT, trust_env=False)
    assert not came
    told = httpx.get(f"{served.url}{API}/file={photo}", timeout=LIMIT, trust_env=False)
    assert told.status_code == 403
    assert told.json() == {"detail": NO_ADDRESS}


def test_whoever_sends_an_address_is_told_what_to_send(served: Served, visit: Visit, public: tuple[str, Any]) -> None:
    guest = visit()
    sent = {"path": f"{public[0]}/face.jpg", "meta": FILE}
    asked = guest.post(f"{API}/call/audit", json={"data": [sent, 0.01, 0.5]}).json()
    assert "MINT fetches no addresses" in guest.get(f"{API}/call/audit/{asked['event_id']}").text


def test_an_upload_is_found_by_its_address_here(served: Served, visit: Visit, public: tuple[str, list[str]]) -> None:
    """By any name of this server: the file is opened, and nobody comes to the name."""
    there, came = public
    guest = visit()
    (path,) = guest.post(f"{API}/upload", files={"files": ("a face.png", FACE.read_bytes())}).json()
    sent = {"path": f"{there}{API}/file={path}".replace(" ", "%20"), "meta": FILE}
    asked = guest.post(f"{API}/call/audit", json={"data": [sent, 0.01, 0.5]}).json()
    told = guest.get(f"{API}/call/audit/{asked['event_id']}").text
    assert "event: complete" in told
    assert told.count('"verdict"') >= 2
    assert not served.waiting(), "and wiped, as any other"
    assert not came


@pytest.mark.parametrize("path", ["", "/etc/passwd", "{folder}", "{folder}/x", "{folder}/x/../../y", "{folder}/../x/y"])
def test_no_other_file_is(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    with pytest.raises(gr.Error, match="fetches no addresses"):
        asyncio.run(own_upload(f"http://x.test{API}/file={path.format(folder=tmp_path)}", ""))
