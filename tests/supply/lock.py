"""Write the locks: every requirement and what it asks for in turn, with version and sha256 of every file on PyPI.

    pip install uv==0.13.9 && python -m tests.supply.lock

The versions come from ``requirements.txt`` and ``pyproject.toml``. torch has a lock of its own: its wheel on PyPI asks
for CUDA's packages, and the CPU wheels are not on PyPI at all. ``.github/CONTRIBUTING.md`` says how each is installed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCKS = ROOT / ".github" / "locks"
EXTRAS = ("test", "scale", "mcp", "private")
POOL = ("openpeople==0.1.2", "gan-face-generate==1.1.1")  # only their data is read: see pyproject.toml
WITH_TORCH = re.compile(r"(torch|triton|nvidia-[\w-]+|cuda-[\w-]+)==")
HEAD = "# Written by `python -m tests.supply.lock`, do not edit. {what}\n"


def blocks(text: str) -> list[str]:
    """A lock's requirements, each with its hashes and with the comment on who asks for it."""
    return [block for block in re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE) if block.strip()]


def resolve(*arguments: str, given: str | None = None) -> str:
    """What ``uv pip compile`` finds on its default index, for any machine with Python 3.11 or newer."""
    command = [
        "uv", "pip", "compile", *arguments, "--universal", "--python-version", "3.11", "--generate-hashes", "--quiet",
        "--no-header", "--no-config", "--no-emit-index-url", "--no-emit-find-links",
    ]  # fmt: skip
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout


def main() -> None:
    """Write every lock."""
    LOCKS.mkdir(parents=True, exist_ok=True)
    everything = blocks(resolve("pyproject.toml", *(f"--extra={extra}" for extra in EXTRAS)))
    heavy = [block for block in everything if WITH_TORCH.match(block)]
    found = {
        "requirements": ("All but torch.", "".join(b for b in everything if b not in heavy)),
        "torch": ("torch from PyPI: on Linux with CUDA, several GB.", "".join(heavy)),
        "pool": (
            "The pool's sources, without what they ask for.",
            resolve("-", "--no-deps", given="\n".join(POOL)),
        ),
        "gpu": ("ONNX Runtime with CUDA.", resolve("requirements-gpu.txt", "--no-deps")),
    }
    for name, (what, text) in found.items():
        path = LOCKS / f"{name}.lock"
        path.write_text(HEAD.format(what=what) + text, encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: {len(blocks(text))} packages", file=sys.stderr)


if __name__ == "__main__":
    main()
