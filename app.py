"""The page: ``python app.py [--kiosk]``, then open the address that it prints. A Space starts the same way."""

import sys

import typer

from mint.cli.console import settle
from mint.cli.serve import serve
from mint.errors import MintError

if __name__ == "__main__":
    settle()
    try:
        typer.run(serve)
    except MintError as error:
        sys.exit(f"mint: {error}")
