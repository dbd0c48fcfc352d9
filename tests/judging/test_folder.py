from dataclasses import replace

import numpy as np
import pytest

from mint.bundles.bundle import Bundle
from mint.evidence.score_table import NEAREST, PHOTO
from mint.judging.folder import judge_folder
from mint.judging.photo import NEAR_UNCALIBRATED, NOT_UPRIGHT
from mint.types import Face, Look
from mint.vision.faces import QUALITIES
from tests.tiny_bundles import tiny_bundle

COLUMN = "consistency/views"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Members score 8 above everybody else, so that photos by their score are known to be used or not."""
    return tiny_bundle(tmp_path_factory.mktemp("bundle") / "twin-a", strength=8.0)


def look(bundle: Bundle, name: str, score: float, pixel: int, quality: float | None = None) -> Look:
    crop = np.full((112, 112, 3), pixel, np.uint8)
    table = bundle.calibration["members"]
    columns = {c: np.array([score], np.float32) for c in table if c not in QUALITIES}
    columns |= {q: np.array([np.median(table[q]) if quality is None else quality], np.float32) for q in QUALITIES}
    return Look(name, (Face((0, 0, 9, 9), 0.9, crop, 50.0),), {bundle.name: columns})


def mixed(bundle: Bundle, used: int, unused: int) -> list[Look]:
    highest, median = bundle.calibration["members"][PHOTO].max(), np.median(bundle.calibration["siblings"][PHOTO])
    scores = [float(highest)] * used + [float(median)] * unused
    fused = bundle.fusions[PHOTO]
    (weight,) = [w for c, w in fused.weights.items() if c == COLUMN]
    return [look(bundle, f"{i}.jpg", (s - fused.bias) / weight, i) for i, s in enumerate(scores)]


def test_the_share_and_the_list_of_a_folder(bundle: Bundle) -> None:
    looks = mixed(bundle, 12, 28)
    found = judge_folder(bundle, "holiday", looks, discovery_rate=0.2)
    assert found.reason is None
    assert found.share is not None
    assert found.share.value == pytest.approx(12 / 40, abs=0.05)
    assert found.share.low <= 12 / 40 <= found.share.high
    assert set(found.named) == {f"{i}.jpg" for i in range(12)}
    assert (found.given, len(found.judged)) == (40, 40)
    assert found.to_dict()["share"]["n"] == 40


def test_a_list_too_short_for_the_people_who_are_known_is_not_made(bundle: Bundle) -> None:
    # 240 people: p is 1/241 at least. Of 40 photos the 9 smallest may have p = 0.0045 at a rate of 0.02, the 8 smallest 0.004.
    short = judge_folder(bundle, "x", mixed(bundle, 8, 32), discovery_rate=0.02)
    enough = judge_folder(bundle, "x", mixed(bundle, 9, 31), discovery_rate=0.02)
    assert (short.named, short.shortest) == ((), 9)
    assert len(enough.named) == 9


def test_photos_that_do_not_count_are_told(bundle: Bundle) -> None:
    looks = mixed(bundle, 2, 2)
    odd = look(bundle, "odd.jpg", 0.0, 200, quality=1e9)
    found = judge_folder(
        bundle, "x", [*looks, replace(looks[0], photo="again.jpg"), odd], errors=(("bad.jpg", "no face"),)
    )
    assert found.given == 7
    assert found.copies == (("again.jpg", "0.jpg"),)
    assert [name for name, _ in found.left_out] == ["odd.jpg"]
    assert found.errors == (("bad.jpg", "no face"),)
    assert found.share is not None
    assert found.share.n == 4


def test_a_face_that_may_not_stand_upright_is_not_counted_as_unused_and_told(bundle: Bundle) -> None:
    looks = mixed(bundle, 4, 4)
    turned = [replace(one, faces=(replace(one.faces[0], upright=False),)) for one in looks[:2]]
    found = judge_folder(bundle, "x", [*turned, *looks[2:]])
    assert found.left_out == (("0.jpg", NOT_UPRIGHT), ("1.jpg", NOT_UPRIGHT))
    assert len(found.judged) == 6


def test_people_are_kept_apart_where_they_are_told(bundle: Bundle) -> None:
    looks = mixed(bundle, 3, 5)
    people = {look.photo: f"person {i}" for i, look in enumerate(looks)}
    found = judge_folder(bundle, "x", looks, people)
    assert found.share is not None
    assert found.share.people == 8


def test_nothing_is_said_where_nothing_can_be_said(bundle: Bundle) -> None:
    looks = mixed(bundle, 2, 2)
    shut = replace(bundle, gates={**bundle.gates, PHOTO: False})
    blind = replace(bundle, scores={**bundle.scores, "test": {}})
    for asked, given in ((shut, looks), (blind, looks), (bundle, [])):
        found = judge_folder(asked, "x", given)
        assert found.reason
        assert found.share is None
        assert found.named == ()


def test_a_kind_of_few_people_does_not_count_in_the_list_and_is_named(bundle: Bundle) -> None:
    few = {k: (v[:16] if len(v) else v) for k, v in bundle.calibration["openpeople"].items()}
    less = replace(bundle, scores={**bundle.scores, "calibration": {**bundle.calibration, "openpeople": few}})
    found = judge_folder(less, "x", mixed(bundle, 12, 8))
    assert found.kinds_left_out == ("openpeople",)
    assert len(found.named) == 12


def test_what_is_no_rate_is_refused(bundle: Bundle) -> None:
    for none in (0.0, float("nan"), True, "0.01"):
        with pytest.raises(ValueError, match="alpha is a number"):
            judge_folder(bundle, "x", [], alpha=none)  # type: ignore[arg-type]
    for none in (1.0, float("nan"), True, "0.1"):
        with pytest.raises(ValueError, match="false-discovery rate"):
            judge_folder(bundle, "x", [], discovery_rate=none)  # type: ignore[arg-type]


def test_kinds_that_were_hardly_calibrated_on_are_named(bundle: Bundle) -> None:
    # Two people, as of the photographic fictional ones: fewer than a p-value could ever count.
    few = {column: v[:2] for column, v in bundle.calibration["openpeople"].items()}
    less = replace(bundle, scores={**bundle.scores, "calibration": {**bundle.calibration, "openpeople": few}})
    assert "openpeople" not in less.sources(PHOTO)
    assert judge_folder(less, "x", mixed(bundle, 12, 8)).kinds_left_out == ("openpeople",)
    assert judge_folder(bundle, "x", mixed(bundle, 12, 8)).kinds_left_out == ()


def test_photos_near_classes_that_could_not_be_calibrated_on_are_neither_counted_nor_named(bundle: Bundle) -> None:
    centres = bundle.network.centres()
    assert centres is not None
    few = replace(bundle, uncalibrated_classes=(1, 3))
    looks = [
        replace(one, embeddings={bundle.name: centres[i % 5][None]}) for i, one in enumerate(mixed(bundle, 20, 20))
    ]
    found = judge_folder(few, "x", looks, discovery_rate=0.2)
    near = [f"{i}.jpg" for i in range(40) if i % 5 in (1, 3)]
    assert found.left_out == tuple((name, NEAR_UNCALIBRATED) for name in near)
    assert set(found.named) == {f"{i}.jpg" for i in range(20)} - {*near}
    assert found.share is not None
    assert (found.share.n, found.share.positive) == (24, 12)
    only = judge_folder(few, "x", [one for one in looks if one.photo in near])
    assert (only.share, only.named) == (None, ())
    assert only.reason


def test_rates_of_a_folder_are_those_of_photos_that_count(bundle: Bundle) -> None:
    """Unused photos near such a class pass for members each time; none of those that count does."""
    siblings = {column: v.copy() for column, v in bundle.test["siblings"].items()}
    siblings[PHOTO][:120] = 50.0
    siblings[NEAREST] = np.repeat([1, 2], 120).astype(np.int32)
    test = {**bundle.test, "siblings": siblings}
    few = replace(bundle, scores={**bundle.scores, "test": test}, uncalibrated_classes=(1,))
    centres = bundle.network.centres()
    assert centres is not None
    looks = [replace(one, embeddings={bundle.name: centres[2][None]}) for one in mixed(bundle, 20, 20)]
    found, blind = (judge_folder(one, "x", looks).share for one in (few, replace(few, uncalibrated_classes=())))
    assert found is not None
    assert blind is not None
    assert found.value == pytest.approx(0.5, abs=0.03)
    assert blind.value < 0.3
