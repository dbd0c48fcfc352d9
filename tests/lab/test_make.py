from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from mint.auditors.panel import QUALITIES
from mint.bundle import PERSON, PHOTO
from mint.evidence.metrics import auc
from mint.lab.ledger import HELD_OUT, PURPOSES, TRAINED, Row
from mint.lab.make import fuse, platt, ranges, shuffle_people, shuffle_pictures
from mint.lab.pool import Pool
from mint.lab.splits import pick


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
    found = ranges({"outsiders": narrow, "real": wide}).bounds
    for low, high in found.values():
        assert low == pytest.approx(20.03)
        assert high == pytest.approx(59.98)


def people(count: int, pictures: int = 10) -> list[Row]:
    rows = []
    random = np.random.default_rng(count)
    for person in range(count):
        used = set(random.permutation(pictures)[:5].tolist())
        name = f"gan/{person:04d}"
        purpose = ("training", "validation", "calibration", "test")[person % 4]
        for k in range(pictures):
            roles = [TRAINED if side == (person // 4) % 3 and k in used else HELD_OUT for side in (0, 1)]
            rows.append(Row(f"{person}-{k}", name, "gan", f"{name}/{k:02d}", *roles, int(TRAINED in roles), purpose))
    return rows


def test_fusion_learns_each_question_from_validation() -> None:
    rows = people(96)
    picked = pick(rows, "twin-a", "validation", 1)
    sizes = [len(picked[g]) for g in ("members", "siblings", "outsiders")]
    group = np.repeat([0, 1, 2], sizes)
    random = np.random.default_rng(0)
    columns = {
        "consistency/views": (group == 0) * 3 + random.normal(size=len(group)),
        "prototype/head": (group <= 1) * 3 + random.normal(size=len(group)),
    }
    found = fuse(columns, Pool(tuple(rows), np.zeros(0)), "twin-a", 1)
    photo, person = found[PHOTO].weights, found[PERSON].weights
    assert photo["consistency/views"] > photo["prototype/head"]
    assert person["prototype/head"] > person["consistency/views"]


@pytest.mark.parametrize(
    ("shuffle", "others"), [(shuffle_pictures, "siblings"), (shuffle_people, "outsiders")], ids=["pictures", "people"]
)
def test_shuffling_the_labels_hides_a_planted_leak(shuffle: Callable[..., list[Row]], others: str) -> None:
    rows = people(240, 20)
    random = np.random.default_rng(5)
    leak = np.array([3.0 * (r.role_a == TRAINED) for r in rows]) + random.normal(size=len(rows))

    def found(table: list[Row]) -> float:
        picked = pick(table, "twin-a", "test", 1, 10**6)
        return auc(leak[picked["members"]], leak[picked[others]])

    assert found(rows) > 0.95
    nulls = [found(shuffle(rows, seed)) for seed in range(30)]
    assert abs(np.mean(nulls) - 0.5) < 3 * np.std(nulls) / np.sqrt(len(nulls)) + 0.005
    assert np.std(nulls) < 0.08


@pytest.mark.parametrize("shuffle", [shuffle_pictures, shuffle_people])
def test_shuffling_moves_roles_and_nothing_else(shuffle: Callable[..., list[Row]]) -> None:
    rows = people(96)
    found = shuffle(rows, 3)
    for name in ("sha256", "identity", "source", "picture", "purpose"):
        assert [getattr(r, name) for r in rows] == [getattr(r, name) for r in found]
    for purpose in PURPOSES:
        before, after = (Counter((r.role_a, r.role_b) for r in t if r.purpose == purpose) for t in (rows, found))
        assert before == after
    assert [r.role_a for r in rows] != [r.role_a for r in found]
