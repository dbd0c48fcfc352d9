"""Runs of the shell that meet with an accident, several at once if need be; one at a time, ``tests/shell.py`` does.

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
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.hostile.faults import Fault, arm
from tests.hostile.faults import mount_read_only as mount_read_only
from tests.hostile.faults import mount_small as mount_small
from tests.shell import typed

if TYPE_CHECKING:
    from mint.networks.catalog import Entry

ROOT = Path(__file__).parents[2]
SETTINGS = ("HF_", "XDG_CONFIG_HOME", "MINT_")  # of the environment, which every run gets as its test has them
KNOWN = "MINT_TESTS_NETWORK"  # one more network of the catalog, as JSON
NO_FAULT = Fault()
PATIENCE = 900  # seconds in which every command must have come to an end, also on a machine that stalls


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

    def start(self, *arguments: object, fault: Fault = NO_FAULT, env: Mapping[str, str] = {}) -> int:
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

    def run(self, *arguments: object, fault: Fault = NO_FAULT, env: Mapping[str, str] = {}) -> End:
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
    import mint.lab.training.from_store
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

    import mint.lab.training.fit as train

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
            _know(entry_of(json.loads(known)))
        import mint.cli.main  # noqa: F401  # while nothing is wrong yet, and after the streams are the log

        steps = log.with_suffix(".steps").open("w")
        seen = arm(fault)
        code = typed(asked["arguments"])
        steps.write(str(seen[0]))
        steps.close()
    os._exit(code)


def entry_of(network: Mapping[str, Any]) -> Entry:
    """A network that the stand-in serves, as the catalog has them."""
    from mint.networks import catalog

    file = catalog.RemoteFile(network["file"], network["sha256"], network["bytes"])
    place = (network["repository"], network["commit"], file)
    return catalog.Entry(network["name"], "a set of faces", catalog.APACHE, *place)


def _know(entry: Entry) -> None:
    """One more network in the catalog."""
    from mint.networks import catalog

    catalog.CATALOG[entry.name] = entry
    catalog.ENTRIES += (entry,)


if __name__ == "__main__":
    serve()
