"""The page without networks, in a process of its own: ``python -m tests.browser.server EXAMPLES [SECONDS] [--kiosk] [--mcp]``."""

from __future__ import annotations

import sys
from pathlib import Path

from mint.ui.loading import Loading
from mint.ui.serve import serve
from tests.ui.fakes import FakeTest, who_by_table

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 0.0
    loading = Loading(lambda: FakeTest(who_by_table(folder), seconds))  # type: ignore[arg-type, return-value]
    serve(loading, folder, kiosk="--kiosk" in sys.argv, mcp="--mcp" in sys.argv)
