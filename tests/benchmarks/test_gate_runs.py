"""What the commands that run the gate share: its command, the leash, and the reading of reports."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.benchmarks.gate.command import ROOT, clean_environment, gate_command, reporting
from tests.benchmarks.gate.leash import Leashed
from tests.benchmarks.gate.outcome import Outcome, read_outcome

PATIENCE = 120  # seconds, for what takes a moment
# Writes its number down and stays.
STAYS = (
    "import os, pathlib, signal, sys; p = pathlib.Path(sys.argv[1]); p.write_text(f'{os.getpid()} '); signal.pause()"
)
STARTER = """
import signal, sys
from pathlib import Path
from tests.benchmarks.gate.leash import Leashed
held = [Leashed([sys.executable, "-c", sys.argv[1], name], scratch=Path(sys.argv[4])) for name in sys.argv[2:4]]
signal.pause()
"""
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs POSIX")


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def written(path: Path) -> bool:
    return path.is_file() and path.read_text().endswith(" ")


def test_the_readme_has_the_command_and_it_is_this_python_s() -> None:
    command = gate_command()
    assert command[:3] == [sys.executable, "-m", "pytest"]
    assert " ".join(command[1:]) in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "full" not in command, "the gate is what runs without a word about it"


def test_the_command_is_the_first_in_a_code_block(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("`python -m pytest no`\n```bash\nmake && python -m pytest -n 2 -k 'a b'  # well\n```\n")
    assert gate_command(tmp_path) == [sys.executable, "-m", "pytest", "-n", "2", "-k", "a b"]
    readme.write_text("`python -m pytest no`\n")
    with pytest.raises(ValueError, match=r"No code block of .*README\.md"):
        gate_command(tmp_path)


def test_a_killed_starter_takes_along_what_it_started(tmp_path: Path) -> None:
    names, scratch = [tmp_path / "one", tmp_path / "two"], tmp_path / "scratch"
    scratch.mkdir()
    words = [sys.executable, "-c", STARTER, STAYS, *map(str, names), str(scratch)]
    starter = subprocess.Popen(words, cwd=ROOT, env=clean_environment())
    try:
        until(lambda: all(map(written, names)))
        pids = [int(name.read_text()) for name in names]
        assert all(map(lives, pids))
    finally:
        starter.send_signal(signal.SIGKILL)
        starter.wait(PATIENCE)
    until(lambda: not any(map(lives, pids)))
    until(lambda: not scratch.exists())


def test_a_leashed_command_ends_by_itself_or_when_told_to(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as out:
        code = Leashed([sys.executable, "-c", "print('said'); raise SystemExit(7)"], output=out).wait(PATIENCE)
    assert (code, (tmp_path / "out").read_text()) == (7, "said\n")
    stays = Leashed([sys.executable, "-c", STAYS, str(tmp_path / "pid")])
    until(lambda: written(tmp_path / "pid"))
    assert stays.poll() is None
    stays.end()
    assert stays.wait() == 128 + signal.SIGKILL
    assert not lives(int((tmp_path / "pid").read_text()))


def test_a_report_is_read_as_pytest_writes_it(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    folder = tmp_path / "tests" / "deep"
    folder.mkdir(parents=True)
    (folder / "test_a.py").write_text(
        "import pytest\n"
        "@pytest.fixture\n"
        "def late():\n    yield\n    raise OSError\n"
        "@pytest.mark.parametrize('x', ['1', 'a.b'])\n"
        "def test_passes_one(x): assert x == '1'\n"
        "def test_fails_twice(late): assert False\n"
        "def test_is_skipped(): pytest.skip('why')\n"
        "class TestIn:\n    def test_fails(self): assert False\n"
    )
    (folder / "test_b.py").write_text("import nothing_of_this_name\n")
    report = tmp_path / "report.xml"
    command = [
        sys.executable,
        "-m",
        "pytest",
        *reporting(report, tmp_path / "scratch"),
        "--continue-on-collection-errors",
    ]
    subprocess.run(command, cwd=tmp_path, env=clean_environment(), capture_output=True, timeout=PATIENCE, check=False)
    found = read_outcome(report)
    assert found is not None
    assert (found.passed, found.skipped) == (1, 1)
    assert sorted(found.failures) == [
        "tests/deep/test_a.py::TestIn::test_fails",
        "tests/deep/test_a.py::test_fails_twice",
        "tests/deep/test_a.py::test_passes_one[a.b]",
        "tests/deep/test_b.py",
    ]
    assert not (tmp_path / ".pytest_cache").exists()


def test_no_report_is_no_outcome(tmp_path: Path) -> None:
    assert read_outcome(tmp_path / "none.xml") is None
    (tmp_path / "half.xml").write_text("<testsuites><testsuite>")
    assert read_outcome(tmp_path / "half.xml") is None
    (tmp_path / "empty.xml").write_text("<testsuites/>")
    assert read_outcome(tmp_path / "empty.xml") == Outcome(0, 0, ())
