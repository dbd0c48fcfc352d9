"""A visitor without a browser: what the page's own script sends, over plain HTTP, and a server to visit."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from gradio_client.utils import apply_diff

ROOT = Path(__file__).parents[2]
API = "/gradio_api"
TIMEOUT = httpx.Timeout(120.0)
ANSWER_SECONDS = 240


@dataclass
class Server:
    """A running page.

    Attributes:
        url: its address.
        process: of its own.
        said: every line that it wrote, also after its end.
    """

    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)
    url: str = ""

    def wait_for(self, pattern: str, seconds: float = 120) -> str:
        """A line that matches has been written: its first group."""
        for _ in range(int(seconds * 20)):
            for line in list(self.said):
                if found := re.search(pattern, line):
                    return found.group(1)
            if self.process.poll() is not None:
                break
            threading.Event().wait(0.05)
        raise AssertionError(f"the page never said {pattern}:\n" + "".join(self.said))

    def stop(self, how: signal.Signals = signal.SIGTERM, seconds: float = 30) -> int:
        """Send a signal and wait for the end: the exit status."""
        self.process.send_signal(how)
        return self.process.wait(seconds)


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str] | None = None, folder: Path = ROOT
) -> Iterator[Server]:
    """Start ``python *command`` in a folder; whatever happens, it does not outlive the block."""
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    server = Server(process)

    def collect() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            server.said.append(line)

    reader = threading.Thread(target=collect, daemon=True)
    reader.start()
    try:
        server.url = server.wait_for(r"MINT is at (http://\S+?)/?\s*$")
        yield server
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(20)
        reader.join(20)
        assert process.stdout is not None
        process.stdout.close()


class QueueFull(Exception):
    """The server had no place in its line; its words are the message."""


class Failed(Exception):
    """The server ended an event with an error."""


@dataclass
class Visitor:
    """One session. Components are named by their ``elem_id``.

    Attributes:
        client: with the server's address.
        config: what the page is made of.
        session: gradio's name for the visit.
        joined: how many audits have got a place in the line.
    """

    client: httpx.AsyncClient
    config: Mapping[str, Any]
    session: str
    joined: int = 0
    _alive: asyncio.Task[None] | None = None

    async def upload(self, data: bytes, name: str = "photo.png") -> str:
        """Send a file: where the server says that it lies."""
        answer = await self.client.post(f"{API}/upload", files={"files": (name, data, "image/png")})
        answer.raise_for_status()
        return str(answer.json()[0])

    async def ask(
        self, trigger: str, event: str, values: Mapping[str, Any] | None = None, data: Any = None
    ) -> dict[str, Any]:
        """Set off an event of the page and what comes after it: all outputs, by component.

        Raises:
            QueueFull, Failed: as they say.
        """
        function = self._function(trigger, event)
        given = [self._value(number, values or {}) for number in function["inputs"]]
        body = {"data": given, "fn_index": function["id"], "session_hash": self.session, "event_data": data}
        body["trigger_id"] = next(number for number, _ in function["targets"])
        joined = await self.client.post(f"{API}/queue/join", json=body)
        if joined.status_code in (429, 503):
            raise QueueFull(joined.json()["detail"])
        joined.raise_for_status()
        shown = self._shown(function, await self._answer(joined.json()["event_id"]))
        last = function
        while following := [f for f in self.config["dependencies"] if f["trigger_after"] == last["id"]]:
            (last,) = following
            shown |= self._shown(last, await self._after(last, values or {}))
        return shown

    async def add(self, photo: bytes, prefix: str = "", name: str = "photo.png") -> dict[str, Any]:
        """Upload a photo into the field of a tab, as a browser does."""
        return await self.ask(f"{prefix}photo", "input", {f"{prefix}photo": file_data(await self.upload(photo, name))})

    async def audit(self, photo: bytes) -> list[dict[str, Any]]:
        """The door for programs."""
        sent = {"data": [file_data(await self.upload(photo)), 0.01, 0.5], "session_hash": self.session}
        joined = await self.client.post(f"{API}/call/audit", json=sent)
        if joined.status_code in (429, 503):
            raise QueueFull(joined.json()["detail"])
        joined.raise_for_status()
        self.joined += 1
        found: list[dict[str, Any]] = (await self._answer(joined.json()["event_id"]))[0]
        return found

    async def leave(self) -> None:
        """Close the page."""
        if self._alive is not None:
            self._alive.cancel()
            with contextlib.suppress(asyncio.CancelledError, httpx.HTTPError):
                await self._alive

    async def _answer(self, event: str) -> list[Any]:
        out: list[Any] | None = None
        here = {"session_hash": self.session}
        async with (
            asyncio.timeout(ANSWER_SECONDS),
            self.client.stream("GET", f"{API}/queue/data", params=here) as lines,
        ):
            async for line in lines.aiter_lines():
                if not line.startswith("data:"):
                    continue
                message = json.loads(line[5:])
                if message["msg"] == "unexpected_error":
                    raise Failed(message["message"])
                if message.get("event_id") != event or "output" not in message:
                    continue
                if not message["success"]:
                    raise Failed(str(message["output"]))
                out = _patched(out, message)
                if message["msg"] == "process_completed":
                    return out
        raise Failed("the stream ended before the answer")

    async def _after(self, function: Mapping[str, Any], values: Mapping[str, Any]) -> list[Any]:
        """What the page does after an event, without a place in the line."""
        given = [self._value(number, values) for number in function["inputs"]]
        body = {"data": given, "fn_index": function["id"], "session_hash": self.session}
        ended = await self.client.post(f"{API}/run/predict", json=body)
        if ended.is_error:
            raise Failed(ended.text)
        found: list[Any] = ended.json()["data"]
        return found

    def _shown(self, function: Mapping[str, Any], out: Sequence[Any]) -> dict[str, Any]:
        """What an event changes on the page."""
        named = zip(map(self._name, function["outputs"]), out, strict=True)
        return {name: value for name, value in named if not (isinstance(value, dict) and "__type__" in value)}

    def _function(self, trigger: str, event: str) -> Mapping[str, Any]:
        return next(
            f for f in self.config["dependencies"] for n, e in f["targets"] if e == event and self._name(n) == trigger
        )

    def _component(self, number: int) -> Mapping[str, Any]:
        return next(c for c in self.config["components"] if c["id"] == number)

    def _name(self, number: int) -> str:
        return self._component(number)["props"].get("elem_id") or f"#{number}"

    def _value(self, number: int, values: Mapping[str, Any]) -> Any:
        component = self._component(number)
        return None if component["type"] == "state" else values.get(self._name(number), component["props"].get("value"))


def _patched(before: list[Any] | None, message: Mapping[str, Any]) -> list[Any]:
    """A generator sends its first outputs whole, then what changed, and at the end whole or nothing."""
    data = message["output"].get("data") or []
    if message["msg"] == "process_generating" and before is not None:
        return [apply_diff(old, change) for old, change in zip(before, data, strict=True)]
    return data or before or []


def file_data(path: str) -> dict[str, Any]:
    """What the page's script sends for an uploaded file."""
    return {"path": path, "orig_name": Path(path).name, "meta": {"_type": "gradio.FileData"}}


@asynccontextmanager
async def visiting(url: str, config: Mapping[str, Any] | None = None) -> AsyncIterator[Visitor]:
    """A visitor from the first page to leaving it; of many, one is enough to read what the page is made of."""
    limits = httpx.Limits(max_connections=8)
    async with httpx.AsyncClient(base_url=url, timeout=TIMEOUT, limits=limits, trust_env=False) as client:
        visitor = Visitor(
            client, config or (await client.get("/config")).raise_for_status().json(), secrets.token_hex(6)
        )

        async def stay() -> None:
            async with client.stream("GET", f"{API}/heartbeat/{visitor.session}", timeout=None) as beats:
                async for _ in beats.aiter_lines():
                    pass

        visitor._alive = asyncio.create_task(stay())
        await asyncio.sleep(0)
        try:
            yield visitor
        finally:
            await visitor.leave()
