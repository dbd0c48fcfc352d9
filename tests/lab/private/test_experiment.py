"""A memorised photo is found and a random network gives chance; figures, card and command tell the two apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

pytest.importorskip("opacus", reason="opacus is not installed: pip install '.[private]'")

from mint.auditors.panel import readings
from mint.bundles.bundle import Bundle
from mint.bundles.files import load_bundle
from mint.errors import BadPool
from mint.evidence.metrics import auc
from mint.evidence.privacy_bound import PrivacyBudget
from mint.evidence.score_table import PHOTO, SIBLINGS
from mint.judging.privacy import claimed_budget
from mint.lab.private import experiment
from mint.lab.private.audit import LOSS, by_coin, loss_scores
from mint.lab.private.card import CARD, FIGURES, OVER, against, breaks, private_card, render_private
from mint.lab.private.experiment import AUDITORS, PLAIN, figures, private_twin, untrained
from mint.lab.private.recipe import PrivateRecipe
from mint.lab.private.training import train_private, training_photos
from mint.lab.twins.pool import Pool
from mint.networks.architectures import load_network
from mint.storage.files import read_json, write_json
from tests.lab.private.made_up_pool import coin_pool
from tests.tiny_bundles import made_up_scores, tiny_bundle

RECIPE = PrivateRecipe(width=4, input_size=16, embedding_size=16, epochs=2, batch=16)
FEW_DRAWS = 20  # of a run whose figures nobody reads
PROMISED = PrivacyBudget(1.0, 1e-5)


@pytest.fixture(scope="module")
def pool() -> Pool:
    return coin_pool(3, photos=4)


# ---- a planted leak is found, and noise gives chance


def test_the_loss_of_a_memorised_photo_tells_and_that_of_a_random_network_does_not(tmp_path: Path) -> None:
    pool = by_coin(coin_pool(6, photos=8, seed=3))
    _, labels, identities = training_photos(pool, "twin-a")
    recipe = replace(RECIPE, epochs=60, width=8, batch=48, learning_rate=0.1, flip=False)
    places = {identity: k for k, identity in enumerate(identities)}
    there = [k for k, row in enumerate(pool.rows) if row.identity in places]
    people = np.array([places[pool.rows[k].identity] for k in there])
    used = np.array([pool.rows[k].member("twin-a") for k in there])
    assert used.sum() == len(labels) == len(used) / 2
    found = {}
    for name, file in (
        ("memorised", train_private(pool, "twin-a", tmp_path, recipe)),
        ("random", untrained(tmp_path / "random", recipe, len(identities))),
    ):
        network = load_network(file, recipe.architecture(), name)
        embedding = torch.cat([reading.plain.embedding for _, reading in readings(network, pool.crops[there], False)])
        scores = loss_scores(embedding, network, people.tolist(), recipe)
        assert scores.dtype == np.float32
        found[name] = auc(scores[used], scores[~used])
    assert found["memorised"] > 0.9
    assert 0.4 < found["random"] < 0.6


# ---- figures of scores whose truth is known


def made_up(folder: Path, strength: float, lifts: dict[str, float] | None = None) -> Bundle:
    """A bundle whose combined auditors tell members so well, some columns as ``lifts`` says, and the others nothing."""
    bundle = tiny_bundle(folder, "made-up", strength=strength)
    scores: dict[str, Any] = {}
    for number, split in enumerate(("calibration", "test")):
        columns = [*bundle.panel.auditors, LOSS]
        parts = [made_up_scores(columns, 100 * number + k, strength, ("members", SIBLINGS)) for k in range(5)]
        scores[split] = {
            source: {name: np.concatenate([part[source][name] for part in parts]) for name in parts[0][source]}
            for source in parts[0]
        }
        for column, lift in (lifts or {}).items():
            scores[split]["members"][column] += np.float32(lift)
    return replace(bundle, scores=scores)


def test_a_network_sold_as_private_that_gives_its_members_away_is_caught(tmp_path: Path) -> None:
    found = figures(made_up(tmp_path / "plain", 6.0), PROMISED, 1e-5)
    combined = found["rows"][0]
    assert [row["auditor"] for row in found["rows"]] == list(AUDITORS.values())
    assert found["contradiction"] is True
    assert combined["measured"]["by_people"] > 1 < combined["measured"]["pooled"]
    assert found["allowed"] == pytest.approx(np.e * 0.01 + 1e-5)
    assert against(combined, found["allowed"]) == OVER
    assert breaks(combined, found)
    assert breaks({**combined, "tpr_at_1pct_fpr_low": 0.0}, found)  # the measured ε alone is enough


def test_one_auditor_over_the_bound_is_enough_to_say_so(tmp_path: Path) -> None:
    found = figures(made_up(tmp_path / "one", 0.0, {LOSS: 6.0}), PROMISED, 1e-5)
    assert [row["auditor"] for row in found["rows"] if against(row, found["allowed"]) == OVER] == [AUDITORS[LOSS]]
    assert found["contradiction"] is False  # which rests on the combined auditors, as `mint lab bound` does


def test_noise_contradicts_no_promise(tmp_path: Path) -> None:
    found = figures(made_up(tmp_path / "private", 0.0), PROMISED, 1e-5)
    assert found["contradiction"] is False
    assert not any(breaks(row, found) for row in found["rows"])
    assert all(row["measured"]["by_people"] == 0 for row in found["rows"])
    assert all(0.45 < row["auc"] < 0.55 for row in found["rows"])


# ---- the whole run


@pytest.fixture(scope="module")
def run(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("private")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiment, "DRAWS", FEW_DRAWS)
        return folder, private_twin(pool, "twin-a", folder / "runs", folder / FIGURES, RECIPE, RECIPE, [2.0])


def test_a_run_writes_bundles_and_figures(run: tuple[Path, dict[str, Any]], pool: Pool) -> None:
    folder, found = run
    assert read_json(folder / FIGURES) == found
    assert list(found["networks"]) == [PLAIN, "private-2"]
    assert found["photos"] == sum(row.member("twin-a") and row.source == "gan" for row in pool.rows)
    assert found["people"] == 12
    private = found["networks"]["private-2"]
    assert 1.9 < private["privacy"]["epsilon"] <= 2
    assert private["claimed"] == {"epsilon": 2.0, "delta": 1e-5}
    assert found["networks"][PLAIN]["claimed"] == found["sold_as"] == private["claimed"]
    assert found["networks"][PLAIN]["privacy"] is None
    assert 0 <= found["untrained"]["low"] < found["untrained"]["high"] <= 1
    for name, one in found["networks"].items():
        bundle = load_bundle(folder / "runs" / name)
        assert set(bundle.test) == {"members", "siblings"}
        assert {one["rows"][0]["members"], one["rows"][0]["non_members"]} == {6}
        assert bundle.abstention_reason(PHOTO, PHOTO, 0.001) is not None
        claim = claimed_budget(bundle)
        assert (claim and claim.epsilon) == (2.0 if name == "private-2" else None)


def test_a_run_that_is_there_is_not_made_again_and_another_is_refused(
    run: tuple[Path, dict[str, Any]], pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(experiment, "DRAWS", FEW_DRAWS)
    folder, found = run
    files = {path: path.stat().st_mtime_ns for path in (folder / "runs").rglob("bundle.json")}
    assert private_twin(pool, "twin-a", folder / "runs", tmp_path / FIGURES, RECIPE, RECIPE, [2.0]) == found
    assert {path: path.stat().st_mtime_ns for path in files} == files
    with pytest.raises(BadPool, match="another recipe"):
        private_twin(
            pool, "twin-a", folder / "runs", tmp_path / FIGURES, replace(RECIPE, seed=2), replace(RECIPE, seed=2), [2.0]
        )


# ---- the card


def test_the_card_says_who_is_caught_and_who_keeps_the_promise(
    run: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    found = run[1]
    networks = dict(found["networks"])
    networks[PLAIN] |= figures(made_up(tmp_path / "a", 6.0), PROMISED, 1e-5)
    networks["private-2"] |= figures(made_up(tmp_path / "b", 0.0), PROMISED, 1e-5)
    told = {**found, "networks": networks}
    text = private_card(told)
    for one in networks.values():
        for row in one["rows"]:
            assert f"{row['auc']:.3f} ({row['auc_low']:.3f}–{row['auc_high']:.3f})" in text
            assert f"| {row['measured']['by_people']:.2f} |" in text
    plain, private = (text.split(f"## {name}")[1].split("## ")[0] for name in (PLAIN, "private-2"))
    assert "CONTRADICTION: the promise cannot be true" in plain
    assert OVER in plain
    assert "do not contradict the promise" in private
    assert "with their whole intervals.**" in plain
    assert "with their whole intervals.**" not in private
    swapped = {
        **told,
        "networks": {**networks, "private-2": {**networks["private-2"], "rows": networks[PLAIN]["rows"]}},
    }
    assert "with their whole intervals.**" in private_card(swapped).split("## private-2")[1]
    render_private(tmp_path / "none")
    assert not (tmp_path / "none").exists()
    write_json(tmp_path / FIGURES, told)
    render_private(tmp_path)
    assert (tmp_path / CARD).read_text("utf-8") == text
