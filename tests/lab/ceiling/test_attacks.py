"""The attacks' formulas, computed another way: by loops over photos, networks and population, with SciPy's distributions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm, spearmanr

from mint.errors import TooFew
from mint.lab.ceiling.attacks import (
    RmiaSettings,
    lira_offline,
    lira_online,
    matched_slope,
    own_logits,
    ratios,
    rmia,
)

PHOTOS, NETWORKS = 40, 6
RANDOM = np.random.default_rng(4)
TARGET = RANDOM.normal(2, 3, PHOTOS)
REFERENCES = RANDOM.normal(2, 3, (PHOTOS, NETWORKS))
USED = np.stack([RANDOM.permutation(NETWORKS) < NETWORKS // 2 for _ in range(PHOTOS)])


def test_the_logit_is_that_of_the_softmax_over_all_classes() -> None:
    cosines, classes = RANDOM.uniform(-1, 1, (PHOTOS, 5)).astype(np.float32), RANDOM.integers(5, size=PHOTOS)
    found = own_logits(cosines, classes, 8.0)
    for k in range(PHOTOS):
        each = [math.exp(8.0 * float(c)) for c in cosines[k]]
        p = each[classes[k]] / sum(each)
        assert found[k] == pytest.approx(math.log(p / (1 - p)), rel=1e-6, abs=1e-6)


def test_a_margin_of_the_cosine_takes_its_scale_off_the_logit() -> None:
    cosines, classes = RANDOM.uniform(-1, 1, (PHOTOS, 5)), RANDOM.integers(5, size=PHOTOS)
    less = cosines.copy()
    less[np.arange(PHOTOS), classes] -= 0.6
    np.testing.assert_allclose(own_logits(less, classes, 8.0), own_logits(cosines, classes, 8.0) - 8 * 0.6, atol=1e-9)


def test_a_confidence_that_is_one_in_any_float_still_has_a_logit() -> None:
    found = own_logits(np.array([[1.0, -1.0], [0.99, -1.0]]), np.array([0, 0]), 64.0)
    np.testing.assert_allclose(found, [128, 127.36])


def test_offline_lira_ranks_as_the_tail_of_a_normal_with_one_variance() -> None:
    tails = []
    for k in range(PHOTOS):
        out = [REFERENCES[k, j] for j in range(NETWORKS) if not USED[k, j]]
        tails.append(norm.cdf(TARGET[k], sum(out) / len(out), 5.0))
    found = lira_offline(TARGET, REFERENCES, USED)
    assert spearmanr(found, tails).statistic == pytest.approx(1)
    np.testing.assert_allclose(norm.cdf(found / 5.0), tails)


def test_online_lira_is_the_ratio_of_two_normals_whose_variances_are_pooled_within_photos() -> None:
    sets = [
        [[REFERENCES[k, j] for j in range(NETWORKS) if USED[k, j] == kind] for k in range(PHOTOS)] for kind in (1, 0)
    ]
    spreads = []
    for groups in sets:
        squares = sum((x - np.mean(g)) ** 2 for g in groups for x in g)
        spreads.append(math.sqrt(squares / sum(len(g) - 1 for g in groups)))
    found = lira_online(TARGET, REFERENCES, USED)
    for k in range(PHOTOS):
        told = [
            norm.logpdf(TARGET[k], np.mean(groups[k]), spread) for groups, spread in zip(sets, spreads, strict=True)
        ]
        assert found[k] == pytest.approx(told[0] - told[1])


@pytest.mark.parametrize(
    "settings", [RmiaSettings(0.3, 1.0, 0.0), RmiaSettings(1.0, 2.0, 3.0), RmiaSettings(0.0, 2.0, 0)]
)
def test_rmia_counts_the_population_that_a_photo_beats(settings: RmiaSettings) -> None:
    def ratio(k: int) -> float:
        def confidence(logit: float) -> float:
            return 1 / (1 + math.exp(settings.offset - logit))

        out = [confidence(REFERENCES[k, j]) for j in range(NETWORKS) if not USED[k, j]]
        px = 0.5 * ((1 + settings.a) * sum(out) / len(out) + (1 - settings.a))
        return confidence(TARGET[k]) / px

    photos, population = range(25), range(25, PHOTOS)
    every = ratios(TARGET, REFERENCES, USED, settings)
    np.testing.assert_allclose(every, [ratio(k) for k in range(PHOTOS)])
    found = rmia(every[:25], every[25:], settings.gamma)
    told = [np.mean([ratio(k) / ratio(z) >= settings.gamma for z in population]) for k in photos]
    np.testing.assert_allclose(found, told)


def test_a_confidence_next_to_nothing_is_still_divided_by() -> None:
    low = np.full((1, 2), -40.0)
    found = ratios(low[:, 0], low, np.array([[True, False]]), RmiaSettings(1.0, 1.0, 0.0))
    np.testing.assert_allclose(found, 1.0)


def test_the_slope_is_that_of_the_line_through_unused_photos() -> None:
    out = np.array([np.mean(REFERENCES[k][~USED[k]]) for k in range(PHOTOS)])
    target = 0.4 * out + TARGET / 10
    assert matched_slope(target, REFERENCES, USED) == pytest.approx(np.polyfit(out, target, 1)[0])
    np.testing.assert_allclose(lira_offline(target, REFERENCES, USED, 0.4), TARGET / 10)


def test_too_few_networks_or_no_population_are_refused() -> None:
    with pytest.raises(TooFew, match="no reference network"):
        lira_offline(TARGET, REFERENCES, np.ones_like(USED))
    with pytest.raises(TooFew, match="two reference networks"):
        lira_online(TARGET, REFERENCES[:, :2], np.tile([True, False], (PHOTOS, 1)))
    with pytest.raises(TooFew, match="population"):
        rmia(TARGET, TARGET[:0], 1.0)
