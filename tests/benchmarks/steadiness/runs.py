"""Runs of the gate, one after the other or several at once, with busy loops beside them."""

from __future__ import annotations

import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.gate.command import clean_environment, reporting
from tests.benchmarks.gate.leash import Leashed
from tests.benchmarks.gate.outcome import read_outcome
from tests.benchmarks.steadiness.log import Run, Setting

LOOK_SECONDS = 0.1
LOOP = [sys.executable, "-I", "-S", "-c", "while True: pass"]


@contextmanager
def busy(loops: int) -> Iterator[list[Leashed]]:
    """So many loops that do nothing, fast, on the cores that this process may use."""
    with ExitStack() as ends:
        started = []
        for _ in range(loops):
            started.append(Leashed(LOOP))
            ends.callback(started[-1].end)
        yield started


@dataclass(frozen=True, slots=True)
class Gate:
    """How a run is made.

    Attributes:
        root: of the checkout.
        setting: with the command.
        kept: folder for what failed runs wrote.
        limit: seconds that a run may take; a longer one is killed, and failed.
    """

    root: Path
    setting: Setting
    kept: Path
    limit: float

    def made(self, numbers: Sequence[int]) -> Generator[Run, None, None]:
        """Make the runs of these numbers; each is told when it ends.

        Raises:
            ValueError: a busy loop ended early, so that the runs were made under less load than they say.
        """
        waiting, now = list(numbers), list[Going]()
        with busy(self.setting.busy) as loops:
            try:
                while waiting or now:
                    while waiting and len(now) < self.setting.at_once:
                        now.append(Going(self, waiting.pop(0)))
                    ended = [going for going in now if going.ended()]
                    if not ended:
                        time.sleep(LOOK_SECONDS)
                    for going in ended:
                        now.remove(going)
                        if any(loop.poll() is not None for loop in loops):
                            raise ValueError("A busy loop was killed by somebody else: the last run is not counted.")
                        yield going.run()
            finally:  # also when whoever asks for runs asks for no more
                for going in now:
                    going.drop()


class Going:
    """A run that was begun: it keeps to a scratch folder of its own, and writes no cache."""

    def __init__(self, gate: Gate, number: int) -> None:
        self._gate, self._number = gate, number
        self._folder = gate.kept / f"{gate.setting.commit[:12]}-run-{number:03d}"
        shutil.rmtree(self._folder, ignore_errors=True)  # of a start that was killed
        self._folder.mkdir(parents=True)
        scratch = Path(tempfile.mkdtemp(prefix="steadiness-"))
        command = [*shlex.split(gate.setting.command), *reporting(self._report, scratch / "tests")]
        self._began = time.monotonic()
        with (self._folder / "output.txt").open("wb") as output:
            self._leashed = Leashed([sys.executable, *command[1:]], gate.root, output, scratch, clean_environment())

    @property
    def _report(self) -> Path:
        return (self._folder / "report.xml").resolve()

    def ended(self) -> bool:
        """Whether it ended by itself, or had to be ended."""
        if self._leashed.poll() is None and time.monotonic() - self._began <= self._gate.limit:
            return False
        self._leashed.end()
        return True

    def drop(self) -> None:
        """Kill it, and keep nothing of it."""
        self._leashed.end()
        shutil.rmtree(self._folder)

    def run(self) -> Run:
        """What it found. The folder of a run in which all passed is removed."""
        seconds, code = time.monotonic() - self._began, self._leashed.wait()
        found = read_outcome(self._report)
        failures = () if found is None else found.failures
        if seconds > self._gate.limit:
            code, failures = code or 1, (*failures, f"no end within {self._gate.limit:g} seconds")
        elif code and not failures:
            failures = (f"pytest ended with exit code {code} and names no test",)
        elif not code and (found is None or not found.passed):
            code, failures = 1, ("pytest says that all passed, and reports no test",)
        if not code:
            shutil.rmtree(self._folder)
        passed, skipped = (0, 0) if found is None else (found.passed, found.skipped)
        kept = str(self._folder) if code else ""
        return Run(self._gate.setting, self._number, code, round(seconds, 1), passed, skipped, failures, kept)


def told(command: Sequence[str]) -> str:
    """A command in one line, the same on every machine."""
    return shlex.join(["python", *command[1:]])
