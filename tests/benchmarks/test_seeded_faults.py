"""The list of faults fits the tree, and the command tells caught from not caught on a small one."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

import pytest

from tests.benchmarks.gate.command import ROOT, clean_environment
from tests.benchmarks.seeded_faults.__main__ import main
from tests.benchmarks.seeded_faults.fault import Fault
from tests.benchmarks.seeded_faults.faults import FAULTS
from tests.benchmarks.seeded_faults.trial import LISTED, mirror, trial

FAULT = Fault("one", "thing/deep/a.py", "x + 1", "x - 1", "why")


def test_every_fault_fits_the_tree() -> None:
    assert Path(__file__).relative_to(ROOT).as_posix() == LISTED
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


class Scripted:
    """Stands for the copy: tests that fail with the fault, always, or the first time they are run."""

    def __init__(self, tests: dict[str, str]) -> None:
        self.tests, self.commands, self._seeded = tests, list[tuple[str, ...]](), False

    @contextmanager
    def seeded(self, fault: Fault) -> Iterator[None]:
        self._seeded = True
        yield
        self._seeded = False

    def failing(self, command: list[str], limit: float) -> str | None:
        self.commands.append(tuple(command))
        for name, fails in self.tests.items():
            asked = (
                any(name.startswith(word) for word in command) and f"--deselect={name.partition('[')[0]}" not in command
            )
            if asked and (fails == "always" or fails == "once" or (fails == "with the fault" and self._seeded)):
                self.tests[name] = "never" if fails == "once" else fails
                return name
        return None


MIRROR, GATE = ["tests/deep"], ["tests"]


@pytest.mark.parametrize(
    ("tests", "by", "unsteady"),
    [
        ({"tests/deep/a::x": "with the fault", "tests/b::y": "with the fault"}, "tests/deep/a::x", ()),
        ({"tests/deep/a::x": "never", "tests/b::y[1.5]": "with the fault"}, "tests/b::y[1.5]", ()),
        ({"tests/deep/a::x": "never", "tests/b::y": "never"}, None, ()),
        ({"tests/deep/a::x": "always", "tests/deep/a::z": "with the fault"}, "tests/deep/a::z", ("tests/deep/a::x",)),
        ({"tests/deep/a::x[1]": "once", "tests/b::y": "with the fault"}, "tests/b::y", ("tests/deep/a::x",)),
        ({"tests/deep/a::x": "always", "tests/b::y": "once"}, None, ("tests/deep/a::x", "tests/b::y")),
    ],
)
def test_only_a_test_that_fails_because_of_the_fault_catches_it(
    tests: dict[str, str], by: str | None, unsteady: tuple[str, ...]
) -> None:
    found = trial(Scripted(tests), FAULT, [MIRROR, GATE], 1)  # type: ignore[arg-type]
    assert (found.by, found.unsteady) == (by, unsteady)


def test_the_gate_is_asked_only_if_the_mirror_does_not_know() -> None:
    copy = Scripted({"tests/deep/a::x": "with the fault"})
    trial(copy, FAULT, [MIRROR, GATE], 1)  # type: ignore[arg-type]
    assert tuple(GATE) not in copy.commands
    with pytest.raises(ValueError, match="Too many tests fail"):
        trial(Scripted({f"tests/{n:02d}": "always" for n in range(20)}), FAULT, [GATE], 1)  # type: ignore[arg-type]


@pytest.mark.full
@pytest.mark.skipif(not hasattr(os, "fork") or which("git") is None, reason="needs POSIX and git")
def test_caught_and_not_caught(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {
        "README.md": "```bash\npython -m pytest -q\n```\n",
        "pytest.ini": "[pytest]\naddopts = --disable-plugin-autoload\n",
        "thing/__init__.py": "",
        "thing/deep/__init__.py": "",
        "thing/deep/a.py": "def more(x):\n    return x + 1\ndef same(x):\n    return x * 1\n",
        LISTED: "from pathlib import Path\ndef test_fits():\n    assert 'x * 1' in Path('thing/deep/a.py').read_text()\n",
        "tests/deep/test_a.py": "from thing.deep.a import more\ndef test_more():\n    assert more(1) == 2\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, env=clean_environment(), check=True)
    faults = [
        FAULT,
        Fault("unseen", FAULT.file, "x * 1", "x * 2", "Too much."),
        Fault("stale", FAULT.file, "x / 2", "x / 3", "Nothing."),
    ]
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert main([], tmp_path, faults) == 1
    finally:
        signal.signal(signal.SIGTERM, before)
    said = capsys.readouterr().out.splitlines()
    assert said[0].rpartition(", in ")[0] == "caught      one: by tests/deep/test_a.py::test_more"
    assert said[1].startswith("NOT CAUGHT  unseen: by the gate, in ")
    assert said[1].endswith(" s. Too much.")
    assert said[2].startswith("NOT TRIED   stale: thing/deep/a.py has 'x / 2' 0 times")
    assert said[3:] == ["1 of 3 caught"]
    assert (tmp_path / FAULT.file).read_text() == files[FAULT.file]
