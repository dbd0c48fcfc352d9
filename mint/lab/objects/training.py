"""Train a classifier of objects, once: a network that is there already is kept."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from mint.errors import BadInput
from mint.lab.objects.recipe import ObjectRecipe
from mint.lab.twins.training import TOLD, save_weights
from mint.networks.architectures import load_network
from mint.networks.base import resize
from mint.networks.torch_network import TorchNetwork, resize_and_scale
from mint.storage.files import read_json, write_json
from mint.vision.detectors import RECORDED, WholePicture

LOG, WEIGHTS = "log.json", "network.safetensors"


def trained_classifier(
    crops: np.ndarray,
    labels: np.ndarray,
    classes: int,
    folder: Path,
    recipe: ObjectRecipe,
    report: Callable[[str], None] = lambda line: None,
) -> tuple[TorchNetwork, dict[str, Any]]:
    """Train on all of these pictures, or return the network that the folder keeps.

    Args:
        crops: (N, 112, 112, 3) uint8.
        labels: (N,) int64 in [0, classes).
        classes: K.
        folder: gets ``network.safetensors`` (float16) and ``log.json``.
        recipe: all settings.
        report: told a line now and then.

    Returns:
        The network, which takes a whole picture as it is, and its log: ``recipe``, ``pictures``, ``classes``, and of the
        last epoch ``loss`` and ``accuracy``.

    Raises:
        BadInput: the folder holds a network of other pictures or another recipe.
    """
    about = {
        "recipe": recipe.about(),
        "pictures": len(crops),
        "classes": classes,
        "sha256": hashlib.sha256(crops.tobytes() + labels.astype("<i8").tobytes()).hexdigest(),
    }
    if (folder / LOG).is_file():
        kept = read_json(folder / LOG)
        if {name: kept.get(name) for name in about} != about:
            raise BadInput(f"{folder} holds a network of other pictures or another recipe. Choose another folder.")
        return opened(folder, recipe, classes), kept
    report(f"training on {len(crops)} pictures of {classes} classes")
    started = time.perf_counter()
    torch.manual_seed(recipe.seed)
    model = recipe.build(classes).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    batch, target = prepared(crops, recipe.input_size), torch.from_numpy(labels.astype(np.int64))
    optimiser = torch.optim.Adam(model.parameters(), recipe.learning_rate)
    loss_of, right = 0.0, 0
    for epoch in range(1, recipe.epochs + 1):
        model.train()
        loss_of, right = 0.0, 0
        for rows in torch.split(torch.randperm(len(batch)), recipe.batch):
            if len(rows) == 1:  # batch norm has no statistics of one picture; the next epoch draws it elsewhere
                continue
            logits = model.logits(batch[rows])
            loss = cross_entropy(logits, target[rows])
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            loss_of += loss.item() * len(rows)
            right += int((logits.argmax(1) == target[rows]).sum())
        if epoch % TOLD == 0:
            report(f"epoch {epoch}: loss {loss_of / len(batch):.4f}, accuracy {right / len(batch):.4f}")
    folder.mkdir(parents=True, exist_ok=True)
    save_weights(folder / WEIGHTS, model, model.classifier.weight.detach().T)
    log = {
        **about,
        "loss": loss_of / len(batch),
        "accuracy": right / len(batch),
        "seconds": time.perf_counter() - started,
    }
    write_json(folder / LOG, log)  # last: weights without it are those of a run that was cut off
    return opened(folder, recipe, classes), log


def opened(folder: Path, recipe: ObjectRecipe, classes: int) -> TorchNetwork:
    """Load the network of a folder; it takes a whole picture as it is."""
    network = load_network(folder / WEIGHTS, recipe.shape(classes), folder.name)
    network.finder = RECORDED[WholePicture.name]
    return network


def prepared(crops: np.ndarray, size: int) -> Tensor:
    """Turn (N, 112, 112, 3) uint8 crops into (N, 3, size, size) float32 in [-1, 1], as an audit shows them."""
    parts = [
        resize_and_scale(resize(torch.from_numpy(part.astype(np.float32)).permute(0, 3, 1, 2), size), size)
        for part in np.array_split(crops, max(1, len(crops) // 256))
    ]
    return torch.cat(parts).contiguous(memory_format=torch.channels_last)
