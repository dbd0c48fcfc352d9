"""Clashes, gaps and other versions are found from the list of packages, each with what mends it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import onnxruntime
import pytest

from mint.doctor import packages
from mint.doctor.finding import State

RUNTIME = onnxruntime.__version__
WANTED = {"numpy": "2.4.6", "torch": "2.13.0", "onnxruntime": RUNTIME, "opencv-python": "5.0.0.93"}
HERE = {"numpy": "2.4.6", "torch": "2.13.0+cpu", "onnxruntime": RUNTIME, "opencv-python": "5.0.0.93"}


def test_what_is_as_pinned_is_well() -> None:
    for found in (packages.packages(HERE, WANTED), packages.runtimes(HERE, WANTED), packages.opencv(HERE, WANTED)):
        assert (found.state, found.advice) == (State.OK, "")
    assert packages.python().state is State.OK


def test_what_is_missing_or_another_version_is_named() -> None:
    gap = packages.packages({"torch": "2.13.0"}, WANTED)
    assert (gap.state, "numpy" in gap.says) == (State.BROKEN, True)
    other = packages.packages(HERE | {"numpy": "2.3.0"}, WANTED)
    assert (other.state, "numpy 2.3.0 (not 2.4.6)" in other.says) == (State.NOTE, True)
    assert "requirements.txt" in gap.advice


def test_two_runtimes_are_a_clash_whichever_was_loaded() -> None:
    found = packages.runtimes(HERE | {"onnxruntime-gpu": "1.31.1"}, WANTED)
    assert found.state is State.BROKEN
    assert "onnxruntime-gpu 1.31.1" in found.says
    assert found.advice.startswith("pip uninstall -y onnxruntime onnxruntime-gpu")
    assert "requirements-gpu.txt" in found.advice
    assert f"onnxruntime=={RUNTIME}" in found.advice


def test_a_runtime_whose_files_are_another_s_is_torn() -> None:
    # What is left when one of two builds was removed, or written over.
    for name, mend in (("onnxruntime", f"onnxruntime=={RUNTIME}"), ("onnxruntime-gpu", "requirements-gpu.txt")):
        found = packages.runtimes({name: "0.0.1"}, WANTED)
        assert (found.state, mend in found.advice) == (State.BROKEN, True)
        assert f"{onnxruntime.__version__} is loaded" in found.says
    assert packages.runtimes({}, WANTED).says == "none is installed"


@pytest.mark.parametrize(
    ("name", "mend"), [("onnxruntime", "onnxruntime==0.0.1"), ("onnxruntime-gpu", "requirements-gpu.txt")]
)
def test_a_runtime_of_another_version_is_named(name: str, mend: str) -> None:
    found = packages.runtimes({name: RUNTIME}, WANTED | {"onnxruntime": "0.0.1"})
    assert (found.state, mend in found.advice) == (State.NOTE, True)
    assert found.says == f"{name} {RUNTIME}, and MINT was tested with 0.0.1"


def test_a_runtime_that_cannot_be_loaded_is_torn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "_loaded_runtime", lambda: None)
    found = packages.runtimes(HERE, WANTED)
    assert (found.state, "cannot be loaded" in found.says) == (State.BROKEN, True)


def test_two_opencvs_are_a_clash() -> None:
    found = packages.opencv(HERE | {"opencv-python-headless": "5.0.0.93"}, WANTED)
    assert found.state is State.BROKEN
    assert found.advice == (
        "pip uninstall -y opencv-python opencv-python-headless, then pip install --no-deps opencv-python==5.0.0.93"
    )


def test_an_opencv_without_its_system_libraries_says_which_to_install() -> None:
    code = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name == "cv2":
            raise ImportError("libGL.so.1: cannot open shared object file")
sys.meta_path.insert(0, Block())
from mint.doctor.packages import opencv
print(*opencv({"opencv-python": "5"}, {}).__getstate__(), sep="|")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "|broken|" in done.stdout
    assert "libGL.so.1" in done.stdout
    assert done.stdout.strip().endswith("apt-get install -y libgl1 libglib2.0-0")


def test_packs_need_insightface_and_the_rest_does_not() -> None:
    assert packages.insightface({}).state is State.NOTE
    assert packages.insightface({"insightface": "2.1"}).state is State.OK


def test_pins_are_those_of_requirements_txt(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    lines = (root / "requirements.txt").read_text(encoding="utf-8").split()
    found = packages.pinned(root)
    assert sorted(f"{n}=={v}" for n, v in found.items()) == sorted(line.lower().replace("_", "-") for line in lines)
    assert packages.pinned(tmp_path) == {} or packages.pinned(tmp_path) == found  # as an installed package tells it
    assert set(found) <= set(packages.installed())
