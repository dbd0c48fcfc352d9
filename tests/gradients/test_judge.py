"""Gradients speak only where it was measured that they may, and say else why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.errors import WeightsCorrupt, WeightsMissing
from mint.evidence.conformal import FalseAlarmBound
from mint.gradients.judge import judge_gradients, read_figures, unreadable
from mint.gradients.training_step import LAYERS, NO_GRADIENTS, GradientFeatures
from mint.i18n.translate import Say
from mint.storage.files import write_json


def features(n: int) -> GradientFeatures:
    random = np.random.default_rng(n)
    means = {layer: random.normal(size=(n, 3)).astype(np.float32) for layer in LAYERS}
    norms = random.normal(size=(n, 5)).astype(np.float32)
    return GradientFeatures(means, norms, np.ones(n, np.float32), random.normal(size=(n, 3)).astype(np.float32))


def figures(speaks: bool) -> dict[str, Any]:
    random = np.random.default_rng(1)
    return {
        "fingerprint": "f" * 64,
        "speaks": speaks,
        "rows": {"published, fc": {"auc": 0.61}, "prototype": {"auc": 0.98}},
        "paired": {"beats": {"what": "published, fc", "than": "prototype"}},
        "auditor": {"weights": [1.0, 0.5, 0.0, -1.0, 0.0, 0.0, 2.0, 0.0], "bias": -0.25},
        "unused": {"scores": random.normal(size=300).tolist(), "people": list(range(300))},
    }


def test_where_they_may_speak_they_say_how_many_unused_photos_score_as_high() -> None:
    seen, found = features(4), figures(True)
    told = judge_gradients(seen, found)
    weights = np.array(found["auditor"]["weights"])
    bound = FalseAlarmBound.of(found["unused"]["scores"], found["unused"]["people"])
    for one, prototype, norms in zip(told, seen.prototype, seen.norms, strict=True):
        score = float(np.array([*prototype, *norms], np.float64) @ weights) - 0.25
        assert one.p_value == pytest.approx(float(bound.at([score])[0]))
        assert one.lengths is not None
        assert list(one.lengths.values()) == pytest.approx(np.exp(norms).tolist())
        assert "at most" in one.said
        assert one.to_dict()["said"] == one.said


def test_where_they_may_not_they_say_so() -> None:
    (silent,) = judge_gradients(features(1), figures(False))
    assert silent.p_value is None
    assert "0.610 against 0.980" in silent.said
    (unmeasured,) = judge_gradients(features(1), None)
    assert "never measured" in unmeasured.said
    graph = unreadable(NO_GRADIENTS, 2)
    assert len(graph) == 2
    assert graph[0].lengths is None
    for one in (silent, unmeasured, *graph):
        assert "cannot say" in one.said
        assert "no se puede decir" in Say("es", strict=True)(one.said)


def test_figures_are_found_by_the_networks_hash(tmp_path: Path) -> None:
    file = tmp_path / "gradients.json"
    with pytest.raises(WeightsMissing, match=r"gradients\.json is missing"):  # not "never measured"
        read_figures(file)
    write_json(file, {"twin-a": figures(True)})
    assert list(read_figures(file)) == ["f" * 64]
    for damaged in ("[1]", "{", '{"a": {}}', '{"a": 3}'):
        file.write_text(damaged)
        with pytest.raises(WeightsCorrupt, match=r"gradients\.json"):
            read_figures(file)
