from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from mint.bundles.bundle import TRAINED_ON
from mint.bundles.files import load_bundle
from mint.evidence.conformal import largest_p_values
from mint.evidence.fusion import Fusion
from mint.evidence.person import BEST, MAX_PHOTOS, PersonTest
from mint.evidence.score_table import PHOTO
from mint.judging.person import PersonLook, judge_person
from mint.judging.photo import NEAR_UNCALIBRATED, NOT_UPRIGHT
from mint.membership import MembershipTest
from mint.types import NOT_MEASURED, Face, Look, Verdict
from mint.vision.faces import QUALITIES
from mint.vision.images import open_photo, to_png
from tests.tiny_bundles import made_up_people, tiny_bundle


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("with-people")
    for seed, name in enumerate(("twin-a", "twin-b")):
        tiny_bundle(folder / name, name, seed, people=made_up_people(seed))
    return folder


@pytest.fixture(scope="module")
def test(folder: Path) -> MembershipTest:
    return MembershipTest.load(weights=folder)


def looked(test: MembershipTest, n: int, spread: float = 0.05, seed: int = 0, **quality: float) -> PersonLook:
    """Looks of n photos that differ in pixels, with embeddings around one direction."""
    random = np.random.default_rng(seed)
    middle = random.normal(size=16)
    looks = []
    for k in range(n):
        crop = cv2.resize(random.integers(0, 255, (9, 9, 3), np.uint8), (112, 112), interpolation=cv2.INTER_CUBIC)
        raw = middle + spread * random.normal(size=16)
        columns = {"consistency/views": 0.0, "prototype/head": 0.0}
        columns |= dict.fromkeys(QUALITIES, 1.0) | quality
        looks.append(
            Look(
                f"photo {k}",
                (Face((0, 0, 9, 9), 1.0, crop, 1.0),),
                {name: {c: np.array([v]) for c, v in columns.items()} for name in test.bundles},
                embeddings={name: (raw / np.linalg.norm(raw))[None] for name in test.bundles},
            )
        )
    return PersonLook(tuple(looks))


def test_bundles_with_people_make_the_round_trip(folder: Path) -> None:
    written, read = made_up_people(0), load_bundle(folder / "twin-a").people
    assert read is not None
    assert read.to_dict() == written.to_dict()
    for purpose, kinds in written.scores.items():
        for kind, sets in kinds.items():
            for n, scores in sets.items():
                np.testing.assert_array_equal(read.scores[purpose][kind][n], scores)
    assert set(load_bundle(folder / "twin-a").scores) & {"calibration", "people-calibration"} == {"calibration"}


def test_a_compact_person_is_evidence_and_a_scattered_one_is_not(folder: Path, test: MembershipTest) -> None:
    # compactness is the whole score here, and noise lies around 0: move the noise below what photos reach
    people = made_up_people(0)
    for kind in ("outsiders", "real"):
        for purpose in ("calibration", "test"):
            for n, scores in people.scores[purpose][kind].items():
                people.scores[purpose][kind][n] = scores / 20  # type: ignore[index]
    bundle = tiny_bundle(folder / "other" / "twin-a", people=people)
    own = MembershipTest({"twin-a": bundle})
    (found,) = own.judge_person(looked(own, 5), "Ada")
    assert found.verdict is Verdict.EVIDENCE
    assert found.p_value == pytest.approx(1 - 0.1 ** (1 / 250))
    assert found.warning is None
    assert found.doubtful == ()
    (scattered,) = own.judge_person(looked(own, 5, spread=50), "Ada")
    assert scattered.verdict is not Verdict.EVIDENCE


def test_judging_is_pure_and_alpha_and_prior_move_the_answer(
    test: MembershipTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    for bundle in test.bundles.values():
        monkeypatch.setattr(type(bundle.network), "forward", lambda *_: pytest.fail("ran the network"))
    look = looked(test, 4)
    first = test.judge_person(look, "Ada")
    wide = test.judge_person(look, "Ada", alpha=0.4, prior=0.01)
    assert test.judge_person(look, "Ada") == first
    assert wide[0].alpha == 0.4
    assert wide[0].false_positive_rate.value > first[0].false_positive_rate.value  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="alpha"):
        test.judge_person(look, "Ada", alpha=0)


@pytest.mark.parametrize("n", [1, MAX_PHOTOS])
def test_from_one_photo_to_the_most(test: MembershipTest, n: int) -> None:
    for audit in test.judge_person(looked(test, n), "Ada"):
        assert len(audit.judged) == n
        assert 0 < audit.p_value <= 1  # type: ignore[operator]
        assert audit.false_positive_rate.n == 250  # type: ignore[union-attr]


def test_more_than_people_were_scored_with_are_not_judged(test: MembershipTest) -> None:
    def few(people: PersonTest) -> PersonTest:
        known = people.scores["calibration"]
        real = {n: scores[: None if int(n[1:]) <= 4 else 50] for n, scores in known["real"].items()}
        return replace(people, scores={**people.scores, "calibration": {**known, "real": real}})

    bundles = {name: replace(bundle, people=few(bundle.people)) for name, bundle in test.bundles.items()}  # type: ignore[arg-type]
    scarce, look = MembershipTest(bundles), looked(test, 10)
    for audit, first in zip(scarce.judge_person(look, "Ada"), scarce.judge_person(look.first(4), "Ada"), strict=True):
        assert audit.judged == first.judged == ("photo 0", "photo 1", "photo 2", "photo 3")
        assert (audit.given, audit.skipped, first.skipped) == (10, tuple(f"photo {i}" for i in range(4, 10)), ())
        assert (audit.p_value, audit.verdict) == (first.p_value, first.verdict)
    left = replace(look, looks=(replace(look.looks[0], scores=unlike(look.looks[0])), *look.looks[1:]))
    (audit, _) = scarce.judge_person(left, "Ada")
    assert audit.judged == ("photo 1", "photo 2", "photo 3", "photo 4"), "what cannot be judged takes no place"


def test_near_classes_that_were_not_calibrated_on_a_set_is_accused_only_where_one_of_its_photos_is(
    test: MembershipTest,
) -> None:
    bundle = test.bundles["twin-a"]
    centres = bundle.network.centres()
    assert centres is not None
    look = looked(test, 5, spread=0.01)
    near = [replace(k, embeddings=dict.fromkeys(k.embeddings, centres[2][None])) for k in look.looks]
    sure = replace(bundle, people=replace(bundle.people, fusion=Fusion({BEST: 0.0}, 50.0)))  # type: ignore[type-var]
    for classes in ((), (1, 3)):
        judged = MembershipTest({"twin-a": replace(sure, uncalibrated_classes=classes)})
        (far,) = judged.judge_person(PersonLook(tuple(near)), "Ada")
        assert far.verdict is Verdict.EVIDENCE
        assert far.false_positive_rate != NOT_MEASURED
    for score, n in ((0.0, 1), (0.0, 5), (50.0, 1), (50.0, 5)):  # of each photo, as a photo
        shown = replace(sure, fusions={**sure.fusions, PHOTO: Fusion({}, score)}, uncalibrated_classes=(2,))
        judged = MembershipTest({"twin-a": shown})
        photo = float(largest_p_values([score], shown.bounds(PHOTO, PHOTO))[0])
        for alpha in (0.01, 0.05, 0.99):
            (audit,) = judged.judge_person(PersonLook(tuple(near[:n])), "Ada", alpha)
            assert audit.p_value == pytest.approx(min(1.0, n * photo)), (
                "the same at every limit; each photo is a chance"
            )
            used = n * photo <= alpha
            assert audit.verdict is (Verdict.EVIDENCE if used else Verdict.CANNOT_SAY)
            assert (audit.reason == NEAR_UNCALIBRATED) != used
            assert (audit.false_positive_rate, audit.true_positive_rate, audit.right) == (
                NOT_MEASURED,
                NOT_MEASURED,
                None,
            )
    silent = replace(shown, gates={**shown.gates, PHOTO: False})  # what may not speak of photos accuses nobody by them
    (audit,) = MembershipTest({"twin-a": silent}).judge_person(PersonLook(tuple(near[:1])), "Ada")
    assert audit.reason == NEAR_UNCALIBRATED


def unlike(look: Look) -> dict[str, dict[str, np.ndarray]]:
    """Scores of a photo that lies outside of all that was calibrated on."""
    return {name: {**columns, "sharpness": np.array([1e9])} for name, columns in look.scores.items()}


def test_copies_count_once_and_the_rest_is_named(test: MembershipTest, face_path: Path, face_rgb: np.ndarray) -> None:
    wall = to_png(np.full((90, 90, 3), 200, np.uint8))
    mirrored = to_png(np.ascontiguousarray(face_rgb[:, ::-1]))
    photos = [face_path, wall, mirrored, b"not a photo", face_path.read_bytes()]
    look = test.look_person(photos, ["a", "wall", "mirrored", "text", "again"])
    assert [k.photo for k in look.looks] == ["a"]
    assert look.copies == (("mirrored", "a"), ("again", "a"))
    assert [photo for photo, _ in look.errors] == ["wall", "text"]
    audit = test.judge_person(look, "Ada")[0]
    assert (audit.given, audit.judged, audit.error) == (5, ("a",), None)


def test_a_look_grows_photo_by_photo(test: MembershipTest, face_path: Path) -> None:
    one = test.look_person([face_path], ["a"])
    two = test.look_person([b"", face_path], ["b", "c"], one)
    assert len(one.errors) == 0
    assert (two.given, len(two.looks), two.copies) == (3, 1, (("c", "a"),))


def test_more_than_the_most_are_not_read(test: MembershipTest, face_path: Path) -> None:
    full = looked(test, MAX_PHOTOS)
    look = test.look_person([face_path] * 5, list("abcde"), full)
    assert (look.skipped, look.given) == (tuple("abcde"), MAX_PHOTOS + 5)
    assert look.names[-5:] == tuple("abcde")
    assert look.renamed({"b": "z"}).without("c").skipped == ("a", "z", "d", "e")
    audit = test.judge_person(look, "Ada")[0]
    assert len(audit.judged) == MAX_PHOTOS
    assert audit.to_dict()["photos"]["not_needed"] == 5
    assert audit.to_dict()["photos"]["not_judged"] == list("abcde")


def test_photos_out_of_range_are_left_out_and_none_left_cannot_be_judged(test: MembershipTest) -> None:
    audit = test.judge_person(looked(test, 3, sharpness=1e9), "Ada")[0]
    assert audit.judged == ()
    assert len(audit.left_out) == 3
    assert audit.verdict is Verdict.CANNOT_SAY
    assert audit.error is None


def test_faces_that_may_not_stand_upright_are_left_out_and_of_nothing_else_it_is_said_so(test: MembershipTest) -> None:
    look = looked(test, 3)
    turned = [replace(one, faces=(replace(one.faces[0], upright=False),)) for one in look.looks]
    audit = test.judge_person(replace(look, looks=(*turned[:1], *look.looks[1:])), "Ada")[0]
    assert (audit.judged, audit.left_out) == (("photo 1", "photo 2"), (("photo 0", NOT_UPRIGHT),))
    audit = test.judge_person(replace(look, looks=tuple(turned)), "Ada")[0]
    assert (audit.verdict, audit.reason, audit.score) == (Verdict.CANNOT_SAY, NOT_UPRIGHT, None)


def test_two_people_in_one_folder_draw_a_warning(test: MembershipTest) -> None:
    look = looked(test, 4)
    turned = {name: -values for name, values in look.looks[2].embeddings.items()}
    odd = Look("photo 2", look.looks[2].faces, look.looks[2].scores, embeddings=turned)
    audit = test.judge_person(PersonLook((*look.looks[:2], odd, look.looks[3])), "Ada")[0]
    assert "photo 2 may show somebody else" in str(audit.warning)
    assert "up to 9.9" in str(audit.warning), "4 of 100, and its interval's upper end"
    assert audit.doubted_wrongly is not None
    assert audit.one_person is None
    assert audit.doubtful == (audit.judged[2],)
    assert audit.p_value is not None
    pair = test.judge_person(PersonLook((look.looks[0], odd)), "Ada")[0]
    assert "two people" in str(pair.warning)
    assert pair.doubtful == pair.judged


def test_silence_says_how_little_it_means(test: MembershipTest) -> None:
    audit = test.judge_person(looked(test, 3), "Ada")[0]
    assert audit.warning is None
    assert audit.doubtful == ()
    assert "of 3 photos" in str(audit.one_person)
    assert "9.0\u202f% of the sets of real people" in str(audit.one_person), "the kind that is noticed seldomest"
    assert test.judge_person(looked(test, 1), "Ada")[0].one_person is None


def test_a_bundle_without_a_measured_limit_asks_nothing_and_says_so(folder: Path) -> None:
    people = replace(made_up_people(0), odd={})
    bundle = tiny_bundle(folder / "unmeasured" / "twin-a", people=people)
    recognition = {"real people": {"accuracy": 0.67}, "fictional people": {"accuracy": 0.85}}
    for evaluation, told in (({}, "not measured"), ({"recognition": recognition}, "real strangers right in 67")):
        own = MembershipTest({"twin-a": replace(bundle, evaluation=evaluation)})
        look = looked(own, 3, spread=50)
        (audit,) = own.judge_person(look, "Ada")
        assert audit.warning is None
        assert audit.to_dict()["one_person"] == audit.one_person
        assert told in str(audit.one_person)


def test_nothing_usable_and_old_bundles_say_so(test: MembershipTest, weights: Path, face_path: Path) -> None:
    empty = test.judge_person(test.look_person([b"?"], ["x"]), "Ada")[0]
    assert "None of the 1 photos" in str(empty.error)
    old = MembershipTest.load(["twin-a"], weights)
    audit = old.judge_person(old.look_person([face_path], ["a"]), "Ada")[0]
    assert "--strangers" in str(audit.error)
    assert audit.p_value is None
    own = replace(
        old.bundles["twin-a"], facts={TRAINED_ON: {}}
    )  # there are no strangers to name: more people are needed
    said = str(judge_person(own, "Ada", old.look_person([face_path], ["a"]), 0.01, 0.5).error)
    assert "too few people with two photos" in said
    assert "--strangers" not in said


def test_the_contract(test: MembershipTest, face_rgb: np.ndarray) -> None:
    audit = test.judge_person(test.look_person([to_png(open_photo(to_png(face_rgb)))], ["a"]), "Ada")[0]
    found = audit.to_dict()
    assert set(found) == {
        "person", "network", "bundle", "bundle_sha256", "photos", "score", "p_value", "verdict", "reason", "warning", "doubted_wrongly", "one_person",
        "alpha", "prior", "false_positive_rate", "true_positive_rate", "right_at_prior", "error", "tier",
    }  # fmt: skip
    assert set(found["photos"]) == {
        "given",
        "judged",
        "copies",
        "left_out",
        "errors",
        "not_needed",
        "not_judged",
        "other_faces",
    }
    assert set(found["false_positive_rate"]) == {"value", "low", "high", "n", "people", "kind", "high_of_any"}
