"""The page as a tool of language models; only where the extra ``mcp`` is installed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="pip install 'mint-audit[mcp]'")
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def url(face_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from tests.ui.fakes import write_examples

    examples = write_examples(tmp_path_factory.mktemp("examples"), face_path)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.browser.server", str(examples), "0", "--mcp"],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        found = next((m for line in process.stdout if (m := re.search(r"http://127\.0\.0\.1:\d+/", line))), None)
        assert found
        yield found.group()
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.mark.full
def test_there_is_one_tool_and_it_says_what_it_does(url: str) -> None:
    with urllib.request.urlopen(f"{url}gradio_api/mcp/schema", timeout=30) as reply:
        tools = json.load(reply)
    (tool,) = tools
    assert tool["name"].endswith("audit")
    assert "Audit a photo" in tool["description"]
    assert set(tool["inputSchema"]["properties"]) == {"photo", "alpha", "prior"}


@pytest.mark.full
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
