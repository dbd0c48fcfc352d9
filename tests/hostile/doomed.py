"""Runs of the shell that meet with an accident: killed at a step, out of room, without rights, with a mad clock.

A server process that has imported everything forks one child a run, so that a run costs no imports
and every child starts from the same state. Faults are set up in the child alone.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.shell import typed
from tests.steps import count_steps

ROOT = Path(__file__).parents[2]
SETTINGS = ("HF_", "XDG_CONFIG_HOME", "MINT_")  # of the environment, which every run gets as its test has them
KNOWN = "MINT_TESTS_NETWORK"  # one more network of the catalog, as JSON
NOBODY = 65534
YEAR = 365 * 86400
PATIENCE = 900  # seconds in which every command must have come to an end, also on a machine that stalls


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to a run; nothing by default.

    Attributes:
        kill_at: the step at which it kills itself; steps are opened, renamed, removed and made files under ``within``,
            locks, and connections.
        within: the folder whose files count as steps.
        most_bytes: that a file may have; a longer one is a full disk.
        read_only: folders that are mounted read-only for it alone. Only root may do so.
        small: a folder that is a disk of its own, of ``most_small`` bytes, for it alone. Only root may do so.
        nobody: whether it runs as a user who owns nothing. Only root may do so.
        no_temp: whether there is no folder for temporary files.
        clock: whether the time jumps a year to and fro at every look.
        hurry: whether nobody waits long: neither before asking the Hub again nor for its answer.
    """

    kill_at: int = 0
    within: str = ""
    most_bytes: int = 0
    read_only: tuple[str, ...] = ()
    small: str = ""
    most_small: int = 0
    nobody: bool = False
    no_temp: bool = False
    clock: bool = False
    hurry: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """How a run ended: its exit code (negative for a signal), what it said, how many steps it took."""

    code: int
    said: str
    steps: int


@dataclass(slots=True)
class Runner:
    """The server, seen from a test. Use it in a ``with``."""

    folder: Path
    server: subprocess.Popen[str] = field(init=False)
    ended: dict[int, int] = field(default_factory=dict)
    logs: dict[int, Path] = field(default_factory=dict)
    number: int = 0

    def __enter__(self) -> Runner:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o777)
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        self.server = subprocess.Popen(
            [sys.executable, "-m", "tests.hostile.doomed"], cwd=ROOT, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        self.server.stdin.close()
        self.server.wait(PATIENCE)
        self.server.stdout.close()

    def start(self, *arguments: object, fault: Fault = Fault(), env: Mapping[str, str] = {}) -> int:
        """Begin a run of ``mint ARGUMENTS``; its process id."""
        self.number += 1
        log = self.folder / f"{self.number}.log"
        env = {k: v for k, v in os.environ.items() if k.startswith(SETTINGS)} | dict(env)
        asked = {"arguments": [str(a) for a in arguments], "fault": asdict(fault), "env": env, "log": str(log)}
        assert self.server.stdin is not None
        self.server.stdin.write(json.dumps(asked) + "\n")
        self.server.stdin.flush()
        pid = int(self._line()["started"])
        self.logs[pid] = log
        return pid

    def wait(self, pid: int) -> End:
        """How that run ended."""
        while pid not in self.ended:
            self._line()
        log = self.logs[pid]
        said = log.read_text(errors="replace") if log.exists() else ""
        steps = log.with_suffix(".steps")
        return End(self.ended.pop(pid), said, int(steps.read_text() or 0) if steps.exists() else 0)

    def run(self, *arguments: object, fault: Fault = Fault(), env: Mapping[str, str] = {}) -> End:
        """One run, to its end."""
        return self.wait(self.start(*arguments, fault=fault, env=env))

    def _line(self) -> dict[str, Any]:
        assert self.server.stdout is not None
        while True:
            line = self.server.stdout.readline()
            assert line, "the server died"
            found: dict[str, Any] = json.loads(line)
            if "started" in found:
                return found
            self.ended[found["ended"]] = found["code"]
            return found


def serve() -> None:
    """Read requests, fork, tell of every start and end. Ends when its input does."""
    import mint.audited.onnx_network
    import mint.lab.store_bundle
    import mint.membership  # noqa: F401

    assert "huggingface_hub" not in sys.modules  # it reads its settings once, and every child has others
    ends: dict[int, float] = {}
    waiting = b""
    open_ = True
    while open_ or ends:
        if open_ and select.select([0], [], [], 0.005)[0]:
            read = os.read(0, 1 << 16)
            open_ = bool(read)
            waiting += read
            while b"\n" in waiting:
                line, waiting = waiting.split(b"\n", 1)
                pid = os.fork()
                if pid == 0:
                    _child(json.loads(line))
                ends[pid] = time.monotonic() + PATIENCE
                print(json.dumps({"started": pid}), flush=True)
        for pid in [*ends]:
            if time.monotonic() > ends[pid]:
                os.kill(pid, signal.SIGABRT)
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                del ends[pid]
                print(json.dumps({"ended": pid, "code": os.waitstatus_to_exitcode(status)}), flush=True)


def _child(asked: Mapping[str, Any]) -> None:
    """One run of the shell."""
    from functools import partial

    import torch

    import mint.lab.train as train

    log = Path(asked["log"])
    fault = Fault(**asked["fault"])
    with log.open("w", buffering=1) as said:
        sys.stdout = sys.stderr = said
        os.dup2(said.fileno(), 2)
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(said.fileno(), 1)
        for name in [name for name in os.environ if name.startswith(SETTINGS)]:
            del os.environ[name]
        os.environ.update(asked["env"], NO_COLOR="1", HF_HUB_DISABLE_PROGRESS_BARS="1")
        torch.set_num_threads(1)
        train.Schedule = partial(train.Schedule, epochs=1, strengths=(0.1,))  # type: ignore[assignment,misc]
        if known := os.environ.get(KNOWN):
            _know(json.loads(known))
        import mint.cli  # noqa: F401  # while nothing is wrong yet, and after the streams are the log

        steps = log.with_suffix(".steps").open("w")
        seen = _arm(fault)
        code = typed(asked["arguments"])
        steps.write(str(seen[0]))
        steps.close()
    os._exit(code)


def _arm(fault: Fault) -> list[int]:
    """Set up what is to go wrong; how many steps were taken, as the run goes on."""
    import tempfile

    if fault.read_only:
        mount_read_only(fault.read_only)
    if fault.small:
        mount_small({fault.small: fault.most_small})
    if fault.most_bytes:
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (fault.most_bytes, fault.most_bytes))
    if fault.nobody:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    if fault.no_temp:
        tempfile.tempdir = None
        tempfile._candidate_tempdir_list = lambda: [os.environ.get("TMPDIR", "/nowhere")]  # type: ignore[attr-defined]
        os.environ["TMPDIR"] = "/nowhere"
    if fault.clock:
        _mad_clock()
    if fault.hurry:
        _hurry()
    return count_steps(fault.within, fault.kill_at) if fault.within else [0]


def _mad_clock() -> None:
    """The wall clock jumps a year to and fro; the one that only runs forwards does."""
    real, real_ns, looks = time.time, time.time_ns, [0]

    def jump() -> int:
        looks[0] += 1
        return YEAR if looks[0] % 2 else -YEAR

    time.time = lambda: real() + jump()  # type: ignore[assignment]
    time.time_ns = lambda: real_ns() + jump() * 10**9  # type: ignore[assignment]


def _hurry() -> None:
    """A second of waiting is a moment, and the Hub is given up after half of one."""
    import mint.hub

    real = time.sleep
    time.sleep = lambda seconds: real(min(seconds, 0.01))  # type: ignore[assignment]
    mint.hub.SILENCE = 0.5
    mint.hub.constants.HF_HUB_ETAG_TIMEOUT = mint.hub.constants.HF_HUB_DOWNLOAD_TIMEOUT = 0.5  # type: ignore[assignment]


def _know(network: Mapping[str, Any]) -> None:
    """One more network in the catalog, which the stand-in serves."""
    from mint.audited import catalog

    file = catalog.RemoteFile(network["file"], network["sha256"], network["bytes"])
    entry = catalog.Entry(
        network["name"], "a set of faces", catalog.APACHE, network["repository"], network["commit"], file
    )
    catalog.CATALOG[entry.name] = entry
    catalog.ENTRIES += (entry,)


def mount_read_only(folders: Sequence[str]) -> None:
    """Mounts of this process's own: a folder on itself, then once more as read-only."""
    mount = _mounts_of_its_own()
    read_only, remount, bind = 1, 32, 4096
    for folder in folders:
        mount(folder, folder, None, bind, None)
        mount(folder, folder, None, bind | remount | read_only, None)


def mount_small(folders: Mapping[str, int]) -> None:
    """Mounts of this process's own: empty disks of so many bytes."""
    mount = _mounts_of_its_own()
    for folder, most in folders.items():
        mount("none", folder, "tmpfs", 0, f"size={most}")


def _mounts_of_its_own() -> Callable[..., None]:
    """From now on nobody else sees what this process mounts; the system's ``mount``."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)

    def check(done: int) -> None:
        if done:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def mount(source: str, target: str, kind: str | None, flags: int, data: str | None) -> None:
        encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
        check(libc.mount(*encoded[:3], flags, encoded[3]))

    new_namespace, everything, private = 0x20000, 16384, 1 << 18
    check(libc.unshare(new_namespace))
    mount("none", "/", None, everything | private, None)
    return mount


if __name__ == "__main__":
    serve()
