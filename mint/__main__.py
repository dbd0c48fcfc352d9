"""``python -m mint``."""

from mint.cli import main

main()
