"""Networks have names that a reader understands, whichever pair they are of."""

from __future__ import annotations

import pytest

from mint.i18n.labels import (
    DEFAULT_PAIR,
    PAIRS,
    Pair,
    inline,
    letter,
    of_every_pair,
    pair_of,
    same_half,
    title,
    whole_pair,
)
from mint.i18n.translate import ENGLISH, Say

SPANISH = Say("es", strict=True)


@pytest.mark.parametrize(
    ("network", "names"),
    [
        ("twin-a", ("A", "Twin A", "twin A", "Gemela A", "la gemela A")),
        ("twin-b", ("B", "Twin B", "twin B", "Gemela B", "la gemela B")),
        ("augmented-a", ("A", "Augmented A", "augmented A", "Aumentada A", "la aumentada A")),
        ("augmented-b", ("B", "Augmented B", "augmented B", "Aumentada B", "la aumentada B")),
        ("twin-mine", ("MI", "twin-mine", "twin-mine", "twin-mine", "twin-mine")),
        ("mine", ("MI", "mine", "mine", "mine", "mine")),
    ],
)
def test_names(network: str, names: tuple[str, ...]) -> None:
    said = (title(network, ENGLISH), inline(network, ENGLISH), title(network, SPANISH), inline(network, SPANISH))
    assert (letter(network), *said) == names


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_a_visitor_is_told_how_a_pair_was_trained(pair: Pair) -> None:
    assert SPANISH(pair.trained) != pair.trained
    assert len({each.trained for each in PAIRS.values()}) == len(PAIRS)
    assert [letter(network) for network in pair.networks] == ["A", "B"]


def test_the_pairs_are_those_of_the_ledger() -> None:
    """The halves of the pool are the places in a pair."""
    from mint.lab.twins import ledger

    assert tuple(pair.networks for pair in PAIRS.values()) == ledger.PAIRS
    halves = list(zip(*ledger.PAIRS, strict=True))
    assert halves == [("twin-a", "augmented-a"), ("twin-b", "augmented-b")]
    assert [same_half(half[0]) for half in halves] == halves
    for network in (n for pair in PAIRS.values() for n in pair.networks):
        found = pair_of(network)
        assert found is not None
        assert set(found.networks) == {network, ledger.counterpart(network)}


def test_what_is_known_of_one_pair_is_known_of_all() -> None:
    truth = {"twin-a": True, "twin-b": False, "mine": True}
    assert of_every_pair(truth) == {
        "twin-a": True, "augmented-a": True, "twin-b": False, "augmented-b": False, "mine": True
    }  # fmt: skip
    assert of_every_pair({}) == {}


def test_a_pair_is_whole_with_both_its_networks() -> None:
    assert whole_pair(["mine", "augmented-b", "augmented-a"]) is PAIRS["augmented"]
    assert whole_pair(["twin-b", "twin-a"]) is PAIRS[DEFAULT_PAIR]
    assert whole_pair(["twin-a", "augmented-b"]) is None
    assert whole_pair(()) is None
    assert pair_of("mine") is None
