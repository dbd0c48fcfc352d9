"""The card on size: every figure is there, what has no figure says so, and nothing is rendered where nothing was measured."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.lab.cards.scale_law import CARD, FIGURES, PLOT, declines, render_scale_law, scale_law_card
from mint.lab.scaling.extrapolation import TARGETS, laws
from mint.lab.scaling.law import DEAD, DEAD_TPR, auc_of, tpr_of
from mint.lab.scaling.nested import Size
from mint.storage.files import write_json
from mint.ui.views.proof import cards

SIZES = ((500, 7), (1000, 7), (2000, 3), (2000, 7), (4000, 7), (8000, 7))


def row(auditor: str, against: str, strength: float, tpr: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"auditor": auditor, "against": against}
    for end, value in (("", strength), ("_low", strength - 0.2), ("_high", strength + 0.2)):
        found |= {f"auc{end}": auc_of(value), f"tpr_at_1pct_fpr{end}": tpr_of(value) if tpr else None}
    return found


def perfect(against: str) -> dict[str, Any]:
    return {**row("prototype", against, 4.0, False), "auc": 1.0, "auc_low": 0.9231, "auc_high": 1.0}


def network(members: int, photos: int) -> dict[str, Any]:
    strength = 2.9 - 0.4 * float(np.log10(members / 500))
    rows = [
        found
        for kind in ("siblings", "outsiders")
        for found in (
            row("combined", kind, strength + 0.5 * (kind == "outsiders"), members > 1000),
            perfect(kind),
            row("published, whole maps", kind, 0.01, members > 1000),
        )
    ]
    return {
        "members": members, "people": -(-members // photos), "photos": photos, "training_accuracy": 0.98765,
        "seconds": 90.0, "fitted_on": {"training": 199, "validation": 147}, "rows": rows,
        "strangers": {"accuracy": 0.912, "low": 0.9, "high": 0.923, "pairs": 6000, "people": 63, "auc": 0.97},
    }  # fmt: skip


@pytest.fixture
def measured() -> dict[str, Any]:
    networks = [network(*size) for size in SIZES]
    dead = {"tpr_at_1pct_fpr": DEAD_TPR, "strength": DEAD, "auc": auc_of(DEAD)}
    return {
        "seed": 1, "epochs": 30, "width": 16, "photos": 7, "missing": 0, "targets": TARGETS, "dead": dead,
        "networks": networks, "laws": laws(networks, Size(2000, 7)),
    }  # fmt: skip


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def lines_of(text: str, start: str) -> list[list[str]]:
    return [cells(line) for line in text.splitlines() if line.startswith(f"| {start}")]


def test_every_network_is_a_line_and_a_column(measured: dict[str, Any]) -> None:
    text = scale_law_card(measured)
    for members, photos in SIZES:
        (line,) = [found for found in lines_of(text, f"{members} |") if found[2] == str(photos)]
        assert line[1] == str(-(-members // photos))
        assert line[3:] == ["0.9877", "91.2% (90.0%–92.3%), n = 6000 pairs of 63 people", "199, 147", "1.5"]
    for kind, line in zip(("siblings", "outsiders"), lines_of(text, "combined |"), strict=True):
        strength = 2.9 + 0.5 * (kind == "outsiders")
        assert line[1].startswith(f"{auc_of(strength):.3f} (")
        assert line[1].endswith("; too few")
        assert f"; {tpr_of(strength - 0.4 * np.log10(16)):.3f} (" in line[-1]
    assert "Unfinished" not in text
    assert "**Unfinished**: 2 networks" in scale_law_card({**measured, "missing": 2})


def test_the_tables_are_whole(measured: dict[str, Any]) -> None:
    for block in re.findall(r"(?:^\|.*\n)+", scale_law_card(measured), re.M):
        rows = block.splitlines()
        assert re.fullmatch(r"\|(---\|)+", rows[1])
        assert len({len(cells(line)) for line in rows}) == 1


def test_every_law_is_a_line_with_what_it_promises(measured: dict[str, Any]) -> None:
    text = scale_law_card(measured)
    found = lines_of(text, "combined, AUC")
    assert len(found) == 4, "two kinds of non-members, two forms"
    first = found[0]
    assert first[1].startswith("+0.40 (")
    assert first[1].endswith("5 of 5")
    assert first[2].startswith(f"{auc_of(2.9 - 0.4 * np.log10(5.8e6 / 500)):.3f} (")
    assert first[5].startswith(f"{tpr_of(2.9 - 0.4 * np.log10(17e6 / 500)):.1%} (")
    assert re.match(r"1\.9 billion \(.+ to .+\)", first[6]), first[6]  # 500 * 10 ** ((2.9 - 0.2726) / 0.4) = 1.85e9
    (by_tpr, *_) = lines_of(text, "combined, TPR")
    assert by_tpr[1].endswith("3 of 5")
    assert by_tpr[2] == by_tpr[4] == "–"
    (saturated, *_) = lines_of(text, "prototype, AUC")
    assert saturated[1].startswith("no law: 0 of 5")
    assert set(saturated[2:]) == {"–"}
    (published, *_) = lines_of(text, "published, whole maps, AUC")
    assert published[6] == "dead at every measured size"
    by_share = lines_of(text, "published, whole maps, AUC")[1]
    assert by_share[1] == "no law: what may be no evidence cannot fall by a share"
    (*_, far) = lines_of(text, "combined, AUC")
    assert far[6] == "beyond 10¹²", "where even the lower end is"
    assert "over 3.3 decades from 1.2." in text


def test_what_is_drawn_is_what_was_measured(measured: dict[str, Any]) -> None:
    combined, prototype = declines(measured, "siblings")
    assert combined.members.tolist() == [500, 1000, 2000, 4000, 8000]
    assert combined.aucs[0] == pytest.approx(auc_of(2.9))
    assert combined.law is not None
    sizes, value, low, high = combined.law
    assert (sizes[0], sizes[-1]) == (pytest.approx(500), pytest.approx(17e6))
    assert value[-1] == pytest.approx(auc_of(2.9 - 0.4 * np.log10(17e6 / 500)))
    assert (low <= value).all()
    assert (value <= high).all()
    assert prototype.law is None


def test_it_is_rendered_and_listed_where_something_was_measured(measured: dict[str, Any], tmp_path: Path) -> None:
    render_scale_law(tmp_path)
    assert not list(tmp_path.iterdir())
    assert cards.shipped(tmp_path) == {}
    write_json(tmp_path / FIGURES, measured)
    render_scale_law(tmp_path)
    assert (tmp_path / CARD).read_text("utf-8") == scale_law_card(measured)
    assert list(cards.shipped(tmp_path)) == ["scale-law"]
    html = cards.card("scale-law", folder=tmp_path)
    assert html.count('<img class="plot"') == 1
    assert (tmp_path / PLOT).is_file()
    assert not re.search(r"[{}$`\\]|<a\b|<script", html)


def test_one_network_has_no_law_and_a_card_all_the_same(measured: dict[str, Any], tmp_path: Path) -> None:
    networks = measured["networks"][:1]
    one = {**measured, "missing": 5, "networks": networks, "laws": laws(networks, Size(2000, 7))}
    write_json(tmp_path / FIGURES, one)
    render_scale_law(tmp_path)
    assert "no law: 1 of 1" in (tmp_path / CARD).read_text("utf-8")
