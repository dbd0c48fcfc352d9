"""Networks with another detector are shown their own crops, and say nothing of a face that it does not find."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from mint.bundles.bundle import Bundle
from mint.bundles.files import load_bundle
from mint.membership import MembershipTest
from mint.networks.match_faces import UNSEEN
from mint.networks.torch_network import TorchNetwork
from mint.storage.paths import EXAMPLES
from mint.types import Face, Verdict
from mint.vision.faces import align, find, sharpness
from mint.vision.images import open_photo, to_png
from tests.tiny_bundles import made_up_people, tiny_bundle


class Shifted:
    """A detector that cuts the same faces a little beside, and sees only the largest."""

    name = "shifted"

    def __call__(self, rgb: np.ndarray) -> tuple[Face, ...]:
        face = find(rgb)[0]
        x, y, width, height = face.box
        eyes = np.array([[x + width * a, y + height * b] for a, b in
                         ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8))])  # fmt: skip
        crop = align(rgb, eyes)
        return (Face((x + 4, y + 4, width, height), face.confidence, crop, sharpness(crop)),)


def with_finder(bundle: Bundle, finder: object) -> Bundle:
    network = bundle.network
    assert isinstance(network, TorchNetwork)
    other = TorchNetwork(network.name, network.model, network.taps, network.input_size, network.head, "f" * 64)
    other.finder = finder  # type: ignore[assignment]
    return replace(bundle, network=other)


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Bundle]:
    folder = tmp_path_factory.mktemp("own-detectors")
    for seed, name in enumerate(("twin-a", "twin-b")):
        tiny_bundle(folder / name, name, seed, people=made_up_people(seed))
    return {name: load_bundle(folder / name) for name in ("twin-a", "twin-b")}


@pytest.fixture(scope="module")
def test(bundles: dict[str, Bundle]) -> MembershipTest:
    return MembershipTest({"twin-a": bundles["twin-a"], "twin-b": with_finder(bundles["twin-b"], Shifted())})


@pytest.fixture
def two_faces(face_rgb: np.ndarray) -> bytes:
    """A large and a small copy of the face, side by side."""
    small = np.zeros_like(face_rgb)
    small[100:300, 100:300] = face_rgb[::2, ::2]
    return to_png(np.hstack([face_rgb, small]))


def test_each_network_is_shown_its_own_crop(
    test: MembershipTest, bundles: dict[str, Bundle], face_rgb: np.ndarray
) -> None:
    photo = to_png(face_rgb)
    look, plain = test.look(photo), MembershipTest(bundles).look(photo)
    for column, values in plain.scores["twin-a"].items():
        np.testing.assert_array_equal(look.scores["twin-a"][column], values)
    crop = Shifted()(face_rgb)[0].crop
    wanted, unit = bundles["twin-b"].online().look(bundles["twin-b"].network, crop[None])
    for column, values in wanted.items():
        np.testing.assert_allclose(look.scores["twin-b"][column], values, rtol=1e-5)
    np.testing.assert_allclose(look.embeddings["twin-b"], unit, rtol=1e-5)
    assert not np.allclose(unit, plain.embeddings["twin-b"], rtol=1e-3)


def test_an_audit_tells_the_box_of_the_face_and_the_sharpness_of_the_crop_that_its_network_was_shown(
    test: MembershipTest, face_rgb: np.ndarray
) -> None:
    first, second = (audit.faces[0] for audit in test.judge(test.look(to_png(face_rgb))))
    grey = cv2.cvtColor(Shifted()(face_rgb)[0].crop, cv2.COLOR_RGB2GRAY)
    assert second.to_dict()["sharpness"] == cv2.Laplacian(grey, cv2.CV_64F).var()
    assert first.sharpness == find(face_rgb)[0].sharpness != second.sharpness
    assert first.box == second.box == find(face_rgb)[0].box


def test_a_face_that_only_the_first_detector_finds_gets_no_word_from_the_other(
    test: MembershipTest, two_faces: bytes
) -> None:
    first, second = test.judge(test.look(two_faces))
    assert len(first.faces) == len(second.faces) == 2
    seen, unseen = second.faces
    assert seen.photo.reason != UNSEEN
    assert seen.layers
    assert unseen.box == first.faces[1].box
    for answer in (unseen.photo, unseen.person):
        assert (answer.verdict, answer.reason, answer.p_value) == (Verdict.CANNOT_SAY, UNSEEN, 1.0)
    assert unseen.layers == ()
    assert first.faces[1].photo.reason != UNSEEN
    told = json.loads(json.dumps(second.to_dict(), allow_nan=False))
    assert told["faces"][1]["combined"] == {"score": None, "p_value": 1.0, "membership": 0.5}


def test_maps_are_of_the_crop_that_each_network_is_shown(
    test: MembershipTest, bundles: dict[str, Bundle], two_faces: bytes
) -> None:
    look = test.look(two_faces, saliency=True)
    own, unseen = look.seen_by("twin-b")
    assert own is not None
    assert unseen is None
    assert look.shown_to("twin-a") == look.faces
    shown = look.shown_to("twin-b")
    assert shown == (own, look.faces[1])
    bundle = bundles["twin-b"]
    wanted = bundle.online().show(bundle.network, np.stack([face.crop for face in shown]), saliency=True).saliency
    assert set(look.saliency["twin-b"]) == set(wanted)
    for tap, maps in wanted.items():
        np.testing.assert_allclose(look.saliency["twin-b"][tap], maps, atol=1e-6)


def test_the_first_network_s_detector_says_which_faces_there_are(bundles: dict[str, Bundle], two_faces: bytes) -> None:
    turned = MembershipTest({"twin-b": with_finder(bundles["twin-b"], Shifted()), "twin-a": bundles["twin-a"]})
    audits = turned.judge(turned.look(two_faces))
    assert [len(audit.faces) for audit in audits] == [1, 1]
    assert all(audit.faces[0].photo.reason != UNSEEN for audit in audits)


def test_faces_that_a_page_found_are_looked_for_again_in_the_photo(test: MembershipTest, face_rgb: np.ndarray) -> None:
    faces = find(face_rgb)
    with_photo, without = test.look_at(faces, "x", face_rgb), test.look_at(faces, "x")
    assert set(with_photo.own) == {"twin-b"}
    assert without.own == {}
    assert not np.allclose(with_photo.embeddings["twin-b"], without.embeddings["twin-b"], rtol=1e-3)


def test_a_person_s_photos_that_a_detector_misses_are_left_out_for_that_network(
    bundles: dict[str, Bundle], face_path: Path
) -> None:
    class Bright(Shifted):
        def __call__(self, rgb: np.ndarray) -> tuple[Face, ...]:
            found = super().__call__(rgb)
            return found if rgb.mean() > 60 else (replace(found[0], box=(0.0, 0.0, 9.0, 9.0)),)

    test = MembershipTest({"twin-a": bundles["twin-a"], "twin-b": with_finder(bundles["twin-b"], Bright())})
    dark = to_png((open_photo(EXAMPLES / "faces" / "01-openpeople.jpg") * 0.3).astype(np.uint8))
    look = test.look_person([face_path, dark], ["bright", "dark"])
    first, second = test.judge_person(look, "someone")
    assert first.judged == ("bright", "dark")
    assert (second.judged, second.left_out) == (("bright",), (("dark", UNSEEN),))
    nobody = test.look_person([dark], ["dark"])
    assert UNSEEN in test.judge_person(nobody, "someone")[1].reason
