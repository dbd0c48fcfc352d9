"""A few of the changes at random to what MINT keeps; ``python -m tests.hostile.fuzz_kept`` goes on for as long as it is told to."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mint.errors import MintError
from tests.hostile.fuzz_kept import KINDS, clear, json_edit, kept, outcomes, places
from tests.hostile.rounds import Rounds, TimeIsUp, quick

few = settings(quick, max_examples=12, derandomize=True)


@pytest.mark.parametrize("kind", KINDS)
def test_changed_it_is_refused_or_opens_as_what_it_then_is(kind: str) -> None:
    seen = Counter[str]()

    @few
    @given(st.data())
    def one(data: st.DataObject) -> None:
        seen[data.draw(outcomes(kind)).rpartition(": ")[2]] += 1

    one()
    assert seen["refused"] > 0


@pytest.mark.parametrize("kind", KINDS)
def test_unchanged_it_is_used(kind: str) -> None:
    sound, _ = kept(kind)
    assert sound.use(sound.place, mended=False) in ("opened", "rendered")


@few
@given(json_edit())
def test_an_edit_changes_one_place(edit) -> None:
    value = {"a": [1, {"b": 2}], "c": "x"}
    assert len(places(value)) == 6
    changed = edit({"a": [1, {"b": 2}], "c": "x"})
    assert isinstance(changed, dict)


def test_a_message_that_is_no_sentence_is_noticed() -> None:
    clear("The file is damaged. Get it again.")
    for wrong in ("Traceback (most recent call last).", "x.", "no end of a sentence", "an escape \x1b[2J in it."):
        with pytest.raises(AssertionError):
            clear(wrong)
    with pytest.raises(AssertionError):
        clear(str(MintError("")))


def test_rounds_end_in_time_and_count() -> None:
    with Rounds(0) as rounds:
        with pytest.raises(TimeIsUp):
            rounds.tell("read")
        assert rounds.found == {"read": 1}
    with Rounds(1, most_mb=-1) as rounds, pytest.raises(AssertionError, match="MB above idle"):
        rounds.tell("read")


def test_a_round_that_would_not_end_is_ended() -> None:
    with Rounds(0.01) as rounds:

        @settings(quick, max_examples=10**6)
        @given(st.integers())
        def one(_: int) -> None:
            rounds.tell("read")

        rounds.run(0, [one])
    assert 0 < rounds.found["read"] < 10**6
