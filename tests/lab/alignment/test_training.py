"""Training of the aligner: what it learns, what it goes on from, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from mint.errors import BadInput
from mint.lab.alignment import training
from mint.lab.alignment.photos import TrainingPhotos, training_photos
from mint.lab.alignment.recipe import AlignerRecipe
from mint.lab.twins.precision import AUTO, FLOAT32
from mint.vision.aligner import MIRRORED_STEPS
from mint.vision.faces import CROP_SIZE

SMALL = AlignerRecipe(people=1, per_person=2, steps=6, pairs=4, width=2)


@pytest.fixture
def photos() -> TrainingPhotos:
    random = np.random.default_rng(0)
    grey = random.integers(0, 256, (6, 256, 256), np.uint8)
    return TrainingPhotos(grey, np.tile(np.array([[1.0, 0, -70], [0, 1, -70], [0, 0, 1]]), (6, 1, 1)), 4)


@pytest.fixture
def made(photos: TrainingPhotos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose photos are made already."""
    monkeypatch.setattr(training, "NOTED", 2)
    folder = tmp_path / "aligner"
    folder.mkdir()
    kept = {"grey": photos.grey, "placed": photos.placed, "generated": np.array(photos.generated)}
    save_file(kept, folder / training.PHOTOS)
    return folder


def test_a_run_that_was_cut_off_ends_with_the_same_graph(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    whole = training.train_aligner(made, SMALL, report=lines.append).read_bytes()
    assert [line.split(":")[0] for line in lines] == [f"step {step} of 6" for step in (2, 4, 6)]

    again = tmp_path / "again"
    again.mkdir()
    (again / training.PHOTOS).write_bytes((made / training.PHOTOS).read_bytes())
    step, taken = training._step, []

    def killed(*arguments: object) -> float:
        taken.append(arguments)
        if len(taken) == 4:
            raise KeyboardInterrupt
        return step(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(training, "_step", killed)
    with pytest.raises(KeyboardInterrupt):
        training.train_aligner(again, SMALL)
    monkeypatch.setattr(training, "_step", step)
    assert training.train_aligner(again, SMALL).read_bytes() == whole
    first, second = (json.loads((folder / training.LOG).read_text()) for folder in (made, again))
    assert first == second
    assert len(first["pixels"]) == 3


def test_another_recipe_is_refused_and_the_precision_of_a_run_is_kept(made: Path) -> None:
    training.train_aligner(made, SMALL)
    before = (made / training.LOG).read_bytes()
    with pytest.raises(BadInput, match="another recipe"):
        training.train_aligner(made, replace(SMALL, steps=8))
    assert (made / training.LOG).read_bytes() == before
    training.train_aligner(made, replace(SMALL, precision=AUTO))
    assert json.loads((made / training.LOG).read_text())["recipe"]["precision"] == FLOAT32


def test_the_loss_compares_the_versions_of_a_photo() -> None:
    wanted = torch.randn(6, 4)
    mirrored = torch.tensor([[False], [True], [True], [True], [False], [False]])
    back = torch.where(mirrored, torch.tensor(MIRRORED_STEPS, dtype=torch.float32), 1.0)

    class Beside(torch.nn.Module):
        def __init__(self, error: torch.Tensor) -> None:
            super().__init__()
            self.error = torch.nn.Parameter(error)

        def forward(self, shown: torch.Tensor) -> torch.Tensor:
            return wanted + self.error * back

    def apart(error: torch.Tensor) -> float:
        network = Beside(error)
        optimiser = torch.optim.SGD(network.parameters(), 0.0)
        frames = torch.zeros(6, 1, 2, 2, dtype=torch.uint8)
        return training._step(network, optimiser, (frames, wanted, mirrored), SMALL)

    assert apart(torch.tensor([3.0, -2.0, 1.0, 4.0]).repeat(6, 1)) == pytest.approx(0, abs=1e-5)  # both alike beside it
    uneven = torch.zeros(6, 4)
    uneven[0] = torch.tensor([3.0, 4.0, 0.0, 0.0])
    assert apart(uneven) == pytest.approx(np.sqrt(25 / 3), rel=1e-5)


def test_steps_have_batches_of_their_own_and_sharp_photos_their_share(photos: TrainingPhotos) -> None:
    batches = training.Batches(photos, replace(SMALL, pairs=3))
    for step in (0, 7):
        one, again = batches[step], batches[step]
        assert all(torch.equal(a, b) for a, b in zip(one, again, strict=True))
    assert not torch.equal(batches[0][0], batches[7][0])
    frames, steps, mirrored = batches[3]
    assert frames.shape[0] == steps.shape[0] == mirrored.shape[0] == 6
    flat = TrainingPhotos(np.concatenate([photos.grey[:4], np.full((2, 256, 256), 9, np.uint8)]), photos.placed, 4)
    for share, plain in ((1.0, True), (0.0, False)):
        shown = training.Batches(flat, replace(SMALL, photographic=share, pairs=8))[0][0].float()
        spread = (
            shown.flatten(1).std(1) < 40
        )  # a plain photo with an even histogram stays plain, but for noise and codecs
        assert bool(spread.float().mean() > 0.3) == plain


def test_photos_are_those_of_the_recipe_s_people(
    fictional_people: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mint.lab.alignment.photos.openpeople_pictures", lambda: iter(()))
    told: list[int] = []

    def progress(pictures, most):  # type: ignore[no-untyped-def]
        told.append(most)
        return pictures

    recipe = replace(SMALL, people=2, per_person=2)
    found = training_photos(tmp_path / "photos.safetensors", recipe, progress)
    assert len(found.grey) == len(found.placed) == found.generated
    assert 2 <= found.generated <= 4
    assert found.grey.shape[1:] == (256, 256)
    # The crop's centre lies in the part's centre, to the pixel.
    middles = np.linalg.inv(found.placed) @ [(CROP_SIZE - 1) / 2, 62.0, 1.0]
    np.testing.assert_allclose(middles[:, :2], 128, atol=0.51)
    kept = training_photos(tmp_path / "photos.safetensors", recipe, progress)
    np.testing.assert_array_equal(kept.grey, found.grey)
    assert told == [recipe.people * recipe.per_person + 300]
