"""The card on folders: every figure that was measured is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mint.lab.cards.folder_share import CARD, FIGURES, folder_share_card, render_folder_share
from mint.storage.files import write_json


def measured(shift: float) -> dict[str, Any]:
    def mean(value: float) -> dict[str, Any]:
        return {"value": value + shift, "low": value - 0.01, "high": value + 0.2, "n": 200}

    rate = {"value": 0.9 + shift, "low": 0.85, "high": 0.99, "n": 200}
    return {
        "limit": 0.02, "error": mean(-0.004), "absolute_error": mean(0.02), "width": mean(0.11), "coverage": rate,
        "coverage_of_one_person": {**rate, "value": 0.99}, "false_discoveries": mean(0.039), "named": mean(0.77),
    }  # fmt: skip


FOUND = {
    "draws": 200, "photos": 40, "people": 8, "discovery_rate": 0.1,
    "twins": {"twin-a": {"siblings": measured(0.0), "strangers": measured(0.05)}},
}  # fmt: skip


def test_every_figure_is_on_the_card() -> None:
    text = folder_share_card(FOUND)
    for figure in (
        "-0.004 (-0.014–0.196)", "0.020 (0.010", "0.070 (0.010", "0.110 (", "0.160 (", "90.0% (85.0%–99.0%), n = 200",
        "95.0% (85.0%–99.0%)", "0.039 (", "0.089 (", "0.770 (", "0.820 (", "200 folders of 40 photos, 5 of a person",
    ):  # fmt: skip
        assert figure in text, figure
    assert len([line for line in text.splitlines() if line.startswith("| twin-a")]) == 2


def test_it_is_rendered_where_something_was_measured(tmp_path: Path) -> None:
    render_folder_share(tmp_path)
    assert not list(tmp_path.iterdir())
    write_json(tmp_path / FIGURES, FOUND)
    render_folder_share(tmp_path)
    assert (tmp_path / CARD).read_text("utf-8") == folder_share_card(FOUND)


def test_a_list_that_was_never_wrong_in_the_folders_drawn_may_be_wrong_in_others() -> None:
    row = measured(0.0) | {"false_discoveries": {"value": 0.0, "low": 0.0, "high": 0.0, "n": 200}}
    assert "| 0.000 (0.000–0.018) |" in folder_share_card({**FOUND, "twins": {"twin-a": {"siblings": row}}})
