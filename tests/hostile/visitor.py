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
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import httpx

from tests.ports import free_port

ROOT = Path(__file__).parents[2]
API = "/gradio_api"
TIMEOUT = httpx.Timeout(120.0)
certificates = cache(httpx.create_ssl_context)  # read once for all visitors: it takes longer than most visits
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

    def wait_for(self, pattern: str, seconds: float = 300) -> str:
        """A line that matches has been written: its first group."""
        for _ in range(int(seconds * 20)):
            for line in list(self.said):
                if found := re.search(pattern, line):
                    return found.group(1)
            if self.process.poll() is not None:
                break
            threading.Event().wait(0.05)
        raise AssertionError(f"the page never said {pattern}:\n" + "".join(self.said))

    def stop(self, how: signal.Signals = signal.SIGTERM, seconds: float = 300) -> int:
        """Send a signal and wait for the end: the exit status."""
        self.process.send_signal(how)
        return self.process.wait(seconds)


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str] | None = None, folder: Path = ROOT
) -> Iterator[Server]:
    """Start ``python *command`` in a folder; whatever happens, it does not outlive the block."""
    own = {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "GRADIO_SERVER_PORT": str(free_port())}
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env=os.environ | own | (environment or {}),
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
        process.wait(300)
        reader.join(300)
        assert process.stdout is not None
        process.stdout.close()


class QueueFull(Exception):
    """The server had no place in its line; its words are the message."""


class Failed(Exception):
    """The server ended an event with an error."""


class Cancelled(Exception):
    """Another event of the same visitor ended this one."""


Message = Mapping[str, Any]


@dataclass
class Visitor:
    """One session. Components are named by their ``elem_id``.

    Attributes:
        client: with the server's address.
        config: what the page is made of.
        session: gradio's name for the visit.
        query: of the page's address.
        joined: how many audits have got a place in the line.
        steps: what the events so far have shown, the latest last: a generator shows something at each step.
    """

    client: httpx.AsyncClient
    config: Mapping[str, Any]
    session: str
    query: Mapping[str, str] = field(default_factory=dict)
    joined: int = 0
    steps: list[dict[str, Any]] = field(default_factory=list)
    _alive: asyncio.Task[None] | None = None
    _cancelling: list[asyncio.Task[httpx.Response]] = field(default_factory=list)
    _reading: asyncio.Task[None] | None = None
    _heard: dict[str, asyncio.Queue[Message | Exception]] = field(default_factory=dict)
    _running: dict[int, str] = field(default_factory=dict)  # event to its name, as the server gave it

    async def upload(self, data: bytes, name: str = "photo.png") -> str:
        """Send a file: where the server says that it lies."""
        answer = await self.client.post(f"{API}/upload", files={"files": (name, data, "image/png")})
        answer.raise_for_status()
        return str(answer.json()[0])

    async def load(self) -> dict[str, Any]:
        """What the page does first: it asks whether the networks are there."""
        shown: dict[str, Any] = {}
        for function in self.config["dependencies"]:
            if any(event == "load" for _, event in function["targets"]):
                shown |= await self._run(function, {}, None)
        return shown

    async def ask(
        self, trigger: str, event: str, values: Mapping[str, Any] | None = None, data: Any = None
    ) -> dict[str, Any]:
        """Set off an event of the page and what comes after it: all outputs, by component.

        Raises:
            QueueFull, Failed, Cancelled: as they say.
        """
        functions = self._functions(trigger, event)
        assert functions, f"nothing hears {event} of {trigger}"
        shown: dict[str, Any] = {}
        for ended in (number for function in functions for number in function["cancels"]):
            self._cancel(ended)
        for function in functions:
            if function["backend_fn"]:
                shown |= await self._run(function, values or {}, data)
        return shown

    def hears(self, trigger: str, event: str) -> bool:
        """Whether anything is set off by this."""
        return bool(self._functions(trigger, event))

    async def add(self, photo: bytes, prefix: str = "", name: str = "photo.png") -> dict[str, Any]:
        """Upload a photo into the field of a tab, as a browser does."""
        return await self.ask(f"{prefix}photo", "input", {f"{prefix}photo": file_data(await self.upload(photo, name))})

    async def audit(self, photo: bytes) -> list[dict[str, Any]]:
        """The door for programs."""
        sent = {"data": [file_data(await self.upload(photo)), 0.01, 0.5], "session_hash": self.session}
        event = await self._join(f"{API}/call/audit", sent)
        self.joined += 1
        found: list[dict[str, Any]] = (await self._answer(event))[0]
        return found

    async def leave(self) -> None:
        """Close the page."""
        for task in (self._alive, self._reading, *self._cancelling):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, httpx.HTTPError):
                    await task

    async def _run(self, function: Mapping[str, Any], values: Mapping[str, Any], data: Any) -> dict[str, Any]:
        """One event, and those that come after it."""
        given = [self._value(number, values) for number in function["inputs"]]
        body = {"data": given, "fn_index": function["id"], "session_hash": self.session, "event_data": data}
        body["trigger_id"] = next((number for number, _ in function["targets"]), None)
        if function["queue"]:
            event = self._running[function["id"]] = await self._join(f"{API}/queue/join", body)
            shown: dict[str, Any] = {}
            await self._answer(event, function, shown)
        else:  # without a place in the line
            answer = await self.client.post(f"{API}/run/predict", json=body, params=self.query)
            if answer.is_error:
                raise Failed(answer.text)
            shown = self._shown(function, answer.json()["data"])
            self.steps.append(shown)
        for following in self.config["dependencies"]:
            if following["trigger_after"] == function["id"]:
                shown |= await self._run(following, values, None)
        return shown

    async def _join(self, path: str, body: Mapping[str, Any]) -> str:
        """Get a place in the line: the event's name."""
        joined = await self.client.post(path, json=body, params=self.query)
        if joined.status_code in (429, 503):
            raise QueueFull(joined.json()["detail"])
        return str(joined.raise_for_status().json()["event_id"])

    def _cancel(self, function: int) -> None:
        """End an event that is on its way, if it is. The server answers when the event has ended: nobody waits for that."""
        event = self._running.get(function, "")
        if event in self._heard:
            self._heard[event].put_nowait(Cancelled())
            body = {"event_id": event, "fn_index": function, "session_hash": self.session}
            self._cancelling.append(asyncio.create_task(self.client.post(f"{API}/cancel", json=body)))

    async def _answer(
        self, event: str, function: Mapping[str, Any] | None = None, shown: dict[str, Any] | None = None
    ) -> list[Any]:
        """Wait for the end; ``shown`` gets what each step shows, since a later one may leave it as it is."""
        out: list[Any] | None = None
        heard = self._heard.setdefault(event, asyncio.Queue())
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                while True:
                    message = await heard.get()
                    if isinstance(message, Exception):
                        raise message
                    if "output" not in message:
                        continue
                    if not message["success"]:
                        raise Failed(str(message["output"]))
                    out = _patched(out, message)
                    if function is not None:
                        self.steps.append(self._shown(function, out))
                        if shown is not None:
                            shown |= self.steps[-1]
                    if message["msg"] == "process_completed":
                        return out
        finally:
            self._heard.pop(event, None)

    async def _read(self) -> None:
        """The one stream of a session: it tells of all its events, and ends when none is on its way."""
        ended: Exception = Failed("the stream ended before the answer")
        try:
            while self._heard:
                async with self.client.stream(
                    "GET", f"{API}/queue/data", params={"session_hash": self.session}
                ) as lines:
                    closed = False
                    async for line in lines.aiter_lines():
                        if not line.startswith("data:"):
                            continue
                        message = json.loads(line[5:])
                        closed = message["msg"] == "close_stream"
                        if message["msg"] == "unexpected_error":
                            ended = Failed(message["message"])
                        elif message.get("event_id") in self._heard:
                            self._heard[message["event_id"]].put_nowait(message)
                if not closed:  # another one is opened for an event that has joined meanwhile, and for nothing else
                    break
        except httpx.HTTPError as error:
            ended = error
        for heard in self._heard.values():
            heard.put_nowait(ended)

    def _shown(self, function: Mapping[str, Any], out: Sequence[Any]) -> dict[str, Any]:
        """What an event changes on the page."""
        named = zip(map(self._name, function["outputs"]), out, strict=True)
        return {name: value for name, value in named if not (isinstance(value, dict) and "__type__" in value)}

    def _functions(self, trigger: str, event: str) -> list[Mapping[str, Any]]:
        """What hears an event: what ends others, too."""
        return [
            f
            for f in self.config["dependencies"]
            if any(e == event and self._name(n) == trigger for n, e in f["targets"])
        ]

    @cached_property
    def _components(self) -> Mapping[int, Mapping[str, Any]]:
        return {component["id"]: component for component in self.config["components"]}

    def _name(self, number: int | None) -> str:
        component = self._components.get(number or 0)
        return f"#{number}" if component is None else component["props"].get("elem_id") or f"#{number}"

    @property
    def standing(self) -> dict[str, Any]:
        """The HTML that stands on the page before anything is asked, by component."""
        parts = self._components.items()
        return {self._name(number): part["props"]["value"] for number, part in parts if part["type"] == "html"}

    def _value(self, number: int, values: Mapping[str, Any]) -> Any:
        component = self._components[number]
        return None if component["type"] == "state" else values.get(self._name(number), component["props"].get("value"))


def _patched(before: list[Any] | None, message: Message) -> list[Any]:
    """A generator sends its first outputs whole, then what changed, and at the end whole or nothing."""
    from gradio_client.utils import apply_diff  # takes as long to import as all the rest

    data = message["output"].get("data") or []
    if message["msg"] == "process_generating" and before is not None:
        return [apply_diff(old, change) for old, change in zip(before, data, strict=True)]
    return data or before or []


def file_data(path: str) -> dict[str, Any]:
    """What the page's script sends for an uploaded file."""
    return {"path": path, "orig_name": Path(path).name, "meta": {"_type": "gradio.FileData"}}


@asynccontextmanager
async def visiting(
    url: str, config: Mapping[str, Any] | None = None, speaks: str | None = None, lang: str | None = None
) -> AsyncIterator[Visitor]:
    """A visitor from the first page to leaving it; of many, one is enough to read what the page is made of.

    Args:
        url: of the page.
        config: what it is made of; asked for unless given.
        speaks: what the browser says in ``Accept-Language``.
        lang: what the page's address says, as in ``/?lang=es``.
    """
    query = {} if lang is None else {"lang": lang}
    headers = {} if speaks is None else {"Accept-Language": speaks}
    headers |= {"Referer": f"{url}/?lang={lang}"} if lang else {}
    limits = httpx.Limits(max_connections=8)
    async with httpx.AsyncClient(
        base_url=url, timeout=TIMEOUT, limits=limits, trust_env=False, headers=headers, verify=certificates()
    ) as client:
        visitor = Visitor(
            client,
            config or (await client.get("/config", params=query)).raise_for_status().json(),
            secrets.token_hex(6),
            query,
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
