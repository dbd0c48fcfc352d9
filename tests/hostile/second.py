"""Somebody else on the same page, who looks for the first visitor's photo wherever it could be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import httpx

from tests.hostile.planted import Planted
from tests.hostile.visitor import API, Visitor

FACE = Path(__file__).parents[1] / "data" / "face.jpg"


@dataclass
class Second:
    """Somebody else, who tries every door that could show the first visitor's photo.

    Attributes:
        heard: every answer, in bytes.
    """

    visitor: Visitor
    heard: dict[str, bytes] = field(default_factory=dict)

    async def get(self, route: str, guess: str = "", **params: str) -> httpx.Response:
        answer = await self.visitor.client.get(route + quote(guess), params=params)
        self.heard[f"{route} {guess} {params}"] = answer.content.replace(
            guess.encode(), b""
        )  # a refusal repeats what was asked
        return answer

    async def look_around(self, first: Visitor, path: str, planted: Planted) -> None:
        """With the first one's file, as if it had been guessed, and with the photo's own bytes at hand."""
        folder = Path(path).parents[1]
        guesses = [path, str(folder), f"{folder}/", str(Path(path).parent), f"{folder}/../"]
        guesses += [str(folder / hashlib.sha256(planted.data).hexdigest() / planted.name)]
        guesses += [str(folder / "deep_links"), "/proc/self/environ", f"/proc/self/root{path}", f"file://{path}"]
        for guess in guesses:
            for route in (f"{API}/file=", f"{API}/file/", "/file=", f"{API}/proxy="):
                assert (await self.get(route, guess)).status_code >= 400, guess
        for route in (
            "/config",
            f"{API}/info",
            f"{API}/runs",
            f"{API}/history",
            "/monitoring",
            f"{API}/queue/status",
            "/",
            "/manifest.json",
        ):
            await self.get(route)
        own = await self.get(f"{API}/deep_link", session_hash=self.visitor.session)
        others = await self.get(f"{API}/deep_link", session_hash=first.session)
        assert (own.status_code, others.status_code) == (404, 404)
        for trigger in ("make", "person-make"):  # the report on a photo that this visitor never added
            self.heard[trigger] = json.dumps(await self.visitor.ask(trigger, "click")).encode()
        self.heard["their own"] = json.dumps(await self.visitor.add(FACE.read_bytes(), name="own.jpg")).encode()

    def traces(self, planted: Planted) -> dict[str, list[str]]:
        return {what: found for what, data in self.heard.items() if (found := planted.traces(data))}


def shown(answer: Mapping[str, object]) -> bytes:
    return json.dumps(answer).encode()
