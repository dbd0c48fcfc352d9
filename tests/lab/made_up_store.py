"""A store in memory, with numbers that are made up: membership shows where a test wants it to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from mint.auditors.views import VIEWS
from mint.lab.inputs.splits import source_of_photo, split_of
from mint.lab.store.network_key import network_key
from mint.lab.store.reader import Rows, Store
from mint.networks.base import AuditedNetwork
from mint.vision.faces import QUALITIES

K = len(VIEWS)
USED, UNUSED = 140, 140  # people
PHOTOS, SIBLINGS, OTHERS = 3, 2, 3  # of a used person in training and not, and of an unused one


class MadeUpStore(Store):
    """What ``Store`` offers, of arrays."""

    def __init__(self, rows: Rows, tensors: Mapping[str, Mapping[str, np.ndarray]], network: AuditedNetwork) -> None:
        self.folder = SimpleNamespace(place="memory")
        self.manifest = {"made_of": network_key(network), "sides": {"non-members": {"rejected": 3}}, "key": "k" * 64}
        self._all, self.tensors = rows, tensors

    @property
    def rows(self) -> Rows:
        return self._all

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.tensors)

    def shapes(self, part: str = "network") -> dict[str, tuple[int, ...]]:
        return {name: values.shape[1:] for name, values in self.tensors[part].items()}

    def read(self, names: Sequence[str], part: str = "network", where: Any = None) -> dict[str, np.ndarray]:
        return {name: self.tensors[part][name][slice(None) if where is None else where] for name in names}


def made_up_store(
    network: AuditedNetwork,
    strength: float = 3.0,
    blind: float = 0.0,
    members: bool = True,
    siblings: bool = True,
    controls: bool = True,
    seed: int = 0,
    maps: bool = False,
    prefix: str = "person",
) -> MadeUpStore:
    """Members' embeddings agree with their views ``strength`` deviations more; in controls ``blind`` more."""
    random = np.random.default_rng(seed)
    people = []
    for number in range(USED if members else 0):
        people += [(f"{prefix}-{number:03d}", "members")] * PHOTOS
        people += [(f"{prefix}-{number:03d}", "non-members")] * (SIBLINGS if siblings else 0)
    for number in range(UNUSED):
        people += [(f"{prefix}-{USED + number:03d}", "non-members")] * OTHERS
    identity, side = (np.array(column, object) for column in zip(*people, strict=True))
    inside = set(identity[side == "members"])
    n, member = len(identity), side == "members"
    rows = Rows(
        id=np.array([f"{name}/{k}" for k, name in enumerate(identity)], object),
        identity=identity,
        side=side,
        source=np.array([source_of_photo(m, p in inside) for m, p in zip(member, identity, strict=True)], object),
        split=np.array([split_of(p) for p in identity], object),
        sha256=np.array([f"{k:064x}" for k in range(n)], object),
        qualities={name: random.uniform(10, 90, n).astype(np.float32) for name in QUALITIES},
    )
    shapes = network.shapes()
    numbers = np.unique(identity.astype(str), return_inverse=True)[1]

    def part(taps: Mapping[str, tuple[int, int]], size: int, lift: float) -> dict[str, np.ndarray]:
        centre = random.normal(size=(numbers.max() + 1, size))[numbers]
        embedding = centre + 0.7 * random.normal(size=(n, size))
        agreement = random.normal(size=(n, 3 * K + 1))
        agreement[member, K : 2 * K] += lift
        found = {
            "embedding": embedding,
            "mirrored": embedding + 0.3 * random.normal(size=(n, size)),
            "agreement": agreement,
            **{f"maxima/{tap}": random.normal(size=(n, channels)) for tap, (channels, _) in taps.items()},
        }
        if maps:
            found |= {f"maps/{tap}": random.normal(size=(n, c, s, s)) for tap, (c, s) in taps.items()}
        return {name: values.astype(np.float32) for name, values in found.items()}

    taps = {tap.name: shapes[tap.name] for tap in network.taps}
    tensors = {"network": part(taps, shapes["embedding"][0], strength)}
    tensors["network"]["thumbnail"] = random.normal(size=(n, 32, 32)).astype(np.float32)
    if controls:
        tensors["pixels"] = part({"crop": (3, 4)}, 12, blind)
        # One decimal: trees sort columns of few values into bins in no time.
        tensors["pixels"]["statistics"] = random.normal(size=(n, 33)).astype(np.float32).round(1)
        tensors["untrained"] = part(taps, shapes["embedding"][0], 0.0)
    return MadeUpStore(rows, tensors, network)


def with_a_photo_on_both_sides(store: MadeUpStore, network: AuditedNetwork) -> MadeUpStore:
    """The first photo of the members lies among the non-members as well."""
    sha256 = store.rows.sha256.copy()
    sha256[np.flatnonzero(store.rows.side == "non-members")[0]] = sha256[store.rows.side == "members"][0]
    return MadeUpStore(replace(store.rows, sha256=sha256), store.tensors, network)
