"""Write the commands that compute a report's answers again: they run as they stand in the folder that holds what they name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from shlex import quote
from typing import Any

from mint.bundles.find import INDEX
from mint.i18n.labels import pair_of
from mint.storage.files import sha256_of
from mint.storage.paths import WEIGHTS

VERIFY = "mint weights verify"  # of what ships with MINT


def place(name: str) -> str:
    """Write the name of a file or folder as the shell takes it: one that begins like an option is none."""
    return quote(f"./{name}" if name.startswith("-") else name)


def networks(asked: Iterable[tuple[str, str]]) -> str:
    """Write which networks are asked: those that ship with MINT by name, others by the folders of their bundles.

    Args:
        asked: name of each, and the sha256 of its ``bundle.json``.
    """
    return " ".join(f"{'--network' if _ships(*one) else '--bundle'} {place(one[0])}" for one in asked)


def verify_command(networks: Sequence[Mapping[str, Any]]) -> str:
    """Return the command that compares the files of some bundles, as ``network.about`` describes them, with their hashes.

    A bundle that does not ship with MINT is named by its folder.
    """
    if all(_ships(network["name"], network["bundle_sha256"]) for network in networks):
        return VERIFY
    return " ".join([VERIFY, *(place(network["name"]) for network in networks)])


def _ships(name: str, sha256: str) -> bool:
    index = WEIGHTS / name / INDEX
    return pair_of(name) is not None and index.is_file() and sha256_of(index) == sha256
