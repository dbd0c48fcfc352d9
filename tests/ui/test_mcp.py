"""The page as a tool of language models; only where the extra ``mcp`` is installed."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mint.ui.server.programs.addresses import NO_ADDRESS
from mint.ui.server.programs.models import ASKED, PHOTO
from mint.ui.server.programs.settings import LEAST_ALPHA, MOST_ALPHA, SETTINGS
from tests.ui.latch import LIMIT
from tests.ui.served import LET_GRADIO_WARN, Served, serving_here

pytest.importorskip("mcp", reason="pip install 'mint-audit[mcp]'")
NAN = float("nan")
pytestmark = [pytest.mark.full, LET_GRADIO_WARN]


@pytest.fixture(scope="module")
def served(written_examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    uploads = tmp_path_factory.mktemp("uploads")
    with serving_here(written_examples, uploads, mcp_server=True) as served, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(uploads))
        yield served  # never as new: its own client stays


@pytest.fixture
def url(served: Served) -> str:
    return f"{served.url}/"


def ask(url: str, *sent: dict[str, Any]) -> list[Any]:
    """What the tool answers, one after the other, to a client that knows nothing of gradio."""
    import asyncio

    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def asked() -> list[Any]:
        async with (
            streamable_http_client(f"{url}gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as client,
        ):
            await client.initialize()
            (tool,) = (await client.list_tools()).tools
            return [await client.call_tool(tool.name, one) for one in sent]

    return asyncio.run(asked())


def data_url(data: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()


def words(answer: Any) -> str:
    (part,) = answer.content
    return str(part.text)


def test_there_is_one_tool_and_it_says_what_it_does(url: str) -> None:
    (tool,) = json.loads(httpx.get(f"{url}gradio_api/mcp/schema", timeout=LIMIT, trust_env=False).text)
    assert tool["name"].endswith("audit")
    assert "Audit a photo" in tool["description"]
    asked = tool["inputSchema"]["properties"]
    assert set(asked) == {"photo", "alpha", "prior"}
    assert (asked["alpha"]["minimum"], asked["alpha"]["maximum"]) == (LEAST_ALPHA, MOST_ALPHA)


def test_it_invites_no_address(url: str) -> None:
    told = httpx.get(f"{url}gradio_api/mcp/schema", timeout=LIMIT, trust_env=False).text
    assert "http" not in told
    photo = json.loads(told)[0]["inputSchema"]["properties"]["photo"]
    assert (photo["type"], photo["format"]) == ("string", PHOTO)
    assert "data:image/jpeg;base64" in PHOTO


def test_a_model_audits_a_photo_and_reads_json(served: Served, url: str, face_path: Path) -> None:
    photo = data_url(face_path.read_bytes())
    answers = ask(url, {"photo": photo, "alpha": 0.01, "prior": 0.5}, {"photo": photo})
    expected = json.loads(json.dumps([audit.to_dict() for audit in served.test.audit(face_path.read_bytes(), "photo")]))
    assert [audit["network"] for audit in expected] == ["twin-a", "twin-b"]
    for answer in answers:
        assert not answer.isError
        assert json.loads(words(answer)) == expected
        assert answer.structuredContent == {"audits": expected}
    assert not [path for path in served.uploads.rglob("*") if path.is_file()], "the photo lay in no file"


def test_what_cannot_be_read_is_an_error_in_the_answer(url: str) -> None:
    (answer,) = ask(url, {"photo": data_url(b"a letter")})
    audits = json.loads(words(answer))
    assert all("This is not a JPEG" in audit["error"] for audit in audits)


def test_a_model_makes_the_page_fetch_nothing(
    served: Served, url: str, public: tuple[str, list[str]], face_path: Path
) -> None:
    """Neither by its photo nor by saying that the page stands there; an upload is found by its address."""
    there, came = public
    photos = (f"{there}/face.jpg", f"{there}/gradio_api/file=/etc/passwd", "/etc/passwd", "ftp://x.test/a", "x")
    for photo, why in zip(photos, (NO_ADDRESS, NO_ADDRESS, ASKED, ASKED, ASKED), strict=True):
        (answer,) = ask(url, {"photo": photo})
        assert answer.isError
        assert words(answer) == why
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
    more = {"params": {"name": "audit", "arguments": {"photo": data_url(face_path.read_bytes())}}}
    headers = {"Host": there[7:], "X-Forwarded-Host": there[7:], "Accept": "application/json, text/event-stream"}
    told = httpx.post(f"{url}gradio_api/mcp/", json=call | more, headers=headers, timeout=LIMIT, trust_env=False)
    assert "verdict" in told.text
    files = {"files": ("x.jpg", face_path.read_bytes())}
    (path,) = httpx.post(f"{url}gradio_api/upload", files=files, timeout=LIMIT, trust_env=False).json()
    (answer,) = ask(url, {"photo": f"{url}gradio_api/file={path}"})
    assert "verdict" in words(answer)
    assert not came


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"photo": "data:,", "foo": 1},
        {"photo": None},
        {"photo": 5},
        {"photo": {"url": "data:,"}},
        {"photo": ["data:,"]},
        {"photo": "data:"},
    ],
)
def test_what_is_no_photo_is_told_in_a_line(url: str, sent: dict[str, Any]) -> None:
    (answer,) = ask(url, sent)
    if sent.keys() == {"photo"} and sent["photo"] == "data:":
        assert all("The file is empty" in audit["error"] for audit in json.loads(words(answer)))
    else:
        assert answer.isError
        assert words(answer) == ASKED


@pytest.mark.parametrize(
    "settings", [{"alpha": NAN}, {"prior": NAN}, {"alpha": -0.01}, {"alpha": 7.0}, {"prior": True}, {"alpha": "0.01"}]
)
def test_a_setting_that_is_none_is_told_in_the_page_s_sentence(
    url: str, face_path: Path, settings: dict[str, float]
) -> None:
    sent = {"photo": data_url(face_path.read_bytes()), **settings}
    body = json.dumps(
        {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "audit", "arguments": sent}}
    )
    headers = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    told = httpx.post(f"{url}gradio_api/mcp/", content=body, headers=headers, timeout=LIMIT, trust_env=False).text
    (result,) = (json.loads(line[6:])["result"] for line in told.splitlines() if line.startswith("data: "))
    assert result["isError"]
    assert SETTINGS in result["content"][0]["text"]
