"""Take what an earlier run left, if it hangs on the same settings: a run that is cut off goes on behind it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mint.bundles.bundle import Bundle
from mint.bundles.files import load_bundle, save_bundle
from mint.errors import BadPool
from mint.networks.base import AuditedNetwork
from mint.storage.bundle_index import INDEX
from mint.storage.files import as_stored, read_json, write_json

FIGURES = "figures.json"
Figures = dict[str, Any]


def figures_on_record(
    folder: Path,
    about: Mapping[str, Any],
    measure: Callable[[], Figures],
    others: str,
    same: Callable[[Figures, Figures], bool] = operator.eq,
) -> Figures:
    """Return the figures of a network: those on record, or measure it and record them.

    Args:
        folder: keeps ``figures.json``.
        about: all that the figures hang on.
        measure: returns the figures.
        others: what else may have been asked for when the folder was filled, for the error.
        same: whether what the figures on record hang on is what is asked for now, both as JSON gives them back.

    Raises:
        BadPool: the folder holds the figures of another network.
    """
    kept = kept_figures(folder, about, others, same)
    if kept is not None:
        return kept
    found = measure()
    write_json(folder / FIGURES, {"about": as_stored(about), **found})
    return found


def kept_figures(
    folder: Path, about: Mapping[str, Any], others: str, same: Callable[[Figures, Figures], bool] = operator.eq
) -> Figures | None:
    """Return the figures on record of a network, None where there are none yet; see ``figures_on_record``.

    A run of many networks asks this of all of them before it trains the first: one that is refused on the way has already
    written over the figures of another.

    Raises:
        BadPool: the folder holds the figures of another network.
    """
    if not (folder / FIGURES).is_file():
        return None
    kept: Figures = read_json(folder / FIGURES)
    if not same(kept.pop("about"), as_stored(about)):
        raise another_network(folder, others)
    return kept


def bundle_on_record(
    folder: Path,
    network: AuditedNetwork,
    seed: int,
    make: Callable[[], Bundle],
    weights: Path,
    shape: Mapping[str, Any],
) -> Bundle:
    """Return the bundle of a network: the one on record, or make it and write it.

    Args:
        folder: of the bundle.
        network: that it audits.
        seed: of its auditors, as among its facts.
        make: fits and scores them.
        weights: the network's file, which goes into the bundle.
        shape: of these weights, as ``save_bundle`` takes it.

    Raises:
        BadPool: the folder holds the bundle of another network or seed.
    """
    if (folder / INDEX).is_file():
        kept = load_bundle(folder)
        if kept.network.fingerprint != network.fingerprint or kept.facts.get("seed") != seed:
            raise BadPool(f"{folder} holds the bundle of another network or seed. Choose another folder.")
        return kept
    made = make()
    save_bundle(made, folder, weights, shape)
    return made


def another_network(folder: Path, others: str) -> BadPool:
    """Return the error of a folder that was filled by another run."""
    return BadPool(f"{folder} holds a network of another {others}. Choose another folder.")
