"""The runs that were made so far: a line of JSON each, so that whoever was killed goes on."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.benchmarks.gate.command import clean_environment


@dataclass(frozen=True, slots=True)
class Setting:
    """What is asked. Runs of another setting say nothing about this one.

    Attributes:
        commit: see ``commit_of``.
        command: of the tests.
        busy: loops beside them.
        at_once: runs at the same time.
    """

    commit: str
    command: str
    busy: int
    at_once: int


@dataclass(frozen=True, slots=True)
class Run:
    """One run of all tests.

    Attributes:
        setting: it was made under.
        number: of the run, from 1.
        code: exit code of pytest; 0 if all passed.
        seconds: it took.
        passed: tests.
        skipped: tests.
        failures: names of tests that failed, or words where there is no such name.
        kept: folder with what a failed run wrote; empty for one that passed.
    """

    setting: Setting
    number: int
    code: int
    seconds: float
    passed: int
    skipped: int
    failures: tuple[str, ...]
    kept: str = ""

    @property
    def told(self) -> str:
        """In one line."""
        line = (
            f"{self.setting.commit[:12]}{self.setting.commit[40:]} run {self.number:3d}: {self.seconds:7.1f} s, {self.passed} passed, "
            f"{len(self.failures)} failed, {self.skipped} skipped"
        )
        return f"{line}; failed: {', '.join(self.failures)}; output in {self.kept}" if self.failures else line


def parse(line: str) -> Run | None:
    """A run from its line; None where it is none, such as half a line of a process that was killed."""
    try:
        found = json.loads(line)
        setting = Setting(**found.pop("setting"))
        return Run(**{**found, "setting": setting, "failures": tuple(found["failures"])})
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


class Log:
    """A file of runs.

    Args:
        path: of it; None to keep nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def read(self) -> tuple[list[Run], int]:
        """The runs, in the order in which they ended, and how many lines are none."""
        if self._path is None or not self._path.is_file():
            return [], 0
        lines = [line for line in self._path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
        found = [run for line in lines if (run := parse(line)) is not None]
        return found, len(lines) - len(found)

    def add(self, run: Run) -> None:
        """Write a run down, on a line of its own also after half a one."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab+") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - 1))
            start = "\n" if size and file.read(1) != b"\n" else ""
            file.write((start + json.dumps(asdict(run), ensure_ascii=False) + "\n").encode())


def missing(runs: Sequence[Run], setting: Setting, wanted: int) -> list[int]:
    """Numbers from 1 to ``wanted`` of runs that are not there under this setting."""
    there = {run.number for run in runs if run.setting == setting}
    return [number for number in range(1, wanted + 1) if number not in there]


def commit_of(root: Path) -> str:
    """The commit that is checked out; with what was changed since, ``COMMIT+`` and a hash of the changes.

    Raises:
        ValueError: this is no checkout.
    """

    def git(*arguments: str) -> bytes:
        done = subprocess.run(["git", *arguments], cwd=root, env=clean_environment(), capture_output=True, check=False)
        if done.returncode:
            raise ValueError(f"git cannot tell the commit of {root}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout

    head = git("rev-parse", "HEAD").decode().strip()
    changes = git("diff", "HEAD", "--binary")
    for name in git("ls-files", "--others", "--exclude-standard", "-z", "--", "*.py").split(b"\0")[:-1]:
        changes += name + (root / name.decode()).read_bytes()
    return f"{head}+{hashlib.sha256(changes).hexdigest()[:12]}" if changes else head
