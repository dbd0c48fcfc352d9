"""The laws of measured networks: through which points, what they promise, and where nothing can be promised."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mint.lab.scaling.extrapolation import ALREADY, DIES, STANDS, TARGETS, laws, strength
from mint.lab.scaling.law import DEAD, FORMS, auc_of, tpr_of
from mint.lab.scaling.nested import Size
from mint.storage.files import json_bytes

SIZES = (500, 1000, 2000, 4000, 8000)
MIDDLE = Size(2000, 7)


def row(strength: float, error: float = 0.1, tpr: bool = True) -> dict[str, Any]:
    """The figures of two normal distributions so far apart, with intervals of this standard error."""
    ends = {"": strength, "_low": strength - 1.96 * error, "_high": strength + 1.96 * error}
    found: dict[str, Any] = {"auditor": "combined", "against": "siblings"}
    for end, value in ends.items():
        found |= {f"auc{end}": auc_of(value), f"tpr_at_1pct_fpr{end}": tpr_of(value) if tpr else None}
    return found


def networks(*rows: dict[str, Any], photos: int = 7) -> list[dict[str, Any]]:
    return [{"members": m, "photos": photos, "rows": [r]} for m, r in zip(SIZES, rows, strict=False)]


def falling(start: float = 6.0, slope: float = 1.0) -> list[dict[str, Any]]:
    return networks(*(row(start - slope * k * 0.30103) for k in range(5)))


def law(found: list[dict[str, Any]], measure: str = "auc", form: str = "logarithm") -> dict[str, Any]:
    (only,) = [one for one in found if (one["measure"], one["form"]) == (measure, form)]
    return only


def test_a_figure_becomes_a_strength_and_its_error() -> None:
    for measure in ("auc", "tpr"):
        assert strength(row(1.2, 0.1), measure) == pytest.approx((1.2, 0.1), rel=1e-3)


def test_a_figure_whose_interval_reaches_an_end_has_none() -> None:
    perfect = {**row(3.0), "auc_high": 1.0, "tpr_at_1pct_fpr_low": 0.0}
    assert strength(perfect, "auc") is strength(perfect, "tpr") is strength(row(1.0, tpr=False), "tpr") is None


def test_a_planted_law_is_found_by_either_measure() -> None:
    found = laws(falling(2.5, 0.4), MIDDLE)
    assert len(found) == 2 * len(FORMS)
    for measure in ("auc", "tpr"):
        one = law(found, measure)
        assert (one["points"], one["of"]) == (5, 5)
        assert one["slope"] == pytest.approx(0.4, rel=1e-3)
        assert one["slope_low"] < 0.4 < one["slope_high"]
        assert one["at"]["smallest"]["members"] == 500
        assert one["at"]["largest"]["strength"] == pytest.approx(2.5 - 0.4 * 1.20412, rel=1e-3)
        far = one["at"]["Glint360K"]
        assert far["members"] == TARGETS["Glint360K"] == 17_000_000
        assert far["strength"] == pytest.approx(2.5 - 0.4 * 4.53148, rel=1e-3)
        assert far["tpr_at_1pct_fpr"] == pytest.approx(tpr_of(far["strength"]))
        assert ("auc" in far) == (measure == "auc")
        assert one["dies"]["how"] == DIES
        assert one["dies"]["members"] == pytest.approx(500 * 10 ** ((2.5 - DEAD) / 0.4), rel=0.02)
    assert law(found)["at"]["MS1MV2"]["auc"] == pytest.approx(auc_of(2.5 - 0.4 * 4.06446), rel=1e-3)
    assert json.loads(json_bytes(found)) == found


def test_only_networks_with_the_middle_number_of_photos_are_on_the_law() -> None:
    others = [{**n, "photos": 3} for n in falling(9.0, -1.0)]
    assert laws([*others, *falling(2.5, 0.4)], MIDDLE) == laws(falling(2.5, 0.4), MIDDLE)


def test_less_than_no_evidence_is_none() -> None:
    far = law(laws(falling(2.0, 1.0), MIDDLE))["at"]["Glint360K"]
    assert (far["strength_low"], far["strength"], far["auc"], far["tpr_at_1pct_fpr"]) == (
        0,
        0,
        0.5,
        pytest.approx(0.01),
    )


def test_evidence_that_does_not_fall_dies_nowhere_that_can_be_named() -> None:
    for slope in (0.0, -0.4):
        assert law(laws(falling(2.0, slope), MIDDLE))["dies"] == {"how": STANDS}


def test_what_never_was_is_dead_already() -> None:
    found = laws(falling(0.05, 0.0), MIDDLE)
    assert law(found)["dies"] == {"how": ALREADY}
    assert law(laws(falling(-0.05, 0.0), MIDDLE))["dies"] == {"how": ALREADY}
    assert "law" not in law(found, form="power"), "what may be nothing has no logarithm"


def test_too_few_points_make_no_law_and_say_how_many_there_are() -> None:
    saturated = {**row(4.0), "auc_high": 1.0}
    found = law(laws(networks(saturated, saturated, saturated, row(3.0), row(2.8)), MIDDLE))
    assert found == {
        "auditor": "combined", "against": "siblings", "measure": "auc", "form": "logarithm", "points": 2, "of": 5
    }  # fmt: skip
    three = law(laws(networks(saturated, saturated, row(3.2), row(3.0), row(2.8)), MIDDLE))
    assert three["points"] == 3
    assert three["at"]["smallest"]["members"] == 2000
    assert laws([], MIDDLE) == []


def test_no_end_of_an_interval_is_named_that_no_training_set_will_have() -> None:
    steep = [row(6.0 - 0.45 * k * 0.30103 + d, 0.05) for k, d in enumerate((0.05, -0.08, 0.02, 0.03, -0.02))]
    found = law(laws(networks(*steep), MIDDLE))["dies"]
    assert found["how"] == DIES
    assert found["members"] is None or found["members"] < 1e12
    assert found["members_high"] is None
