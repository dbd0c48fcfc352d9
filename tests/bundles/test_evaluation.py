"""Members, and who stands beside them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mint.bundles.evaluation import levels, read_evaluation
from mint.bundles.files import EVALUATION, NETWORK, save_bundle
from mint.errors import WeightsCorrupt
from mint.evidence.score_table import ScoreTable, sides
from tests.tiny_bundles import SHAPE, tiny_bundle

SIBLINGS = {"identity": np.array([7, 8]), "photo": np.array([0.1, 0.2])}


def test_of_a_pool_only_generated_members_count() -> None:
    members = {"identity": np.arange(4), "photo": np.arange(4.0), "generated": np.array([1.0, 0.0, 1.0, 0.0])}
    used, others = sides({"members": members, "siblings": SIBLINGS}, "siblings")
    assert used["photo"].tolist() == [0.0, 2.0]
    assert used["identity"].tolist() == [0, 2]
    assert others is SIBLINGS


def test_elsewhere_all_do() -> None:
    members = {"identity": np.arange(4), "photo": np.arange(4.0)}
    used, _ = sides({"members": members, "siblings": SIBLINGS}, "siblings")
    assert used["photo"].tolist() == [0.0, 1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("kinds", "found"),
    [
        (("members", "siblings", "outsiders"), ("sample", "identity")),
        (("members", "outsiders"), ("identity",)),
        (("siblings", "outsiders"), ()),
    ],
)
def test_a_level_needs_somebody_on_both_sides(kinds: tuple[str, ...], found: tuple[str, ...]) -> None:
    assert levels(ScoreTable({"test": dict.fromkeys(kinds, SIBLINGS)}), ("test",)) == found


def test_an_evaluation_is_read_without_its_network_and_only_whole(tmp_path: Path) -> None:
    plain, folder = tmp_path / "twin-a", tmp_path / "measured"
    bundle = tiny_bundle(plain)
    assert read_evaluation(plain) is None
    measured = {"sample": {"rows": [{"layer": "all", "auditor": "combined", "auc": 0.9}]}}
    save_bundle(replace(bundle, evaluation=measured), folder, plain / NETWORK, SHAPE)
    (folder / NETWORK).unlink()
    assert read_evaluation(folder) == measured
    (folder / EVALUATION).write_text("{}")
    with pytest.raises(WeightsCorrupt, match=EVALUATION):
        read_evaluation(folder)
