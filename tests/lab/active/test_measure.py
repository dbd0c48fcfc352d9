"""Figures of made-up scores whose truth is known: what is planted is found, and a memory of a list opens no gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from mint.evidence.score_table import OUTSIDERS, TEST, VALIDATION
from mint.lab.active import measure
from mint.lab.active.groups import (
    EXTERNAL,
    GHOST,
    KNOWN,
    KNOWN_SIBLINGS,
    SECRET,
    SECRET_SIBLINGS,
    UNSEEN,
    Groups,
    Sizes,
    draw_groups,
)
from mint.lab.active.measure import (
    ACTIVE,
    CONTESTS,
    CONTROLS,
    EDITED,
    KNOWN_UNSEEN,
    SECRET_UNSEEN,
    Scored,
    called_used,
    contest_row,
    gate,
    validation_auc,
)
from tests.ledgers import people

ROWS = people(260, 6)
CONTEST = {contest.name: contest for contest in CONTESTS}


@pytest.fixture(scope="module")
def groups() -> Groups:
    return draw_groups(ROWS, Sizes(known=50, secret=40, ghost=10, outsiders=60, photos=3, siblings=3), 1)


def scored(groups: Groups, lifts: Mapping[str, float], seed: int) -> Scored:
    """Noise, with these groups lifted; edited copies are as well hidden as unseen photos."""
    random = np.random.default_rng(seed)
    scores = {int(row): random.normal() + lifts.get(group, 0.0) for group, rows in groups.rows.items() for row in rows}
    return Scored(scores, {int(row): random.normal() for row in groups.rows[KNOWN]})


LISTED = {KNOWN: 3.0, GHOST: 3.0}  # of an auditor that knows its list and nothing else


def systems(make: Callable[[int], Scored], groups: Groups, seeds: int = 2) -> dict[str, list[Scored]]:
    quiet = {
        name: [scored(groups, LISTED, 100 * k + seed) for seed in range(seeds)] for k, name in enumerate(CONTROLS, 1)
    }
    return {ACTIVE: [make(seed) for seed in range(seeds)], **quiet}


def test_a_memory_of_the_list_tells_known_photos_and_opens_no_gate(groups: Groups) -> None:
    found = systems(lambda seed: scored(groups, LISTED, seed), groups)
    known, secret = (contest_row(found[ACTIVE], groups, CONTEST[name]) for name in (KNOWN_UNSEEN, SECRET_UNSEEN))
    assert known["auc_low"] > 0.95
    assert known["accuracy_low"] > 0.85
    assert secret["auc_low"] < 0.5 < secret["auc_high"]
    answer = gate(found, groups)
    assert answer["passes"] is False
    assert answer["low"] < 0
    assert answer["best"] in CONTROLS


def test_a_network_that_gives_secret_photos_away_opens_it(groups: Groups) -> None:
    found = systems(lambda seed: scored(groups, {**LISTED, SECRET: 1.5}, seed), groups)
    secret = contest_row(found[ACTIVE], groups, CONTEST[SECRET_UNSEEN])
    assert secret["auc_low"] > 0.75
    assert gate(found, groups)["passes"] is True


def test_controls_below_chance_are_not_beaten_by_chance(groups: Groups) -> None:
    found = systems(lambda seed: scored(groups, LISTED, seed), groups)
    sunk = {name: [scored(groups, {SECRET: -2.0}, seed) for seed in range(2)] for name in CONTROLS}
    answer = gate({**found, **sunk}, groups)
    assert answer["passes"] is False
    assert answer["margin"] == pytest.approx(contest_row(found[ACTIVE], groups, CONTEST[SECRET_UNSEEN])["auc"] - 0.5)


def test_figures_are_means_over_networks_of_plain_counts(groups: Groups) -> None:
    networks = [scored(groups, LISTED, seed) for seed in (1, 2)]
    row = contest_row(networks, groups, CONTEST[SECRET_UNSEEN])
    values, accuracies = [], []
    for one in networks:
        m = [one.scores[int(r)] for r in groups.rows[SECRET]]
        n = [one.scores[int(r)] for name in UNSEEN[SECRET] for r in groups.part(name, TEST)]
        pairs = [(a > b) + (a == b) / 2 for a in m for b in n]
        values.append(np.mean(pairs))
        first = [one.scores[int(r)] for r in groups.part(KNOWN, VALIDATION)]
        others = [one.scores[int(r)] for name in UNSEEN[KNOWN] for r in groups.part(name, VALIDATION)]
        at = max(first + others, key=lambda t: np.mean(np.array(first) >= t) + np.mean(np.array(others) < t))
        at = (at + max(score for score in first + others if score < at)) / 2
        accuracies.append((np.mean(np.array(m) >= at) + np.mean(np.array(n) < at)) / 2)
    assert row["auc_by_seed"] == pytest.approx(values)
    assert row["auc"] == pytest.approx(np.mean(values))
    assert row["accuracy_by_seed"] == pytest.approx(accuracies)
    assert row["auc_low"] < row["auc"] < row["auc_high"]
    assert (row["members"], row["member_people"]) == (120, 40)
    assert row["non_members"] == 120 + 3 * 40
    assert row["non_member_people"] == 80


def test_what_is_called_used_is_counted_at_the_threshold_of_validation_people(groups: Groups) -> None:
    networks = [scored(groups, LISTED, seed) for seed in (1, 2)]
    for group in (KNOWN, GHOST, SECRET, EXTERNAL, KNOWN_SIBLINGS, SECRET_SIBLINGS, OUTSIDERS):
        found = called_used(networks, groups, group)
        rows = groups.part(group, TEST)
        hits = [one.scores[int(r)] >= one.threshold(groups) for one in networks for r in rows]
        assert found["value"] == pytest.approx(np.mean(hits))
        assert found["n"] == len(hits) == 2 * len(rows)
        assert (found["value"] > 0.8) == (group in LISTED)
    assert called_used(networks, groups, EDITED)["value"] < 0.3


def test_a_choice_looks_at_validation_people_alone(groups: Groups) -> None:
    one = scored(groups, LISTED, 1)
    before, at = validation_auc(one, groups), one.threshold(groups)
    tested = {int(row) for name in groups.rows for row in groups.part(name, TEST)}
    other = Scored({row: (99.0 if row in tested else s) for row, s in one.scores.items()}, one.edited)
    assert (validation_auc(other, groups), other.threshold(groups)) == (before, at)


def test_a_ledger_takes_what_lies_nearer_to_a_copy_than_to_any_other_photo(groups: Groups) -> None:
    """Copies are 0 bits away and other photos 10 at least: its threshold is 5, and edited copies 4 bits away are found."""
    scores = {
        int(row): (0.0 if group == KNOWN else -10.0 - row % 9) for group in groups.rows for row in groups.rows[group]
    }
    one = Scored(scores, {int(row): -4.0 for row in groups.rows[KNOWN]})
    assert one.threshold(groups) == -5.0
    assert called_used([one], groups, EDITED)["value"] == 1.0
    assert called_used([one], groups, OUTSIDERS)["value"] == 0.0
    same = Scored(dict.fromkeys(scores, 1.0), dict.fromkeys(one.edited, 1.0))
    assert same.threshold(groups) == 1.0


def test_a_perfect_score_is_not_called_certain(groups: Groups, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "DRAWS", 20)
    row = contest_row([scored(groups, {SECRET: 99.0}, 1)], groups, CONTEST[SECRET_UNSEEN])
    assert row["auc"] == row["auc_high"] == 1.0
    assert row["auc_low"] < 0.95
