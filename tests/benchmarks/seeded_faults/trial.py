"""A copy of the tree in which one fault at a time is tried."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.gate.command import clean_environment, reporting
from tests.benchmarks.gate.leash import Leashed
from tests.benchmarks.gate.outcome import read_outcome
from tests.benchmarks.seeded_faults.fault import Fault

ALL_PASSED, NONE_FOUND = 0, 5  # pytest's exit codes
MOST_UNSTEADY = 10
LISTED = "tests/benchmarks/test_seeded_faults.py"  # looks for the faults' old texts: it would notice every one


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a fault.

    Attributes:
        by: the test that failed, passes without the fault, and fails with it once more; None if there is none.
        seconds: until it failed, or all had passed.
        unsteady: tests that failed as well, but without the fault, too, or with it only once.
    """

    by: str | None
    seconds: float
    unsteady: tuple[str, ...] = ()


class Copy:
    """The files of a checkout, as they are now, in a folder of their own. Made by ``copied``.

    Attributes:
        root: of the copy.
    """

    def __init__(self, source: Path, root: Path, scratch: Path) -> None:
        self.root, self._scratch = root, scratch
        for name in _files(source):
            if (source / name).is_file():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source / name, root / name)
        # Children that change their folder must find the copy as well, and an old file of byte code would hide a fault
        # of the same length that was made within the same second.
        self._environment = clean_environment() | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}

    def check(self, package: str) -> None:
        """Make sure that tests here import a package of the copy: of another one they would notice nothing.

        Raises:
            ValueError: they do not.
        """
        code = f"import {package}; print({package}.__file__)"
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=self.root,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if not Path(done.stdout.strip()).is_relative_to(self.root):
            raise ValueError(f"Tests of the copy in {self.root} import {done.stdout.strip() or done.stderr.strip()}.")

    @contextmanager
    def seeded(self, fault: Fault) -> Iterator[None]:
        """With a fault. Raises ValueError as ``Fault.seeded``."""
        path = self.root / fault.file
        before = path.read_bytes()
        path.write_bytes(fault.seeded(before.decode()).encode())
        try:
            yield
        finally:
            path.write_bytes(before)

    def failing(self, command: Sequence[str], limit: float) -> str | None:
        """The first test that fails, by its name; None if all pass, or there is none.

        Raises:
            ValueError: pytest itself failed, or came to no end.
        """
        report = self._scratch / "report.xml"
        report.unlink(missing_ok=True)
        basetemp = Path(tempfile.mkdtemp(dir=self._scratch))
        with (self._scratch / "output.txt").open("wb") as output:
            words = [*command, "-x", f"--ignore={LISTED}", *reporting(report, basetemp / "tests")]
            leashed = Leashed(words, self.root, output, basetemp, self._environment)
        try:
            code = leashed.wait(limit)
        except subprocess.TimeoutExpired:
            raise ValueError(f"The tests came to no end within {limit:g} seconds.") from None
        finally:
            leashed.end()
        found = read_outcome(report)
        if found is not None and found.failures:
            return found.failures[0]
        if code not in (ALL_PASSED, NONE_FOUND):
            said = (self._scratch / "output.txt").read_text(encoding="utf-8", errors="replace")
            raise ValueError(f"pytest ended with exit code {code} and names no test: {said[-500:]}")
        return None


@contextmanager
def copied(source: Path) -> Iterator[Copy]:
    """A copy of a checkout, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="seeded-faults-") as folder:
        root, scratch = Path(folder) / "tree", Path(folder) / "scratch"
        scratch.mkdir()
        yield Copy(source, root.resolve(), scratch)


def mirror(root: Path, file: str) -> list[list[str]]:
    """Tests that mirror a module, as arguments of pytest: those of the file, then those of the folder.

    Files in the package's own folder have no tests of a folder: that would be all tests.
    """
    inside = Path(file).parts[1:]
    folder = next(f for f in (root / "tests" / Path(*inside)).parents if f.is_dir())
    stem = Path(file).stem
    files = [
        p.relative_to(root).as_posix()
        for p in sorted(folder.glob(f"test_{stem}.py")) + sorted(folder.glob(f"test_{stem}_*.py"))
    ]
    steps = [files] if files else []
    others = {p.relative_to(root).as_posix() for p in folder.rglob("test_*.py")} - set(files)
    if folder != root / "tests" and others:
        steps.append([folder.relative_to(root).as_posix(), *(f"--ignore={name}" for name in files)])
    return steps


def trial(copy: Copy, fault: Fault, steps: Sequence[Sequence[str]], limit: float) -> Verdict:
    """Run commands of pytest on the copy with a fault, until a test fails because of it.

    Args:
        copy: without a fault.
        fault: to be noticed.
        steps: commands, quick ones first.
        limit: seconds for each.

    Raises:
        ValueError: as ``Copy.failing``, or one test after the other fails for another reason.
    """
    began = time.monotonic()
    unsteady: list[str] = []
    for command in steps:
        while True:
            with copy.seeded(fault):
                by = copy.failing([*command, *(f"--deselect={name}" for name in unsteady)], limit)
            if by is None:
                break
            seconds = time.monotonic() - began
            # By its function: the values of a parameter are no words for a command.
            name = by.partition("[")[0]
            alone = [sys.executable, "-m", "pytest", name]
            if copy.failing(alone, limit) is None:
                with copy.seeded(fault):
                    if copy.failing(alone, limit) is not None:
                        return Verdict(by, seconds, tuple(unsteady))
            unsteady.append(name)
            if len(unsteady) > MOST_UNSTEADY:
                raise ValueError(f"Too many tests fail for another reason: {', '.join(unsteady)}.")
    return Verdict(None, time.monotonic() - began, tuple(unsteady))


def _files(source: Path) -> list[str]:
    """What git knows, and what it would be told of; not what it ignores."""
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(words, cwd=source, env=clean_environment(), capture_output=True, check=False)
    if done.returncode:
        raise ValueError(f"git cannot list the files of {source}: {done.stderr.decode(errors='replace').strip()}")
    return sorted(set(done.stdout.decode().split("\0")) - {""})
