"""The settings: each changes one thing of the base and nothing else, and all score the same people and siblings."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from mint.errors import BadPool
from mint.lab.factors.people import PURPOSES, ledger, people_of
from mint.lab.factors.settings import BASE, BASE_PHOTOS, SETTINGS, Setting, base_recipe, chosen
from mint.lab.scaling.nested import LEFT_OUT, SPARED_PICTURES, Order
from mint.lab.twin_bundles.roles import groups
from mint.lab.twins.ledger import Row
from mint.lab.twins.losses import LOSSES
from tests.ledgers import people

RECIPE = base_recipe(32, 12, "float32")
MOST = max(setting.photos for setting in SETTINGS)
COUNT = 60


@pytest.fixture(scope="module")
def drawn() -> Order:
    return people_of(people(120, 14), 1, COUNT, SETTINGS)


@pytest.fixture(scope="module")
def ledgers(drawn: Order) -> dict[str, tuple[Row, ...]]:
    return {setting.name: ledger(drawn, setting, SETTINGS) for setting in SETTINGS}


@pytest.mark.parametrize("setting", SETTINGS[1:], ids=lambda s: s.name)
def test_a_setting_changes_one_thing(setting: Setting) -> None:
    before, after = asdict(RECIPE), asdict(setting.recipe(RECIPE))
    changed = [name for name in before if before[name] != after[name]]
    assert len(changed) + (setting.photos != BASE_PHOTOS) == 1
    assert changed == list(setting.changes)


def test_the_base_comes_first_and_changes_nothing() -> None:
    assert SETTINGS[0].factor == BASE
    assert SETTINGS[0].recipe(RECIPE) == RECIPE
    assert SETTINGS[0].photos == BASE_PHOTOS
    assert RECIPE.loss == LOSSES[0]


def test_every_factor_of_the_paper_and_of_the_question_is_there() -> None:
    assert {setting.factor for setting in SETTINGS} == {
        BASE, "loss", "margin", "dropout", "batch", "alteration", "photos a person", "exposure"
    }  # fmt: skip
    assert {RECIPE.loss, *(s.changes.get("loss", RECIPE.loss) for s in SETTINGS)} == set(LOSSES)
    assert {s.changes["edited"] for s in SETTINGS if "edited" in s.changes} == {0.25, 0.5}
    assert {dose for setting in SETTINGS for dose in setting.doses} == {1, 3, 10}
    names = [setting.name for setting in SETTINGS]
    assert len(set(names)) == len(names)
    assert Setting("photos a person", "all, strongly!").name == "photos-a-person-all-strongly"


def test_factors_are_chosen_by_name_and_the_base_always() -> None:
    assert chosen([]) == SETTINGS
    assert [s.factor for s in chosen(["margin", "dropout"])] == [BASE, "margin", "margin", "dropout"]
    for unknown in ("colour", BASE):
        with pytest.raises(ValueError, match=f"one of alteration, loss, .*, not {unknown}"):
            chosen(["loss", unknown])


def test_all_networks_are_trained_on_the_same_people_and_photos(
    drawn: Order, ledgers: dict[str, tuple[Row, ...]]
) -> None:
    assert len(drawn.people) == COUNT
    first = {row.picture for row in ledgers["base-as-the-twins"] if row.member("twin-a")}
    assert len(first) == COUNT * BASE_PHOTOS
    for setting in SETTINGS:
        trained = {row.picture for row in ledgers[setting.name] if row.member("twin-a")}
        assert {row.identity for row in ledgers[setting.name] if row.member("twin-a")} == set(drawn.people)
        assert len(trained) == COUNT * setting.photos
        assert trained <= first or trained >= first


def scored(rows: tuple[Row, ...], kind: str, purpose: str = "test") -> set[str]:
    kinds = groups(rows, "twin-a")
    return {row.picture for row, k in zip(rows, kinds, strict=True) if row.purpose == purpose and k == kind}


def test_siblings_and_outsiders_are_the_same_in_all_and_no_setting_trains_on_them(
    drawn: Order, ledgers: dict[str, tuple[Row, ...]]
) -> None:
    every = {row.picture for rows in ledgers.values() for row in rows if row.member("twin-a")}
    for purpose in set(PURPOSES.values()):
        for kind in ("siblings", "outsiders"):
            (only,) = {frozenset(scored(rows, kind, purpose)) for rows in ledgers.values()}
            assert only
            assert not only & every
    siblings = scored(ledgers["base-as-the-twins"], "siblings")
    tested = {row.identity for row in ledgers["base-as-the-twins"] if row.purpose == "test"} & set(drawn.people)
    assert len(siblings) == len(tested) * (14 - MOST)


def test_scored_members_are_those_of_the_base_as_far_as_they_are_trained_on(
    ledgers: dict[str, tuple[Row, ...]],
) -> None:
    base = scored(ledgers["base-as-the-twins"], "members")
    for setting in SETTINGS:
        members = scored(ledgers[setting.name], "members")
        assert members == base or (setting.photos < BASE_PHOTOS and members < base)
        assert len(members) * BASE_PHOTOS == len(base) * min(BASE_PHOTOS, setting.photos)


def test_no_person_has_two_purposes(ledgers: dict[str, tuple[Row, ...]]) -> None:
    for rows in ledgers.values():
        purposes: dict[str, set[str]] = {}
        for row in rows:
            purposes.setdefault(row.identity, set()).add(row.purpose)
        assert max(len(found - {LEFT_OUT}) for found in purposes.values()) == 1


def test_exposures_differ_between_photos_of_one_person(drawn: Order) -> None:
    (setting,) = (s for s in SETTINGS if s.doses)
    rows = setting.recipe(RECIPE).rows(ledger(drawn, setting, SETTINGS))
    for person in drawn.people:
        assert sorted(rows[i].exposure for i in drawn.pictures[person] if rows[i].member("twin-a")) == [1, 1, 3, 10]


def test_a_pool_with_too_few_people_or_photos_is_refused() -> None:
    with pytest.raises(BadPool, match=rf"gives \d\d people with {MOST + SPARED_PICTURES} photos, not 200"):
        people_of(people(70, 14), 1, 200, SETTINGS)
    with pytest.raises(BadPool, match="gives 0 people"):
        people_of(people(70, MOST + SPARED_PICTURES - 1), 1, 10, SETTINGS)
    with pytest.raises(BadPool, match="some to validate"):
        people_of(people(70, 14), 1, 3, SETTINGS)
