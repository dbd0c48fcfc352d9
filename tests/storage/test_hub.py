"""Against a Hub on the loopback; what the library would do alone is not tested here."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from mint.errors import CannotWrite, HubRefused, HubUnreachable, WeightsCorrupt
from mint.storage import connect as connecting
from mint.storage import hub as door
from mint.storage.hub import Promise, cached, commit_of, fetch, upload
from tests.hub_stand_in import Hub, given_up_at_once

NAME, FILE = "owner/net", "folder/net.onnx"
DATA = bytes(range(256)) * 4000
SHA = hashlib.sha256(DATA).hexdigest()
PROMISE = Promise(SHA, len(DATA))


def incomplete() -> list[Path]:
    return [p for p in Path(os.environ["HF_HUB_CACHE"]).rglob("*") if "incomplete" in p.name]


@pytest.fixture
def commit(hub: Hub) -> str:
    return hub.add(NAME, {FILE: DATA, "small.json": b"{}"})


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library sleeps a second before each of its five tries to go on, and writes in pieces of 10 MB."""
    monkeypatch.setattr("huggingface_hub.file_download.time", SimpleNamespace(sleep=lambda _s: None))
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 1000)


def test_a_file_is_fetched_once_and_then_needs_no_network(hub: Hub, commit: str) -> None:
    assert cached(NAME, FILE, commit) is None
    path = fetch(NAME, FILE, commit, PROMISE)
    assert path.read_bytes() == DATA
    assert cached(NAME, FILE, commit, SHA) == path
    asked = len(hub.log)
    assert fetch(NAME, FILE, commit, PROMISE) == path
    assert len(hub.log) == asked
    assert incomplete() == []


def test_the_library_finds_what_was_fetched(hub: Hub, commit: str) -> None:
    from huggingface_hub import hf_hub_download

    path = fetch(NAME, FILE, commit, PROMISE)
    assert Path(hf_hub_download(NAME, FILE, revision=commit, local_files_only=True)) == path


def test_a_small_file_without_a_promise_and_a_branch(hub: Hub, commit: str) -> None:
    assert fetch(NAME, "small.json", "main").read_bytes() == b"{}"


def test_without_a_promise_only_small_files_are_fetched(hub: Hub, commit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "UNLISTED", 1)
    with pytest.raises(WeightsCorrupt, match="no sha256"):
        fetch(NAME, "small.json", None)


def test_a_cut_connection_goes_on_where_it_stopped(hub: Hub, commit: str, impatient: None) -> None:
    hub.cut = [300_000, 200_000]
    assert fetch(NAME, FILE, commit, PROMISE).read_bytes() == DATA
    ranges = [head.get("range") for verb, path, head in hub.log if verb == "GET" and "/store/" in path]
    assert ranges == [None, "bytes=300000-", "bytes=500000-"]


def test_a_half_download_outlives_the_process(hub: Hub, commit: str, impatient: None) -> None:
    hub.cut = [100_000] + [0] * 5
    with pytest.raises(HubUnreachable, match="Run the same again"):
        fetch(NAME, FILE, commit, PROMISE)
    assert [p.stat().st_size for p in incomplete()] == [100_000]
    before = len(hub.log)
    assert fetch(NAME, FILE, commit, PROMISE).read_bytes() == DATA
    ranges = [head.get("range") for verb, path, head in hub.log[before:] if verb == "GET" and "/store/" in path]
    assert ranges == ["bytes=100000-"]
    assert incomplete() == []


def test_a_store_that_cannot_go_on_starts_again(hub: Hub, commit: str, impatient: None) -> None:
    hub.cut, hub.ranges = [300_000], False
    assert fetch(NAME, FILE, commit, PROMISE).read_bytes() == DATA


def test_a_spoiled_half_is_thrown_away_and_fetched_anew(hub: Hub, commit: str, impatient: None) -> None:
    hub.cut = [100_000] + [0] * 5
    with pytest.raises(HubUnreachable):
        fetch(NAME, FILE, commit, PROMISE)
    (half,) = incomplete()
    half.write_bytes(b"x" * 100_000)
    assert fetch(NAME, FILE, commit, PROMISE).read_bytes() == DATA


@pytest.mark.parametrize("hidden", [False, True])
def test_other_bytes_than_promised_never_get_a_name(hub: Hub, commit: str, hidden: bool) -> None:
    hub.lie, hub.hide_etag = lambda data: bytes(len(data)), hidden
    with pytest.raises(WeightsCorrupt, match="was removed"):
        fetch(NAME, FILE, commit, PROMISE)
    assert incomplete() == []
    assert cached(NAME, FILE, commit) is None
    assert not [p for p in Path(os.environ["HF_HUB_CACHE"]).rglob("*") if p.is_file() and p.stat().st_size > 1000]


@pytest.mark.parametrize("promise", [Promise("0" * 64, len(DATA)), Promise(SHA, 7)])
def test_a_file_announced_with_other_bytes_is_not_even_fetched(hub: Hub, commit: str, promise: Promise) -> None:
    with pytest.raises(WeightsCorrupt, match="Nothing was fetched"):
        fetch(NAME, FILE, commit, promise)
    assert hub.asked("GET", "/store/") == []


def test_a_damaged_file_in_the_cache_is_fetched_anew(hub: Hub, commit: str) -> None:
    path = fetch(NAME, FILE, commit, PROMISE)
    path.resolve().write_bytes(b"x" * len(DATA))
    assert cached(NAME, FILE, commit, SHA) is None
    assert fetch(NAME, FILE, commit, PROMISE).read_bytes() == DATA


@pytest.mark.parametrize(
    ("name", "file", "revision", "words"),
    [
        ("owner/nothing", FILE, None, "no such repository, or it is private"),
        (NAME, "nothing.onnx", None, "not in that repository"),
        (NAME, FILE, "0" * 40, "not in that repository at that revision"),
        ("not a name", FILE, None, "owner/name"),
    ],
)
def test_what_the_hub_does_not_have(
    hub: Hub, commit: str, name: str, file: str, revision: str | None, words: str
) -> None:
    with pytest.raises(HubRefused, match=words):
        fetch(name, file, revision, PROMISE)


def test_something_that_is_no_hub(hub: Hub, commit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub.repositories[NAME], "commits", {"not a sha": {FILE: DATA}})
    hub.repositories[NAME].refs["main"] = "not a sha"
    with pytest.raises(HubRefused, match="not one of a Hub"):
        fetch(NAME, FILE, None, PROMISE)


def test_a_private_repository_needs_its_token_and_the_store_never_sees_it(
    hub: Hub, commit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.repositories[NAME].private = True
    assert fetch(NAME, FILE, commit, PROMISE).read_bytes() == DATA
    tokens = {"/store/" in path: "authorization" in head for _, path, head in hub.log}
    assert tokens == {True: False, False: True}
    monkeypatch.setenv("HF_TOKEN", "hf_other")
    with pytest.raises(HubRefused, match="private"):
        fetch(NAME, "small.json", None)


@pytest.fixture
def latch() -> Iterator[threading.Event]:
    """What waits for it hangs for as long as the test goes on."""
    event = threading.Event()
    yield event
    event.set()


class Offline:
    """Ways of having no network; none is waited for longer than patience lasts."""

    @staticmethod
    def switched_off(monkeypatch: pytest.MonkeyPatch, _latch: threading.Event) -> None:
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)

    @staticmethod
    def nobody_there(monkeypatch: pytest.MonkeyPatch, _latch: threading.Event) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{free.getsockname()[1]}")

    @staticmethod
    def no_names(monkeypatch: pytest.MonkeyPatch, _latch: threading.Event) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise socket.gaierror(-3, "Temporary failure in name resolution")

        monkeypatch.setattr(socket, "getaddrinfo", refuse)

    @staticmethod
    def names_that_hang(monkeypatch: pytest.MonkeyPatch, latch: threading.Event) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: latch.wait() and [])

    @staticmethod
    def addresses_that_hang(monkeypatch: pytest.MonkeyPatch, latch: threading.Event) -> None:
        monkeypatch.setattr(socket.socket, "connect", lambda *_: latch.wait())


@pytest.mark.parametrize("way", [name for name in vars(Offline) if not name.startswith("_")])
def test_without_a_network_the_answer_is_quick_and_says_what_to_do(
    hub: Hub, commit: str, monkeypatch: pytest.MonkeyPatch, latch: threading.Event, way: str
) -> None:
    path = fetch(NAME, "small.json", commit)
    assert commit_of(NAME) == commit
    assert connecting.SECONDS < 1
    monkeypatch.setenv(connecting.PATIENCE, "0.2")  # of which all is waited where something hangs
    getattr(Offline, way)(monkeypatch, latch)
    slept: list[float] = []
    clock = SimpleNamespace(**{**vars(time), "sleep": slept.append})
    monkeypatch.setattr("huggingface_hub.utils._http.time", clock)
    asked = len(hub.log)
    with pytest.raises(HubUnreachable, match="Connect and try again"):
        fetch(NAME, FILE, commit, PROMISE)
    assert slept == []  # the library's own waiting never began
    assert len(hub.log) == asked
    assert fetch(NAME, "small.json", commit) == path
    assert commit_of(NAME) == commit  # as it was when last seen
    with pytest.raises(HubUnreachable):
        commit_of(NAME, "other-branch")


def test_a_dead_address_does_not_hide_a_living_one(
    monkeypatch: pytest.MonkeyPatch, hub: Hub, latch: threading.Event
) -> None:
    connect, port = socket.socket.connect, hub.servers[0].server_address[1]

    def some(self: socket.socket, address: tuple[str, int]) -> None:
        latch.wait() if address[1] == 1 else connect(self, address)

    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", p)) for p in (1, port)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    monkeypatch.setattr(socket.socket, "connect", some)
    connecting.reach(hub.url)


def test_a_proxy_is_what_must_be_reached(monkeypatch: pytest.MonkeyPatch, hub: Hub) -> None:
    monkeypatch.setenv("https_proxy", hub.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    connecting.reach("https://hub.invalid")


def test_a_kind_of_proxy_that_the_library_cannot_use_is_told(monkeypatch: pytest.MonkeyPatch, hub: Hub) -> None:
    def refuse() -> None:
        raise ImportError("Using SOCKS proxy, but the 'socksio' package is not installed.")

    monkeypatch.setattr(door, "get_session", refuse)
    with pytest.raises(HubUnreachable, match=r"through this proxy \(Using SOCKS proxy, but the 'socksio' package"):
        fetch(NAME, FILE, None, PROMISE)


def test_patience_is_a_number(monkeypatch: pytest.MonkeyPatch, hub: Hub) -> None:
    monkeypatch.setenv("MINT_HUB_SECONDS", "long")
    with pytest.raises(Exception, match="number of seconds"):
        fetch(NAME, FILE, None, PROMISE)


def test_a_hub_that_takes_connections_but_says_nothing(hub: Hub, commit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given_up_at_once(hub, monkeypatch)
    hub.silent = ""
    with pytest.raises(HubUnreachable, match="broke off"):
        fetch(NAME, FILE, commit, PROMISE)


def test_a_hub_that_falls_silent_in_an_upload_is_given_up(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Left alone, the library would wait for ever."""
    given_up_at_once(hub, monkeypatch)
    hub.silent = "/create"
    with pytest.raises(HubUnreachable, match="broke off"):
        upload({"small.txt": b"words"}, "me/new", private=False, message="one")


@pytest.mark.full
def test_real_silence_is_given_up(hub: Hub, commit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.silent = ""
    monkeypatch.setattr(door, "SILENCE", 0.2)
    for name in ("HF_HUB_ETAG_TIMEOUT", "HF_HUB_DOWNLOAD_TIMEOUT"):
        monkeypatch.setattr(f"huggingface_hub.constants.{name}", 0.2)
    with pytest.raises(HubUnreachable, match="broke off"):
        fetch(NAME, FILE, commit, PROMISE)
    with pytest.raises(HubUnreachable, match="broke off"):
        upload({"small.txt": b"words"}, "me/new", private=False, message="one")


def test_a_slow_hub_is_waited_for(hub: Hub, commit: str) -> None:
    hub.delay = 0.05
    assert fetch(NAME, FILE, commit, PROMISE).read_bytes() == DATA


def test_a_full_disk_is_noticed_before_and_while_writing(
    hub: Hub, commit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", lambda _p: usage._replace(free=10))
        with pytest.raises(CannotWrite, match="Make room"):
            fetch(NAME, FILE, commit, PROMISE)
    assert hub.asked("GET", "/store/") == []

    def no_room(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(door, "http_get", no_room)
    with pytest.raises(CannotWrite, match="No space left"):
        fetch(NAME, FILE, commit, PROMISE)


def test_a_cache_that_cannot_be_written(hub: Hub, commit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(CannotWrite, match="HF_HOME"):
        fetch(NAME, FILE, commit, PROMISE)
    assert commit_of(NAME) == commit


def test_two_at_once_fetch_one_file(hub: Hub, commit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store answers the first when the second has asked about the file too, and stands before the lock or behind."""
    both_asked, asked = threading.Event(), []

    def watch(method: str, path: str) -> None:
        if method == "HEAD":
            asked.append(path)
            if len(asked) == 2:
                both_asked.set()
        elif "/store/" in path:
            both_asked.wait()

    monkeypatch.setattr(hub, "instead", watch)
    with ThreadPoolExecutor(2) as pool:
        places = [pool.submit(fetch, NAME, FILE, commit, PROMISE) for _ in range(2)]
        (path,) = {place.result() for place in places}
    assert path.read_bytes() == DATA
    assert len(hub.asked("GET", "/store/")) == 1
    assert incomplete() == []


CHILD = f"""
import sys
from mint.storage.hub import Promise, fetch
print(fetch({NAME!r}, {FILE!r}, sys.argv[1], Promise({SHA!r}, {len(DATA)})))
"""


@pytest.mark.full
def test_two_processes_at_once_fetch_one_file(hub: Hub, commit: str) -> None:
    hub.delay = 0.2
    children = [
        subprocess.Popen([sys.executable, "-c", CHILD, commit], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    paths = {child.communicate(timeout=600)[0].strip() for child in children}
    assert [child.returncode for child in children] == [0, 0]
    (path,) = paths
    assert Path(path).read_bytes() == DATA
    assert len(hub.asked("GET", "/store/")) == 1
    assert incomplete() == []


@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # the library's own call
def test_uploads_arrive_in_one_commit(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "big.bin").write_bytes(DATA)
    upload({"big.bin": tmp_path / "big.bin", "small.txt": b"words"}, "me/new", private=True, message="one")
    repository = hub.repositories["me/new"]
    assert repository.private
    assert len(repository.commits) == 2
    assert repository.commits[repository.refs["main"]] == {"big.bin": DATA, "small.txt": b"words"}


@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
def test_an_upload_that_fails_commits_nothing(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.full = True
    with pytest.raises(HubRefused, match="Nothing was committed"):
        upload({"big.bin": DATA, "other.bin": DATA[1:]}, "me/new", private=False, message="one")
    assert len(hub.repositories["me/new"].commits) == 1
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(HubRefused, match="log in"):
        upload({"small.txt": b"words"}, "me/other", private=False, message="one")


def test_a_private_upload_never_lands_in_public(hub: Hub) -> None:
    hub.add("me/open", {})
    with pytest.raises(HubRefused, match="public"):
        upload({"small.txt": b"words"}, "me/open", private=True, message="one")
    assert hub.repositories["me/open"].commits.popitem()[1] == {}


def test_nothing_is_told_that_was_not_asked(hub: Hub, commit: str) -> None:
    fetch(NAME, FILE, commit, PROMISE)
    assert {path.split("?")[0] for _, path, _ in hub.log} == {f"/{NAME}/resolve/{commit}/{FILE}", f"/store/{SHA}"}
    told = {head["user-agent"] for _, _, head in hub.log if "user-agent" in head}
    assert not any("torch" in words or "agent/" in words for words in told), told
