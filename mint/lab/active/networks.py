"""Train each network of the experiment once, score all photos with its auditors, and keep the scores."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor

from mint.evidence.score_table import OUTSIDERS, TEST, VALIDATION
from mint.lab.active.auditor import EntryAuditor, fit_auditor, frozen_maps, scores_of
from mint.lab.active.groups import EXTERNAL, GHOST, KNOWN, Groups
from mint.lab.active.hash_ledger import hashes, ledger_scores
from mint.lab.active.measure import HONEST, PIXELS, SHUFFLED, UNTRAINED, Scored
from mint.lab.active.training import ActiveRecipe, Trained, train_together
from mint.lab.controls.untrained import untrained_copy
from mint.lab.inputs.splits import Indices
from mint.lab.training.on_record import Figures, figures_on_record, kept_figures
from mint.lab.twins.augment import EDITS
from mint.lab.twins.pool import Pool
from mint.lab.twins.training import prepared
from mint.lab.twins.verification import STRANGER_PAIRS, verification
from mint.networks.base import resize
from mint.networks.modules.iresnet import IResNet
from mint.networks.modules.light import standardise
from mint.networks.modules.light_names import STANDARDISED
from mint.networks.torch_network import TorchNetwork
from mint.storage.files import json_bytes, write_bytes

WEIGHTS = "weights.safetensors"
OTHERS = "list of people or recipe"
BLIND = "blind"  # auditors that never see a trained network
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Network:
    """One network to train.

    Attributes:
        kind: ``PASSIVE`` (trained alone, its auditor afterwards), ``ACTIVE`` (together), ``SHUFFLED`` (together, the list dealt
            anew), ``HONEST`` (together, and no ghosts on the list), or ``BLIND``: none at all.
        recipe: all settings.
        ratio: λ2/λ1; 0 where nothing is trained together.
    """

    kind: str
    recipe: ActiveRecipe
    ratio: float = 0.0

    @property
    def name(self) -> str:
        """The name of its folder."""
        ratio = f"-ratio-{self.ratio:g}" if self.ratio else ""
        return (
            f"{self.kind.replace(' ', '-').replace(',', '')}{ratio}-epochs-{self.recipe.epochs}-seed-{self.recipe.seed}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Photos:
    """The photos of the groups, made ready once for networks of one input size.

    Attributes:
        crops: (N, 112, 112, 3) uint8 of the pool.
        groups: who is who.
        ready: (N, 3, S, S) float of those that are in a group, for a network; the others are 0.
        edited: (M, 112, 112, 3) uint8 altered copies of the known photos, in their order.
    """

    crops: np.ndarray
    groups: Groups
    ready: Tensor
    edited: np.ndarray

    @classmethod
    def of(cls, pool: Pool, groups: Groups, size: int, seed: int) -> Photos:
        """Make the photos of the groups ready, and alter copies of the known ones by the seed."""
        needed = _rows_of(groups)
        ready = torch.zeros(len(pool.rows), 3, size, size)
        ready[needed] = _for_network(pool.crops[needed], size)
        known = torch.from_numpy(pool.crops[groups.rows[KNOWN]]).permute(0, 3, 1, 2)
        random = torch.Generator().manual_seed(seed)
        altered = [EDITS(part.float(), known.shape[-1], random) for part in torch.split(known, 64)]
        edited = torch.cat(altered).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()
        return cls(pool.crops, groups, ready, edited)

    @property
    def scored(self) -> Indices:
        """The rows of all photos that are scored."""
        return _rows_of(self.groups)

    def edited_ready(self) -> Tensor:
        """Return what a network takes of the edited copies."""
        return _for_network(self.edited, self.ready.shape[-1])

    def scored_as(self, scores: Sequence[float], edited: Sequence[float]) -> Scored:
        """Name the rows of scores of ``scored``, and of the edited copies."""
        known = self.groups.rows[KNOWN]
        return Scored(
            dict(zip(map(int, self.scored), scores, strict=True)), dict(zip(map(int, known), edited, strict=True))
        )


def network_figures(photos: Photos, network: Network, folder: Path, report: Report) -> Figures:
    """Return the figures of a network: those on record, or train it and measure it.

    Args:
        photos: of all groups.
        network: which.
        folder: keeps ``figures.json``, and the weights of network and auditor.
        report: told a line now and then.

    Returns:
        ``scores``: auditor to its scores of ``Photos.scored`` and of the edited copies; but for ``BLIND`` also ``accuracy``,
        ``seconds``, and ``strangers``: how well validation and test outsiders are told apart.

    Raises:
        BadPool: the folder holds a network of other groups or another recipe.
    """

    def measure() -> Figures:
        report(network.name)
        return _blind(photos, network.recipe) if network.kind == BLIND else _trained(photos, network, folder, report)

    return figures_on_record(folder, _about(photos, network), measure, OTHERS)


def check_network(photos: Photos, network: Network, folder: Path) -> None:
    """Refuse the folder of a network that holds another; as ``network_figures``, but before anything is trained.

    Raises:
        BadPool: the folder holds a network of other groups or another recipe.
    """
    kept_figures(folder, _about(photos, network), OTHERS)


def ledger(photos: Photos) -> Scored:
    """Return what a ledger of hashes of the list's "used" photos, known and ghosts, says."""
    listed = hashes(photos.crops[np.concatenate([photos.groups.rows[KNOWN], photos.groups.rows[GHOST]])])
    scores = ledger_scores(listed, hashes(photos.crops[photos.scored]))
    return photos.scored_as(scores.tolist(), ledger_scores(listed, hashes(photos.edited)).tolist())


def shuffled_list(groups: Groups, seed: int) -> dict[int, float]:
    """Return the auditor's list with its answers dealt anew: row number to 1 or 0."""
    rows, told = groups.told()
    return dict(zip(map(int, rows), np.random.default_rng([seed, 5]).permutation(told).tolist(), strict=True))


def without_ghosts(groups: Groups) -> Groups:
    """Return the groups without ghosts, and with as many external photos as there are known ones."""
    few = groups.rows[EXTERNAL][: len(groups.rows[KNOWN])]
    return replace(groups, rows={**groups.rows, GHOST: groups.rows[GHOST][:0], EXTERNAL: few})


def _rows_of(groups: Groups) -> Indices:
    return np.unique(np.concatenate([*groups.rows.values()]))


def _for_network(crops: np.ndarray, size: int) -> Tensor:
    """Return what a network of this input size takes of (N, 112, 112, 3) uint8 crops: (N, 3, size, size) float."""
    return prepared(torch.from_numpy(crops).permute(0, 3, 1, 2), lambda part: standardise(resize(part, size)))


def _trained(photos: Photos, network: Network, folder: Path, report: Report) -> Figures:
    groups = without_ghosts(photos.groups) if network.kind == HONEST else photos.groups
    told = shuffled_list(groups, network.recipe.seed) if network.kind == SHUFFLED else _list(groups)
    done = train_together(photos.ready, groups, network.recipe, network.ratio, told, report)
    auditor = done.auditor or _fitted(frozen_maps(done.network, photos.ready[list(told)]), told, network.recipe)
    scores = _scores(photos, auditor, lambda batch: frozen_maps(done.network, batch))
    _save(folder / WEIGHTS, done, auditor)
    audited = TorchNetwork(network.name, done.network, (), network.recipe.input_size, light=STANDARDISED)
    return {
        "accuracy": done.accuracy,
        "seconds": done.seconds,
        "strangers": {purpose: _strangers(photos, audited, purpose) for purpose in (VALIDATION, TEST)},
        "scores": {network.kind: scores},
    }


def _blind(photos: Photos, recipe: ActiveRecipe) -> Figures:
    """Fit auditors to the maps of a network with random weights, and to bare pixels."""
    told = _list(photos.groups)
    start = TorchNetwork(UNTRAINED, recipe.network(), (), recipe.input_size, light=STANDARDISED)
    fresh = untrained_copy(start, photos.crops[photos.groups.part(OUTSIDERS, VALIDATION)], recipe.seed)
    found = {}
    for name, maps in ((UNTRAINED, _maps_of(fresh)), (PIXELS, lambda batch: [batch])):
        found[name] = _scores(photos, _fitted(maps(photos.ready[list(told)]), told, recipe), maps)
    return {"scores": found}


def _maps_of(network: Any) -> Callable[[Tensor], list[Tensor]]:
    model: IResNet = network.model
    return lambda batch: frozen_maps(model, batch)


def _list(groups: Groups) -> dict[int, float]:
    rows, told = groups.told()
    return dict(zip(map(int, rows), told.tolist(), strict=True))


def _fitted(maps: list[Tensor], told: dict[int, float], recipe: ActiveRecipe) -> EntryAuditor:
    """Fit an auditor with as many epochs as one that is trained together with its network."""
    settings = (recipe.epochs, recipe.batch, recipe.learning_rate, recipe.weight_decay, recipe.seed)
    return fit_auditor(maps, torch.tensor(list(told.values())), *settings)


def _scores(photos: Photos, auditor: EntryAuditor, maps: Callable[[Tensor], list[Tensor]]) -> dict[str, list[float]]:
    return {
        "scores": scores_of(auditor, maps(photos.ready[photos.scored])).tolist(),
        "edited": scores_of(auditor, maps(photos.edited_ready())).tolist(),
    }


def _strangers(photos: Photos, network: TorchNetwork, purpose: str) -> dict[str, Any]:
    rows = photos.groups.strangers_of(purpose)
    return verification(
        network, photos.crops[rows], [str(person) for person in photos.groups.people[rows]], STRANGER_PAIRS
    )


def _save(path: Path, done: Trained, auditor: EntryAuditor) -> None:
    tensors = {f"network.{name}": value for name, value in done.network.state_dict().items()}
    tensors |= {f"auditor.{name}": value for name, value in auditor.state_dict().items()}
    write_bytes(path, save({name: value.contiguous() for name, value in tensors.items()}))


def _about(photos: Photos, network: Network) -> dict[str, Any]:
    """Return what figures hang on: the photos of every group, and all settings."""
    groups = photos.groups
    seen = hashlib.sha256(json_bytes({name: rows.tolist() for name, rows in groups.rows.items()}))
    for part in (groups.people, groups.strangers, np.array(sorted(groups.validated)), photos.crops[photos.scored]):
        seen.update(np.ascontiguousarray(part).tobytes())
    return {
        "kind": network.kind,
        "ratio": network.ratio,
        "recipe": asdict(network.recipe),
        "photos sha256": seen.hexdigest(),
    }
