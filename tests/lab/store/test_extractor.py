import dataclasses
import hashlib
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from mint.auditors import realign
from mint.auditors.realign import realigned
from mint.cli.lab.commands import register
from mint.cli.main import lab_app
from mint.errors import BadPhoto, NoFace, TooFew
from mint.lab.inputs.photo_lists import samples
from mint.lab.inputs.source import PhotoSource
from mint.lab.store.extractor import (
    NOT_TAKEN,
    PHOTOS_AHEAD,
    ExtractionRecipe,
    Extractor,
    FaceReader,
    first_faces,
    whole_picture,
)
from mint.lab.store.run import bytes_each
from mint.types import Face
from mint.vision import faces
from mint.vision.images import open_photo
from tests.conftest import FACE
from tests.lab.photos import crop, people, png, tiny_network


@pytest.fixture
def album(tmp_path):
    """Two photos with the same face, one without, one that is none."""
    place = tmp_path / "album" / "ann"
    place.mkdir(parents=True)
    (place / "1.jpg").write_bytes(FACE.read_bytes())
    (place / "2.png").write_bytes(png(np.full((200, 200, 3), 90, np.uint8)))
    (place / "3.jpg").write_bytes(b"not a photo")
    (place / "4.jpg").write_bytes(FACE.read_bytes())
    return place.parent


def test_a_photo_is_read_found_and_cropped_as_everywhere(album):
    network = tiny_network()
    shard = Extractor(ExtractionRecipe(network, controls=False, views=False))(
        list(samples(PhotoSource(album, person_level=1)))
    )
    face = faces.find(open_photo(FACE))[0]
    first, empty, broken, last = shard.rows
    assert first["sha256"] == hashlib.sha256(FACE.read_bytes()).hexdigest()
    assert [first[name] for name in ("x", "y", "width", "height")] == list(face.box)
    assert first["confidence"] == face.confidence
    assert first["sharpness"] == pytest.approx(face.sharpness)
    assert {k: v for k, v in last.items() if k != "id"} == {k: v for k, v in first.items() if k != "id"}
    assert "No face" in empty["rejected"]
    assert "not a JPEG" in broken["rejected"]
    assert shard.rejected == 2
    seen = network.look(torch.from_numpy(face.crop[None].astype(np.float32)).permute(0, 3, 1, 2))
    np.testing.assert_allclose(shard.tensors["network/embedding"][:1], seen.embedding.numpy(), atol=1e-5)
    assert len(shard.tensors["network/embedding"]) == 2


def test_the_best_cut_is_searched_where_there_is_a_head(album, monkeypatch):
    monkeypatch.setattr(realign, "GRID", realign.GRID[[0, 13, 26]])
    monkeypatch.setattr(realign, "FINER", ())
    network, headless = tiny_network(), tiny_network()
    headless.head = None
    few = ExtractionRecipe(network, controls=False, views=False)

    def kept(recipe):
        return Extractor(recipe)(list(samples(PhotoSource(album, person_level=1)))).tensors

    found = kept(few)["network/recalled"]
    crop = faces.find(open_photo(FACE))[0].crop
    cut = realigned(network, crop[None])
    assert not np.array_equal(cut[0], crop)
    seen = network.look(torch.from_numpy(cut.astype(np.float32)).permute(0, 3, 1, 2)).embedding.numpy()
    np.testing.assert_allclose(found, np.concatenate([seen, seen]), atol=1e-5)
    assert "network/recalled" not in kept(replace(few, recall=False))
    assert "network/recalled" not in kept(replace(few, network=headless))


def test_the_networks_own_finder_is_asked(album):
    network = tiny_network()
    network.finder = lambda rgb: (Face((0.0, 0.0, 1.0, 1.0), 0.5, np.full((112, 112, 3), 7, np.uint8), 3.0),)
    shard = Extractor(ExtractionRecipe(network, controls=False, views=False))(
        list(samples(PhotoSource(album, person_level=1)))
    )
    assert shard.rejected == 1  # it finds a face in everything that is a photo
    assert {row.get("brightness") for row in shard.rows} == {7.0, None}


def test_a_face_that_may_not_stand_upright_is_rejected_but_settles_a_store_that_was_begun_with_it(album, monkeypatch):
    network, asked = tiny_network(), list(samples(PhotoSource(album, person_level=1)))
    find = network.finder
    monkeypatch.setattr(
        type(find), "__call__", lambda _, rgb: tuple(replace(f, upright=False) for f in faces.find(rgb))
    )
    recipe = ExtractionRecipe(network, controls=False, views=False)
    shard = Extractor(recipe)(asked)
    assert [row["rejected"] for row in shard.rows][::3] == [NOT_TAKEN] * 2
    assert (shard.rejected, shard.tensors) == (4, {})
    with pytest.raises(TooFew, match="may lie on its side"):
        first_faces(FaceReader(recipe, network), asked)
    settled = ExtractionRecipe(network, views=False, settle=tuple(asked[::3]))
    now = Extractor(settled).made_of()["untrained"]
    monkeypatch.undo()
    assert now == Extractor(settled).made_of()["untrained"]


def test_an_aligned_picture_is_taken_as_it_is_or_resized():
    rgb = crop(1)
    (face,) = whole_picture(rgb)
    assert np.array_equal(face.crop, rgb)
    (face,) = whole_picture(rgb[::2, ::2])
    assert face.crop.shape == (112, 112, 3)
    assert face.box == (0.0, 0.0, 56.0, 56.0)
    with pytest.raises(BadPhoto, match="112 × 80"):
        whole_picture(rgb[:80])


def test_the_eye_reads_in_order_and_not_far_ahead(tmp_path):
    side = people(tmp_path / "n", 5, 30, 0, bad=False)
    asked = []

    def told():
        for sample in samples(side):
            asked.append(sample.id)
            yield sample

    eye = FaceReader(ExtractionRecipe(tiny_network(), aligned=True, readers=3), tiny_network())
    for number, (sample, seen) in enumerate(eye.look(told())):
        assert sample.id == asked[number]
        assert len(asked) <= number + 1 + PHOTOS_AHEAD + 3
        assert seen.sha256 == hashlib.sha256((side / sample.id).read_bytes()).hexdigest()
    assert len(asked) == number + 1 == 150


def test_the_untrained_control_needs_faces(tmp_path):
    side = people(tmp_path / "n", 1, 2, 0)
    eye = FaceReader(ExtractionRecipe("", aligned=True), tiny_network())
    assert [s.id for s in first_faces(eye, samples(PhotoSource(side, person_level=1)))] == [
        "person-000/0.png",
        "person-000/1.png",
    ]
    with pytest.raises(TooFew):
        first_faces(FaceReader(ExtractionRecipe(""), tiny_network()), [])


def test_another_finder_may_find_nothing(album):
    def nothing(rgb):
        raise NoFace("Nobody.")

    network = tiny_network()
    network.finder = nothing
    rows = Extractor(ExtractionRecipe(network, controls=False))(list(samples(PhotoSource(album, person_level=1)))).rows
    assert [row["rejected"][:6] for row in rows] == ["Nobody", "Nobody", "This i", "Nobody"]


def test_bytes_of_a_photo_are_counted_by_kind():
    made_of = {"parts": {"network": {"embedding": [16], "maps/stage1": [4, 3, 3]}, "pixels": {"embedding": [8]}}}
    assert bytes_each(made_of) == 16 * 4 + 36 * 2 + 8 * 4


def test_a_recipe_is_small_and_frozen():
    recipe = ExtractionRecipe("twin-a")
    with pytest.raises(dataclasses.FrozenInstanceError):
        recipe.maps = True


def test_the_shell_says_what_is_wrong(tmp_path, monkeypatch):
    if not lab_app.registered_commands:
        register(lab_app)
    command = ["extract", "--network", "twin-a", "--non-members", str(tmp_path), "--out", str(tmp_path / "s")]
    found = CliRunner().invoke(lab_app, [*command, "--engine", "spark"])
    assert found.exit_code == 2
    assert "'spark' is not one of 'plain', 'ray'" in " ".join(found.output.replace("│", " ").split())
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "mint.ray_pool", raising=False)
    found = CliRunner().invoke(lab_app, [*command, "--engine", "ray"])
    assert "mint-audit[scale]" in str(found.exception)
