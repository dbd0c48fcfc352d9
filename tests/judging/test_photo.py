from dataclasses import asdict, replace

import numpy as np
import pytest

from mint.bundles.bundle import Bundle
from mint.bundles.files import load_bundle
from mint.evidence.conformal import largest_p_values
from mint.evidence.fusion import Fusion
from mint.evidence.metrics import clopper_pearson, clustered_rate
from mint.evidence.score_table import IDENTITY, NEAREST, PERSON, PHOTO
from mint.evidence.verdict import WorstRate, at_most, chance_right
from mint.judging.photo import (
    NEAR_UNCALIBRATED,
    NOT_UPRIGHT,
    bounds_of,
    evidence_from,
    false_alarms_by_kind,
    judge_photo,
    measured_rates,
    verdict_p_values,
)
from mint.storage.paths import WEIGHTS
from mint.types import REFERENCE, Face, FaceAudit, Look, Verdict
from mint.vision.faces import QUALITIES
from tests.tiny_bundles import tiny_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return tiny_bundle(tmp_path_factory.mktemp("bundle") / "twin-a", strength=6.0)


def with_test(bundle: Bundle, kind: str, scores: list[float]) -> Bundle:
    """The bundle with these scores of test photos of one kind."""
    table = {c: v[: len(scores)] for c, v in bundle.test[kind].items()}
    table |= {q: np.array(scores, np.float32) for q in (PHOTO, PERSON)}
    return replace(bundle, scores={**bundle.scores, "test": {**bundle.test, kind: table}})


@pytest.mark.parametrize("question", [PHOTO, PERSON])
def test_the_worst_kind_is_told_however_small(bundle: Bundle, question: str) -> None:
    high, low = 50.0, -50.0
    told, _ = measured_rates(with_test(bundle, "openpeople", [high] * 3 + [low] * 17), question, 0.01)
    assert (told.value, told.n) == (3 / 20, 20)


def test_a_small_kind_without_an_alarm_hides_no_larger_one(bundle: Bundle) -> None:
    quiet = with_test(bundle, "openpeople", [-50.0] * 5)
    told, _ = measured_rates(quiet, PHOTO, 0.05)
    assert told.n == 240
    assert told.value > 0


@pytest.mark.parametrize("question", [PHOTO, PERSON])
def test_a_rate_names_its_kind_and_counts_its_people(question: str) -> None:
    """Of the shipped twin: the few people are counted anew from their names."""
    shipped = load_bundle(WEIGHTS / "twin-a", graph=True)
    for kind, rate in false_alarms_by_kind(shipped, question, 0.05).items():
        said = rate.to_dict()
        assert said is not None
        assert (said["kind"], said["people"]) == (kind, len(set(shipped.test[kind][IDENTITY].tolist())))
        assert said["n"] == len(shipped.test[kind][IDENTITY])
    worst, used = measured_rates(shipped, question, 0.05)
    highest = max(false_alarms_by_kind(shipped, question, 0.05).values(), key=lambda r: (r.value, r.high))
    assert asdict(worst) == asdict(highest) | {"high_of_any": at_most(worst)}
    assert "kind" not in (used.to_dict() or {}), "members are no kind of false alarms"


@pytest.mark.parametrize("question", [PHOTO, PERSON])
def test_no_kind_may_err_more_often_than_an_accusation_counts_with(question: str) -> None:
    """Of the shipped twin: of five photographic people none is accused, so that little is known of their kind."""
    shipped = load_bundle(WEIGHTS / "twin-a", graph=True)
    worst, used = measured_rates(shipped, question, 0.01)
    kinds = false_alarms_by_kind(shipped, question, 0.01)
    assert worst.high < kinds["openpeople"].high == at_most(worst) == max(rate.high for rate in kinds.values())
    odds = used.value / kinds["openpeople"].high
    assert chance_right(0.5, used, worst) == pytest.approx(odds / (1 + odds))


@pytest.mark.parametrize("question", [PHOTO, PERSON])
def test_a_kind_that_nothing_was_calibrated_on_counts_as_well(bundle: Bundle, question: str) -> None:
    accused = with_test(bundle, "openpeople", [50.0] * 2)
    calibration = {kind: table for kind, table in bundle.calibration.items() if kind != "openpeople"}
    lone = replace(accused, scores={**accused.scores, "calibration": calibration})
    assert "openpeople" not in lone.sources(question)
    told, _ = measured_rates(lone, question, 0.01)
    assert (told.value, told.n) == (1.0, 2)
    assert told == WorstRate.among([false_alarms_by_kind(lone, question, 0.01)["openpeople"]])


@pytest.mark.parametrize("alpha", [0.001, 0.01, 0.05, 0.3])
def test_evidence_begins_where_the_p_value_is_small_enough(bundle: Bundle, alpha: float) -> None:
    found, bounds = evidence_from(bundle, PHOTO, alpha), bounds_of(bundle, PHOTO, PHOTO)
    grid = np.linspace(-40, 40, 40_001)
    low = grid[largest_p_values(grid, bounds) <= alpha]
    if found is None:
        assert not len(low)
    else:
        assert found == pytest.approx(low[0], abs=grid[1] - grid[0])


def test_without_non_members_nothing_is_evidence(bundle: Bundle) -> None:
    lone = replace(bundle, scores={**bundle.scores, "calibration": {"members": bundle.calibration["members"]}})
    assert evidence_from(lone, PHOTO, 0.05) is None


@pytest.mark.parametrize("own", [False, True], ids=["as it was found", "as the network's own detector found it"])
def test_of_a_face_that_may_not_stand_upright_nothing_is_said_whatever_its_scores(bundle: Bundle, own: bool) -> None:
    look = looked(bundle, 0)
    turned = replace(look.faces[0], upright=False)
    seen = replace(look, own={"twin-a": (turned,)}) if own else replace(look, faces=(turned,))
    (face,) = judge_photo(bundle, seen, "twin-a", 0.01, 0.5).faces
    assert {answer.verdict for answer in (face.photo, face.person, *face.layers)} == {Verdict.CANNOT_SAY}
    assert {face.photo.reason, face.person.reason} == {NOT_UPRIGHT}
    assert judged(bundle, 0).photo.verdict is Verdict.EVIDENCE


# ---- near classes of a kind of people who could not be calibrated on


def looked(bundle: Bundle, nearest: int) -> Look:
    """At a face that every auditor is sure of, and that lies nearest to a class."""
    centres = bundle.network.centres()
    assert centres is not None
    face = Face((0, 0, 9, 9), 1.0, np.zeros((112, 112, 3), np.uint8), 1.0)
    scores = dict.fromkeys((spec.column for spec in bundle.specs), np.array([50.0]))
    scores |= dict.fromkeys(QUALITIES, np.array([1.0]))
    return Look("a", (face,), {"twin-a": scores}, embeddings={"twin-a": centres[nearest][None]})


def judged(bundle: Bundle, nearest: int, alpha: float = 0.01) -> FaceAudit:
    (face,) = judge_photo(bundle, looked(bundle, nearest), "twin-a", alpha, 0.5).faces
    return face


@pytest.mark.parametrize("found", [True, False])
def test_near_classes_that_were_not_calibrated_on_a_person_is_accused_only_where_the_photo_is(
    bundle: Bundle, found: bool
) -> None:
    if not found:  # nothing is ever evidence about a photo
        bundle = replace(bundle, fusions={**bundle.fusions, PHOTO: Fusion({}, -50.0)})
    few = replace(bundle, uncalibrated_classes=(1, 3))
    for nearest in range(5):
        face, before = judged(few, nearest), judged(bundle, nearest)
        assert before.photo == face.photo
        assert before.person.verdict is Verdict.EVIDENCE
        if nearest not in (1, 3):
            assert face.person == before.person
            continue
        assert face.person.verdict is (Verdict.EVIDENCE if found else Verdict.CANNOT_SAY)
        assert (face.person.reason == NEAR_UNCALIBRATED) != found
        assert face.person.p_value == max(before.person.p_value, face.photo.p_value)


def test_near_such_classes_the_p_value_is_that_of_the_rates_at_every_limit(bundle: Bundle) -> None:
    fusions = {
        **bundle.fusions,
        PHOTO: Fusion({}, 0.5),
        PERSON: Fusion({}, 1.5),
    }  # above some, so that no limit is out of reach
    few, blind = (replace(bundle, fusions=fusions, uncalibrated_classes=classes) for classes in ((1,), ()))
    own = judged(blind, 1).person.p_value
    for alpha in (own / 2, own, 0.5, 0.99):
        face = judged(few, 1, alpha)
        assert own < face.person.p_value == face.photo.p_value
        assert judged(blind, 1, alpha).person.p_value == own
        assert (face.person.verdict is Verdict.EVIDENCE) == (face.person.p_value <= alpha)
    table = {PHOTO: np.array([0.5]), PERSON: np.array([1.5]), NEAREST: np.array([1]), IDENTITY: np.array([0])}
    tested = replace(few, scores={**few.scores, "test": {**few.test, "real": table}})
    assert verdict_p_values(tested, PERSON, "real") == pytest.approx([face.person.p_value])
    told = replace(few, tier=REFERENCE)  # its reason tells the p-value, which is the one beside it
    assert f"p = {face.person.p_value:.2g}" in judged(told, 1).person.reason


def test_a_rate_counts_who_is_accused(bundle: Bundle) -> None:
    accused = with_test(bundle, "openpeople", [50.0] * 20)
    table = {
        **accused.test["openpeople"],
        NEAREST: np.repeat([1, 2], [15, 5]).astype(np.int32),
        PHOTO: np.array([50.0, -50.0] * 10, np.float32),
    }
    scores = {**accused.scores, "test": {**accused.test, "openpeople": table}}
    few = replace(accused, scores=scores, uncalibrated_classes=(1,))
    for question, value in ((PERSON, (8 + 5) / 20), (PHOTO, 10 / 20)):
        assert false_alarms_by_kind(few, question, 0.01)["openpeople"].value == value
    assert false_alarms_by_kind(accused, PERSON, 0.01)["openpeople"].value == 1.0


@pytest.mark.parametrize("question", [PHOTO, PERSON])
def test_a_rate_beside_an_answer_counts_people(bundle: Bundle, question: str) -> None:
    # Forty photos of four people; one of them is accused each time, which is not ten alarms of forty.
    accused = with_test(bundle, "openpeople", [50.0] * 10 + [-50.0] * 30)
    people = np.repeat(np.arange(4), 10).astype(np.int32)
    table = {**accused.test["openpeople"], IDENTITY: people}
    few = replace(accused, scores={**accused.scores, "test": {**accused.test, "openpeople": table}})
    told = false_alarms_by_kind(few, question, 0.01)["openpeople"]
    wanted = clustered_rate([True] * 10 + [False] * 30, people)
    assert (told.value, told.low, told.high, told.n) == (wanted.value, wanted.low, wanted.high, 40)
    assert told.low < 0.01 < clopper_pearson(10, 40)[0]
    assert told.high > 0.8 > 2 * clopper_pearson(10, 40)[1] - 0.05
    assert measured_rates(few, question, 0.01)[0] == WorstRate.among([told])
