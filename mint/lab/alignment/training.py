"""Train the aligner: versions of one photo have to be laid alike.

The loss compares two versions of a photo: what is left between their crops after the step that the network says. Where the
crop lies for both is only held near the place that ``mint.vision.still`` measured, because that place itself moves with
every edit. Every step draws from a generator of its own, so that a run that was killed goes on as if it had not been.
"""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from mint.errors import BadInput
from mint.lab.alignment.edits import version
from mint.lab.alignment.network import AlignerNetwork, aligner_graph
from mint.lab.alignment.photos import Progress, TrainingPhotos, training_photos
from mint.lab.alignment.recipe import AlignerRecipe
from mint.lab.twins.precision import AUTO, faster, mixed_precision, step_seconds
from mint.storage.files import as_stored, read_json, write_bytes, write_json
from mint.vision.aligner import ALIGNER, FRAME_SIDE, MIRRORED_STEPS

RISING = 200  # steps in which the learning rate rises
NOTED = 250  # steps between two lines of the log, and two saves
LOG, RUNNING, PHOTOS = "aligner.json", "running.pt", "photos.safetensors"
Batch = tuple[
    Tensor, Tensor, Tensor
]  # (2P, 1, S, S) uint8 frames, two versions of a photo side by side; (2P, 4) steps; (2P, 1) mirrored


class Batches(Dataset[Batch]):
    """The batch of every step, which depends on the seed and the step alone."""

    def __init__(self, photos: TrainingPhotos, recipe: AlignerRecipe) -> None:
        self.photos, self.recipe = photos, recipe

    def __getitem__(self, step: int) -> Batch:
        random = np.random.Generator(np.random.Philox(np.random.SeedSequence([self.recipe.seed, 2**30, step])))
        generated, count = self.photos.generated, len(self.photos.grey)
        versions = []
        for _ in range(self.recipe.pairs):
            sharp = generated < count and random.random() < self.recipe.photographic
            number = random.integers(generated, count) if sharp else random.integers(generated)
            versions += [version(self.photos.grey[number], self.photos.placed[number], random) for _ in range(2)]
        frames, steps, mirrored = zip(*versions, strict=True)
        shown = torch.from_numpy(np.stack(frames)[:, None])
        return shown, torch.from_numpy(np.stack(steps).astype(np.float32)), torch.tensor(mirrored)[:, None]


def train_aligner(
    out: Path,
    recipe: AlignerRecipe,
    progress: Progress = lambda pictures, _: pictures,
    report: Callable[[str], None] = lambda line: None,
) -> Path:
    """Train the aligner, or go on where a run was cut off.

    Args:
        out: a folder; gets the photos, the running state, the log and the graph.
        recipe: all settings.
        progress: wraps the pictures that are made first, told how many to expect.
        report: told a line on how far it is.

    Returns:
        The file of the graph.

    Raises:
        BadInput: the folder holds a run with another recipe.
    """
    out.mkdir(parents=True, exist_ok=True)
    before = read_json(out / LOG) if (out / LOG).is_file() else {}
    if recipe.precision == AUTO:
        chosen = before["recipe"]["precision"] if before else _faster_precision(recipe, report)
        recipe = replace(recipe, precision=chosen)
    log = {"recipe": as_stored(asdict(recipe)), "pixels": [], **before}
    if log["recipe"] != as_stored(asdict(recipe)):
        raise BadInput(f"{out} holds a run with another recipe. Choose another folder.")
    write_json(out / LOG, log)
    photos = training_photos(out / PHOTOS, recipe, progress)
    torch.manual_seed(recipe.seed)
    network = AlignerNetwork(recipe.width).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(network.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay)
    begun = _restore(out / RUNNING, network, optimiser)
    lines = log["pixels"][: begun // NOTED]
    apart: list[float] = []
    for step, batch in enumerate(_batches(photos, recipe, begun), begun):
        rate = recipe.learning_rate * min(1, (step + 1) / RISING) * (1 + math.cos(math.pi * step / recipe.steps)) / 2
        for group in optimiser.param_groups:
            group["lr"] = rate
        apart.append(_step(network, optimiser, batch, recipe))
        if (step + 1) % NOTED == 0:
            lines.append(round(float(np.mean(apart)), 4))
            apart = []
            _save(out / RUNNING, step + 1, network, optimiser)
            write_json(out / LOG, {**log, "pixels": lines})
            report(
                f"step {step + 1} of {recipe.steps}: versions of a photo lie {lines[-1]:.2f} pixels apart after one step"
            )
    graph = aligner_graph(network)
    write_bytes(out / ALIGNER.name, graph)
    write_json(out / LOG, {**log, "pixels": lines, "sha256": hashlib.sha256(graph).hexdigest()})
    return out / ALIGNER.name


def _faster_precision(recipe: AlignerRecipe, report: Callable[[str], None]) -> str:
    """Return the precision in which a step is faster here."""
    network = AlignerNetwork(recipe.width).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(network.parameters())
    count = 2 * recipe.pairs
    batch = (
        torch.zeros(count, 1, FRAME_SIDE, FRAME_SIDE, dtype=torch.uint8),
        torch.zeros(count, 4),
        torch.zeros(count, 1) > 0,
    )

    def timed(precision: str) -> None:
        _step(network, optimiser, batch, replace(recipe, precision=precision))

    chosen, line = faster(step_seconds(timed))
    report(line)
    return chosen


def _batches(photos: TrainingPhotos, recipe: AlignerRecipe, begun: int) -> Iterator[Batch]:
    """Make the batches of the steps that are left, in a process of their own."""
    steps = range(begun, recipe.steps)
    return iter(DataLoader(Batches(photos, recipe), batch_size=None, sampler=steps, num_workers=1, prefetch_factor=4))


def _step(network: nn.Module, optimiser: torch.optim.Optimizer, batch: Batch, recipe: AlignerRecipe) -> float:
    """Take one step; return how far the crops of two versions lie apart, root mean square of their pixels."""
    frames, wanted, mirrored = batch
    shown = frames.float().contiguous(memory_format=torch.channels_last)
    with mixed_precision("cpu", recipe.precision):
        answered = network(shown)
    left = (answered.float() - wanted) * torch.where(mirrored, torch.tensor(MIRRORED_STEPS, dtype=torch.float32), 1.0)
    between = left[0::2] - left[1::2]
    near = nn.functional.smooth_l1_loss(left, torch.zeros_like(left), beta=2.0)
    alike = nn.functional.smooth_l1_loss(between, torch.zeros_like(between), beta=1.0)
    optimiser.zero_grad()
    (recipe.anchor * near + alike).backward()  # type: ignore[no-untyped-call]
    optimiser.step()
    return float(between.detach().square().sum(1).mean().sqrt())


def _save(path: Path, step: int, network: nn.Module, optimiser: torch.optim.Optimizer) -> None:
    buffer = io.BytesIO()
    torch.save({"step": step, "network": network.state_dict(), "optimiser": optimiser.state_dict()}, buffer)
    write_bytes(path, buffer.getvalue())


def _restore(path: Path, network: nn.Module, optimiser: torch.optim.Optimizer) -> int:
    """Return how many steps a run that was cut off has done, after taking its state."""
    if not path.is_file():
        return 0
    state = torch.load(path, weights_only=True)
    network.load_state_dict(state["network"])
    optimiser.load_state_dict(state["optimiser"])
    return int(state["step"])
