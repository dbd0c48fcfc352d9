"""The packages of fictional people, where they are installed."""

from __future__ import annotations

import importlib.util

import pytest

NEEDED = {"openpeople": "openpeople==0.1.2", "gan_face_generate": "gan-face-generate==1.1.1"}


@pytest.fixture(scope="session")
def fictional_people() -> None:
    """Skip where the two packages are not installed, and say how to install them."""
    missing = [pin for name, pin in NEEDED.items() if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"pip install --no-deps {' '.join(missing)}")
