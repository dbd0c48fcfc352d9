"""Locate weights and examples: beside ``mint/`` in a checkout, inside it once installed.

A Space and a checkout keep ``weights/`` and ``examples/`` at the root of the repository, where a
person looks for them. A wheel can only install folders of the package itself, so it carries them
as ``mint/weights`` and ``mint/examples``. Everybody asks here, so nobody has to know which it is.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def data_folder(name: str, package: Path = PACKAGE) -> Path:
    """Return the folder ``name`` of a checkout or of the installed package; it may not exist.

    A folder beside the package counts only beside a ``pyproject.toml``: once installed, the
    package's neighbours in ``site-packages`` are strangers.
    """
    root = package.parent
    if (root / name).is_dir() and (root / "pyproject.toml").is_file():
        return root / name
    return package / name


WEIGHTS = data_folder("weights")
EXAMPLES = data_folder("examples")
MANIFEST = "manifest.json"  # in weights: every shipped file with its sha256
