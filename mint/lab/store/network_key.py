"""What tells the network that a store is extracted from apart from others, and, in words, two ways of extracting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import torch

from mint.auditors.features import MAPS, RECALLED
from mint.networks.base import AuditedNetwork

SAID = {  # of what no value is worth showing
    "taps": "other layers of the network are read in it (taps)",
    "preprocessing": "its pictures were shown to the network at another size or in another scaling (preprocessing: --mean, --scale, --bgr)",
    "output": "another output of the network is read in it (--output)",
    "batch": "its pictures were shown to the network one by one where now they are shown together, or the other way round",
    "views": "its altered views are others, as of another version of MINT",
}
COLOURS = torch.tensor([[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]], dtype=torch.float32)


def network_key(network: AuditedNetwork) -> dict[str, Any]:
    """Return what a network's numbers depend on: weights, taps and preprocessing.

    The preprocessing is told by what comes of four plain pictures: black, red, green and blue.
    """
    plain = COLOURS[:, :, None, None].expand(-1, -1, network.input_size, network.input_size)
    seen = network.preprocess(plain).float().mean((2, 3))
    about = network.describe()
    return {
        "network": network.fingerprint,
        "taps": [asdict(tap) for tap in network.taps],
        "finder": network.finder.name,
        "preprocessing": {"size": network.input_size, "colours": np.round(seen.numpy().astype(float), 4).tolist()},
        # Of a graph whose embedding is not its first output, or that must be shown pictures one by one:
        **{name: about[name] for name in ("output", "batch") if name in about},
    }


def differences(there: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Return, in words, in what a store differs from what is wanted, with the options that decide it.

    Args:
        there: what the store was made of.
        wanted: the same, or the network's part of it alone, see ``network_key``.
    """
    others = [name for name in wanted if there.get(name) != wanted[name]]
    found: list[str] = []
    for name in others:
        was, now = there.get(name), wanted[name]
        if name == "network":
            found.append(f"it is of another network (sha256 {str(was)[:16]}…, not {str(now)[:16]}…)")
        elif name == "finder":
            found.append(f"its faces were aligned by {was}, not by {now} (--alignment)")
        elif name == "faces":
            found.append(f"its faces: {was}, not {now} (--aligned)")
        elif name == "views" and bool(was) != bool(now):
            found.append(f"it was made {_with(was)} altered views (--no-views)")
        elif name == "parts":
            found += _parts(was or {}, now, "views" in others)
        elif name == "untrained" and was and now and was.get("seed") != now["seed"]:
            found.append(f"its untrained control has the seed {was.get('seed')}, not {now['seed']}")
        elif name == "untrained" and was and now:
            found.append(
                "the non-members on which its untrained control is set, the first that show a face, are others than when it was begun: "
                "photos were put before them, changed, taken away, or the sides exchanged"
            )
        elif name == "shard" and "parts" not in others:  # larger numbers make smaller shards
            found.append(f"it has {was} photos a shard, not {now} (--shard)")
        elif name in SAID:
            found.append(SAID[name])
    return found or [f"it was made with other {', '.join(others)}"] * bool(others)


def _parts(was: Mapping[str, Any], now: Mapping[str, Any], other_views: bool) -> Iterator[str]:
    """Yield in what two lists of what is kept of a photo differ."""
    told = other_views
    if was.keys() != now.keys():
        told = True
        yield f"it was made {_with(len(was) > 1)} controls (--no-controls)"
    names, wanted = ({name for part in kept.values() for name in part} for kept in (was, now))
    for option, what, kind in (("--maps", "whole activation maps", MAPS), ("--no-recall", "the best cut", RECALLED)):
        has, wants = (any(name.startswith(kind) for name in some) for some in (names, wanted))
        if has != wants:
            told = True
            yield f"it was made {_with(has)} {what} ({option})"
    if not told:
        yield "it keeps other numbers of a photo, as another version of MINT did"


def _with(there: object) -> str:
    return "with" if there else "without"
