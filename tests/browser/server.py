"""The page without networks, in a process of its own: ``python -m tests.browser.server EXAMPLES [SECONDS] [--kiosk] [--mcp]``.

``--loading SECONDS`` lets the networks take so long to load, ``--absent`` lets them fail to. ``--details SECONDS`` is how
long the maps take, after the verdict, and ``--lesson SECONDS`` a lesson, of which ``--notes FILE`` is told. ``--third`` asks a
third network beside the twins.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import mint.teach
from mint.errors import WeightsMissing
from mint.ui.loading import Loading
from mint.ui.serve import serve
from tests.ui.fake_lesson import fake_teach
from tests.ui.fakes import NETWORKS, THIRD, FakeTest, who_by_table


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("seconds", type=float, nargs="?", default=0.0)
    parser.add_argument("--loading", type=float, default=0.0)
    parser.add_argument("--details", type=float, default=0.0)
    parser.add_argument("--lesson", type=float, default=1.0)
    parser.add_argument("--notes", type=Path)
    for flag in ("--absent", "--third", "--kiosk", "--mcp"):
        parser.add_argument(flag, action="store_true")
    options = parser.parse_args()

    def load() -> FakeTest:
        time.sleep(options.loading)
        if options.absent:
            raise WeightsMissing("weights/twin-a is missing. Restore it from the repository.")
        networks = (*NETWORKS, THIRD) if options.third else NETWORKS
        return FakeTest(who_by_table(options.folder), options.seconds, details=options.details, networks=networks)

    mint.teach.teach = fake_teach(options.lesson, lambda told: note(options.notes, told))
    serve(Loading(load), options.folder, kiosk=options.kiosk, mcp=options.mcp)  # type: ignore[arg-type]


def note(file: Path | None, told: str) -> None:
    """One line more."""
    if file is not None:
        with file.open("a") as notes:
            notes.write(told + "\n")


if __name__ == "__main__":
    main()
