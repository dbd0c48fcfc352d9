from collections.abc import Callable

import numpy as np
import pytest
import torch

from mint.errors import TooFew
from mint.lab.twins.verification import STRANGER_PAIRS, pair_cosines, verification
from mint.networks.base import Maps


class ByBrightness:
    """Embeds a crop by its brightness, so that equal brightness is one person."""

    head = None
    input_size = 112

    def look(self, crops: torch.Tensor) -> Maps:
        angle = crops.mean((1, 2, 3)) / 40.0
        return Maps(torch.stack([angle.cos(), angle.sin()], 1), {})


def grey(values: list[float]) -> np.ndarray:
    return np.stack([np.full((112, 112, 3), v, np.uint8) for v in values])


@pytest.mark.parametrize(
    ("people", "low", "high"),
    [(lambda k: str(k // 4), 0.99, 1.0), (lambda k: str((k * 7) % 10), 0.4, 0.6)],
    ids=["people differ by brightness", "people have nothing to do with brightness"],
)
def test_accuracy(people: Callable[[int], str], low: float, high: float) -> None:
    crops = grey([10.0 * (k // 4) + 20 for k in range(40)])
    found = verification(ByBrightness(), crops, [people(k) for k in range(40)], pairs=60)  # type: ignore[arg-type]
    assert low <= found["accuracy"] <= high
    assert found["low"] <= found["accuracy"] <= found["high"]
    assert found["pairs"] == 120
    assert found["people"] == 10


def test_where_few_people_have_fewer_pairs_each_is_drawn_once_and_then_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    people = [person for person in "abc" for _ in range(4)]
    angle = np.random.default_rng(0).uniform(0, 2 * np.pi, len(people))
    embedding = np.stack([np.cos(angle), np.sin(angle)], 1)
    draws: list[object] = []

    class Counted:
        def __init__(self, seed: int) -> None:
            self.random = np.random.Generator(np.random.PCG64(seed))

        def integers(self, *given: object) -> object:
            return self.random.integers(*given)  # type: ignore[call-overload]

        def choice(self, *given: object, **named: object) -> object:
            draws.append(given)
            return self.random.choice(*given, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(np.random, "default_rng", Counted)
    cosine, same = pair_cosines(embedding, people, STRANGER_PAIRS, seed=3)
    assert len(draws) < STRANGER_PAIRS
    one, other = np.triu_indices(len(people), 1)
    within = np.array(people)[one] == np.array(people)[other]
    np.testing.assert_allclose(np.sort(cosine[same]), np.sort(np.cos(angle[one] - angle[other])[within]))
    found = cosine[~same]
    assert len(found) == len(set(found.round(9))) == within.sum() == 3 * 6
    assert np.isin(found.round(9), np.cos(angle[one] - angle[other])[~within].round(9)).all()


@pytest.mark.parametrize(
    ("photos", "drawn"),
    [((6, 6), 30), ((20, 2), 40), ((2, 1), 1)],
    ids=["as many of either", "fewer of two people", "a single one of one person"],
)
def test_no_pair_is_drawn_twice_and_few_of_two_people_are_waited_for_no_longer(
    photos: tuple[int, int], drawn: int
) -> None:
    people = ["a"] * photos[0] + ["b"] * photos[1]
    angle = np.random.default_rng(1).uniform(0, 2 * np.pi, len(people))
    cosine, same = pair_cosines(np.stack([np.cos(angle), np.sin(angle)], 1), people, 3000, seed=0)
    assert [same.sum(), (~same).sum(), len(set(cosine.round(12)))] == [drawn, drawn, 2 * drawn]


@pytest.mark.parametrize("people", [["a", "a"], ["a", "b"]], ids=["one person", "one photo each"])
def test_where_no_pair_is_of_a_kind_nothing_can_be_told(people: list[str]) -> None:
    with pytest.raises(TooFew, match="two people at least, one of them with two photos"):
        pair_cosines(np.eye(2), people, 10, seed=0)
