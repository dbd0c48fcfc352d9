"""Run all auditors of one network: crops in, one column of scores an auditor out.

The page, the shell and the lab all score through this one function, so they cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from mint.errors import MintError
from mint.networks.base import AuditedNetwork
from mint.networks.parallel import run_parallel
from mint.types import Look
from mint.vision.faces import QUALITIES, qualities

if TYPE_CHECKING:  # a bundle's graph scores without torch, which takes seconds to import
    from torch import Tensor

    from mint.auditors.base import Auditor, Reading

CROPS_PER_LOOK = 16


@dataclass(frozen=True, slots=True, eq=False)
class PanelLook:
    """What a panel finds in N crops.

    Attributes:
        columns: column name to (N,) float32: one column an auditor, and the ``QUALITIES``.
        embeddings: (N, E) float32 of length 1.
        saliency: tap to (N, H, W) float32 in [0, 1], see ``saliency_maps``; empty unless it was asked for.
    """

    columns: dict[str, np.ndarray]
    embeddings: np.ndarray
    saliency: dict[str, np.ndarray]

    def __getitem__(self, picked: slice) -> PanelLook:
        return PanelLook(
            {column: values[picked] for column, values in self.columns.items()},
            self.embeddings[picked],
            {tap: values[picked] for tap, values in self.saliency.items()},
        )

    def blinded(self, blind: np.ndarray) -> PanelLook:
        """Return a copy whose scores and embeddings are NaN where (N,) bool ``blind`` is True."""
        columns = {column: np.where(blind, np.nan, values) for column, values in self.columns.items()}
        return replace(self, columns=columns, embeddings=np.where(blind[:, None], np.nan, self.embeddings))


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """The auditors of one network, by column name ``kind/layer``.

    Attributes:
        auditors: by column name.
    """

    auditors: Mapping[str, Auditor]
    _needs: frozenset[str] | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        if isinstance(self.auditors, dict):  # at hand; others are built when somebody wants them
            object.__setattr__(self, "_needs", self._read())

    @property
    def needs(self) -> frozenset[str]:
        """The names of the features that any of them reads."""
        return self._read() if self._needs is None else self._needs

    def _read(self) -> frozenset[str]:
        return frozenset().union(*(auditor.needs for auditor in self.auditors.values()))

    def only(self, columns: Iterable[str]) -> Panel:
        """Return a panel with some of the auditors, in the same order.

        Raises:
            KeyError: it has no such auditor.
        """
        wanted = frozenset(columns)
        if lacking := sorted(wanted - self.auditors.keys()):
            raise KeyError(f"The panel has no auditor {', '.join(lacking)}.")
        return Panel({c: a for c, a in self.auditors.items() if c in wanted})

    @property
    def views(self) -> bool:
        """Return whether any auditor needs the altered views."""
        from mint.auditors.features import VIEWED

        return bool(self.needs & VIEWED)

    @property
    def maps(self) -> bool:
        """Return whether any auditor reads whole maps."""
        from mint.auditors.features import MAPS

        return any(name.startswith(MAPS) for name in self.needs)

    def scores(self, network: AuditedNetwork, crops: np.ndarray) -> dict[str, np.ndarray]:
        """Score crops.

        Args:
            network: the one that these auditors were trained for.
            crops: (N, 112, 112, 3) uint8 RGB.

        Returns:
            Column name to (N,) float32: one column an auditor, and the ``QUALITIES``.
        """
        return self.show(network, crops).columns

    def look(self, network: AuditedNetwork, crops: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Score crops as ``scores`` does, and return the embeddings as well.

        Returns:
            The columns, and (N, E) float32 embeddings of length 1.
        """
        seen = self.show(network, crops)
        return seen.columns, seen.embeddings

    def show(self, network: AuditedNetwork, crops: np.ndarray, saliency: bool = False) -> PanelLook:
        """Show crops to a network, once, and score what it shows.

        Args:
            network: the one that these auditors were trained for.
            crops: (N, 112, 112, 3) uint8 RGB.
            saliency: whether it is wanted where the network is active, too; the maps are at hand for a moment only.
        """
        import torch
        from torch.nn.functional import normalize

        from mint.auditors.features import EMBEDDING, RECALLED, read_features
        from mint.auditors.realign import recalled
        from mint.networks.saliency import saliency_maps

        columns: dict[str, list[np.ndarray]] = {name: [] for name in (*self.auditors, *QUALITIES)}
        embeddings, active = [], []
        views, maps, search = self.views, self.maps, RECALLED in self.needs
        with torch.inference_mode():
            for batch, reading in readings(network, crops, views):
                found = read_features(reading, maps)
                embedding = found[EMBEDDING]
                if search:
                    found[RECALLED] = recalled(network, batch)
                for name, auditor in self.auditors.items():
                    columns[name].append(auditor(*auditor.inputs(found, network.head)).float().numpy())
                for name, values in qualities(batch, embedding.norm(dim=1).numpy()).items():
                    columns[name].append(values)
                embeddings.append(normalize(embedding, dim=1).numpy())
                if saliency:
                    active.append(saliency_maps(reading.plain.taps))
        return PanelLook(
            {name: np.concatenate(parts).astype(np.float32) for name, parts in columns.items()},
            np.concatenate(embeddings).astype(np.float32),
            {tap: np.concatenate([part[tap] for part in active]) for tap in (active[0] if active else ())},
        )

    def score(self, found: Mapping[str, Tensor], head: Tensor | None) -> dict[str, np.ndarray]:
        """Score the features of N crops: column name to (N,) float32."""
        import torch

        with torch.inference_mode():
            return {name: a(*a.inputs(found, head)).float().numpy() for name, a in self.auditors.items()}


def score_looks(
    looks: Sequence[Look], networks: Mapping[str, AuditedNetwork], panels: Mapping[str, Panel], saliency: bool = False
) -> list[Look]:
    """Score the faces of photos under every network, ``CROPS_PER_LOOK`` faces at a time whichever photos they are of.

    Args:
        looks: of photos whose faces were found; at least one face each.
        networks: by name.
        panels: by the same names: the auditors that score.
        saliency: as for ``Panel.show``.

    Returns:
        The looks with their scores, in the same order.

    Raises:
        MintError: a look has none.
    """
    if not looks:
        return []
    if faceless := [look.photo for look in looks if not look.faces]:
        raise MintError(f"No face was given of {faceless[0]}. Give one at least, as MembershipTest.find returns them.")

    def shown(n: str, network: AuditedNetwork) -> PanelLook:
        seen = [(own, face) for look in looks for own, face in zip(look.seen_by(n), look.faces, strict=True)]
        crops = np.stack([(own or face).crop for own, face in seen])
        return panels[n].show(network, crops, saliency).blinded(np.array([own is None for own, _ in seen]))

    found = dict(zip(networks, run_parallel([partial(shown, *pair) for pair in networks.items()]), strict=True))
    scored, start = [], 0
    for look in looks:
        mine = {n: seen[start : start + len(look.faces)] for n, seen in found.items()}
        start += len(look.faces)
        scored.append(
            replace(
                look,
                scores={n: seen.columns for n, seen in mine.items()},
                embeddings={n: seen.embeddings for n, seen in mine.items()},
                saliency={n: seen.saliency for n, seen in mine.items()} if saliency else {},
            )
        )
    return scored


def score_found(
    found: Sequence[Look | MintError], networks: Mapping[str, AuditedNetwork], panels: Mapping[str, Panel]
) -> Iterator[Look | MintError]:
    """Yield what was found in a batch of photos, with scores; errors stay where they are. Arguments as ``score_looks``."""
    looks = [seen for seen in found if isinstance(seen, Look)]
    scored: Iterator[Look | MintError]
    try:
        scored = iter(score_looks(looks, networks, panels))
    except MintError:  # photo by photo, so that those that can be looked at are
        scored = (_score_alone(look, networks, panels) for look in looks)
    for seen in found:
        yield next(scored) if isinstance(seen, Look) else seen


def _score_alone(look: Look, networks: Mapping[str, AuditedNetwork], panels: Mapping[str, Panel]) -> Look | MintError:
    try:
        return score_looks([look], networks, panels)[0]
    except MintError as error:
        return error


def readings(network: AuditedNetwork, crops: np.ndarray, views: bool) -> Iterator[tuple[np.ndarray, Reading]]:
    """Yield batches of crops with their readings."""
    from mint.auditors.base import read

    for start in range(0, len(crops), CROPS_PER_LOOK):
        batch = crops[start : start + CROPS_PER_LOOK]
        yield batch, read(network, batch, views)
