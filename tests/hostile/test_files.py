"""Hostile bundles, stores and networks: refused before use, clearly, and with nothing left behind.

The gate takes one of every group, and more of the large ones; ``pytest -m ""`` takes every case, and measures memory.
"""

from __future__ import annotations

import os
import resource
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest

from mint.errors import MintError
from tests.hostile import bundle_files, network_files, store_files
from tests.hostile.files import MARK, Case
from tests.hostile.memory import MOST_MB, Growth

KINDS = {"bundle": bundle_files, "store": store_files, "network": network_files}
FINE = "open as what they then are"


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A whole folder of each kind, to be copied and spoiled."""
    found = {}
    for kind, module in KINDS.items():
        found[kind] = tmp_path_factory.mktemp(kind)
        module.whole(found[kind])
    return found


@pytest.fixture(scope="module")
def wholes(folders):
    """Whole, they open."""
    return {kind: KINDS[kind].opened(folder) for kind, folder in folders.items()}


def some_of(kind: str, folder: Path) -> list[Case]:
    """One of every group, and one more for every forty that a group has; always the same ones."""
    random, groups = np.random.default_rng(3), defaultdict[str, list[Case]](list)
    for case in KINDS[kind].cases(folder, places=2):
        groups[case.group].append(case)
    return [alike[k] for alike in groups.values() for k in random.choice(len(alike), 1 + len(alike) // 40, False)]


def contents(folder: Path) -> dict[str, tuple[int, int]]:
    """All that lies in a folder, and when it was last written."""
    found = {}
    for path in folder.rglob("*"):
        about = path.lstat()
        found[path.relative_to(folder).as_posix()] = (about.st_size if not path.is_dir() else 0, about.st_mtime_ns)
    return found


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory, monkeypatch) -> Path:
    """A folder for temporary files that nobody else writes to."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def refused(case: Case, folder: Path, whole: object, temporary: Path) -> str:
    """What is wrong with the outcome of opening a spoiled folder; empty where it was refused as it should be."""
    module, before = KINDS[case.kind], contents(folder)
    try:
        found = module.opened(folder)
    except MintError as error:
        text = str(error)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return f"{type(error).__name__}: {str(error)[:150]}"
    else:
        fine = case.name.startswith(module.MAY_OPEN) and module.is_fine(found, whole)
        return FINE if fine else "opened"
    if len(text) > 1200 or (not text.isascii() and not all(c.isprintable() or c == "\n" for c in text)):
        return f"the message is {len(text)} characters long, or not fit for a terminal: {text[:100]!r}"
    if "Traceback" in text or "\x1b" in text or not text.rstrip().endswith((".", "?", ")")):
        return f"the message is no sentence: {text[:300]!r}"
    if contents(folder) != before:
        return "something in the folder changed"
    if left := sorted(path.name for path in temporary.iterdir()):
        return f"left behind: {left}"
    return "something was unpickled" if Path(MARK).exists() else ""


Refuse = Callable[[Case, Path], str]


def offenders(cases: Iterable[Case], whole: Path, place: Path, refuse: Refuse) -> tuple[list[str], Counter[str]]:
    """What was not refused as it should be, a line each; and how often which end came."""
    found, ends = [], Counter[str]()
    for number, case in enumerate(cases):
        folder = place / f"{number}"
        shutil.copytree(whole, folder, symlinks=True)
        case.spoil(folder)
        problem = refuse(case, folder)
        ends[problem or "refused"] += 1
        if problem not in ("", FINE):
            found.append(f"{case.name}: {problem}")
        shutil.rmtree(folder)
    return found, ends


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_files_of_every_group_are_refused(kind, folders, wholes, tmp_path, temporary):
    some = some_of(kind, folders[kind])

    def refuse(case, folder):
        return refused(case, folder, wholes[kind], temporary)

    found, ends = offenders(some, folders[kind], tmp_path, refuse)
    assert not found, "\n".join(found)
    assert ends["refused"] > len(some) / 2 > 8


def test_what_is_not_refused_is_told(folders, wholes, tmp_path, temporary):
    def nothing(folder):
        """Leaves the bundle whole."""

    def leave(case, folder):
        (temporary / "mint-x").touch()
        return refused(case, folder, wholes["bundle"], temporary)

    cases = [
        Case("cut nothing", "bundle", nothing),
        next(c for c in bundle_files.cases(folders["bundle"]) if "cut" in c.name),
    ]
    found, _ = offenders(cases, folders["bundle"], tmp_path, leave)
    assert found == ["cut nothing: opened", f"{cases[1].name}: left behind: ['mint-x']"]


@pytest.mark.full
@pytest.mark.parametrize("kind", KINDS)
def test_every_hostile_file_is_refused_in_little_memory(kind, folders, wholes, tmp_path, temporary):
    limits = resource.getrlimit(resource.RLIMIT_AS)

    def refuse(case, folder):
        # A blow-up ends as MemoryError here, and not with the machine.
        resource.setrlimit(resource.RLIMIT_AS, (_used() + 6 * 2**30, limits[1]))
        try:
            with Growth() as growth:
                problem = refused(case, folder, wholes[kind], temporary)
        finally:
            resource.setrlimit(resource.RLIMIT_AS, limits)
        return problem or (f"took {growth.mb} MB" if growth.mb > MOST_MB else "")

    found, ends = offenders(KINDS[kind].cases(folders[kind], places=40), folders[kind], tmp_path, refuse)
    print(f"{kind}: {ends.total()} cases, {ends['refused']} refused, {ends[FINE]} {FINE}", file=sys.stderr)
    assert not found, "\n".join(found)


def _used() -> int:
    """Bytes of address space in use."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
