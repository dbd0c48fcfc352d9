"""A Hub that is down, busy, slow, silent, lying, or somebody else: one clear sentence, and a later try succeeds."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from mint.bundles.share import pull, push
from mint.errors import MintError
from mint.networks.catalog import CATALOG
from mint.networks.locate import find_file
from tests.bundles.test_share import files_of, shareable
from tests.hostile.doomed import KNOWN, End, Runner, entry_of
from tests.hostile.faults import Fault
from tests.hostile.shell_work import clear, fresh, left_over
from tests.hub_stand_in import Hub, given_up_at_once

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
NET = b"network" * 9000
PAGE = b"<!DOCTYPE html><html><body>Welcome to our hotel! Log in to use the network.</body></html>"
Run = Callable[["Work"], End]


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
        call: what that calls.
        done: what was got or put, once it succeeded.
        nothing: whether there is nothing half made, after it failed.
    """

    command: list[object]
    call: Callable[[], object]
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
        entry = entry_of({**known, "sha256": sha256})
        monkeypatch.setitem(CATALOG, "pack", entry)
        return Work(
            ["weights", "get", "pack"],
            lambda: find_file(entry, entry.files[0]),
            lambda: named.read_bytes() == NET,
            lambda: not named.exists(),
        )
    if request.param == "pull":
        hub.add("me/twin", files_of(network))
        command = ["weights", "pull", "me/twin", "--out", out]
        return Work(
            command,
            lambda: pull("me/twin", out=out),
            lambda: files_of(out) == files_of(network) and left_over(out.parent) == [],
            lambda: not out.parent.exists() or not [*out.parent.iterdir()],
        )

    def sent() -> list[dict[str, bytes]]:
        made = hub.repositories.get("me/new")
        return [] if made is None else [files for files in made.commits.values() if files]

    return Work(
        ["weights", "push", network, "me/new"],
        lambda: push(network, "me/new"),
        lambda: len(sent()) == 1 and sent()[0].items() >= files_of(network).items(),
        lambda: not sent(),
    )


Switch = Callable[[Hub], None]
Strange = tuple[int, dict[str, str], bytes]


def on(part: str, status: int, body: bytes = b"", **head: str) -> Switch:
    """Another answer than the Hub's to requests with this in their path."""
    answer: Strange = (status, {name.replace("_", "-"): value for name, value in head.items()}, body)

    def switch(hub: Hub) -> None:
        hub.instead = lambda _method, path: answer if part in path else None

    return switch


def silent(part: str) -> Switch:
    def switch(hub: Hub) -> None:
        hub.silent = part

    return switch


def cut(*lengths: int, stall: bool = False) -> Switch:
    def switch(hub: Hub) -> None:
        hub.cut, hub.stall = [*lengths], stall

    return switch


def lie(how: Callable[[bytes], bytes]) -> Switch:
    def switch(hub: Hub) -> None:
        hub.lie = how

    return switch


def portal(part: str) -> Switch:
    """A page where nobody asked for one."""
    return on(part, 200, PAGE, Content_Type="text/html")


ANYWHERE = {
    "500": (on("", 500), "out of order .HTTP 500.. Try again later"),
    "503": (on("", 503, PAGE, Content_Type="text/html"), "out of order .HTTP 503.. Try again later"),
    "429": (on("", 429, Retry_After="3600"), "too many requests .* Try again later"),
    "portal": (portal(""), "not one of a Hub.* a proxy in the way"),
    "silent": (silent(""), "broke off .* Run the same again"),
}
COMING = {
    "stored 500": (on("/store/", 500), "out of order .HTTP 500.. Try again later"),
    "stored 429": (on("/store/", 429, Retry_After="3600"), "too many requests .* Try again later"),
    "stored silent": (silent("/store/"), "broke off .* Run the same again"),
    "stored portal": (portal("/store/"), "another length .* Run the same again"),
    "stall": (cut(*[1000] * 20, stall=True), "broke off .* Run the same again"),
    "half": (cut(1000, *[0] * 20), "broke off .* Run the same again"),
    "wrong bytes": (lie(lambda data: bytes(len(data))), "another sha256 than promised and was removed"),
    "longer": (lie(lambda data: data + bytes(99)), "more than the .* try again later"),
    "shorter": (lie(lambda data: data[:-1]), "another length .* Run the same again"),
}
GOING = {
    f"{name} {how}": (switch(part), words)
    for name, part in (("create", "/repos/create"), ("batch", "/batch"), ("commit", "/commit/"))
    for how, switch, words in (
        ("500", lambda part: on(part, 500), "out of order .HTTP 500.. Try again later"),
        ("portal", portal, "not one of a Hub.* a proxy in the way"),
        ("silent", silent, "broke off .* Run the same again"),
    )
} | {
    "batch 429": (on("/batch", 429, ratelimit='"api";r=0;t=3600'), "too many requests .* Try again later"),
    "store 500": (on("/store/", 500), "Nothing was committed; try again"),
    "store silent": (silent("/store/"), "Nothing was committed; try again"),
}
CASES = {
    f"{work} {how}": (work, *case)
    for work, own in (("get", COMING), ("pull", COMING), ("push", GOING))
    for how, case in {**ANYWHERE, **own}.items()
}
# Every fault once, of get or of push; pull comes by the same way as get, and is only looked at where it makes a difference.
GATE = [name for name in CASES if not name.startswith("pull")] + ["pull 429", "pull stall", "pull wrong bytes"]


@pytest.fixture
def no_seconds(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    given_up_at_once(hub, monkeypatch)


def called(call: Callable[[], object]) -> End:
    """What the shell would make of a call, without a process."""
    try:
        call()
    except MintError as error:
        return End(1, f"mint: {error}", 0)
    return End(0, "", 0)


def check_one(run: Run, run_again: Run, hub: Hub, work: Work, case: str, tmp_path: Path) -> None:
    """One sentence, nothing half made; and once the Hub is in order again, all is as if nothing had happened."""
    _, switch, words = CASES[case]
    usual = {name: getattr(hub, name) for name in ("cut", "stall", "lie", "instead", "silent")}
    switch(hub)
    assert re.search(words, clear(run(work)))
    assert work.nothing()
    for name, value in usual.items():
        setattr(hub, name, value)
    again = run_again(work)
    assert again.code == 0, again.said
    assert work.done()
    assert left_over(tmp_path / "cache") == []


@pytest.mark.usefixtures("no_seconds")
@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # the library's own call
@pytest.mark.parametrize(("work", "case"), [(CASES[name][0], name) for name in GATE], indirect=["work"], ids=GATE)
def test_one_sentence_and_a_later_try_succeeds(hub: Hub, work: Work, case: str, tmp_path: Path) -> None:
    def run(work: Work) -> End:
        return called(work.call)

    check_one(run, run, hub, work, case, tmp_path)


@pytest.mark.full
@forks
@pytest.mark.parametrize(("work", "case"), [(CASES[name][0], name) for name in CASES], indirect=["work"], ids=CASES)
def test_one_sentence_of_a_process_that_waits_in_vain(
    runner: Runner, hub: Hub, work: Work, case: str, tmp_path: Path
) -> None:
    """With real silence, which a run gives up after half a second."""
    waits = Fault(hurry=True, silence=0.5 if "silent" in case or "stall" in case else 120)

    def run(work: Work) -> End:
        return runner.run(*work.command, fault=waits)

    def again(work: Work) -> End:
        return runner.run(*work.command)

    check_one(run, again, hub, work, case, tmp_path)


@pytest.mark.full
@forks
@pytest.mark.parametrize("work", ["get", "pull", "push"], indirect=True)
def test_a_slow_hub_is_waited_for(runner: Runner, hub: Hub, work: Work) -> None:
    hub.delay = 0.2
    end = runner.run(*work.command)
    assert end.code == 0, end.said
    assert work.done()


SMALL = {
    "format": "mint-bundle-1", "name": "x", "network": {"fingerprint": "0" * 64}, "auditors": [], "fusion": {},
    "platt": {}, "range": {}, "gates": {}, "facts": {}, "files": {},
}  # fmt: skip


def test_a_wrong_list_of_files_is_not_kept(hub: Hub, tmp_path: Path) -> None:
    """Too small to have a sha256 on the Hub, and as long as announced: only its sense tells."""
    small = {"bundle.json": json.dumps(SMALL).encode()}
    commit = hub.add("me/small", small)
    hub.instead = lambda _method, path: (
        (200, {"X-Repo-Commit": commit, "ETag": f'"{"a" * 40}"'}, bytes(len(small["bundle.json"])))
        if "/resolve/" in path
        else None
    )
    out = tmp_path / "here" / "small"
    assert "bundle.json" in clear(called(partial(pull, "me/small", out=out)))
    hub.instead = lambda _method, _path: None
    again = called(partial(pull, "me/small", out=out))
    assert again.code == 0, again.said
    assert files_of(out) == small
