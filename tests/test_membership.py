import io
import math
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mint.bundles.files import load_bundle
from mint.errors import AskedOnce, BadSetting, BundleMismatch, MintError, NoBundle, NoFace
from mint.evidence.score_table import PERSON, PHOTO
from mint.judging.person import PersonLook
from mint.judging.photo import answer, measured_rates
from mint.membership import MembershipTest
from mint.types import Verdict
from mint.vision.detectors import STILL
from mint.vision.images import to_png
from tests.tiny_bundles import made_up_people, tiny_bundle


@pytest.fixture(scope="module")
def test(weights: Path) -> MembershipTest:
    return MembershipTest.load(weights=weights)


def test_look_then_judge(test: MembershipTest, face_path: Path) -> None:
    look = test.look(face_path, "portrait")
    audits = test.judge(look)
    assert [a.network for a in audits] == ["twin-a", "twin-b"]
    face = audits[0].faces[0]
    assert audits[0].photo == "portrait"
    columns = {c: float(v[0]) for c, v in look.scores["twin-a"].items()}
    assert face.photo.score == pytest.approx(columns["consistency/views"] + columns["prototype/head"])
    assert [(layer.auditor, layer.layer) for layer in face.layers] == [
        *(("vanilla", name) for name in ("stage1", "stage2", "stage3", "stage4", "embedding", "all")),
        *(("cnn", name) for name in ("stage1", "stage2", "stage3", "stage4", "all")),
        ("norm", "embedding"),
        ("consistency", "views"),
        ("prototype", "head"),
        ("centred", "head"),
        ("recall", "head"),
    ]


def test_judging_is_pure_and_needs_no_network(
    test: MembershipTest, face_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = test.look(face_path)
    before = test.judge(look, 0.01, 0.5)
    for bundle in test.bundles.values():
        monkeypatch.setattr(type(bundle.network), "forward", lambda *_: pytest.fail("ran the network"))
    test.judge(look, 0.2, 0.1)
    assert test.judge(look, 0.01, 0.5) == before


def test_a_face_scores_the_same_alone_and_in_company(test: MembershipTest, face_path: Path) -> None:
    faces = test.look(face_path).faces
    alone, company = test.look_at(faces), test.look_at([*faces] * 5)
    for column, values in alone.scores["twin-a"].items():
        np.testing.assert_allclose(company.scores["twin-a"][column], np.repeat(values, 5), rtol=1e-3, atol=1e-4)


def test_more_faces_than_the_limit_are_counted(test: MembershipTest, face_path: Path) -> None:
    faces = test.look(face_path).faces
    look = test.look_at([*faces] * 20)
    assert len(look.faces) == 12
    assert look.skipped == 8
    assert [audit.to_dict()["skipped"] for audit in test.judge(look)] == [8] * len(test.bundles)


def test_faces_that_are_not_asked_about_are_counted(test: MembershipTest, face_rgb: np.ndarray) -> None:
    crowd = np.hstack([face_rgb, face_rgb])
    look = test.look_person([crowd, face_rgb[:, ::-1]], ["crowd", "alone"])
    for audit in test.judge_person(look, "me"):
        assert audit.other_faces == (("crowd", 1),)
        assert audit.to_dict()["photos"]["other_faces"] == [{"photo": "crowd", "faces": 1}]
    looks = [test.look(crowd, "crowd"), test.look(face_rgb, "alone"), replace(test.look(face_rgb, "more"), skipped=2)]
    for found in test.judge_folder(looks, "all"):
        assert found.other_faces == (("crowd", 1), ("more", 2))


def test_verdicts_follow_the_calibration(weights: Path) -> None:
    bundle = MembershipTest.load(["twin-a"], weights).bundles["twin-a"]

    def verdict(score: float, gate: bool = True, outside: str | None = None) -> Verdict:
        columns = {"consistency/views": score, "prototype/head": 0.0}
        return answer(
            replace(bundle, gates=dict.fromkeys(bundle.gates, gate)), PHOTO, columns, 0.01, 0.5, outside
        ).verdict

    assert verdict(50.0) is Verdict.EVIDENCE
    assert verdict(-50.0) is Verdict.NO_SIGN
    assert verdict(50.0, gate=False) is Verdict.CANNOT_SAY
    assert verdict(50.0, outside="too dark") is Verdict.CANNOT_SAY
    middle = float(np.quantile(bundle.calibration["members"][PHOTO], 0.1))
    assert verdict(middle) is Verdict.INCONCLUSIVE


def test_siblings_count_against_the_photo_but_not_against_the_person(weights: Path) -> None:
    bundle = MembershipTest.load(["twin-a"], weights).bundles["twin-a"]
    photo_fpr, _ = measured_rates(bundle, PHOTO, 0.05)
    worst = max((bundle.test[s][PHOTO] for s in ("siblings", "outsiders", "real")), key=len)
    assert photo_fpr.n == len(worst)
    _, person_tpr = measured_rates(bundle, PERSON, 0.05)
    assert person_tpr.value > 0.7
    assert photo_fpr.value < 0.15


def test_a_picture_without_a_face_is_said_so(test: MembershipTest) -> None:
    flat = to_png(np.full((200, 200, 3), 128, np.uint8))
    with pytest.raises(NoFace):
        test.look(flat)
    audits = test.audit(flat, "wall.png")
    assert all("No face" in str(a.error) and a.faces == () for a in audits)


@pytest.mark.parametrize(
    ("alpha", "prior"), [(0, 0.5), (1, 0.5), (0.01, -0.1), (0.01, 1.1), (math.nan, 0.5), (0.01, math.nan)]
)
def test_senseless_settings_are_refused(test: MembershipTest, face_path: Path, alpha: float, prior: float) -> None:
    with pytest.raises(ValueError, match="alpha"):
        test.judge(test.look(face_path), alpha, prior)
    for photo in (face_path, b"no photo"):
        with pytest.raises(BadSetting, match="alpha"):
            test.audit(photo, "photo", alpha, prior)


def test_the_contract(test: MembershipTest, face_path: Path) -> None:
    found = test.judge(test.look(face_path))[0].to_dict()
    assert set(found) == {"photo", "network", "bundle", "bundle_sha256", "faces", "skipped", "error"}
    face = found["faces"][0]
    assert {"box", "sharpness", "layers", "combined", "verdict", "person", "alpha", "false_positive_rate"} <= set(face)
    assert set(face["layers"][0]) == {
        "layer",
        "auditor",
        "score",
        "p_value",
        "membership",
        "membership_low",
        "membership_high",
        "verdict",
    }
    assert set(face["combined"]) == {"score", "p_value", "membership"}
    assert {"score", "p_value", "verdict"} <= set(face["person"])
    assert set(face["false_positive_rate"]) == {"value", "low", "high", "n", "people", "kind", "high_of_any"}


@pytest.fixture
def other(tmp_path: Path, test: MembershipTest) -> MembershipTest:
    """Another pair, and a network of the first beside it, as the page asks them."""
    people = made_up_people(0)
    own = [
        tiny_bundle(tmp_path / n, n, seed, people=people) for seed, n in enumerate(("augmented-a", "augmented-b"), 5)
    ]
    return MembershipTest({**{bundle.name: bundle for bundle in own}, "twin-b": test.bundles["twin-b"]})


@pytest.mark.parametrize(
    ("altered", "error", "said"),
    [
        (lambda rgb: rgb.astype(np.float32) / 255, TypeError, "uint8 in [0, 255], not float32"),  # else it is black
        (lambda rgb: rgb.astype(np.float64), TypeError, "not float64"),
        (lambda rgb: rgb.astype(np.uint16) * 257, TypeError, "not uint16"),
        (lambda rgb: rgb > 127, TypeError, "not bool"),
        (lambda rgb: rgb[None], ValueError, "(height, width, 3)"),
        (lambda rgb: rgb.transpose(2, 0, 1), ValueError, "this one has (3, "),
        (lambda rgb: rgb[:, :, 0], ValueError, "(height, width, 3)"),
        (lambda rgb: np.dstack([rgb, rgb[:, :, :1]]), ValueError, ", 4)"),
        (lambda rgb: rgb[:0], ValueError, "this one has (0, "),
        (Image.fromarray, TypeError, 'not Image. Of a Pillow image give np.asarray(image.convert("RGB"))'),
        (lambda rgb: io.BytesIO(rgb.tobytes()), TypeError, "of an open file its read()"),
        (lambda rgb: 0, TypeError, "not int"),  # which Python would take for a file that is open
    ],
)
def test_pixels_of_another_type_or_shape_are_refused_and_never_said_to_show_no_face(
    test: MembershipTest, face_rgb: np.ndarray, altered: Callable[[np.ndarray], np.ndarray], error: type, said: str
) -> None:
    with pytest.raises(error, match=re.escape(said)):
        test.find(altered(face_rgb))
    with pytest.raises(error, match=re.escape(said)):
        list(test.look_and_judge_many([face_rgb, altered(face_rgb)], ["one", "other"]))
    with pytest.raises(error, match=re.escape(said)):
        test.look_person([altered(face_rgb)], ["one"])


def test_another_pair_is_asked_about_the_faces_without_the_photo(
    test: MembershipTest, other: MembershipTest, face_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, alone = test.look(face_path, saliency=True), other.look(face_path, saliency=True)
    ran: list[str] = []
    for network in {type(b.network) for b in (*test.bundles.values(), *other.bundles.values())}:
        forward = network.forward
        monkeypatch.setattr(network, "forward", lambda self, *a, real=forward, **k: ran.append(self.name) or real(self, *a, **k))  # fmt: skip
    both = other.look_again(look, test, saliency=True)
    assert set(ran) == {"augmented-a", "augmented-b"}, "those that have seen it are not asked again"
    assert set(both.scores) == set(both.saliency) == {"twin-a", "twin-b", "augmented-a", "augmented-b"}
    for network, columns in alone.scores.items():
        for column, values in columns.items():
            np.testing.assert_allclose(both.scores[network][column], values, rtol=1e-5)
        np.testing.assert_allclose(both.embeddings[network], alone.embeddings[network], rtol=1e-5)
    assert [audit.network for audit in other.judge(both)] == ["augmented-a", "augmented-b", "twin-b"]
    assert test.judge(both) == test.judge(look)
    ran.clear()
    assert test.look_again(both, other, saliency=True).scores.keys() == both.scores.keys()
    assert ran == [], "who goes back waits for nothing"


def test_another_pair_is_asked_about_a_person_without_the_photos(
    test: MembershipTest, other: MembershipTest, face_path: Path, face_rgb: np.ndarray
) -> None:
    photos, names = [face_rgb, face_rgb[::-1, :, ::-1]], ["one", "upside down"]
    look = test.look_person(photos, names)
    again, alone = other.look_person_again(look, test), other.look_person(photos, names)
    assert (again.errors, again.copies) == (alone.errors, alone.copies)
    for ours, theirs in zip(other.judge_person(again, "me"), other.judge_person(alone, "me"), strict=True):
        assert (ours.network, ours.verdict, ours.error) == (theirs.network, theirs.verdict, theirs.error)
        assert ours.p_value == (None if theirs.p_value is None else pytest.approx(theirs.p_value))


def test_networks_that_cut_faces_in_another_way_need_the_photo(
    test: MembershipTest, other: MembershipTest, face_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = test.look(face_path)
    monkeypatch.setattr(other.bundles["augmented-b"].network, "finder", STILL)
    with pytest.raises(MintError, match="in another way"):
        other.look_again(look, test)
    with pytest.raises(MintError, match="in another way"):
        other.look_person_again(test.look_person([face_path], ["me"]), test)


def test_two_bundles_of_one_name_are_refused_and_one_given_twice_is_one(tmp_path: Path) -> None:
    ours, theirs, again = tmp_path / "ours", tmp_path / "theirs", tmp_path / "again"
    tiny_bundle(ours, "twin-a", seed=1)
    tiny_bundle(theirs, "twin-a", seed=2)
    shutil.copytree(ours, again)
    with pytest.raises(BundleMismatch, match=r"ours and .*theirs are two bundles of one name, twin-a\. Ask one"):
        MembershipTest.load([str(ours), str(theirs)])
    assert list(MembershipTest.load([str(ours), str(ours)]).bundles) == ["twin-a"]
    with pytest.warns(AskedOnce, match=r"ours and .*again hold one bundle, twin-a: it is asked once\.$"):
        assert list(MembershipTest.load([str(ours), str(again), str(ours)]).bundles) == ["twin-a"]


def test_what_is_given_in_another_form_is_taken_or_refused_in_words(weights: Path) -> None:
    folder = str(weights / "twin-a")
    bundle = load_bundle(folder)
    assert [*MembershipTest.load(place for place in (folder,)).bundles] == [bundle.name]
    with pytest.raises(NoBundle, match="No network was named"):
        MembershipTest({})
    with pytest.raises(ValueError, match="2 open networks were given for 1 bundles"):
        MembershipTest.load(folder, audited=[bundle.network, None])


def test_a_name_is_not_answered_by_the_bundle_of_another_network(weights: Path, tmp_path: Path) -> None:
    shutil.copytree(weights / "twin-a", tmp_path / "twin-b")
    with pytest.raises(BundleMismatch, match=r"twin-b holds the bundle of twin-a, not of twin-b\. Put"):
        MembershipTest.load("twin-b", weights=tmp_path)
    assert list(MembershipTest.load(tmp_path / "twin-b").bundles) == ["twin-a"], "a folder is asked for what is in it"
    assert list(MembershipTest.load("twin-a", weights=str(weights)).bundles) == ["twin-a"]


def test_a_look_that_a_network_has_not_had_is_refused_and_says_what_to_do(
    test: MembershipTest, weights: Path, face_path: Path
) -> None:
    one, two = (MembershipTest({name: bundle}) for name, bundle in test.bundles.items())
    look = one.look(face_path, "mine")
    with pytest.raises(MintError, match=r"^mine was not shown to twin-b, only to twin-a: look at it with the test"):
        two.judge(look)
    assert [audit.network for audit in test.judge(look)] == ["twin-a"], (
        "of two networks, that which has seen it answers"
    )
    for judged in (
        lambda: two.judge_folder([look], "folder"),
        lambda: test.judge_folder([look], "folder"),
        lambda: two.judge_person(PersonLook((look,)), "me"),
    ):
        with pytest.raises(MintError, match=r"^mine was not shown to twin-b, only to twin-a"):
            judged()
    with pytest.raises(MintError, match=r"^mine was not shown to twin-a, to none yet"):
        one.judge(replace(look, scores={}))
    with pytest.raises(MintError, match=r"^people does not say who is on mine: name somebody for every photo"):
        one.judge_folder([replace(look, photo="other"), look], "folder", people={"other": "Ana"})
    with pytest.raises(MintError, match=r"^No face was given of nobody\. Give one at least"):
        one.look_at([], "nobody")
