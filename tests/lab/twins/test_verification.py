from collections.abc import Callable

import numpy as np
import pytest
import torch

from mint.lab.twins.verification import verification
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
