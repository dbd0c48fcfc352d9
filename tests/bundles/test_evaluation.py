"""What was measured of a bundle: its levels, and its figures read without it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mint.bundles.evaluation import levels, read_evaluation
from mint.bundles.files import EVALUATION, NETWORK, save_bundle
from mint.errors import WeightsCorrupt
from mint.evidence.score_table import ScoreTable
from tests.tiny_bundles import SHAPE, tiny_bundle

SIBLINGS = {"identity": np.array([7, 8]), "photo": np.array([0.1, 0.2])}


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
    assert read_evaluation(folder) == {**measured, "pool": False}
    save_bundle(replace(bundle, evaluation=measured, facts={"pool": {}}), folder, plain / NETWORK, SHAPE)
    assert read_evaluation(folder) == {**measured, "pool": True}
    (folder / NETWORK).unlink()
    assert read_evaluation(folder) is not None
    (folder / EVALUATION).write_text("{}")
    with pytest.raises(WeightsCorrupt, match=EVALUATION):
        read_evaluation(folder)
