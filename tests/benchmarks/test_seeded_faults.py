"""The list of faults fits the tree, and the command tells caught from not caught on a small one."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from shutil import which

import pytest

from tests.benchmarks.gate.command import ROOT, clean_environment
from tests.benchmarks.seeded_faults.__main__ import main
from tests.benchmarks.seeded_faults.fault import Fault
from tests.benchmarks.seeded_faults.faults import FAULTS
from tests.benchmarks.seeded_faults.trial import mirror

FAULT = Fault("one", "thing/deep/a.py", "x + 1", "x - 1", "why")


def test_every_fault_fits_the_tree() -> None:
    stale = []
    for fault in FAULTS:
        try:
            fault.seeded((ROOT / fault.file).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            stale.append(str(error))
    assert not stale, "\n".join(stale)


def test_every_fault_has_a_name_and_says_why_it_matters() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert all(fault.why.endswith(".") for fault in FAULTS)
    assert len({(fault.file, fault.old) for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize(
    ("text", "fault", "says"),
    [
        ("y = x + 1", FAULT, None),
        ("y = x + 2", FAULT, "0 times"),
        ("y = x + 1\nz = x + 1", FAULT, "2 times"),
        ("y = x + 1", Fault("one", "a.py", "x + 1", "x + 1", "why"), "the same"),
        ("y = x + 1", Fault("one", "a.py", "x + 1", "x +", "why"), "cannot be read"),
        ('{"a": 1}', Fault("one", "a.json", "1", "", "why"), "cannot be read"),
        ('{"a": 1}', Fault("one", "a.json", "1", "2", "why"), None),
        ("a { b: c }", Fault("one", "a.css", "c }", "d", "why"), None),
    ],
)
def test_a_fault_that_would_be_noticed_for_another_reason_is_refused(text: str, fault: Fault, says: str | None) -> None:
    if says is None:
        assert fault.seeded(text) == text.replace(fault.old, fault.new) != text
    else:
        with pytest.raises(ValueError, match=says):
            fault.seeded(text)


def test_what_mirrors_a_file(tmp_path: Path) -> None:
    for name in ("deep/test_a.py", "deep/test_a_more.py", "deep/test_ab.py", "test_top.py", "test_top_of.py"):
        (tmp_path / "tests" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tests" / name).touch()
    files = ["tests/deep/test_a.py", "tests/deep/test_a_more.py"]
    assert mirror(tmp_path, "thing/deep/a.py") == [files, ["tests/deep", *(f"--ignore={name}" for name in files)]]
    assert mirror(tmp_path, "thing/deep/deeper/c.json") == [["tests/deep"]]
    assert mirror(tmp_path, "thing/top.py") == [["tests/test_top.py", "tests/test_top_of.py"]]
    assert mirror(tmp_path, "thing/nothing.py") == []
    (tmp_path / "tests/deep/test_ab.py").unlink()
    assert mirror(tmp_path, "thing/deep/a.py") == [files]


@pytest.mark.skipif(not hasattr(os, "fork") or which("git") is None, reason="needs POSIX and git")
def test_caught_and_not_caught(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "checkout"
    files = {
        "README.md": "```bash\npython -m pytest -q\n```\n",
        "pytest.ini": "[pytest]\naddopts = --disable-plugin-autoload\n",
        "thing/__init__.py": "",
        "thing/deep/__init__.py": "",
        "thing/deep/a.py": "def more(x):\n    return x + 1\ndef less(x):\n    return x - 2\ndef same(x):\n    return x * 1\n",
        "tests/deep/test_a.py": "from thing.deep.a import more\ndef test_more():\n    assert more(1) == 2\n",
        "tests/test_all.py": "from thing.deep.a import less\ndef test_less():\n    assert less(1) == -1\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=root, env=clean_environment(), check=True)
    faults = [
        FAULT,
        Fault("far", FAULT.file, "x - 2", "x - 3", "Too little."),
        Fault("unseen", FAULT.file, "x * 1", "x * 2", "Too much."),
        Fault("stale", FAULT.file, "x / 2", "x / 3", "Nothing."),
    ]
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert main([], root, faults) == 1
        said = capsys.readouterr().out.splitlines()
        assert main(["--only", "far", "--quick"], root, faults) == 1
    finally:
        signal.signal(signal.SIGTERM, before)
    assert [line.rpartition(", in ")[0] for line in said[:2]] == [
        "caught      one: by tests/deep/test_a.py::test_more",
        "caught      far: by tests/test_all.py::test_less",
    ]
    assert said[2].startswith("NOT CAUGHT  unseen: by the gate")
    assert said[2].endswith(" s. Too much.")
    assert said[3].startswith("NOT TRIED   stale: thing/deep/a.py has 'x / 2' 0 times")
    assert said[4:] == ["2 of 4 caught"]
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("NOT CAUGHT  far: by the tests that mirror it")
    assert said[1:] == ["0 of 1 caught"]
    assert (root / FAULT.file).read_text() == files[FAULT.file]


@pytest.mark.skipif(not hasattr(os, "fork") or which("git") is None, reason="needs POSIX and git")
def test_a_test_that_always_fails_catches_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thing").mkdir()
    (tmp_path / "thing" / "__init__.py").touch()
    (tmp_path / "thing" / "a.py").write_text("y = 1")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text("def test_red(): assert False\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --disable-plugin-autoload\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, env=clean_environment(), check=True)
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert main(["--quick"], tmp_path, [Fault("one", "thing/a.py", "1", "2", "why")]) == 1
    finally:
        signal.signal(signal.SIGTERM, before)
    assert "tests/test_a.py::test_red fails without the fault as well" in capsys.readouterr().out
