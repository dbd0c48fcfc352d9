"""The card of the reference tier: every figure that was measured is there, and nothing where nothing was."""

from __future__ import annotations

from pathlib import Path

from mint.lab.cards.reference import CARD, FIGURES, reference_card, render_reference
from mint.storage.files import write_json


def measured(value: float) -> dict[str, object]:
    row = {"auc": value, "auc_low": value - 0.01, "auc_high": value + 0.01, "members": 50, "others": 60}
    rate = {"value": value / 10, "low": 0.01, "high": 0.2, "n": 432}
    people = {"photos": 3, "bring": "mixed", "people": 36, "others": 50}
    return {
        "photos": {
            "compared with": 440, "deviations of": 1234, "siblings": row, "outsiders": {**row, "auc": value + 0.003},
            "suspected": {"0.01": dict.fromkeys(("members", "siblings", "outsiders"), rate)},
        },
        "people": [{**row, **people, "auc": value + 0.005}],
    }  # fmt: skip


def test_every_figure_is_on_the_card() -> None:
    text = reference_card({"twin-a": measured(0.9), "twin-b": measured(0.8)})
    for figure in (
        "0.900 (0.890–0.910)",
        "0.903",
        "0.905",
        "0.800",
        "0.803",
        "0.805",
        "9.0%",
        "n = 432",
        "1234",
        "440",
        "36 against 50 people",
    ):
        assert figure in text, figure
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == (2 + 2) + (2 + 3) + (2 + 1)


def test_a_perfect_score_of_few_people_is_not_called_certain() -> None:
    found = measured(1.0)
    found["people"] = [
        {"photos": 2, "bring": "members", "people": 3, "others": 50, "auc": 1.0, "auc_low": 1.0, "auc_high": 1.0}
    ]
    assert f"1.000 ({0.025 ** (1 / 3):.3f}–1.000)" in reference_card({"twin-a": found}), "three of three"


def test_it_is_rendered_where_something_was_measured(tmp_path: Path) -> None:
    render_reference(tmp_path)
    assert not list(tmp_path.iterdir())
    write_json(tmp_path / FIGURES, {"twin-a": measured(0.9)})
    render_reference(tmp_path)
    assert "0.900" in (tmp_path / CARD).read_text()
