"""Which networks are asked for, and what is written after each; whole runs are in test_network.py."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mint.lab.factors import run, summary
from mint.lab.factors.network import AUDITORS
from mint.lab.factors.settings import SETTINGS, Setting
from mint.lab.twins.precision import AUTO, BFLOAT16
from mint.storage.files import read_json
from tests.lab.factors.test_summary import TOLD
from tests.lab.tiny_runs import TINY_TWIN, Killed, tiny_pool

CHOSEN = (SETTINGS[0], Setting("dropout", "0.4", {"dropout": 0.4}))
ROWS = {"members": [0, 1, 10, 11], "siblings": [2, 3, 12, 13]}


def test_every_setting_is_asked_for_with_every_seed_and_all_is_written_after_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Any, ...]] = []
    results = tmp_path / "factors.json"
    given = (tiny_pool(28), tmp_path, results, CHOSEN, 14, (3, 4), replace(TINY_TWIN, precision=AUTO))

    def figures(
        pool: Any, people: Any, setting: Setting, settings: Any, folder: Path, base: Any, seed: int, *rest: Any
    ) -> Any:
        if len(asked) == 3:
            raise Killed
        asked.append((folder.name, base.seed, base.precision, seed))
        scores = [0.4, 0.3, 0.2, 0.1] if setting.factor == "dropout" else [0.1, 0.2, 0.3, 0.4]
        sides = {
            side: {"row": rows, "exposure": [1] * 4, "score": scores if side == "members" else [0.0, 0.15, 0.25, 0.5]}
            for side, rows in ROWS.items()
        }
        return {**TOLD, "precision": BFLOAT16, "scores": dict.fromkeys(AUDITORS.values(), sides)}

    monkeypatch.setattr(summary, "DRAWS", 5)
    monkeypatch.setattr(run, "figures_of", figures)
    monkeypatch.setattr(run, "render_factors", lambda cards: None)  # tested with whole figures in test_card.py
    with pytest.raises(Killed):
        run.measure_factors(*given)
    base, dropout = (setting.name for setting in CHOSEN)
    assert asked == [
        (f"{base}-seed-3", 3, AUTO, 3),
        (f"{dropout}-seed-3", 3, BFLOAT16, 3),  # what the first measured as the faster holds for all
        (f"{base}-seed-4", 4, BFLOAT16, 3),  # people and auditors stay those of the first seed
    ]
    found = read_json(results)
    assert (found["missing"], found["people"], found["seeds"]) == (1, 14, [3, 4])
    assert [(entry["factor"], entry["seeds"]) for entry in found["settings"]] == [("base", [3, 4]), ("dropout", [3])]
    assert [row["auditor"] for row in found["settings"][0]["rows"]] == list(AUDITORS.values())
    assert found["settings"][1]["rows"][0]["auc_gain"] == pytest.approx(0.0)  # of the seed that both were measured with
    asked.clear()
    run.measure_factors(*given[:5], (3,), given[6])
    assert read_json(results)["missing"] == 0
