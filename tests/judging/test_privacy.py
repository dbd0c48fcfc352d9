from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.bundles.bundle import Bundle
from mint.bundles.files import load_bundle
from mint.errors import BundleMismatch
from mint.evidence.metrics import clopper_pearson
from mint.evidence.privacy_bound import PrivacyBudget
from mint.evidence.score_table import PHOTO
from mint.judging.privacy import claimed_budget, contradiction, measured_epsilons
from tests.tiny_bundles import PEOPLE, PICTURES, claim_privacy, tiny_bundle


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return tiny_bundle(tmp_path_factory.mktemp("leaky") / "twin-a", strength=6.0)


@pytest.fixture(scope="module")
def deaf(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return tiny_bundle(tmp_path_factory.mktemp("deaf") / "twin-a", strength=0.0)


def test_a_planted_leak_contradicts_a_small_promise_only(leaky: Bundle) -> None:
    measured = measured_epsilons(leaky)
    assert [m.against for m in measured] == ["siblings", "outsiders", "openpeople", "real"]
    siblings = measured[0]
    # By hand: 240 people keep a promise of 1 % where none of them, of every kind, scores as high.
    limit = max(leaky.calibration[kind][PHOTO].max() for kind in ("siblings", "outsiders", "openpeople", "real"))
    n = PEOPLE * PICTURES
    found = int((leaky.test["members"][PHOTO] > limit).sum())
    alarms = int((leaky.test["siblings"][PHOTO] > limit).sum())
    assert siblings.found.value * n == pytest.approx(found)
    assert siblings.pooled == pytest.approx(np.log(clopper_pearson(found, n)[0] / clopper_pearson(alarms, n)[1]))
    assert 0 < siblings.by_people <= siblings.pooled + 1e-9
    assert contradiction(PrivacyBudget(1.0), measured) is siblings
    assert contradiction(PrivacyBudget(9.0), measured) is None


def test_noise_contradicts_nothing(deaf: Bundle) -> None:
    measured = measured_epsilons(deaf)
    assert all(m.pooled < 0.7 for m in measured)
    assert contradiction(PrivacyBudget(1.0), measured) is None


def test_only_siblings_can_disprove_a_promise_for_one_photo(leaky: Bundle) -> None:
    others = tuple(m for m in measured_epsilons(leaky) if m.against != "siblings")
    assert max(m.by_people for m in others) > 1
    assert contradiction(PrivacyBudget(1.0), others) is None


def test_nothing_is_measured_without_members(leaky: Bundle) -> None:
    scores = {**leaky.scores, "test": {k: v for k, v in leaky.test.items() if k != "members"}}
    assert measured_epsilons(replace(leaky, scores=scores)) == ()


def test_a_claim_travels_with_the_bundle(leaky: Bundle, tmp_path: Path) -> None:
    assert claimed_budget(leaky) is None
    tiny_bundle(tmp_path / "twin-a")
    claim_privacy(tmp_path / "twin-a", 2, 1e-5)
    assert claimed_budget(load_bundle(tmp_path / "twin-a")) == PrivacyBudget(2.0, 1e-5)


@pytest.mark.parametrize(
    "claim", [{}, {"epsilon": "much"}, {"epsilon": -1}, {"epsilon": 1, "delta": 2}, [1], 1, {"epsilon": float("nan")}]
)
def test_what_is_no_claim_is_refused(leaky: Bundle, claim: Any) -> None:
    with pytest.raises(BundleMismatch, match="'privacy' must hold numbers epsilon"):
        claimed_budget(replace(leaky, facts={"privacy": claim}))
