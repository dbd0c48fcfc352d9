"""The card on factors: every figure is there, and what it calls clear is what was measured as clear."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mint.lab.factors.card import CARD, FIGURES, LEADING, cost, factors_card, render_factors
from mint.lab.factors.network import AUDITORS
from mint.storage.files import write_json
from mint.storage.paths import WEIGHTS
from mint.ui.views.proof import cards

RECIPE = {"input_size": 48, "width": 16, "epochs": 12, "margin": 0.6, "batch": 32, "precision": "float32"}


def entry(factor: str, level: str, auc: float, gain: float | None = None, clear: bool = False) -> dict[str, Any]:
    row: dict[str, Any] = {"members": 384, "non_members": 1100, "member_people": 96}
    for name, value in (("auc", auc), ("tpr_at_1pct_fpr", auc / 2)):
        row |= {name: value, f"{name}_low": value - 0.02, f"{name}_high": value + 0.02}
        if gain is not None:
            row |= {f"{name}_gain": gain, f"{name}_gain_low": gain - 0.01, f"{name}_gain_high": gain + 0.01}
            row |= {f"{name}_gain_clear": clear, "gain_members": 384}
    strangers = [
        {"accuracy": value, "low": value - 0.007, "high": value + 0.007, "pairs": 6000, "people": 80}
        for value in (0.7 + auc / 10, 0.72 + auc / 10)
    ]
    return {
        "factor": factor, "level": level, "seeds": [1, 2], "people": 120, "photos": 480, "seconds": [30.0, 31.0],
        "training_accuracy": [0.998, 1.0], "strangers": strangers, "fitted_on": {"training": 68, "validation": 28},
        "rows": [{"auditor": auditor, **row} for auditor in AUDITORS.values()],
    }  # fmt: skip


@pytest.fixture
def measured() -> dict[str, Any]:
    settings = [
        entry("base", "as the twins", 0.95),
        entry("alteration", "half of each batch", 0.75, -0.2, clear=True),
        entry("dropout", "0.4", 0.92, -0.03, clear=True),
        entry("exposure", "10 an epoch", 0.99, 0.04, clear=True),
        entry("batch", "64", 0.94, -0.005),
    ]
    return {"seeds": [1, 2], "people": 120, "photos": 4, "recipe": RECIPE, "missing": 0, "settings": settings}


def told(text: str, start: str) -> str:
    (line,) = [line for line in text.splitlines() if line.startswith(f"- {start}")]
    return line


def test_every_setting_is_a_line_of_both_tables(measured: dict[str, Any]) -> None:
    text = factors_card(measured)
    for one in measured["settings"]:
        lines = [line for line in text.splitlines() if line.startswith(f"| {one['factor']} | {one['level']} |")]
        assert len(lines) == 2
        row = one["rows"][0]
        assert f" {row['auc']:.3f} ({row['auc_low']:.3f}–{row['auc_high']:.3f}) " in lines[0]
        assert f" {row['tpr_at_1pct_fpr']:.3f} (" in lines[0]
        each = [s["accuracy"] for s in one["strangers"]]
        assert lines[0].endswith(f"| {sum(each) / 2:.1%} ({each[0]:.1%} / {each[1]:.1%}) |")
        assert lines[1].count(f"{row['auc']:.3f} (") == len(AUDITORS) - 1
    assert "**-0.200 (-0.210 to -0.190)**" in text, "bold where it is clear"
    assert "| -0.005 (-0.015 to +0.005) |" in text
    assert "384 used photos of 96 people against 1100" in text


def test_what_is_called_clear_is_what_is_clear_and_the_largest_stands_first(measured: dict[str, Any]) -> None:
    text = factors_card(measured)
    harder = told(text, f"Clearly harder to tell by the auditor *{LEADING}*")
    assert harder.index("half of each batch (AUC -0.200") < harder.index("dropout: 0.4 (AUC -0.030")
    assert "strangers -2.0 points" in harder
    assert told(text, "Clearly easier").endswith(
        "exposure: 10 an epoch (AUC +0.040 (+0.030 to +0.050); strangers +0.4 points)."
    )
    assert "batch: 64 (AUC -0.005" in told(text, "Not told from the base")
    for one in measured["settings"]:
        for row in one["rows"]:
            row["auc_gain_clear"] = False
    assert told(factors_card(measured), "Clearly easier") == "- Clearly easier: none."


def test_the_command_measures_it_again_and_an_unfinished_run_says_so(measured: dict[str, Any]) -> None:
    text = factors_card(measured)
    assert "--people 120 --epochs 12 --size 48 --seed 1 --seed 2 --precision float32 --out WORK" in text
    assert "Unfinished" not in text
    assert "**Unfinished**: 3 networks" in factors_card({**measured, "missing": 3})


def test_a_run_of_the_base_alone_and_one_seed_has_a_card(measured: dict[str, Any]) -> None:
    base = measured["settings"][0]
    text = factors_card({**measured, "settings": [{**base, "seeds": [1], "strangers": base["strangers"][:1]}]})
    assert "| 79.5% |" in text
    assert text.count(": none.") == 4


def test_recognition_is_compared_with_the_base_s_network_of_the_same_seed(measured: dict[str, Any]) -> None:
    base, entry = measured["settings"][:2]
    entry["seeds"], entry["strangers"] = [2], [{**entry["strangers"][0], "accuracy": 0.85}]
    assert cost(entry, base) == "+3.5 points"  # the base's second network tells 0.815 right
    assert cost({**entry, "seeds": [3]}, base) == "–"


def test_one_network_is_a_hint_and_no_more(measured: dict[str, Any]) -> None:
    one = measured["settings"][1]
    one["seeds"], one["strangers"] = [1], one["strangers"][:1]
    for row in one["rows"]:
        row["auc_gain_clear"] = False
    text = factors_card(measured)
    assert "half of each batch (AUC -0.200" in told(text, "Measured with one network only")
    assert "half" not in told(text, "Not told from the base") + told(text, "Clearly harder")


def test_the_tables_are_whole(measured: dict[str, Any]) -> None:
    blocks = re.findall(r"(?:^\|.*\n)+", factors_card(measured), re.M)
    assert len(blocks) == 2
    for block in blocks:
        lines = block.splitlines()
        assert re.fullmatch(r"\|(---\|)+", lines[1])
        assert len({line.count("|") for line in lines}) == 1
        assert len(lines) == 2 + len(measured["settings"])


def test_it_is_rendered_and_listed_where_something_was_measured(measured: dict[str, Any], tmp_path: Path) -> None:
    render_factors(tmp_path)
    assert not list(tmp_path.iterdir())
    write_json(tmp_path / FIGURES, measured)
    render_factors(tmp_path)
    assert (tmp_path / CARD).read_text("utf-8") == factors_card(measured)
    assert list(cards.shipped(tmp_path)) == ["factors"]


def test_the_shipped_card_is_that_of_the_shipped_figures(tmp_path: Path) -> None:
    shipped = WEIGHTS / "cards"
    (tmp_path / FIGURES).write_bytes((shipped / FIGURES).read_bytes())
    render_factors(tmp_path)
    assert (tmp_path / CARD).read_bytes() == (shipped / CARD).read_bytes()


def test_the_interval_of_strangers_is_over_people_or_called_too_narrow(measured: dict[str, Any]) -> None:
    assert "0.7 points to either side by the number of pairs alone, and so too narrow" in factors_card(measured)
    for one in measured["settings"]:
        one["strangers"] = [found | {"interval": "over people"} for found in one["strangers"]]
    assert "0.7 points to either side, over people." in factors_card(measured)


def test_each_figure_counts_its_own_photos(measured: dict[str, Any]) -> None:
    viewed = next(row for row in measured["settings"][1]["rows"] if row["auditor"] == "consistency")
    viewed |= {"members": 192, "non_members": 300, "member_people": 75, "gain_members": 151}
    text = factors_card(measured)
    first, second = (line for line in text.splitlines() if line.startswith("| alteration |"))
    assert "| 384/1100, 96 people |" in first
    assert "| 192/300, 75 people |" in second
    assert second.count(", on 151 used |") == 1
    assert "*Too few*: fewer than ten photos would make 1 % of the others." in text
