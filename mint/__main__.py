"""``python -m mint``, and the command ``mint``."""

from __future__ import annotations


def start() -> None:
    """Run the shell, or what can stand in for it where it cannot be loaded."""
    try:
        from mint.cli.main import main
    except ImportError as error:
        from mint.doctor.plain import in_place_of_the_shell

        in_place_of_the_shell(error)
    main()


if __name__ == "__main__":
    start()
