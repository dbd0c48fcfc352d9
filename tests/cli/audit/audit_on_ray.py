"""Run by test_on_ray.py in a process of its own: ``mint audit --engine ray`` on a real Ray, then in one process.

A worker is killed at its first piece. Prints one JSON object.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import ray
import typer

from mint.cli.audit import on_ray
from mint.cli.audit.command import audit
from mint.cli.audit.on_ray import Audited, PhotoAuditor, Wanted
from mint.storage.paths import EXAMPLES

ENOUGH = 23  # photos: two batches, and one of them not full


class Mortal(PhotoAuditor):
    """A worker whose process dies once."""

    def __init__(self, wanted: Wanted, mark: str) -> None:
        super().__init__(wanted)
        self.mark = Path(mark)

    def __call__(self, piece: Any) -> list[Audited]:
        if not self.mark.exists():
            self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(piece)


def main(work: Path) -> None:
    """Audit twice, and compare."""
    folder, mark = work / "photos", work / "died"
    folder.mkdir()
    for photo in sorted((EXAMPLES / "faces").glob("*-gan.png"))[: ENOUGH - 1]:
        shutil.copy(photo, folder)
    (folder / "damaged.png").write_bytes(b"damaged")
    one, many = work / "one.jsonl", work / "many.jsonl"

    def ask(path: Path, **options: Any) -> bytes:
        with suppress(typer.Exit):  # a photo is damaged
            audit([folder], answers=path, **options)
        return path.read_bytes()

    on_ray.PhotoAuditor = lambda wanted: Mortal(wanted, str(mark))  # type: ignore[assignment, misc]
    found: dict[str, Any] = {"photos": len(list(folder.iterdir()))}
    whole = ask(many, engine="ray", workers=2)
    found["died"] = mark.exists()
    found["same"] = whole == ask(one)
    many.write_bytes(b"".join(whole.splitlines(keepends=True)[:9]) + b"{")  # as a killed run leaves it
    found["same after a stop"] = ask(many, engine="ray", workers=1) == whole
    found["left running"] = ray.is_initialized()
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
