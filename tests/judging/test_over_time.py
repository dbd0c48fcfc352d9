"""Since when a photo was used, whether it was taken out, and when nothing is said."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from mint.bundles.bundle import Bundle
from mint.bundles.series import Series
from mint.errors import BundleMismatch, MintError
from mint.evidence.conformal import largest_p_values
from mint.evidence.score_table import PHOTO
from mint.evidence.sequence import Known
from mint.evidence.verdict import BEATEN, Range
from mint.i18n.figures import interval, percent
from mint.i18n.translate import Say
from mint.judging.over_time import NO_BETTER, NOBODY, OverTime, judge_over_time
from mint.judging.photo import NOT_UPRIGHT
from mint.networks.match_faces import UNSEEN
from mint.report.story.over_time import measured_line, over_time_lines, place_of
from mint.types import Verdict
from mint.vision.faces import QUALITIES
from tests.hostile.series_files import MEASURED
from tests.lab.versions.made_up_series import JUMP, NAMES, planted, seen

ALPHA = 0.05
Pair = tuple[dict[str, Bundle], Series]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return planted(tmp_path_factory.mktemp("tiny"))


def test_a_version_that_was_not_shown_the_photo_is_named(pair: Pair) -> None:
    bundles, series = pair
    look = seen("photo", dict.fromkeys(NAMES, 0.0), bundles)
    scores = {name: columns for name, columns in look.scores.items() if name != NAMES[1]}
    with pytest.raises(MintError, match=f"^photo was not shown to {NAMES[1]}, only to {NAMES[0]} and "):
        judge_over_time(bundles, replace(look, scores=scores), series, ALPHA)


def asked(pair: Pair, scores: list[float], alpha: float = ALPHA, series: Series | None = None) -> OverTime:
    bundles, own = pair
    look = seen("photo", dict(zip(NAMES, scores, strict=True)), bundles)
    (face,) = judge_over_time(bundles, look, series or own, alpha)
    return face


def said(face: OverTime, language: str = "en") -> str:
    return "\n".join(over_time_lines(face.to_dict(), Say(language, strict=True)))


@pytest.mark.parametrize("version", range(4))
def test_a_jump_is_told_at_its_version(pair: Pair, version: int) -> None:
    face = asked(pair, [JUMP * (t >= version) for t in range(4)])
    assert face.verdict is Verdict.EVIDENCE
    assert face.first == NAMES[version]
    assert face.first in face.versions
    assert face.removal is not None
    assert face.removal.version is None
    assert np.argmax(face.ratios) == version
    assert face.p_value <= ALPHA
    told = said(face)
    assert f"Most likely first used by v{version + 1}." in told
    assert "No evidence that it was taken out again" in told
    assert "Of photos that stayed, " in told, "the false alarms beside it, as beside every answer"


def test_thresholds_and_the_usual_range_are_those_that_can_be_recomputed(pair: Pair) -> None:
    bundles, series = pair
    face = asked(pair, [0.0] * 4)
    for name, threshold in zip(NAMES, face.thresholds, strict=True):
        assert threshold is not None
        bounds = bundles[name].bounds(PHOTO, PHOTO)
        above = float(largest_p_values([np.nextafter(threshold, np.inf)], bounds)[0])
        assert above <= ALPHA < float(largest_p_values([threshold], bounds)[0])
    drawn = np.random.default_rng(3).multivariate_normal(
        series.test.model.mean, np.linalg.inv(series.test.model.precision), 40_000
    )
    for place, (low, high) in enumerate(face.usual):
        np.testing.assert_allclose((low, high), np.quantile(drawn[:, place], (0.05, 0.95)), atol=0.05)


def test_a_version_that_may_not_speak_has_no_threshold(pair: Pair) -> None:
    bundles, series = pair
    one_silent = {**bundles, "v2": replace(bundles["v2"], gates={PHOTO: False})}
    assert [t is None for t in asked((one_silent, series), [0.0] * 4).thresholds] == [False, True, False, False]
    assert asked(pair, [0.0] * 4, alpha=0.001).thresholds == (None,) * 4, "so few people keep no such promise"


def test_every_version_is_told_its_place(pair: Pair) -> None:
    face, say = asked(pair, [JUMP, JUMP, 0.0, 0.0]).to_dict(), Say("es", strict=True)
    told = [place_of(name, face, Say()) for name in NAMES]
    assert told[face["versions"].index(face["first"])] == "most likely used first here"
    assert told[2] == "looks taken out here"
    assert {place_of(name, face, say) for name in NAMES} >= {"primer uso más probable", "parece retirada aquí"}
    assert [place_of(name, asked(pair, [0.0] * 4).to_dict(), Say()) for name in NAMES] == [""] * 4


def test_how_often_it_is_right_is_told_with_its_interval() -> None:
    told = measured_line(MEASURED, Say("en", strict=True))
    assert [round(float(n), 1) for n in re.findall(r"\d+\.?\d*", told)] == [90.0, 80.0, 95.0, 40, 94.0, 80.0, 95.0, 40]
    assert measured_line(MEASURED, Say("es", strict=True)) != told


def test_a_photo_that_was_taken_out_is_told_with_the_version(pair: Pair) -> None:
    face = asked(pair, [JUMP, JUMP, 0.0, 0.0])
    assert face.verdict is Verdict.EVIDENCE
    assert face.removal is not None
    assert face.removal.version == "v3"
    assert face.removal.p_value <= ALPHA
    assert face.removal.true_positive_rate.value == 0.25
    alarms = face.removal.false_positive_rate
    told = said(face)
    assert "It looks taken out again by v3" in told
    assert (
        f"Of photos that stayed, {percent(alarms.value)} are said to be taken out ({interval(alarms.to_dict())})"
        in told
    )


def test_a_photo_that_no_version_used_has_no_version(pair: Pair) -> None:
    face = asked(pair, [0.0] * 4)
    assert face.verdict in (Verdict.INCONCLUSIVE, Verdict.NO_SIGN)
    assert (face.first, face.versions, face.removal) == (None, (), None)
    assert "can only be asked of one with evidence of use" in said(face)


def test_errors_are_those_measured_at_this_alpha(pair: Pair) -> None:
    face = asked(pair, [0.0] * 4)
    assert (face.false_positive_rate.value, face.false_positive_rate.n) == (0.25, 4)
    assert "Used ones found, measured: 25.0" in said(face)


def test_nothing_is_said_of_a_face_that_a_version_does_not_see(pair: Pair) -> None:
    face = asked(pair, [JUMP, np.nan, JUMP, JUMP])
    assert (face.verdict, face.reason, face.ratios) == (Verdict.CANNOT_SAY, UNSEEN, ())
    assert face.to_dict()["scores"] == [JUMP, None, JUMP, JUMP]


def test_nothing_is_said_of_a_face_that_may_not_stand_upright(pair: Pair) -> None:
    bundles, series = pair
    look = seen("photo", dict.fromkeys(NAMES, JUMP), bundles)
    turned = replace(look, faces=tuple(replace(face, upright=False) for face in look.faces))
    (face,) = judge_over_time(bundles, turned, series, ALPHA)
    assert (face.verdict, face.reason) == (Verdict.CANNOT_SAY, NOT_UPRIGHT)


def test_nothing_is_said_outside_the_range_of_a_version(pair: Pair) -> None:
    bundles, series = pair
    narrow = {**bundles, "v2": replace(bundles["v2"], ranges=Range(dict.fromkeys(QUALITIES, (60.0, 70.0))))}
    face = asked((narrow, series), [JUMP] * 4)
    assert face.verdict is Verdict.CANNOT_SAY
    assert face.reason.startswith("under v2, sharpness is lower")


def test_nothing_is_said_where_no_version_beat_its_controls(pair: Pair) -> None:
    bundles, series = pair
    closed = {name: replace(bundle, gates={PHOTO: False}) for name, bundle in bundles.items()}
    assert asked((closed, series), [JUMP] * 4).reason == BEATEN
    one_speaks = {**closed, "v4": bundles["v4"]}
    assert asked((one_speaks, series), [JUMP] * 4).verdict is Verdict.EVIDENCE


def test_nothing_is_said_by_a_series_at_chance(pair: Pair) -> None:
    face = asked(pair, [JUMP] * 4, series=replace(pair[1], auc=(0.52, 0.49, 0.55)))
    assert (face.verdict, face.reason) == (Verdict.CANNOT_SAY, NO_BETTER)


def test_nothing_is_said_with_one_person_to_compare_with(pair: Pair) -> None:
    series = pair[1]
    one = Known(np.array([0.0]), np.array([1]))
    lonely = replace(series, test=replace(series.test, never={"siblings": one}))
    face = asked(pair, [JUMP] * 4, series=lonely)
    assert (face.verdict, face.reason) == (Verdict.CANNOT_SAY, NOBODY)


def test_no_promise_is_made_that_so_few_people_cannot_keep(pair: Pair) -> None:
    face = asked(pair, [JUMP] * 4, alpha=0.001)
    assert face.verdict is Verdict.CANNOT_SAY
    assert "people are too few to compare with" in face.reason


def test_other_bundles_and_impossible_limits_are_refused(pair: Pair) -> None:
    bundles, series = pair
    with pytest.raises(BundleMismatch, match="another bundle of v1"):
        asked(({**bundles, "v1": replace(bundles["v1"], core_sha256="0")}, series), [0.0] * 4)
    with pytest.raises(ValueError, match="alpha"):
        asked(pair, [0.0] * 4, alpha=1.0)


def test_every_answer_can_be_told_in_spanish(pair: Pair) -> None:
    for scores in ([JUMP] * 4, [JUMP, JUMP, 0.0, 0.0], [0.0] * 4, [np.nan] * 4):
        face = asked(pair, scores)
        assert said(face, "es") != said(face)
    assert Say("es").knows(NO_BETTER)
    assert Say("es").knows(NOBODY)
