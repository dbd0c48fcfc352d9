"""The page as a tool of language models; only where the extra ``mcp`` is installed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.ui.latch import LIMIT
from tests.ui.served import LET_GRADIO_WARN, lent, serving_here

pytest.importorskip("mcp", reason="pip install 'mint-audit[mcp]'")
pytestmark = [pytest.mark.full, LET_GRADIO_WARN]


@pytest.fixture(scope="module")
def url(written_examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    uploads = tmp_path_factory.mktemp("uploads")
    with serving_here(written_examples, uploads, mcp_server=True) as served, lent(served):
        yield f"{served.url}/"


def test_there_is_one_tool_and_it_says_what_it_does(url: str) -> None:
    (tool,) = json.loads(httpx.get(f"{url}gradio_api/mcp/schema", timeout=LIMIT, trust_env=False).text)
    assert tool["name"].endswith("audit")
    assert "Audit a photo" in tool["description"]
    assert set(tool["inputSchema"]["properties"]) == {"photo", "alpha", "prior"}


def test_a_model_audits_a_photo(url: str, face_path: Path) -> None:
    import asyncio
    import base64

    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    photo = "data:image/jpeg;base64," + base64.b64encode(face_path.read_bytes()).decode()

    async def ask() -> str:
        async with (
            streamable_http_client(f"{url}gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as client,
        ):
            await client.initialize()
            (tool,) = (await client.list_tools()).tools
            answer = await client.call_tool(tool.name, {"photo": photo, "alpha": 0.01, "prior": 0.5})
            return "".join(getattr(part, "text", "") for part in answer.content)

    text = asyncio.run(ask())
    assert '"verdict"' in text or "'verdict'" in text
    assert "twin-b" in text
