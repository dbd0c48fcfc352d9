"""``python -m mint``."""

from mint.cli.main import main

main()
