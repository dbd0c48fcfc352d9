"""A classifier learns its pictures by heart where nothing keeps it from it, and a network on record is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from mint.errors import BadInput
from mint.lab.objects.recipe import ObjectRecipe
from mint.lab.objects.training import LOG, WEIGHTS, opened, prepared, trained_classifier
from mint.vision.detectors import WholePicture
from tests.lab.photos import crop

RECIPE = ObjectRecipe(widths=(8,), embedding_size=16, input_size=8, dropout=0.0, epochs=60, batch=8, learning_rate=0.01)
CROPS = np.stack([crop(k) for k in range(24)])
LABELS = np.random.default_rng(0).integers(0, 3, 24)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("training")
    trained_classifier(CROPS, LABELS, 3, place, RECIPE)
    return place


def test_labels_drawn_at_random_are_learned_by_heart(folder: Path) -> None:
    network = opened(folder, RECIPE, 3)
    logits = network.look(torch.from_numpy(CROPS).permute(0, 3, 1, 2).float()).taps["output"].flatten(1)
    assert (logits.argmax(1).numpy() == LABELS).mean() > 0.9
    assert isinstance(network.finder, WholePicture)


def test_it_is_trained_on_what_an_audit_shows(folder: Path) -> None:
    network = opened(folder, RECIPE, 3)
    shown = network.preprocess(torch.from_numpy(CROPS).permute(0, 3, 1, 2).float())
    torch.testing.assert_close(prepared(CROPS, RECIPE.input_size), shown, atol=1e-5, rtol=0)


def test_a_network_on_record_is_kept_and_another_refused(folder: Path) -> None:
    before = (folder / WEIGHTS).read_bytes(), (folder / LOG).read_bytes()
    _network, log = trained_classifier(CROPS, LABELS, 3, folder, RECIPE)
    assert (log["pictures"], log["classes"], log["recipe"]) == (24, 3, RECIPE.about())
    assert ((folder / WEIGHTS).read_bytes(), (folder / LOG).read_bytes()) == before
    for crops, labels, recipe in (
        (CROPS[::-1], LABELS, RECIPE),
        (CROPS, (LABELS + 1) % 3, RECIPE),
        (CROPS, LABELS, RECIPE.memorising()),
    ):
        with pytest.raises(BadInput, match="other pictures or another recipe"):
            trained_classifier(crops, labels, 3, folder, recipe)


def test_the_same_seed_gives_the_same_network(folder: Path, tmp_path: Path) -> None:
    again, _ = trained_classifier(CROPS, LABELS, 3, tmp_path / "again", RECIPE)
    assert again.fingerprint == opened(folder, RECIPE, 3).fingerprint


def test_a_last_batch_of_one_picture_is_left_out(tmp_path: Path) -> None:
    recipe = ObjectRecipe(widths=(4,), embedding_size=4, input_size=8, epochs=1, batch=8)
    trained_classifier(CROPS[:17], LABELS[:17], 3, tmp_path / "odd", recipe)
