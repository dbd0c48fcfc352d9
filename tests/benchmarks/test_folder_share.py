"""The folder's figures on planted scores: a leak is counted, and where nothing was used nothing is claimed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mint.bundles.bundle import Bundle
from mint.evidence.score_table import PHOTO
from tests.benchmarks.folder_share import KINDS, STRANGERS, Draw, _halves, figures, folders
from tests.tiny_bundles import tiny_bundle

SHAPE = {"people": 40, "of_each": 1}  # as many photos as the benchmark's folders have, of as many people


def agreeing(bundle: Bundle) -> Bundle:
    """Let the test columns fuse to the test scores: made-up columns are noise of their own."""
    fusion = bundle.fusions[PHOTO]
    first, *others = fusion.weights
    tables = {
        kind: {
            **table,
            first: (table[PHOTO] - fusion.bias) / fusion.weights[first],
            **dict.fromkeys(others, 0 * table[PHOTO]),
        }
        for kind, table in bundle.test.items()
    }
    return replace(bundle, scores={**bundle.scores, "test": tables})


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return agreeing(tiny_bundle(tmp_path_factory.mktemp("planted") / "twin-a", strength=5.0))


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Of a network that remembers nothing, whatever its gate says."""
    return agreeing(tiny_bundle(tmp_path_factory.mktemp("noise") / "twin-a", strength=0.0))


@pytest.mark.parametrize("kind", KINDS)
def test_a_planted_leak_is_counted(planted: Bundle, kind: str) -> None:
    draws = folders(planted, kind, 12, **SHAPE)
    errors, wrong, inside = [], [], 0
    for draw in draws:
        share, named = draw.told.share, draw.told.named
        assert share is not None
        assert share.n == 40
        used = [name for name, member in draw.truth.items() if member]
        assert draw.used == len(used) / 40
        errors.append(abs(share.value - draw.used))
        inside += share.low <= draw.used <= share.high
        wrong.append(len(set(named) - set(used)) / max(1, len(named)))
    assert len({draw.used for draw in draws}) > 5, "different shares were asked about"
    assert np.mean(errors) <= 0.05
    assert inside >= 11
    assert np.mean(wrong) <= 0.1
    found = figures(draws)
    assert found["absolute_error"]["value"] == pytest.approx(np.mean(errors))
    assert found["coverage"]["value"] == inside / 12
    assert found["false_discoveries"]["value"] == pytest.approx(np.mean(wrong))
    assert found["named"]["value"] > 0.8


@pytest.mark.parametrize("kind", KINDS)
def test_of_unused_photos_no_share_was_used(planted: Bundle, kind: str) -> None:
    for draw in folders(planted, kind, 4, used=0, **SHAPE):
        assert draw.told.share is not None
        assert draw.told.share.low == 0.0
        assert draw.told.share.value <= 0.05
        assert draw.used == 0.0


def test_where_the_network_remembers_nothing_nothing_is_claimed(noise: Bundle) -> None:
    for draw in folders(noise, KINDS[0], 6, **SHAPE):
        share = draw.told.share
        assert share is None or share.low == 0.0
        assert len(draw.told.named) <= 4


def test_nobody_in_a_folder_measured_the_rates(planted: Bundle) -> None:
    measuring, brought = _halves(planted, np.random.default_rng(3))
    for kind in ("members", KINDS[0], *STRANGERS):
        here, there = (set(tables[kind]["identity"].tolist()) for tables in (measuring, brought))
        assert here
        assert there
        assert not here & there
    assert not set(measuring["siblings"]["identity"].tolist()) & set(brought["members"]["identity"].tolist())


def test_a_folder_without_an_answer_is_no_figure(planted: Bundle) -> None:
    shut = replace(planted, gates=dict.fromkeys(planted.gates, False))
    draws: list[Draw] = folders(shut, KINDS[0], 1, **SHAPE)
    with pytest.raises(ValueError, match="no answer"):
        figures(draws)
