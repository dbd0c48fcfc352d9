"""A page of its own process whose looks a test holds: a look ends once there is a file, however long that takes.

``python -m tests.hostile.held FOLDER SECONDS``. In the folder, ``looking`` says that a look has begun, and ``go`` lets it end;
``SECONDS`` is what running audits have when the page closes.
"""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from typing import Any

from mint.ui.loading import Loading
from mint.ui.serve import serve
from tests.ui.fakes import FakeTest


class Held(FakeTest):
    """Looks for as long as the test wants.

    Args:
        folder: with the files above.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def look_at(self, *given: Any, **named: Any) -> Any:
        (self.folder / "looking").touch()
        while not (self.folder / "go").exists():
            time.sleep(0.01)
        return super().look_at(*given, **named)


def main() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests in the background switched it off
    folder, seconds = Path(sys.argv[1]), float(sys.argv[2])

    def load() -> FakeTest:
        import mint.ui.page  # the page is there by now

        mint.ui.page.CLOSING_SECONDS = seconds
        return Held(folder)

    serve(Loading(load))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
