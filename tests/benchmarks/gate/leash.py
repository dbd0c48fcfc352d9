"""A command that ends with whoever started it, however that came to its end: also by SIGKILL.

Between the two stands a small process, this file run as a script. It reads from a pipe that the starter holds open and
never writes to; when the starter is gone, the system closes the pipe, and the command's whole process group is killed.
What the command leaves running in its group is killed as well when it ends by itself. POSIX only.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

LOOK_SECONDS = 0.05


class Leashed:
    """A command that was started.

    Args:
        command: to run.
        cwd: where.
        output: takes what it writes; nobody does if None.
        scratch: a folder that is removed when the command has ended; none if None.
        env: its environment; this process's if None.
    """

    def __init__(
        self,
        command: Sequence[str],
        cwd: Path | None = None,
        output: IO[bytes] | None = None,
        scratch: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(Path(__file__).resolve()), str(scratch or ""), *command],
            cwd=cwd,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL if output is None else output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the starter alone, who decides what it means
        )

    def poll(self) -> int | None:
        """The command's exit code, 128 + n for signal n; None while it runs."""
        if self._process.poll() is not None:
            self._let_go()
        return self._process.returncode

    def wait(self, seconds: float | None = None) -> int:
        """Wait for the exit code. Raises subprocess.TimeoutExpired."""
        self._process.wait(seconds)
        self._let_go()
        return self._process.returncode

    def end(self) -> None:
        """Kill the command and all of its group, if it still runs, and wait until they are gone."""
        self._let_go()
        self._process.wait()

    def _let_go(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()


def hold(scratch: str, command: Sequence[str]) -> int:
    """Run a command until it ends, or until nobody holds the other end of standard input; its exit code."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # not SIG_IGN, which the command would inherit
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    while not os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG):
        if select.select([0], [], [], LOOK_SECONDS)[0] and not os.read(0, 1):
            break
    with contextlib.suppress(ProcessLookupError):  # not waited for yet, so the number is still this group's
        os.killpg(child.pid, signal.SIGKILL)
    code = child.wait()
    if scratch:
        shutil.rmtree(scratch, ignore_errors=True)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(hold(sys.argv[1], sys.argv[2:]))
