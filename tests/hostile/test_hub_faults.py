"""A Hub that is down, busy, slow, silent, lying, or somebody else: one clear sentence, and a later try succeeds."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.hostile.doomed import KNOWN, Fault, Runner
from tests.hostile.shell_work import clear, fresh, left_over
from tests.hub_stand_in import Hub
from tests.test_sharing import files_of, shareable

pytestmark = [pytest.mark.full, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")]
NET = b"network" * 9000
PAGE = b"<!DOCTYPE html><html><body>Welcome to our hotel! Log in to use the network.</body></html>"
HTML = "text/html"
SILENT = 3.0  # seconds; longer than a hurried run waits


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with Runner(tmp_path_factory.mktemp("runs")) as server:
        yield server


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shareable(tmp_path_factory.mktemp("inputs") / "weights")


@dataclass
class Work:
    """One of the three commands, against one Hub.

    Attributes:
        command: what is typed.
        done: what was got or put, once it succeeded.
        nothing: whether there is nothing half made, after it failed.
    """

    command: list[object]
    done: Callable[[], bool]
    nothing: Callable[[], bool]


@pytest.fixture
def work(
    request: pytest.FixtureRequest, hub: Hub, network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Work:
    cache, out = tmp_path / "cache", tmp_path / "here" / "twin"
    fresh(cache)
    if request.param == "get":
        commit = hub.add("owner/pack", {"net.onnx": NET})
        sha256 = hashlib.sha256(NET).hexdigest()
        known = {"name": "pack", "repository": "owner/pack", "commit": commit, "file": "net.onnx", "bytes": len(NET)}
        monkeypatch.setenv(KNOWN, json.dumps({**known, "sha256": sha256}))
        named = cache / "models--owner--pack" / "snapshots" / commit / "net.onnx"
        return Work(["weights", "get", "pack"], lambda: named.read_bytes() == NET, lambda: not named.exists())
    if request.param == "pull":
        hub.add("me/twin", files_of(network))
        command = ["weights", "pull", "me/twin", "--out", out]
        return Work(
            command,
            lambda: files_of(out) == files_of(network) and left_over(out.parent) == [],
            lambda: not out.parent.exists() or not [*out.parent.iterdir()],
        )

    def sent() -> list[dict[str, bytes]]:
        made = hub.repositories.get("me/new")
        return [] if made is None else [files for files in made.commits.values() if files]

    return Work(
        ["weights", "push", network, "me/new"],
        lambda: len(sent()) == 1 and sent()[0].items() >= files_of(network).items(),
        lambda: not sent(),
    )


def on(part: str, answer: Callable[[], tuple[int, dict[str, str], bytes] | None]) -> Callable[[Hub], None]:
    def switch(hub: Hub) -> None:
        hub.instead = lambda method, path: answer() if part in path else None

    return switch


def always(status: int, body: bytes = b"", **head: str) -> Callable[[], tuple[int, dict[str, str], bytes]]:
    return lambda: (status, {name.replace("_", "-"): value for name, value in head.items()}, body)


def silence() -> tuple[int, dict[str, str], bytes]:
    time.sleep(SILENT)
    return 500, {}, b""


def cut(*lengths: int, stall: float = 0.0) -> Callable[[Hub], None]:
    def switch(hub: Hub) -> None:
        hub.cut, hub.stall = [*lengths], stall

    return switch


def lie(how: Callable[[bytes], bytes]) -> Callable[[Hub], None]:
    def switch(hub: Hub) -> None:
        hub.lie = how

    return switch


ANYWHERE = {
    "500": (on("", always(500)), "out of order .HTTP 500.. Try again later"),
    "503": (on("", always(503, PAGE, Content_Type=HTML)), "out of order .HTTP 503.. Try again later"),
    "429": (on("", always(429, Retry_After="3600")), "too many requests .* Try again later"),
    "portal": (on("", always(200, PAGE, Content_Type=HTML)), "not one of a Hub.* a proxy in the way"),
    "silent": (on("", silence), "broke off .* Run the same again"),
}
COMING = {
    "stored 500": (on("/store/", always(500)), "out of order .HTTP 500.. Try again later"),
    "stored silent": (on("/store/", silence), "broke off .* Run the same again"),
    "stored portal": (on("/store/", always(200, PAGE, Content_Type=HTML)), "another length .* Run the same again"),
    "stall": (cut(*[1000] * 20, stall=SILENT), "broke off .* Run the same again"),
    "half": (cut(1000, *[0] * 20), "broke off .* Run the same again"),
    "wrong bytes": (lie(lambda data: bytes(len(data))), "another sha256 than promised and was removed"),
    "longer": (lie(lambda data: data + bytes(99)), "more than the .* try again later"),
    "shorter": (lie(lambda data: data[:-1]), "another length .* Run the same again"),
}
GOING = {
    f"{name} {how}": (on(part, answer), words)
    for name, part in (("create", "/repos/create"), ("batch", "/batch"), ("commit", "/commit/"))
    for how, answer, words in (
        ("500", always(500), "out of order .HTTP 500.. Try again later"),
        ("portal", always(200, PAGE, Content_Type=HTML), "not one of a Hub.* a proxy in the way"),
        ("silent", silence, "broke off .* Run the same again"),
    )
} | {
    "store 500": (on("/store/", always(500)), "Nothing was committed; try again"),
    "store silent": (on("/store/", silence), "Nothing was committed; try again"),
}
CASES = {
    f"{work} {how}": (work, *case)
    for work, own in (("get", COMING), ("pull", COMING), ("push", GOING))
    for how, case in {**ANYWHERE, **own}.items()
}


@pytest.mark.parametrize(("work", "switch", "words"), CASES.values(), indirect=["work"], ids=CASES)
def test_one_sentence_and_a_later_try_succeeds(
    runner: Runner, hub: Hub, work: Work, switch: Callable[[Hub], None], words: str, tmp_path: Path
) -> None:
    usual = {name: getattr(hub, name) for name in ("cut", "stall", "lie", "instead")}
    switch(hub)
    assert re.search(words, clear(runner.run(*work.command, fault=Fault(hurry=True))))
    assert work.nothing()
    for name, value in usual.items():
        setattr(hub, name, value)
    again = runner.run(*work.command)
    assert again.code == 0, again.said
    assert work.done()
    assert left_over(tmp_path / "cache") == []


@pytest.mark.parametrize("work", ["get", "pull", "push"], indirect=True)
def test_a_slow_hub_is_waited_for(runner: Runner, hub: Hub, work: Work) -> None:
    hub.delay = 0.2
    end = runner.run(*work.command)
    assert end.code == 0, end.said
    assert work.done()


def test_a_wrong_list_of_files_is_not_kept(runner: Runner, hub: Hub, network: Path, tmp_path: Path) -> None:
    """Too small to have a sha256 on the Hub, and as long as announced: only its sense tells."""
    small = {"bundle.json": b'{"format": "mint-bundle-1", "name": "x", "network": {}, "facts": {}, "files": {}}'}
    commit = hub.add("me/small", small)
    hub.instead = lambda _method, path: (
        (200, {"X-Repo-Commit": commit, "ETag": f'"{"a" * 40}"'}, bytes(len(small["bundle.json"])))
        if "/resolve/" in path
        else None
    )
    out = tmp_path / "here" / "small"
    assert "bundle.json" in clear(runner.run("weights", "pull", "me/small", "--out", out))
    hub.instead = lambda _method, _path: None
    again = runner.run("weights", "pull", "me/small", "--out", out)
    assert again.code == 0, again.said
    assert files_of(out) == small
