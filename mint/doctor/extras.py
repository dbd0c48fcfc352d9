"""Packages that only some commands need: missed before the work begins, in one line, under the names that pip knows."""

from __future__ import annotations

from importlib import metadata
from importlib.util import find_spec

from mint.errors import LibraryMissing

# What they are imported as; the others are imported as they are called.
MODULES = {"ImageHash": "imagehash", "scikit-learn": "sklearn"}
# The pool's two sources are in no extra (see pyproject.toml): they ask for much that is not needed.
POOL_PACKAGES = {"openpeople": "openpeople==0.1.2", "gan-face-generate": "gan-face-generate==1.1.1"}


def needs(extra: str, *packages: str) -> None:
    """Refuse a command whose packages are not all there.

    Args:
        extra: which extra of pyproject.toml holds them.
        packages: that the command imports and ``pip install .`` does not bring, under pip's names.

    Raises:
        LibraryMissing: names those that are missing, and what to type.
    """
    missing = [package for package in packages if not _there(package)]
    if not missing:
        return
    lines = []
    if set(missing) - set(POOL_PACKAGES):
        lines.append(f"pip install '{_project()}[{extra}]'")
    if pinned := [POOL_PACKAGES[package] for package in missing if package in POOL_PACKAGES]:
        lines.append(f"pip install --no-deps {' '.join(pinned)}")
    raise LibraryMissing(
        f"This needs {_listed(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed: {' && '.join(lines)}"
    )


def _there(package: str) -> bool:
    try:
        return find_spec(MODULES.get(package, package.replace("-", "_"))) is not None
    except ImportError:
        return False


def _project() -> str:
    """What pip calls MINT here: by its name where it is installed, else the checkout."""
    try:
        metadata.distribution("mint-audit")
    except metadata.PackageNotFoundError:
        return "."
    return "mint-audit"


def _listed(names: list[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
