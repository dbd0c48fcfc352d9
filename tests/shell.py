"""``mint ARGUMENTS`` in a process of its own, without what an import of torch costs each time.

A server process that has imported what takes long forks one child a run; where there is no fork, each is a new Python.
A run from which a module is hidden imports MINT anew without it; where several are, it is the child of a server that never
saw them.
"""

from __future__ import annotations

import atexit
import gc
import io
import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.hostile.faults import Fault

ROOT = Path(__file__).parents[1]
IMPORTED = (  # what takes long of most commands, torch above all
    "mint.membership", "mint.lab.evaluation", "mint.lab.store.run", "mint.lab.training.from_store", "mint.networks.open",
    "mint.networks.reopen", "mint.report.document", "scipy.special", "sklearn.linear_model",
)  # fmt: skip
PATIENCE = 900  # seconds in which every command must have come to an end, also on a machine that stalls


class Ran(subprocess.CompletedProcess[str]):
    """A run that is over.

    Attributes:
        steps: that it took with files, locks and connections, if they were counted.
    """

    steps = 0

    @property
    def said(self) -> str:
        """All that it wrote."""
        return self.stdout + self.stderr


def mint(*arguments: object, without: Collection[str] = (), fault: Fault | None = None) -> Ran:
    """Run a command of the shell: its exit code, and all that it wrote.

    As a fresh Python would, it writes as ``PYTHONIOENCODING`` says.

    Args:
        arguments: what is typed after ``mint``.
        without: top-level modules that cannot be imported, as if nobody had installed them.
        fault: what happens to the run, if anything. Needs ``os.fork``.
    """
    words = list(map(str, arguments))
    encoding = os.environ.get("PYTHONIOENCODING", "utf-8")
    if not hasattr(os, "fork"):
        assert not without
        assert fault is None
        command = [sys.executable, "-m", "mint", *words]
        done = subprocess.run(command, capture_output=True, encoding=encoding, timeout=PATIENCE, check=False)
        return Ran(words, done.returncode, done.stdout, done.stderr)
    server = _server(tuple(sorted(without)) if len(without) > 1 else ())
    assert server.stdin is not None
    assert server.stdout is not None
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("out", "err")]
        steps = Path(folder) / "steps"
        asked = {
            "arguments": words, "env": dict(os.environ), "cwd": os.getcwd(), "files": list(map(str, paths)),
            "without": list(without) if len(without) == 1 else [], "fault": fault and asdict(fault), "steps": str(steps),
        }  # fmt: skip
        server.stdin.write(json.dumps(asked) + "\n")
        server.stdin.flush()
        code = int(server.stdout.readline())
        ran = Ran(words, code, *(path.read_text(encoding) for path in paths))
        ran.steps = int(steps.read_text()) if steps.exists() else 0
        return ran


_servers: dict[tuple[str, ...], subprocess.Popen[str]] = {}


def _server(without: tuple[str, ...]) -> subprocess.Popen[str]:
    """The server whose children lack these modules; beside the one that lacks none, only the latest is kept."""
    if without not in _servers:
        for hidden in filter(None, [*_servers] if without else []):
            _end(_servers.pop(hidden))
        _servers[without] = subprocess.Popen(
            [sys.executable, "-m", "tests.shell", *without], cwd=ROOT, text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
    return _servers[without]


def _end(server: subprocess.Popen[str]) -> None:
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.close()
    server.wait(PATIENCE)
    server.stdout.close()


@atexit.register
def _end_all() -> None:
    while _servers:
        _end(_servers.popitem()[1])


def serve(without: Collection[str]) -> None:
    """Read requests, one a line, and answer each with an exit code, negative for a signal."""
    import typer.rich_utils  # noqa: F401

    if without:
        _hide(frozenset(without))
    for module in IMPORTED:
        with suppress(ImportError):  # of what is hidden: a command that needs it is to find that out itself
            import_module(module)
    gc.freeze()  # a child that collected garbage would copy all of it
    assert "mint.cli" not in sys.modules  # it asks once how to write, and every child is told for itself
    assert "huggingface_hub" not in sys.modules  # it reads its settings once, and every child may have others
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _child(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def _child(asked: Mapping[str, Any]) -> None:
    """One run: as if Python had just begun here, with these files for its output."""
    import signal

    signal.alarm(PATIENCE)
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    streams = []
    encoding = os.environ.get("PYTHONIOENCODING", "utf-8")
    for number, (path, errors) in enumerate(zip(asked["files"], ("strict", "backslashreplace"), strict=True), 1):
        streams.append(io.TextIOWrapper(io.FileIO(path, "w"), encoding, errors, line_buffering=True))
        os.dup2(streams[-1].fileno(), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdout, sys.stderr = streams
    if asked["without"]:
        for name in [name for name in sys.modules if name.partition(".")[0] == "mint"]:
            del sys.modules[name]
        _hide(frozenset(asked["without"]))
    seen = [0]
    if asked["fault"]:
        from tests.hostile.faults import Fault, arm

        seen = arm(Fault(**asked["fault"]))
    code = typed(asked["arguments"])
    for stream in streams:
        stream.flush()
    Path(asked["steps"]).write_text(str(seen[0]))
    os._exit(code)


def _hide(modules: frozenset[str]) -> None:
    """Let every import of them fail, also where another package had asked for one in passing; what counts lines still may."""
    modules -= {"coverage"}
    for name in list(sys.modules):
        if name.partition(".")[0] in modules:
            del sys.modules[name]
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "mint":
            held = {str(getattr(v, "__module__", "") or getattr(v, "__name__", "")) for v in vars(module).values()}
            assert not {name.partition(".")[0] for name in held} & modules, f"{name} was imported with them"

    sys.meta_path[:] = [_Finder(finder, modules) for finder in sys.meta_path]


class _Finder:
    """One of Python's finders, to which some modules are not there."""

    def __init__(self, finder: Any, hidden: frozenset[str]) -> None:
        self._finder, self._hidden = finder, hidden

    def __getattr__(self, name: str) -> Any:
        return getattr(self._finder, name)

    def find_spec(self, name: str, *more: Any) -> Any:
        return None if name.partition(".")[0] in self._hidden else self._finder.find_spec(name, *more)


def typed(arguments: Sequence[str]) -> int:
    """Run the shell in this very process: the exit code that Python would end with.

    May be called again: ``main`` hangs its commands on the shell each time, and they are taken off again here.
    """
    from mint.cli import main

    hung = {app: [*app.registered_commands] for app in (main.app, main.weights_app, main.lab_app)}
    before, sys.argv = sys.argv, ["mint", *arguments]
    try:
        main.main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.argv = before
        for app, commands in hung.items():
            app.registered_commands[:] = commands
    return 0


if __name__ == "__main__":
    serve(sys.argv[1:])
