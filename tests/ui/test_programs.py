"""The one door for programs: the same audit as JSON, through Gradio's own client as docs/page.md shows it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from mint.types import Verdict
from mint.ui.server.programs.settings import SETTINGS
from tests.docs.blocks import program
from tests.hostile.visitor import API, Failed
from tests.ui.guest import Guest
from tests.ui.latch import LIMIT
from tests.ui.reading import FACE
from tests.ui.served import Served

Visit = Callable[..., Guest]
ROOT = Path(__file__).parents[2]
FILE = {"_type": "gradio.FileData"}


def test_a_program_gets_the_same_audit_as_json(served: Served, visit: Visit) -> None:
    guest = visit()
    data = (served.examples / "faces" / "01.png").read_bytes()
    audits = guest.audit(data)
    assert audits == [audit.to_dict() for audit in served.test.audit(data, "photo")]
    assert [a["faces"][0]["verdict"] for a in audits] == ["no sign of use", "evidence of use"]
    assert all(a["photo"] == "photo" for a in audits), "a name, never a path"
    assert not served.waiting()
    (broken, _) = guest.audit(b"a letter, not a photo")
    assert "This is not a JPEG" in broken["error"]


def test_a_call_is_no_visit_that_is_kept(served: Served, visit: Visit) -> None:
    """So many are kept at most, and then whoever was there first is forgotten."""
    guest = visit()
    before = served.sessions
    for _ in range(3):
        (path,) = guest.post(f"{API}/upload", files={"files": ("1.png", FACE.read_bytes())}).json()
        asked = guest.post(f"{API}/call/audit", json={"data": [{"path": path, "meta": FILE}, 0.01, 0.5]}).json()
        assert "event: complete" in guest.get(f"{API}/call/audit/{asked['event_id']}").text
    assert served.sessions == before


def test_the_documented_program_runs(
    served: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = program("docs/page.md").text
    assert "http://127.0.0.1:7860" in text
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
    monkeypatch.chdir(ROOT)
    for limit in ("connect", "read", "write", "pool"):  # five seconds are httpx's own, where nobody says another
        monkeypatch.setattr(httpx._config.DEFAULT_TIMEOUT_CONFIG, limit, LIMIT)
    names: dict[str, Any] = {}
    exec(text.replace("http://127.0.0.1:7860", served.url), names)
    names["page"].close()
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("twin-")]
    assert [line.split(" ", 1)[0] for line in told] == ["twin-a", "twin-b"]
    assert all(line.split(" ", 1)[1] in list(Verdict) for line in told)


def test_the_door_is_described_and_is_the_only_one(served: Served, visit: Visit) -> None:
    guest = visit()
    (door,) = guest.get(f"{API}/info").json()["named_endpoints"].items()
    name, about = door
    assert name == "/audit"
    assert [parameter["parameter_name"] for parameter in about["parameters"]] == ["photo", "alpha", "prior"]
    assert "Audit a photo" in about["description"]


def test_a_photo_may_come_inside_the_request(served: Served, visit: Visit) -> None:
    guest = visit()
    photo = {"url": f"data:image/jpeg;base64,{base64.b64encode(FACE.read_bytes()).decode()}"}
    asked = guest.post(f"{API}/call/audit", json={"data": [photo, 0.01, 0.5]}).json()
    told = guest.get(f"{API}/call/audit/{asked['event_id']}").text
    assert "event: complete" in told
    assert told.count('"verdict"') >= 2


@pytest.mark.parametrize(
    "photo", [{"url": "data:image/jpeg;base64,abcde"}, "data:image/jpeg;base64,AAAA", "/etc/passwd"]
)
def test_whoever_sends_no_photo_is_told_in_which_forms_one_comes(served: Served, visit: Visit, photo: object) -> None:
    """Base64 that was cut off is none, and no empty file."""
    guest = visit()
    asked = guest.post(f"{API}/call/audit", json={"data": [photo, 0.01, 0.5]}).json()
    told = guest.get(f"{API}/call/audit/{asked['event_id']}").text
    assert "event: error" in told
    assert "These are not the inputs that this takes" in told
    assert "data:image/jpeg;base64," in told


def test_a_fault_of_ours_is_told_without_its_words(
    served: Served, visit: Visit, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """They may be about somebody."""

    def broken(*_: Any) -> Any:
        raise RuntimeError("somebody at the beach")

    monkeypatch.setattr(served.test, "audit", broken)
    guest = visit()
    with pytest.raises(Failed, match="The audit failed; the server's log says why") as failed:
        guest.audit(FACE.read_bytes())
    assert "beach" not in str(failed.value) + caplog.text
    assert "audit failed: RuntimeError" in caplog.text
    assert not served.waiting()


@pytest.mark.parametrize(
    "alpha", ["NaN", "Infinity", "-Infinity", "true", "null", '"0.01"', "[0.01]", "-0.01", "0.5", "1e999"]
)
def test_a_setting_that_is_none_is_told_in_one_sentence(
    served: Served, visit: Visit, caplog: pytest.LogCaptureFixture, alpha: str
) -> None:
    """Python's JSON knows NaN and infinities, and gradio's bounds let the first one and truth values through."""
    guest = visit()
    photo = json.dumps({"url": f"data:image/jpeg;base64,{base64.b64encode(FACE.read_bytes()).decode()}"})
    prior = {"0.5": "NaN", "-0.01": "1.01"}.get(alpha, alpha)
    for settings in (f"{alpha}, 0.5", f"0.01, {prior}"):
        body = f'{{"data": [{photo}, {settings}]}}'
        asked = guest.post(f"{API}/call/audit", content=body, headers={"Content-Type": "application/json"}).json()
        told = guest.get(f"{API}/call/audit/{asked['event_id']}").text
        assert "event: error" in told
        assert json.loads(told.partition("data: ")[2])["error"].strip("'") == SETTINGS, settings
    assert "audit failed" not in caplog.text
