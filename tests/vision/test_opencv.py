"""Without the system's libraries OpenCV cannot be loaded, and the message names the packages to install."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name == "cv2":
            raise {error}
sys.meta_path.insert(0, Block())
from mint.errors import LibraryMissing
try:
    import mint.vision.faces
except LibraryMissing as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ('ImportError("libGL.so.1: cannot open shared object file")', ("libGL.so.1", "apt-get install -y libgl1")),
        ("ModuleNotFoundError(\"No module named 'cv2'\")", ("No module named", "pip install -r requirements.txt")),
    ],
)
def test_what_is_missing_is_said_with_what_to_install(error: str, words: tuple[str, ...]) -> None:
    code = BLOCK.format(error=error)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert all(word in done.stdout for word in words), done.stdout


def test_a_space_and_the_ci_install_what_the_message_names() -> None:
    packages = (ROOT / "packages.txt").read_text(encoding="utf-8").split()
    assert f"apt-get install -y {' '.join(packages)}" in (ROOT / "mint" / "vision" / "opencv.py").read_text(
        encoding="utf-8"
    )
    assert "<packages.txt" in (ROOT / ".ci" / "set_up").read_text(encoding="utf-8")
