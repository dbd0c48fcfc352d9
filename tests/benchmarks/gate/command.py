"""The gate's test command, as README.md gives it: it is written down once."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
BLOCKS = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"\bpython -m pytest\b[^\n&|;`]*")


def gate_command(root: Path = ROOT) -> list[str]:
    """The first ``python -m pytest …`` in a code block of README.md, run by this Python.

    Raises:
        ValueError: there is none.
    """
    blocks = BLOCKS.findall((root / "README.md").read_text(encoding="utf-8"))
    found = COMMAND.search("\n".join(blocks))
    if found is None:
        raise ValueError(
            f"No code block of {root / 'README.md'} has a python -m pytest. Write the gate's command there."
        )
    return [sys.executable, *shlex.split(found[0], comments=True)[1:]]


def reporting(report: Path, basetemp: Path) -> list[str]:
    """Arguments that keep a run of pytest to itself, and have it write what ``outcome`` reads."""
    own = [f"--basetemp={basetemp}", "-p", "no:cacheprovider"]
    return [*own, f"--junitxml={report}", "-o", "junit_family=xunit1"]  # the one that names files


def clean_environment() -> dict[str, str]:
    """This process's environment, without what a pytest or a hook of git around it would tell another one."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "GIT_"))}
