"""The card on attacks: every figure is there, and a broken promise is said out loud."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mint.lab.cards.attacks import CARD, FIGURES, PHOTO_KINDS, attacks_card, render_attacks
from mint.storage.files import read_json, write_json
from mint.storage.paths import WEIGHTS


def line(kind: str, what: str, value: float, low: float) -> dict[str, Any]:
    rate = {"value": value, "low": low, "high": 0.99, "n": 57, "people": 31}
    wide = {**rate, "value": value / 2, "low": 0.0}
    return {"kind": kind, "what": what, "shown": 60, "no face": 3, "cannot say": 2, "0.01": rate, "0.05": wide}


def measured() -> dict[str, Any]:
    members = [line("members", "grey", 0.9, 0.8), line("members, cut out", "mirrored", 0.7, 0.6)]
    kinds = list(PHOTO_KINDS)[2:]
    kept = [line(kind, "edges", 0.02, 0.009) for kind in kinds]
    twins = {
        "twin-a": {"members": members, "others": [*kept, line("real", "gradient", 0.5, 0.4)]},
        "twin-b": {"members": members, "others": [*kept, {**line("real", "gradient", 0.5, 0.4), "0.01": None}]},
    }
    return {"purpose": "test", "most": 60, "steps": 10, "alphas": [0.01, 0.05], "twins": twins}


def test_every_figure_is_on_the_card_with_its_interval_and_n() -> None:
    text = attacks_card(measured())
    for figure in ("90.0% (80.0%–99.0%), n = 57 of 31 people", "45.0%", "70.0%", "3, 2 of 60", "--most 60", "10 steps"):
        assert figure in text, figure
    assert all(words in text for words in PHOTO_KINDS.values())
    rows = [row for row in text.splitlines() if row.startswith("|")]
    assert len(rows) == (2 + 2) + (2 + len(PHOTO_KINDS) - 2 + 1)
    assert {row.count("|") for row in rows} == {8}


def test_a_broken_promise_is_bold_and_named_and_a_kept_one_is_not() -> None:
    text = attacks_card(measured())
    assert text.count("**50.0% (40.0%–99.0%)") == 1
    assert "**2.0%" not in text
    assert "**90.0%" not in text  # of members the more the better
    number = len(PHOTO_KINDS) - 2
    assert f"- twin-a, α = 0.01: broken in 1 of {number + 1} lines: real faces, gradient." in text
    assert f"- twin-a, α = 0.05: broken in 0 of {number + 1} lines." in text
    assert f"- twin-b, α = 0.01: broken in 0 of {number} lines." in text


def test_edits_that_hide_a_member_are_named() -> None:
    found = measured()
    assert attacks_card(found).count("are **missed** after 0 of 2 edits.") == 2
    found["twins"]["twin-b"]["members"] = [line("members", "grey", 0.4, 0.3), found["twins"]["twin-a"]["members"][1]]
    assert "- twin-b, α = 0.01: most members are **missed** after 1 of 2 edits: whole photo grey." in attacks_card(
        found
    )


def test_it_is_rendered_where_something_was_measured(tmp_path: Path) -> None:
    render_attacks(tmp_path)
    assert not list(tmp_path.iterdir())
    write_json(tmp_path / FIGURES, measured())
    render_attacks(tmp_path)
    assert "twin-b" in (tmp_path / CARD).read_text(encoding="utf-8")


def test_the_shipped_card_is_rendered_from_the_shipped_figures() -> None:
    cards = WEIGHTS / "cards"
    assert (cards / CARD).read_text(encoding="utf-8") == attacks_card(read_json(cards / FIGURES))
