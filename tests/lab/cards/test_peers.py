"""The committed comparison: the card is what its JSON gives, and the JSON agrees with itself."""

from pathlib import Path

import pytest

from mint.lab.cards.peers import CARD, FOLDER, peers_card, render_peers
from mint.storage.files import read_json
from mint.storage.paths import WEIGHTS

CARDS = WEIGHTS / "cards"
FOUND = {path.stem: read_json(path) for path in sorted((CARDS / FOLDER).glob("*.json"))}


def test_the_card_is_rendered_from_the_figures() -> None:
    assert set(FOUND) == {"twin-a", "twin-b"}
    assert (CARDS / CARD).read_text(encoding="utf-8") == peers_card(FOUND)


@pytest.mark.parametrize("name", FOUND)
def test_duels_are_between_rows_that_are_there(name: str) -> None:
    rows = FOUND[name]["rows"]
    assert {r["tool"] for r in rows} == {"MINT", "ART", "PrivacyGuard", "TF Privacy"}
    for duel in FOUND[name]["duels"]:
        level = duel["level"]
        peers = [r for r in rows if r["tool"] != "MINT" and r["access"] == duel["access"] and r[level]]
        ours = [r for r in rows if r["tool"] == "MINT" and set(r["access"]) <= set(duel["access"])]
        assert duel["peer"]["auc"] == max(r[level]["auc"] for r in peers)
        assert duel["ours"]["auc"] == max(r[level]["auc"] for r in ours)
        assert duel["margin"] == pytest.approx(duel["ours"]["auc"] - duel["peer"]["auc"])
    for row in rows:
        for level in ("sample", "identity"):
            if row[level]:
                assert row[level]["auc_low"] <= row[level]["auc"] <= row[level]["auc_high"]
        assert row["ms_per_photo"] >= row["forward_ms"] > 0


@pytest.mark.parametrize("name", FOUND)
def test_an_independent_tool_gives_our_scores_the_same_auc(name: str) -> None:
    check = FOUND[name]["cross_check"]
    assert check["figures"] >= 10
    assert check["largest difference"] < 1e-6


def test_a_folder_without_figures_gets_no_card(tmp_path: Path) -> None:
    render_peers(tmp_path)
    assert not list(tmp_path.iterdir())
