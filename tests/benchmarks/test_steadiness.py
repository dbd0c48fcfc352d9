"""The command's own logic, on a checkout of one small test."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import which

import pytest

from tests.benchmarks.gate.command import ROOT, clean_environment
from tests.benchmarks.steadiness.__main__ import main
from tests.benchmarks.steadiness.log import Log, Run, Setting, commit_of, missing
from tests.benchmarks.steadiness.runs import busy

PATIENCE = 120  # seconds, for what takes a moment
pytestmark = pytest.mark.skipif(not hasattr(os, "fork") or which("git") is None, reason="needs POSIX and git")
SETTING = Setting("c" * 40, "python -m pytest", 2, 1)
RUN = Run(SETTING, 1, 0, 3.5, 10, 2, ())


def git(root: Path, *words: str) -> None:
    own = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *own, *words], cwd=root, env=clean_environment(), check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of one test, which counts in COUNT how often it ran, fails at FAIL and stays at STAY."""
    root = tmp_path / "checkout"
    root.mkdir()
    (root / "README.md").write_text("```bash\npython -m pytest --disable-plugin-autoload\n```\n")
    (root / "pytest.ini").write_text("[pytest]\n")
    (root / ".gitignore").write_text("__pycache__/\n")
    (root / "test_it.py").write_text(
        "import signal\nfrom pathlib import Path\n"
        f"HERE = Path({str(tmp_path)!r})\n"
        "def told(name):\n    return int((HERE / name).read_text()) if (HERE / name).exists() else 0\n"
        "def test_it():\n"
        "    number = told('COUNT') + 1\n"
        "    (HERE / 'COUNT').write_text(str(number))\n"
        "    assert number != told('FAIL')\n"
        "    if number == told('STAY'):\n"
        "        (HERE / 'stays').touch()\n"
        "        signal.pause()\n"
    )
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "one test")
    return root


@pytest.fixture(autouse=True)
def own_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The command takes SIGTERM as Ctrl-C, and leaves what failed runs wrote; these tests run in its process."""
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.full
def test_a_failure_is_counted_kept_and_not_made_again(
    checkout: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "FAIL").write_text("2")
    out = tmp_path / "runs.jsonl"
    words = ["--busy", "1", "--out", str(out)]
    assert main([*words, "--runs", "2"], checkout) == 1
    said = capfd.readouterr().out.splitlines()
    assert said[-1] == "1 of 2 passed"
    assert [line.split(";")[0].split(" s, ")[1] for line in said[1:3]] == [
        "1 passed, 0 failed, 0 skipped",
        "0 passed, 1 failed, 0 skipped",
    ]
    assert "failed: test_it.py::test_it; output in " in said[2]
    (kept,) = (tmp_path / "runs.failures").iterdir()
    assert str(kept) in said[2]
    assert "assert 2 != 2" in (kept / "output.txt").read_text()
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(line["number"], line["code"], line["failures"]) for line in lines] == [
        (1, 0, []), (2, 1, ["test_it.py::test_it"]),
    ]  # fmt: skip
    assert {line["setting"]["commit"] for line in lines} == {commit_of(checkout)}

    assert main([*words, "--runs", "3"], checkout) == 1
    assert capfd.readouterr().out.splitlines()[-1] == "2 of 3 passed"
    assert (tmp_path / "COUNT").read_text() == "3", "two were made before"

    (checkout / "new.txt").write_text("x")
    git(checkout, "add", ".")
    git(checkout, "commit", "-q", "-m", "another")
    assert main([*words, "--runs", "1"], checkout) == 0
    said = capfd.readouterr().out.splitlines()
    assert said[-1] == "1 of 1 passed"
    assert sum(line.endswith("(of another commit: not counted)") for line in said) == 3


@pytest.mark.full
def test_told_to_end_it_leaves_nothing_running_and_goes_on_later(
    checkout: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "STAY").write_text("2")
    words = ["--busy", "1", "--runs", "3", "--at-once", "1", "--out", str(tmp_path / "runs.jsonl")]
    script = f"import sys; from pathlib import Path; from tests.benchmarks.steadiness.__main__ import main; sys.exit(main({words!r}, Path({str(checkout)!r})))"
    started = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=clean_environment())
    try:
        end = time.monotonic() + PATIENCE
        while not (tmp_path / "stays").exists():
            assert time.monotonic() < end
            assert started.poll() is None
            time.sleep(0.02)
        assert main(words, checkout) == 2, "another process has the file"
        assert "Another process makes the runs" in capfd.readouterr().err
    finally:
        started.terminate()
        code = started.wait(PATIENCE)
    assert code == 130
    assert not (tmp_path / "runs.failures").exists()
    assert len((tmp_path / "runs.jsonl").read_text().splitlines()) == 1
    assert main(words, checkout) == 0
    said = capfd.readouterr().out.splitlines()
    assert said[-1] == "3 of 3 passed"
    assert [line.endswith("(made before)") for line in said[-4:-1]] == [True, False, False]


def test_a_run_without_an_end_is_ended_and_failed(
    checkout: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "STAY").write_text("1")
    assert main(["--busy", "0", "--runs", "1", "--limit", "0.5"], checkout) == 1
    assert "failed: no end within 0.5 seconds" in capfd.readouterr().out


@pytest.mark.parametrize("added", [["-k", "nothing"], ["--no-such-option"]])
def test_a_run_of_no_test_has_not_passed(checkout: Path, capfd: pytest.CaptureFixture[str], added: list[str]) -> None:
    assert main(["--busy", "0", "--runs", "1", "--", *added], checkout) == 1
    assert "and names no test" in capfd.readouterr().out


def test_what_was_changed_since_the_commit_makes_another(checkout: Path) -> None:
    commit = commit_of(checkout)
    assert len(commit) == 40
    (checkout / "test_new.py").write_text("")
    changed = commit_of(checkout)
    (checkout / "test_new.py").write_text("x = 1")
    assert len({commit, changed, commit_of(checkout)}) == 3
    assert changed.startswith(f"{commit}+")
    (checkout / "test_new.py").unlink()
    assert commit_of(checkout) == commit
    (checkout / "README.md").write_text("")
    assert commit_of(checkout) != commit


def test_only_runs_of_the_very_setting_are_there(tmp_path: Path) -> None:
    others = [
        replace(SETTING, commit="d" * 40),
        replace(SETTING, busy=3),
        replace(SETTING, command="python -m pytest x"),
    ]
    runs = [RUN, *(replace(RUN, setting=other, number=2) for other in others), replace(RUN, number=9)]
    assert missing(runs, SETTING, 4) == [2, 3, 4]
    assert missing([], SETTING, 2) == [1, 2]


def test_half_a_line_costs_one_run_only(tmp_path: Path) -> None:
    log = Log(tmp_path / "deep" / "runs.jsonl")
    assert log.read() == ([], 0)
    log.add(RUN)
    whole = (tmp_path / "deep" / "runs.jsonl").read_bytes()
    (tmp_path / "deep" / "runs.jsonl").write_bytes(whole + whole[:40])
    other = replace(RUN, number=2, failures=("ñ", "b"), kept="k")
    log.add(other)
    assert log.read() == ([RUN, other], 1)


def test_loops_are_busy_until_they_are_not_wanted() -> None:
    with busy(2) as loops:
        assert [loop.poll() for loop in loops] == [None, None]
    assert [loop.poll() for loop in loops] == [128 + signal.SIGKILL] * 2
