"""The limit of asking is kept by people whom it was not set on, and a planted photo is noticed as often as was measured."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mint.evidence.near_duplicates import likeness
from mint.evidence.odd_photo import ASKED, PAIR, PIXELS, OddCheck, oddest
from mint.evidence.person import MIXED, Photos, size
from mint.evidence.score_table import CALIBRATION, OUTSIDERS, REAL, TEST, VALIDATION
from mint.lab.cards.people import PEOPLE_KINDS
from mint.lab.persons.odd_checks import ENOUGH, KINDS, mixed_up, odd_checks, with_another
from mint.lab.persons.photos import Known
from tests.tiny_bundles import made_up_people

STORED = Path(__file__).parents[2] / "data" / "odd_photos.json"


def person(random: np.random.Generator, spread: float, photos: int = 4) -> Photos:
    """Photos around one direction; thumbnails of noise."""
    raw = random.normal(size=64) + spread * random.normal(size=(photos, 64))
    thumbs = random.normal(size=(photos, 32, 32)).astype(np.float32)
    unit = raw / np.linalg.norm(raw, axis=1, keepdims=True)
    return Photos(np.zeros(photos), np.zeros(photos), unit, np.eye(photos), thumbs)


@pytest.fixture(scope="module")
def known() -> Known:
    """Kinds of people whom a network recognises well, less well, and hardly."""
    random = np.random.default_rng(0)
    spreads = {MIXED: 0.3, OUTSIDERS: 0.6, REAL: 1.5}
    return {
        p: {kind: [person(random, s) for _ in range(150)] for kind, s in spreads.items()} for p in (CALIBRATION, TEST)
    }


def test_no_kind_is_asked_about_more_than_promised_and_planted_photos_are_noticed(known: Known) -> None:
    checks = odd_checks(known)
    assert set(checks) == {size(n) for n in (2, 3, 4)}
    for check in checks.values():
        assert set(check.wrong) == set(check.noticed) == set(KINDS)
        for kind, (hits, n) in check.wrong.items():
            assert hits <= n * ASKED / PAIR + 3 * np.sqrt(n * ASKED / PAIR), kind
    assert checks[size(2)].notices(MIXED).value > 0.5
    rows = mixed_up(replace(made_up_people(0), odd=checks))
    assert {(row["photos"], row["people"]) for row in rows} == {(n, kind) for n in (2, 3, 4) for kind in KINDS}


def test_a_planted_photo_brings_its_own_likeness(known: Known) -> None:
    mine, other = known[TEST][OUTSIDERS][:2]
    mixed = with_another(mine, other)
    assert mixed.thumbs is not None
    thumbs = mixed.thumbs.astype(np.float32)
    assert np.abs(mixed.alike[-1, :-1] - likeness(thumbs, thumbs)[-1, :-1]).max() < 1e-5
    np.testing.assert_array_equal(mixed.unit[-1], other.unit[0])
    assert oddest(mixed.unit, mixed.alike)[1] == 3


def test_likeness_in_pixels_speaks_for_one_person() -> None:
    unit, alike = np.eye(3), np.full((3, 3), 0.2)
    alike[2, :2] = alike[:2, 2] = -0.1
    value, place = oddest(unit, alike)
    assert place == 2
    assert value == pytest.approx(PIXELS * -0.1)
    assert oddest(unit[:2], alike[:2, :2])[1] == 1


def test_nothing_is_promised_that_nobody_measured(known: Known) -> None:
    assert odd_checks({VALIDATION: {}, CALIBRATION: known[CALIBRATION], TEST: {}}) == {}
    assert odd_checks({VALIDATION: {}, CALIBRATION: {}, TEST: known[TEST]}) == {}
    blind = {kind: [replace(p, thumbs=None) for p in people] for kind, people in known[TEST].items()}
    assert odd_checks({CALIBRATION: known[CALIBRATION], TEST: blind}) == {}


@pytest.mark.parametrize("wrong", [[3, 2], [-1, 2], [1]])
def test_counts_that_cannot_be_are_refused(wrong: list[int]) -> None:
    with pytest.raises((TypeError, ValueError)):
        OddCheck.from_dict({"least": 0.1, "wrong": {"real": wrong}, "noticed": {}})


@pytest.mark.parametrize("network", ["twin-a", "twin-b", "augmented-a", "augmented-b"])
@pytest.mark.parametrize("n", ["n02", "n03", "n04"])
def test_the_shipped_networks_notice_and_err_as_was_measured(network: str, n: str) -> None:
    """By stored values of ``oddest``, of sets of people of whom half set the limit."""
    stored = json.loads(STORED.read_text())[network][n]
    known = [kind["calibration"]["pure"] for kind in stored.values() if len(kind["calibration"]["pure"]) >= ENOUGH]
    limit = min(np.quantile(values, ASKED / PAIR, method="lower") for values in known)
    for kind, sets in stored.items():
        wrong, noticed = ((np.array(sets["test"][what]) < limit).mean() for what in ("pure", "mixed"))
        people = len(sets["test"]["pure"])
        assert wrong <= ASKED / PAIR + 3 * np.sqrt(ASKED / PAIR / people), kind
        # Of real people little more is noticed than is doubted anyway, and of used ones there are few.
        if kind == OUTSIDERS:
            assert noticed > wrong + 0.05


def test_the_card_has_words_for_every_kind_of_people() -> None:
    assert {*KINDS} <= PEOPLE_KINDS.keys()
