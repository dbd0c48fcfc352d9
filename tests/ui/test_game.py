from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from mint.i18n.translate import Say
from mint.types import Verdict
from mint.ui import game
from mint.ui.examples import Example
from mint.ui.game import Round, Tally
from mint.ui.views.play import game_board

NETWORK = "twin-a"


def example(number: int, used: bool, p: float = 0.5) -> Example:
    truth = {"twin-a": used, "twin-b": False}
    return Example(
        Path(f"{number}.png"),
        f"P{number}",
        "drawn",
        truth,
        {NETWORK: Verdict.NO_SIGN},
        "data:,",
        {NETWORK: p},
        {NETWORK: p},
    )


EXAMPLES = [example(i, i % 2 == 0, 0.001 * (1 + i)) for i in range(24)]


def test_twelve_different_faces_of_which_chance_says_how_many_were_used() -> None:
    counts = set()
    for seed in range(60):
        dealt = game.deal(EXAMPLES, NETWORK, random.Random(seed))
        assert dealt is not None
        assert len(set(dealt.dealt)) == game.DEALT
        counts.add(sum(EXAMPLES[i].truth[NETWORK] for i in dealt.dealt))
    assert counts == set(range(game.FEWEST_USED, game.MOST_USED + 1)), "the visitor cannot know how many"


def test_no_round_without_enough_pictures_whose_truth_and_answer_are_known() -> None:
    assert game.deal(EXAMPLES[:8], NETWORK, random.Random(0)) is None
    assert game.deal([], NETWORK, random.Random(0)) is None
    assert game.deal(EXAMPLES, "somebody else", random.Random(0)) is None


def test_answers_are_counted_against_the_truth() -> None:
    now = Round(NETWORK, tuple(range(12)))  # 0, 2, 4 ... were used
    counted = game.tally({0, 2, 3}, now.dealt, EXAMPLES, NETWORK)
    assert counted == Tally(found=2, used=6, alarms=1, unused=6)
    assert (counted.right, counted.n) == (2 + 5, 12)
    assert counted + counted == Tally(4, 12, 2, 12)


def test_the_limit_decides_what_the_test_calls_used() -> None:
    dealt = tuple(range(12))
    assert game.called_by_network(dealt, EXAMPLES, NETWORK, 0.0031) == {0, 1, 2}
    assert game.called_by_network(dealt, EXAMPLES, NETWORK, 0.0001) == set()


def test_a_guess_counts_once_and_places_off_the_table_do_not() -> None:
    now = Round(NETWORK, tuple(range(12))).guess([0, 5, 12, -1])
    assert now.guesses == {0, 5}
    assert now.guess([1, 2, 3]) is now


def test_the_truth_is_not_in_the_page_before_the_guess() -> None:
    now = Round(NETWORK, tuple(range(12)))
    html = game_board.table(now, EXAMPLES, 0.01)
    assert html.count('type="checkbox"') == 12
    swapped = [example(i, i % 2 == 1, 0.9) for i in range(24)]
    assert html == game_board.table(now, swapped, 0.01), "whatever the truth and the answers are, it looks the same"
    assert game_board.result(now, EXAMPLES, (), 0.01) == ""


def test_after_the_guess_truth_and_answers_stand_beside_it() -> None:
    now = Round(NETWORK, tuple(range(12))).guess([0, 1])
    html = game_board.table(now, EXAMPLES, 0.0021)
    assert html.count("<figcaption><b>used</b>") == 6
    assert html.count("you: used") == 2
    assert html.count("evidence of use") == 2
    assert html.count('checked hit"') == 1 + 5
    result = game_board.result(now, EXAMPLES, (), 0.0021)
    assert "<b>6</b> / 12" in result
    assert "A draw with the test" in result


@pytest.mark.parametrize(
    ("guesses", "words"), [({0, 2, 4, 6, 8, 10}, "You beat the test"), (set(), "You got 6 of 12 right")]
)
def test_the_headline_says_who_was_better(guesses: set[int], words: str) -> None:
    now = Round(NETWORK, tuple(range(12))).guess(guesses)
    assert words in game_board.result(now, EXAMPLES, (), 0.0011)


def test_a_verdict_that_a_moved_limit_undoes_is_not_shown_as_evidence() -> None:
    said = [
        Example(e.path, e.person, e.source, e.truth, {NETWORK: Verdict.EVIDENCE}, e.thumbnail, e.scores, e.p_values)
        for e in EXAMPLES
    ]
    html = game_board.table(Round(NETWORK, tuple(range(12))).guess([]), said, 0.0001)
    assert "evidence of use" not in html
    assert html.count("inconclusive") == 12


def test_both_twins_answer_after_the_guess() -> None:
    both = [
        replace(e, truth={"twin-a": True, "twin-b": False}, p_values={"twin-a": 0.001, "twin-b": 0.5},
                verdicts={"twin-a": Verdict.EVIDENCE, "twin-b": Verdict.NO_SIGN})
        for e in EXAMPLES
    ]  # fmt: skip
    html = game_board.table(Round("twin-a", tuple(range(12))).guess([]), both, 0.01, Say("es", strict=True))
    assert html.count('Gemela A: </span><span class="verdict">indicios de uso') == 12
    assert html.count('Gemela B: </span><span class="verdict">sin indicios de uso') == 12
