"""A whole run on a tiny pool, cut off and gone on with; how the ratio is chosen; the card of what it found."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.errors import BadInput, BadPool
from mint.lab.active import card, measure, networks
from mint.lab.active.groups import EXTERNAL, GHOST, KNOWN, Groups, Sizes, draw_groups
from mint.lab.active.measure import ACTIVE, CONTESTS, CONTROLS, HONEST, KNOWN_UNSEEN, LEDGER, SECRET_UNSEEN, SHUFFLED
from mint.lab.active.networks import Photos, ledger, shuffled_list, without_ghosts
from mint.lab.active.run import CALLED, choose, measure_active
from mint.lab.active.training import ActiveRecipe
from mint.lab.cards.markdown import interval
from mint.lab.twins.pool import Pool
from mint.storage.files import read_json
from mint.storage.paths import WEIGHTS
from tests.docs.blocks import ROOT
from tests.lab.tiny_runs import Killed, tiny_pool, without_seconds

RECIPE = ActiveRecipe(width=4, input_size=16, embedding_size=8, epochs=2, batch=16)
SIZES = Sizes(known=9, secret=8, ghost=2, outsiders=9, photos=2, siblings=2)
SYSTEMS = (ACTIVE, SHUFFLED, HONEST, *CONTROLS)


@pytest.fixture(scope="module", autouse=True)
def hasty() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measure, "DRAWS", 50)
        patch.setattr(networks, "STRANGER_PAIRS", 30)
        yield


@pytest.fixture(scope="module")
def pool() -> Pool:
    return tiny_pool(40, 4)


@pytest.fixture(scope="module")
def groups(pool: Pool) -> Groups:
    return draw_groups(pool.rows, SIZES, 1)


def run(pool: Pool, out: Path, **changed: Any) -> dict[str, Any]:
    given = {"sizes": SIZES, "seeds": (1, 2), "ratios": (10.0, 100.0), "recipe": RECIPE, "choice_epochs": 1, **changed}
    return measure_active(pool, out, out / card.FIGURES, **given)


@pytest.fixture(scope="module")
def whole(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nothing disturbed; read only."""
    folder = tmp_path_factory.mktemp("whole")
    run(pool, folder)
    return folder


# ---- a run


def test_every_auditor_is_measured_on_every_group(whole: Path) -> None:
    found = read_json(whole / card.FIGURES)
    assert (found["seeds"], found["missing"]) == ([1, 2], 0)
    assert {(row["system"], row["contest"]) for row in found["rows"]} == {
        (s, c.name) for s in SYSTEMS for c in CONTESTS
    }
    assert {(row["system"], row["group"]) for row in found["called"]} == {
        (s, group) for s in SYSTEMS for group in CALLED
    }
    for row in found["rows"]:
        assert 0 <= row["auc_low"] <= row["auc"] <= row["auc_high"] <= 1
        assert len(row["auc_by_seed"]) == 2
    assert [one["ratio"] for one in found["choice"]["tried"]] == [0.0, 10.0, 100.0]
    assert found["choice"]["chosen"] in (10.0, 100.0)
    assert found["sizes"]["external"] == 11
    trained = {path.parent.name for path in whole.glob("*/weights.safetensors")}
    chosen = f"{found['choice']['chosen']:g}"
    assert trained == {
        "passive-epochs-1-seed-1", "active-ratio-10-epochs-1-seed-1", "active-ratio-100-epochs-1-seed-1",
        *(f"passive-epochs-2-seed-{seed}" for seed in (1, 2)),
        *(f"{kind}-ratio-{chosen}-epochs-2-seed-{seed}" for kind in ("active", "active-no-ghosts", "shuffled-lists") for seed in (1, 2)),
    }  # fmt: skip


def test_with_shuffled_lists_the_interval_of_secret_against_unseen_holds_a_half(whole: Path) -> None:
    found = read_json(whole / card.FIGURES)
    (row,) = [r for r in found["rows"] if (r["system"], r["contest"]) == (SHUFFLED, SECRET_UNSEEN)]
    assert row["auc_low"] <= 0.5 <= row["auc_high"]
    assert found["accepted"]["shuffled"] is True


def test_a_run_that_was_cut_off_goes_on_and_ends_alike(
    pool: Pool, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    (tmp_path / card.FIGURES).unlink()
    for late in ("blind-epochs-2-seed-1", "passive-epochs-2-seed-2"):  # as if it had been killed while it trained these
        shutil.rmtree(tmp_path / late)
    real, trained = networks.train_together, []

    def cut(*given: Any) -> Any:
        trained.append(given[2].seed)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(networks, "train_together", cut)
        with pytest.raises(Killed):
            run(pool, tmp_path)
    assert trained == [2], "what is on record is not trained again"
    first = read_json(tmp_path / card.FIGURES)
    assert (first["seeds"], first["missing"]) == ([1], 1)
    monkeypatch.setattr(networks, "train_together", lambda *given: (trained.append(given[2].seed), real(*given))[1])
    found = run(pool, tmp_path)
    assert trained == [2, 2]
    assert without_seconds(found) == without_seconds(read_json(whole / card.FIGURES))


def test_other_people_or_settings_do_not_go_on(pool: Pool, whole: Path) -> None:
    for changed in ({"recipe": replace(RECIPE, margin=0.1)}, {"sizes": replace(SIZES, secret=7)}):
        with pytest.raises(BadPool, match="Choose another folder"):
            run(pool, whole, **changed)
    with pytest.raises(BadInput, match="a ratio above 0"):
        run(pool, whole, ratios=(0.0, 10.0))


# ---- its parts


def test_a_shuffled_list_has_as_many_of_either_and_says_nothing_of_the_truth(groups: Groups) -> None:
    rows, told = groups.told()
    dealt = shuffled_list(groups, 1)
    assert list(dealt) == rows.tolist()
    assert sum(dealt.values()) == told.sum()
    assert 0.25 < np.mean([dealt[int(row)] for row in groups.rows[KNOWN]]) < 0.75


def test_without_ghosts_the_list_is_as_long_on_either_side(groups: Groups) -> None:
    honest = without_ghosts(groups)
    assert len(honest.rows[GHOST]) == 0
    assert len(honest.rows[EXTERNAL]) == len(honest.rows[KNOWN]) == len(groups.rows[KNOWN])
    assert len(groups.rows[GHOST]) > 0


def test_the_ledger_knows_its_list_and_ghosts_and_no_edited_copy_for_sure(pool: Pool, groups: Groups) -> None:
    found = ledger(Photos.of(pool, groups, 16, 1))
    listed = {int(row) for group in (KNOWN, GHOST) for row in groups.rows[group]}
    assert {row for row, score in found.scores.items() if score == 0} == listed
    assert np.mean(list(found.edited.values())) < 0


@pytest.mark.parametrize(
    ("tried", "chosen"),
    [
        ([(0, 0.6, 0.90), (10, 0.7, 0.89), (100, 0.8, 0.881), (1000, 0.9, 0.87)], 100.0),
        ([(0, 0.6, 0.90), (10, 0.7, 0.80), (100, 0.9, 0.70)], 10.0),
        ([(0, 0.9, 0.90), (10, 0.7, 0.90), (100, 0.8, 0.95)], 100.0),
    ],
)
def test_the_ratio_is_that_which_tells_most_and_costs_little(tried: list[tuple[float, ...]], chosen: float) -> None:
    named = [dict(zip(("ratio", "auc", "strangers"), one, strict=True)) for one in tried]
    assert choose(named) == chosen


# ---- the card


def test_the_card_holds_every_figure_and_the_gate_s_answer(whole: Path, tmp_path: Path) -> None:
    found = read_json(whole / card.FIGURES)
    text = card.active_card(found)
    for row in found["rows"]:
        assert f"{row['auc']:.3f} ({row['auc_low']:.3f}–{row['auc_high']:.3f})" in text
        assert f"{row['accuracy']:.3f} ({row['accuracy_low']:.3f}–{row['accuracy_high']:.3f})" in text
    for row in found["called"]:
        assert f"{row['value']:.1%} ({row['low']:.1%}–{row['high']:.1%}), n = {row['n']}" in text
    for one in found["choice"]["tried"]:
        assert f"| {one['auc']:.3f} | {100 * one['strangers']:.1f}% |" in text
    assert "CASIA-WebFace, ResNet50 (other data) | 0.61 → 0.80 | 0.12 → 0.11 |" in text
    card.render_active(tmp_path / "none")
    assert not (tmp_path / "none").exists()
    (tmp_path / card.FIGURES).write_text(json.dumps(found), "utf-8")
    card.render_active(tmp_path)
    assert (tmp_path / card.CARD).read_text("utf-8") == text


def test_its_tables_are_whole(whole: Path) -> None:
    blocks = re.findall(r"(?:^\|.*\n)+", card.active_card(read_json(whole / card.FIGURES)), re.M)
    assert len(blocks) == 8
    for block in blocks:
        lines = block.splitlines()
        assert re.fullmatch(r"\|(---\|)+", lines[1])
        assert len({line.count("|") for line in lines}) == 1
    assert [len(block.splitlines()) - 2 for block in blocks] == [
        4,
        7,
        len(SYSTEMS) + 1,
        len(SYSTEMS),
        len(SYSTEMS),
        4,
        3,
        7,
    ]


def test_the_shipped_card_is_that_of_the_shipped_figures_and_the_documents_tell_them(tmp_path: Path) -> None:
    shipped = WEIGHTS / "cards"
    (tmp_path / card.FIGURES).write_bytes((shipped / card.FIGURES).read_bytes())
    card.render_active(tmp_path)
    assert (tmp_path / card.CARD).read_bytes() == (shipped / card.CARD).read_bytes()
    rows = {(row["system"], row["contest"]): row for row in read_json(shipped / card.FIGURES)["rows"]}
    (line,) = [
        line for line in (ROOT / "docs" / "method.md").read_text("utf-8").splitlines() if line.startswith("| aMINT")
    ]
    for place, name in (
        ((ACTIVE, KNOWN_UNSEEN), "accuracy"),
        ((ACTIVE, SECRET_UNSEEN), "auc"),
        ((LEDGER, KNOWN_UNSEEN), "auc"),
    ):
        assert interval(rows[place], name) in line, place


def test_its_words_follow_the_figures(whole: Path) -> None:
    found = read_json(whole / card.FIGURES)
    shut = {**found, "gate": {**found["gate"], "passes": False}}
    opened = {**found, "gate": {**found["gate"], "passes": True}}
    assert "**The auditor cannot say about photos that were kept from it.**" in card.active_card(shut)
    assert "**The auditor may speak of photos that were kept from it.**" in card.active_card(opened)
    lines = [dict.fromkeys(found["accepted"], holds) for holds in (True, False)]
    good, bad = (card.active_card({**found, "accepted": accepted}) for accepted in lines)
    assert ("| **no** |\n" in good, bad.count("| **no** |\n")) == (False, 3)
    assert "**Unfinished**" in card.active_card({**found, "missing": 1})
    assert "**Unfinished**" not in good
    assert any(row["system"] == LEDGER for row in found["rows"])
