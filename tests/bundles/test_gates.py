"""Who may speak, by the gates that a bundle names and by the controls that it was measured against."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mint.bundles.bundle import BLIND
from mint.bundles.files import load_bundle


@pytest.mark.parametrize("named", [True, False, None])
def test_only_what_is_named_and_beat_its_controls_may_speak(weights: Path, named: bool | None) -> None:
    bundle = load_bundle(weights / "twin-a")
    column = bundle.specs[0].column
    asked = replace(bundle, gates={} if named is None else {column: named})
    assert asked.passed_gate(column) is (named is True)
    assert (asked.abstention_reason(column, "photo", 0.5) is None) is (named is True)


@pytest.mark.parametrize("lost", BLIND)
def test_without_a_blind_control_nothing_may_speak(weights: Path, lost: str) -> None:
    bundle = load_bundle(weights / "twin-a")
    column = bundle.specs[0].column
    scores = {name: tables for name, tables in bundle.scores.items() if name != lost}
    asked = replace(bundle, gates={column: True}, scores=scores)
    assert not asked.passed_gate(column)
    assert "were not run" in str(asked.abstention_reason(column, "photo", 0.5))
