"""Photos looked at together: the same scores, the same order, nothing kept, and no photo in another's way."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mint.errors import BadPhoto, MintError, NoFace, TapSilent
from mint.membership import MembershipTest
from mint.networks.base import Maps
from mint.networks.torch_network import TorchNetwork
from mint.storage.paths import EXAMPLES
from mint.types import Face, Look
from mint.vision.detectors import WholePicture
from mint.vision.images import open_photo, to_png
from tests.lab.photos import crop

BATCH = 4  # photos that are shown together
CLOSE = 1e-4  # standard deviations of a column
ROUNDINGS = 8  # of float32, in the sums of a network's last layer


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mint.membership.PHOTOS_PER_BATCH", BATCH)


@pytest.fixture(scope="module")
def test(weights: Path) -> MembershipTest:
    return MembershipTest.load(weights=weights)


@pytest.fixture(scope="module")
def pictures(weights: Path) -> MembershipTest:
    """One network, shown whole pictures: nothing is searched."""
    bundle = MembershipTest.load(["twin-a"], weights).bundles["twin-a"]
    return MembershipTest({"twin-a": replace(bundle, network=copied(bundle.network))})


def copied(network: object, kind: type[TorchNetwork] = TorchNetwork) -> TorchNetwork:
    assert isinstance(network, TorchNetwork)
    other = kind(network.name, network.model, network.taps, network.input_size, network.head, "f" * 64)
    other.finder = WholePicture()
    return other


class Largest:
    """A detector of another name that sees the largest face only."""

    name = "largest"

    def __call__(self, rgb: np.ndarray) -> tuple[Face, ...]:
        from mint.vision.faces import find

        return find(rgb)[:1]


def test_scores_are_those_of_photo_by_photo(test: MembershipTest, face_rgb: np.ndarray) -> None:
    """Faces of one photo lie across the borders of a pass, and one network has a detector of its own."""
    own = copied(test.bundles["twin-b"].network)
    own.finder = Largest()
    test = MembershipTest({**test.bundles, "twin-b": replace(test.bundles["twin-b"], network=own)})
    files = sorted((EXAMPLES / "faces").glob("*-gan.png"))[:7]
    small = face_rgb[::2, ::2]
    two = np.hstack([face_rgb, np.vstack([small, np.zeros_like(small)])])
    photos = [*files[:3], two, *files[3:5], two[:, ::-1].copy(), *files[5:]]
    names = [f"photo {number}" for number in range(len(photos))]
    alone = [test.look(photo, name) for photo, name in zip(photos, names, strict=True)]
    together = list(test.look_many(photos, names))
    assert [name for name, _ in together] == names
    looks = [look for _, look in together if isinstance(look, Look)]
    assert [look.photo for look in looks] == names
    assert {len(look.faces) for look in looks} == {1, 2}
    for one, other in zip(alone, looks, strict=True):
        assert [face.box for face in one.faces] == [face.box for face in other.faces]
        np.testing.assert_array_equal([f.crop for f in one.faces], [f.crop for f in other.faces])
        assert {n: [f is None for f in o] for n, o in one.own.items()} == {
            n: [f is None for f in o] for n, o in other.own.items()
        }
    for network in test.bundles:
        for column in alone[0].scores[network]:
            first, second = (np.concatenate([look.scores[network][column] for look in each]) for each in (alone, looks))
            np.testing.assert_array_equal(np.isnan(first), np.isnan(second))
            assert np.isnan(first).any() == (network == "twin-b")
            rounding = ROUNDINGS * np.spacing(np.nanmax(np.abs(first)))  # of a column that hardly varies
            assert np.nanmax(np.abs(first - second)) <= max(CLOSE * np.nanstd(first), rounding), column
        first, second = (np.concatenate([look.embeddings[network] for look in each]) for each in (alone, looks))
        np.testing.assert_allclose(first, second, atol=1e-5)


def test_errors_stay_in_their_place(test: MembershipTest, face_path: Path) -> None:
    wall = to_png(np.full((90, 90, 3), 200, np.uint8))
    photos = [b"no photo", face_path, wall, Path("nowhere.jpg"), face_path.read_bytes(), open_photo(face_path)]
    seen = list(test.look_many(photos, "abcdef"))
    assert [name for name, _ in seen] == list("abcdef")
    assert [type(look) for _, look in seen] == [BadPhoto, Look, NoFace, BadPhoto, Look, Look]
    judged = list(test.look_and_judge_many(photos, "abcdef", 0.05, 0.3))
    for photo, name, (look, audits) in zip(photos, "abcdef", judged, strict=True):
        other, wanted = test.look_and_judge(photo, name, 0.05, 0.3)
        assert (look is None) == (other is None)
        assert [(a.photo, a.network, a.error) for a in audits] == [(a.photo, a.network, a.error) for a in wanted]
        assert [len(a.faces) for a in audits] == [len(a.faces) for a in wanted]
        assert {f.alpha for a in audits for f in a.faces} <= {0.05}


def test_a_photo_at_which_a_network_fails_leaves_the_others_alone(pictures: MembershipTest) -> None:
    class Picky(TorchNetwork):
        def forward(self, batch: torch.Tensor) -> Maps:
            if (batch.amax((1, 2, 3)) - batch.amin((1, 2, 3)) < 1e-3).any():
                raise TapSilent("The network says nothing of a wall.")
            return super().forward(batch)

    bundle = pictures.bundles["twin-a"]
    picky = MembershipTest({"twin-a": replace(bundle, network=copied(bundle.network, Picky))})
    photos = [crop(1), np.zeros((112, 112, 3), np.uint8), crop(2)]
    seen = [look for _, look in picky.look_many(photos, "abc")]
    assert [type(look) for look in seen] == [Look, TapSilent, Look]
    assert isinstance(seen[2], Look)
    wanted = pictures.look(photos[2])
    for column, values in wanted.scores["twin-a"].items():
        np.testing.assert_allclose(seen[2].scores["twin-a"][column], values, rtol=1e-3, atol=1e-4)


def test_as_many_names_as_photos(pictures: MembershipTest) -> None:
    with pytest.raises(ValueError, match="shorter"):
        list(pictures.look_many([crop(1), crop(2)], ["one"]))
    assert list(pictures.look_many([], [])) == []


@pytest.mark.full
def test_nothing_is_kept_however_many_photos_there_are(
    pictures: MembershipTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 6 * BATCH  # more than may be alive
    taken = [0]

    def photos() -> Iterator[np.ndarray]:
        for number in range(count):
            taken[0] += 1
            yield crop(number)

    def scored(looks: list[Look], networks: object, panels: object, saliency: bool = False) -> list[Look]:
        return [replace(look, scores={"twin-a": {}}) for look in looks]

    monkeypatch.setattr("mint.membership.score_looks", scored)
    gc.collect()
    before = alive()
    for number, (_, look) in enumerate(pictures.look_many(photos(), map(str, range(count))), 1):
        assert isinstance(look, Look)
        assert taken[0] - number <= 3 * BATCH  # a batch that is shown, and two that wait
        if number % BATCH in (1, BATCH // 2):  # all that lives is gone through, which takes long
            assert alive() - before <= 5 * BATCH  # a batch has its looks twice: with scores and without
    assert number == count


def alive() -> int:
    return sum(isinstance(thing, Look) for thing in gc.get_objects())


def test_who_stops_early_leaves_no_thread_behind(pictures: MembershipTest) -> None:
    with closing(pictures.look_many(map(crop, range(500)), map(str, range(500)))) as seen:
        name, look = next(seen)
    assert name == "0"
    assert not isinstance(look, MintError)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead")]
