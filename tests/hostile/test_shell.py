"""Every hostile photo through the shell, in one run: one answer a file, and the next one served."""

import json
import re
from pathlib import Path

import pytest

from tests.hostile.cases import ANSWERED, EITHER, cases
from tests.shell import mint

TAKEN = (".jpg", ".jpeg", ".png", ".webp")  # what a folder is searched for


@pytest.fixture(scope="module")
def run(tmp_path_factory, weights):
    folder = tmp_path_factory.mktemp("photos")
    files = {}
    for number, case in enumerate(cases()):
        if case.suffix.lower() in TAKEN and len(case.data) < 2_000_000:
            files[folder / f"{number:04d}{case.suffix}"] = case
    for path, case in files.items():
        path.write_bytes(case.data)
    return files, mint("audit", "--json", "--network", weights / "twin-a", folder)


@pytest.mark.full
def test_every_file_gets_one_answer_and_the_exit_code_says_that_some_failed(run):
    files, done = run
    found = {Path(line["photo"]): line for line in map(json.loads, done.stdout.splitlines())}
    assert set(found) == set(files)
    assert done.returncode == 1
    for path, case in files.items():
        line = found[path]
        assert (line["error"] is None) == bool(line["faces"]), case.name
        if case.outcome != EITHER:
            assert (line["error"] is None) == (case.outcome == ANSWERED), (case.name, line["error"])


@pytest.mark.full
def test_nobody_sees_a_traceback(run):
    _, done = run
    assert "Traceback" not in done.stderr
    assert not re.search(r"\.py\b|0x[0-9a-f]{6}", done.stderr), done.stderr[-2000:]
