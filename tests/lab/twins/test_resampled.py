"""Training sets of the controls: only exposures or roles change, and what changes is drawn evenly."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from mint.lab.twins.ledger import HELD_OUT, TRAINED, Row
from mint.lab.twins.recipe import TwinRecipe
from mint.lab.twins.resampled import thinned, with_exposures


def ledger(people: int = 40, pictures: int = 20, used: int = 9) -> list[Row]:
    rows = []
    for person in range(people):
        source = "gan" if person else "openpeople"
        for k in range(pictures):
            roles = [TRAINED if person % 2 == side and k < used else HELD_OUT for side in (0, 1)]
            name = f"{source}/{person}"
            rows.append(Row(f"{person}-{k}", name, source, f"{name}/{k}", *roles, int(k < used), "training"))
    return rows


def test_every_person_gets_all_doses_evenly():
    rows = ledger()
    found = with_exposures(rows, (1, 3, 10), seed=5)
    for person in {r.identity for r in rows}:
        doses = Counter(r.exposure for r in found if r.identity == person and TRAINED in (r.role_a, r.role_b))
        assert doses == {1: 3, 3: 3, 10: 3}
    assert all(r.exposure == 0 for r in found if TRAINED not in (r.role_a, r.role_b))
    assert [replace(r, exposure=0) for r in rows] == [replace(r, exposure=0) for r in found]


def test_the_draw_is_the_seeds_and_not_the_pictures_place():
    rows = ledger(used=10)
    assert with_exposures(rows, (1, 3, 10), 5) == with_exposures(rows, (1, 3, 10), 5)
    assert with_exposures(rows, (1, 3, 10), 5) != with_exposures(rows, (1, 3, 10), 6)
    first = Counter(with_exposures(rows, (1, 3, 10), seed)[0].exposure for seed in range(300))
    assert set(first) == {1, 3, 10}
    assert min(first.values()) > 60  # a third of 300 each, give or take
    extra = Counter()  # ten pictures are not three times three: the tenth's dose is luck as well
    for seed in range(300):
        found = Counter(r.exposure for r in with_exposures(rows, (1, 3, 10), seed)[:10])
        extra[max(found, key=lambda dose: found[dose])] += 1
    assert min(extra.values()) > 60


@pytest.mark.parametrize("doses", [(), (0, 1), (3, -1)])
def test_impossible_doses_are_refused(doses):
    with pytest.raises(ValueError, match="at least 1"):
        with_exposures(ledger(), doses, 1)


def test_thinning_keeps_a_few_pictures_of_each_generated_person():
    rows = ledger()
    found = thinned(rows, 4, seed=1)
    kept = Counter(r.identity for r in found if TRAINED in (r.role_a, r.role_b))
    assert kept.pop("openpeople/0") == 9
    assert set(kept.values()) == {4}
    for before, after in zip(rows, found, strict=True):
        if after != before:
            assert (after.role_a, after.role_b, after.exposure) == (HELD_OUT, HELD_OUT, 0)
            assert (after.sha256, after.identity, after.purpose) == (before.sha256, before.identity, before.purpose)


def test_a_recipe_remembers_its_training_set():
    rows = ledger()
    plain, dosed, thin = TwinRecipe(), TwinRecipe(exposures=(1, 3)), TwinRecipe().overfitted(2)
    assert plain.rows(rows) == tuple(rows)
    assert dosed.rows(rows) == with_exposures(rows, (1, 3), 1)
    assert thin.rows(rows) == thinned(rows, 2, 1)
    assert (thin.flip, thin.weight_decay) == (False, 0.0)
