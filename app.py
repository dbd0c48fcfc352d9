"""The page: ``python app.py [--kiosk]``, then open the address that it prints. A Space starts the same way."""

import sys

from mint.cli.console import settle
from mint.cli.serve import serve
from mint.cli.shell import Shell
from mint.errors import MintError

if __name__ == "__main__":
    settle()
    app = Shell(add_completion=False)
    app.command()(serve)
    try:
        app()
    except MintError as error:
        sys.exit(f"mint: {error}")
