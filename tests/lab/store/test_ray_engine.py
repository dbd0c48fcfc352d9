import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="pip install '.[scale]'")
ROOT = Path(__file__).parents[3]


@pytest.mark.full
def test_two_nodes_make_the_store_that_one_process_makes(tmp_path):
    # In a process of its own: Ray's nodes talk over the machine's own address, which other tests refuse.
    done = subprocess.run(
        [sys.executable, "-m", "tests.lab.two_nodes", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["nodes"] == 2
    assert found["same"]
    assert found["last"] == [36, 36, 4]
    assert found["died"]
    assert found["same after a loss"]
    assert found["mended"]
    assert found["again"] == [28, 8]
    assert "no column of pictures" in found["refused"]
