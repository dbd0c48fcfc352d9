"""Refuse a pool that a shipped twin was not made with: its ledger would call other photos used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mint.errors import BadPool
from mint.lab.twins.ledger import Row, read_ledger
from mint.storage.bundle_index import INDEX, read_index
from mint.storage.files import read_json, sha256_of

LEDGER = "ledger.csv"


def check_pools(weights: Path, names: list[str] | tuple[str, ...], pool_dir: Path) -> None:
    """Check a pool against the bundles of these names in a folder. Raises as ``check_pool``; a bundle that is missing as well."""
    for name in names:
        check_pool(name, read_index(weights / name / INDEX, name).facts, pool_dir, weights / LEDGER)


def check_pool(name: str, facts: Mapping[str, Any], pool_dir: Path, shipped: Path) -> None:
    """Check that a pool names the same photos used as the one that a twin was made with.

    Another processor may round some crops otherwise, which changes their sha256 in the ledger and no role in it. Such a pool is
    taken where the ledger that ships beside the bundle is there to compare with.

    Args:
        name: of the bundle.
        facts: of its ``bundle.json``.
        pool_dir: of the pool.
        shipped: the ledger beside the bundle; may be missing.

    Raises:
        BadPool: the pool is another one, or none.
    """
    made: Mapping[str, Any] = facts.get("pool", {})
    ledger = pool_dir / LEDGER
    rows = read_ledger(ledger)
    if "ledger sha256" in made and sha256_of(ledger) == made["ledger sha256"]:
        return
    summary = pool_dir / "pool.json"
    known = shipped.is_file() and sha256_of(shipped) == made.get("ledger sha256")
    if not (
        known
        and _roles(rows) == _roles(read_ledger(shipped))
        and summary.is_file()
        and read_json(summary).get("recipe") == made.get("recipe")
    ):
        raise BadPool(f"The pool in {pool_dir} is not the one that {name} was made with: its ledger differs.")


def _roles(rows: list[Row]) -> list[Row]:
    return [replace(row, sha256="") for row in rows]
