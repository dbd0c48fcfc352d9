"""Non-negative logistic weights: compared with a minimiser that knows nothing of scikit-learn."""

import numpy as np
import pytest
from scipy.optimize import minimize

from mint.lab.persons.fusion_fit import fit_fusion


def drawn(weights: tuple[float, ...], n: int = 4000) -> tuple[dict[str, np.ndarray], np.ndarray]:
    random = np.random.default_rng(3)
    x = random.normal(size=(n, len(weights))) * 2
    positive = random.random(n) < 1 / (1 + np.exp(-(x @ np.array(weights))))
    return {str(k): x[:, k] for k in range(len(weights))}, positive


def loss(parameters: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
    sign = np.where(y, 1.0, -1.0)
    weight = np.where(y, 0.5 / y.sum(), 0.5 / (~y).sum())
    return float((weight * np.logaddexp(0, -sign * (x @ parameters[:-1] + parameters[-1]))).sum())


@pytest.mark.parametrize("weights", [(1.0, 0.5), (1.0, -0.5), (0.4, -0.1, 0.8)])
def test_weights_are_those_of_a_bounded_minimiser(weights: tuple[float, ...]) -> None:
    columns, positive = drawn(weights)
    found = fit_fusion(columns, positive, strength=1e6)
    x = np.stack(list(columns.values()), axis=1)
    bounds = [(0, None)] * len(weights) + [(None, None)]
    other = minimize(loss, np.zeros(len(weights) + 1), (x, positive), bounds=bounds).x
    assert list(found.weights.values()) == pytest.approx(other[:-1], abs=5e-3)
    assert found.bias == pytest.approx(other[-1], abs=5e-3)


def test_where_nothing_helps_the_least_bad_is_taken_as_it_is() -> None:
    columns, positive = drawn((-1.0, -0.3))
    found = fit_fusion(columns, positive)
    assert dict(found.weights) == {"0": 0.0, "1": pytest.approx(1 / columns["1"].std())}
    scores = found.score(columns)
    assert (np.argsort(scores) == np.argsort(columns["1"])).all()


def test_both_sides_count_alike() -> None:
    columns, positive = drawn((1.0,))
    rare = np.concatenate([np.flatnonzero(~positive), np.flatnonzero(positive)[:400]])
    few = fit_fusion({"0": columns["0"][rare]}, positive[rare])
    assert few.bias == pytest.approx(fit_fusion(columns, positive).bias, abs=0.15)
