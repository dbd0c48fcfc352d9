"""Check the shipped files, the Hub's cache, and the networks of the catalog."""

from __future__ import annotations

from pathlib import Path

from mint.doctor.finding import Finding, State
from mint.doctor.machine import writable
from mint.errors import MintError, WeightsCorrupt


def shipped() -> Finding:
    """Check every file of ``weights/`` against its sha256, and load every bundle."""
    from mint.bundles.manifest import problems, read_manifest

    try:
        wrong, files = problems(), len(read_manifest())
    except MintError as error:
        return Finding("weights", State.BROKEN, str(error))
    if wrong:
        return Finding(
            "weights", State.BROKEN, "; ".join(wrong), "Restore weights/ from the repository: git checkout weights"
        )
    return Finding("weights", State.OK, f"{files} files have the promised sha256, every bundle loads")


def cache() -> Finding:
    """Check the Hub's cache on this machine."""
    from mint.storage.hub import cache_folder, offline

    folder = cache_folder()
    note = ", offline mode is on (HF_HUB_OFFLINE)" if offline() else ""
    if writable(folder) is None:
        return Finding(
            "hub cache", State.NOTE, f"{folder} cannot be written to{note}: nothing can be downloaded",
            "Set HF_HOME to a folder that you may write to.",
        )  # fmt: skip
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return Finding("hub cache", State.OK, f"{folder}, {size / 1e6:.0f} MB{note}")


def networks() -> list[Finding]:
    """Check where the catalog's networks are, and the sha256 of those on this machine."""
    from mint.networks.catalog import CATALOG
    from mint.networks.locate import ABSENT, state

    found = []
    for entry in CATALOG.values():
        if not entry.files:
            continue
        name = f"network {entry.name}"
        try:
            place = state(entry)
        except WeightsCorrupt as error:
            found.append(Finding(name, State.BROKEN, str(error)))
            continue
        says = place if place != ABSENT else f"{place}; mint weights get {entry.name} fetches it"
        found.append(Finding(name, State.OK, says))
    return found


def folder_of_cache() -> Path:
    """Return the folder that downloads go to."""
    from mint.storage.hub import cache_folder

    return cache_folder()
