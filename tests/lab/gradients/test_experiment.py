"""gMINT on a network that was fitted in the test: the control table, the comparison, and the card made from them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from mint.errors import TooFew
from mint.lab.gradients import experiment
from mint.lab.gradients.card import CARD, FIGURES, gradients_card, order_leaks, render_gradients, reset_is_fair
from mint.lab.gradients.classifiers import Logistic, published_scores
from mint.lab.gradients.experiment import AGAINST_OTHERS, AMONG_OTHERS, SHUFFLED, measure
from mint.lab.twins.fictional_people import GAN
from mint.lab.twins.ledger import Row
from mint.lab.twins.pool import Pool
from mint.networks.architectures import build_network
from mint.networks.torch_network import TorchNetwork
from mint.storage.files import write_json
from tests.tiny_bundles import SHAPE

PEOPLE = 20  # of each purpose


@pytest.fixture(scope="module")
def pool() -> Pool:
    """Noise: each person has a photo that twin-a used and one that it did not."""
    random = np.random.default_rng(5)
    rows, crops = [], []
    for purpose in ("training", "test", "calibration"):
        for person in range(PEOPLE):
            for role in ("trained on", "held out"):
                number = len(rows)
                rows.append(
                    Row(f"{number:064x}", f"gan/{purpose}{person}", GAN, f"{number}", role, "held out", 1, purpose)
                )
                crops.append(random.integers(0, 256, (112, 112, 3), np.uint8))
    return Pool(tuple(rows), np.stack(crops))


@pytest.fixture(scope="module")
def network() -> TorchNetwork:
    torch.manual_seed(3)
    made = build_network(SHAPE, "twin-a")
    made.head = torch.nn.functional.normalize(torch.randn(7, SHAPE["embedding_size"]), dim=1)
    return made


@pytest.fixture(scope="module")
def measured(pool: Pool, network: TorchNetwork) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiment, "SHUFFLINGS", 2)
        return measure(pool, network, "twin-a", PEOPLE, seed=1)


def cells(found: dict[str, Any], **wanted: Any) -> list[dict[str, Any]]:
    return [row for row in found["control_table"] if all(row[key] == value for key, value in wanted.items())]


@pytest.mark.full
def test_without_reset_and_in_order_anything_is_told_apart(measured: dict[str, Any]) -> None:
    assert len(measured["control_table"]) == 8
    for contest in (AGAINST_OTHERS, AMONG_OTHERS):  # nobody was used: this network is random
        (trap,) = cells(measured, reset=False, shuffled=False, contest=contest)
        assert trap["auc"] >= 0.95
        for cell in cells(measured, reset=True, contest=contest):
            assert cell["auc_low"] <= 0.5 <= cell["auc_high"]
    assert reset_is_fair(measured)
    assert order_leaks(measured)


@pytest.mark.full
def test_with_reset_the_order_changes_nothing(measured: dict[str, Any]) -> None:
    assert measured["orders_apart"] <= 1e-6
    for contest in (AGAINST_OTHERS, AMONG_OTHERS):
        first, again = cells(measured, reset=True, contest=contest)
        assert first["auc"] == pytest.approx(again["auc"], abs=1e-6)


@pytest.mark.full
def test_a_network_that_used_nobody_does_not_speak(measured: dict[str, Any]) -> None:
    assert measured["speaks"] is False
    control = measured["rows"][SHUFFLED]
    assert control["members"] == PEOPLE
    assert control["shufflings"] > 1, "one shuffling may fall on either side"
    assert control["auc_low"] <= 0.5 <= control["auc_high"]
    assert len(measured["unused"]["scores"]) == len(measured["unused"]["people"]) == PEOPLE
    gain = measured["paired"]["beats"]
    rows = measured["rows"]
    assert gain["gain"] == pytest.approx(rows[gain["what"]]["auc"] - rows[gain["than"]]["auc"])


def test_too_few_photos_are_refused(pool: Pool, network: TorchNetwork) -> None:
    with pytest.raises(TooFew, match="has 5"):
        measure(pool, network, "twin-a", 5, seed=1)


def test_classifiers_find_what_is_planted_and_nothing_in_noise() -> None:
    random = np.random.default_rng(2)
    member = np.arange(200) < 100
    noise = random.normal(size=(200, 6))
    planted = noise + 3.0 * member[:, None] * np.array([0, 0, 1, 0, 0, 0])
    fresh = random.normal(size=(200, 6)) + 3.0 * member[:, None] * np.array([0, 0, 1, 0, 0, 0])

    def share(scores: np.ndarray) -> float:
        return float((scores[:100][:, None] > scores[100:]).mean())

    for scores in (published_scores(planted, member, fresh, 1), Logistic.fit(planted, member).scores(fresh)):
        assert share(scores) > 0.9
    again = random.normal(size=(200, 6))
    for scores in (published_scores(noise, member, again, 1), Logistic.fit(noise, member).scores(again)):
        assert 0.35 < share(scores) < 0.65


@pytest.mark.full
def test_the_card_holds_every_figure_and_says_what_was_found(measured: dict[str, Any], tmp_path: Any) -> None:
    text = gradients_card({"twin-a": measured})
    for row in (*measured["control_table"], *measured["rows"].values()):
        assert f"{row['auc']:.3f} ({row['auc_low']:.3f}–{row['auc_high']:.3f})" in text
    assert "holds 0.5." in text
    assert "the order, not membership" in text
    assert "cannot say" in text
    speaking = {**measured, "speaks": True}
    assert "Neither gain" not in gradients_card({"twin-a": speaking})
    broken = [{**row, "auc": 0.6, "auc_low": 0.55} for row in measured["control_table"]]
    told = gradients_card({"twin-a": {**measured, "control_table": broken}})
    assert "**Not every reset cell" in told
    assert "trap did not spring" in told
    render_gradients(tmp_path)
    assert not list(tmp_path.iterdir())
    write_json(tmp_path / FIGURES, {"twin-a": measured})
    render_gradients(tmp_path)
    assert (tmp_path / CARD).read_text("utf-8") == text


def test_a_perfect_figure_and_a_gain_that_no_draw_changes_are_not_certain() -> None:
    member = np.arange(40) < 20
    perfect, people = member.astype(float), (np.arange(20), np.arange(20) // 2)
    row = experiment._figure(perfect, member, people)
    assert (row["auc"], row["people"]) == (1.0, 10)
    assert row["auc_low"] == pytest.approx(0.025 ** (1 / 10))
    paired = experiment._paired(perfect, 2 * perfect, member, people, "a", "b")
    assert (paired["gain"], paired["high"]) == (0.0, pytest.approx(1 - 0.025 ** (1 / 10)))
    assert paired["low"] == -paired["high"]


def test_the_card_widens_what_older_figures_called_certain(measured: dict[str, Any]) -> None:
    certain = {"auc": 1.0, "auc_low": 1.0, "auc_high": 1.0}
    old = {
        **measured,
        "people": {**measured["people"], "test": 127},
        "rows": {"loss (Yeom)": certain},
        "paired": {q: {**measured["paired"][q], "gain": 0.0, "low": 0.0, "high": 0.0} for q in ("beats", "adds")},
    }
    text = gradients_card({"twin-a": old})
    assert "| loss (Yeom) | 1.000 (0.971–1.000) |" in text
    assert text.count("+0.000 (-0.029 to +0.029)") == 2
