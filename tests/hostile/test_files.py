"""Hostile bundles, stores, networks and manifests: refused before use, clearly, and with nothing left behind.

The ordinary run takes a seeded sample; ``MINT_HOSTILE_FILES=all`` takes every case.
"""

from __future__ import annotations

import os
import resource
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from mint.errors import MintError
from tests.hostile import bundle_files, network_files, store_files
from tests.hostile.files import MARK, Case
from tests.hostile.memory import MOST_MB, Growth

EVERY = os.environ.get("MINT_HOSTILE_FILES") == "all"
KINDS = {"bundle": bundle_files, "store": store_files, "network": network_files}
SAMPLE = {"bundle": 45, "store": 25, "network": 25}
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


def chosen(kind: str, folder: Path) -> list[Case]:
    cases = list(KINDS[kind].cases(folder, places=40 if EVERY else 4))
    if EVERY:
        return cases
    picked = np.random.default_rng(3).choice(len(cases), SAMPLE[kind], replace=False)
    return [cases[k] for k in sorted(picked)]


def contents(folder: Path) -> dict[str, tuple[int, int]]:
    """All that lies in a folder, and when it was last written."""
    found = {}
    for path in folder.rglob("*"):
        about = path.lstat()
        found[path.relative_to(folder).as_posix()] = (about.st_size if not path.is_dir() else 0, about.st_mtime_ns)
    return found


def refused(case: Case, folder: Path, whole: object) -> str:
    """What is wrong with the outcome of opening a spoiled folder; empty where it was refused as it should be."""
    module = KINDS[case.kind]
    before, temporary = contents(folder), set(os.listdir(tempfile.gettempdir()))
    with Growth() as growth:
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
    if new := {name for name in os.listdir(tempfile.gettempdir()) if "mint" in name} - temporary:
        return f"left behind: {new}"
    if Path(MARK).exists():
        return "something was unpickled"
    return f"took {growth.mb} MB" if growth.mb > MOST_MB else ""


@pytest.mark.parametrize("kind", KINDS)
def test_every_hostile_file_is_refused(kind, folders, wholes, tmp_path):
    told, failed = Counter(), {}
    limits = resource.getrlimit(resource.RLIMIT_AS)
    for number, case in enumerate(chosen(kind, folders[kind])):
        place = tmp_path / f"{number}"
        shutil.copytree(folders[kind], place, symlinks=True)
        case.spoil(place)
        # A blow-up ends as MemoryError here, and not with the machine.
        resource.setrlimit(resource.RLIMIT_AS, (_used() + 6 * 2**30, limits[1]))
        try:
            problem = refused(case, place, wholes[kind])
        finally:
            resource.setrlimit(resource.RLIMIT_AS, limits)
        told[problem or "refused"] += 1
        if problem and problem != FINE:
            failed[case.name] = problem
        shutil.rmtree(place)
    print(f"{kind}: {told.total()} cases, {told['refused']} refused, {told[FINE]} {FINE}", file=sys.stderr)
    assert not failed, "\n".join(f"{name}: {problem}" for name, problem in failed.items())


def _used() -> int:
    """Bytes of address space in use."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
