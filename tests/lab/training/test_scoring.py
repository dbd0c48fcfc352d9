from dataclasses import replace

import numpy as np
import pytest

from mint.errors import BadInput
from mint.evidence.score_table import PERSON, PHOTO
from mint.lab.training.scoring import FLAT_PHOTO, caps, fuse, platt, ranges
from mint.lab.twin_bundles.roles import rows_by_role
from mint.vision.faces import FLATNESS, QUALITIES
from tests.ledgers import people


def table(seed: int, strength: float, rows: int = 400) -> dict[str, dict[str, np.ndarray]]:
    random = np.random.default_rng(seed)
    return {
        source: {PHOTO: random.normal(strength * (source == "members"), 1, rows), PERSON: random.normal(0, 1, rows)}
        for source in ("members", "siblings", "outsiders", "openpeople", "real")
    }


def test_platt_recovers_the_true_probability() -> None:
    found = platt(table(0, 2.0, 20_000), PHOTO)
    # two unit normals, 0 and 2 apart: the log odds are 2 s - 2
    assert found.slope == pytest.approx(2.0, abs=0.1)
    assert found.bias == pytest.approx(-2.0, abs=0.1)


def test_platt_of_a_score_that_falls_with_membership_is_one_half() -> None:
    found = platt(table(0, -2.0), PHOTO)
    assert found.probability([-9.0, 0.0, 9.0]) == pytest.approx([0.5, 0.5, 0.5])


def test_platt_weighs_sources_alike() -> None:
    few, many = table(1, 2.0), table(1, 2.0)
    many["real"] = {name: np.tile(values, 30) for name, values in many["real"].items()}
    assert platt(many, PHOTO).bias == pytest.approx(platt(few, PHOTO).bias, abs=0.02)


def test_ranges_take_the_widest_source() -> None:
    narrow = {q: np.linspace(40, 60, 1001) for q in QUALITIES}
    wide = {q: np.linspace(20, 50, 1001) for q in QUALITIES}
    found = dict(ranges({"outsiders": narrow, "real": wide}).bounds)
    low, high = found.pop(FLATNESS)
    assert (low, high) == (0, pytest.approx(59.98))
    assert len(found) == len(QUALITIES) - 1
    for low, high in found.values():
        assert low == pytest.approx(20.03)
        assert high == pytest.approx(59.98)


def test_what_was_not_measured_has_no_range_and_no_photo_is_too_flat_before_drawings_begin() -> None:
    known = {q: np.linspace(0, 0.05, 101) for q in QUALITIES}
    assert ranges({"real": known}).bounds[FLATNESS] == (0, FLAT_PHOTO)
    old = {q: values for q, values in known.items() if q != FLATNESS}
    unknown = {**old, FLATNESS: np.full(101, np.nan)}
    for earlier in (old, unknown):
        assert set(ranges({"real": earlier}).bounds) == set(old)
    assert set(ranges({"real": known, "outsiders": unknown}).bounds) == set(old)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_quality_that_is_no_number_for_one_photo_is_refused_by_name(value: float) -> None:
    known = {q: np.linspace(0, 0.05, 101) for q in QUALITIES}
    norms = known["embedding norm"].copy()
    norms[7] = value
    with pytest.raises(BadInput, match=r"^The embedding norm of 1 of 202 calibration photos is no number"):
        ranges({"outsiders": known, "real": {**known, "embedding norm": norms}})


def test_fusion_learns_each_question_from_validation() -> None:
    rows = people(96)
    picked = rows_by_role(rows, "twin-a", "validation", 1)
    sizes = [len(picked[g]) for g in ("members", "siblings", "outsiders")]
    group = np.repeat([0, 1, 2], sizes)
    random = np.random.default_rng(0)
    columns = {
        "consistency/views": (group == 0) * 3 + random.normal(size=len(group)),
        "prototype/head": (group <= 1) * 3 + random.normal(size=len(group)),
    }
    found = fuse(columns, group == 0, group <= 1)
    photo, person = found[PHOTO].weights, found[PERSON].weights
    assert photo["consistency/views"] > photo["prototype/head"]
    assert person["prototype/head"] > person["consistency/views"]


def test_an_auditor_that_is_surer_than_of_any_member_does_not_outvote_one_that_sees_none() -> None:
    random = np.random.default_rng(0)
    member = np.arange(400) < 200
    known = {
        name: np.where(member, 6.0, -6.0) + random.normal(size=400) for name in ("consistency/views", "prototype/head")
    }
    found = fuse(known, member, member)[PHOTO]
    for name, cap in found.caps.items():
        assert cap == np.quantile(known[name][member], 0.1) > known[name][~member].max()
    odd = {"consistency/views": np.array([40.0]), "prototype/head": np.array([-6.0])}
    assert replace(found, caps={}).score(odd) > found.score(known)[member].min()
    assert found.score(odd) < np.quantile(found.score(known)[member], 0.01)


def test_where_non_members_score_as_high_as_members_nothing_of_a_member_is_cut() -> None:
    random = np.random.default_rng(1)
    member = np.arange(4000) < 2000
    known = {"prototype/head": random.normal(size=4000) + 0.3 * member}
    cap = caps(known, member)["prototype/head"]
    assert cap == known["prototype/head"][~member].max()
    assert (known["prototype/head"][member] > cap).mean() < 0.01


def test_where_every_photo_shows_a_trained_person_the_fusion_for_people_is_that_for_photos() -> None:
    member = np.arange(80) % 2 == 0
    columns = {"prototype/head": member + np.random.default_rng(0).normal(size=80)}
    found = fuse(columns, member, np.ones(80, bool))
    assert found[PERSON] == found[PHOTO]
    assert found[PHOTO].weights["prototype/head"] > 0
