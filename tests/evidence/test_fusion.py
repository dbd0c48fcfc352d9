import numpy as np
import pytest

from mint.evidence.fusion import Fusion, Platt


def test_fusion_is_a_weighted_sum_by_name() -> None:
    columns = {"a": np.array([1.0, 2.0]), "b": np.array([10.0, 20.0]), "unused": np.array([9.0, 9.0])}
    assert Fusion({"b": 0.5, "a": 2.0}, -1.0).score(columns) == pytest.approx([6.0, 13.0])


def test_of_two_sums_the_larger_one_counts() -> None:
    either = Fusion({"a": 2.0}, -1.0, Fusion({"b": 1.0}, 0.5))
    columns = {"a": np.array([1.0, 4.0, 0.0]), "b": np.array([3.0, 3.0, -9.0])}
    assert either.score(columns) == pytest.approx([3.5, 7.0, -1.0])
    assert either.columns == {"a", "b"}
    assert Fusion.from_dict(either.to_dict()) == either
    assert "otherwise" not in Fusion({"a": 1.0}, 0.0).to_dict()


def test_a_missing_column_is_an_error() -> None:
    with pytest.raises(KeyError):
        Fusion({"a": 1.0}, 0.0).score({"b": np.zeros(1)})


def test_platt_is_the_logistic_function_and_does_not_overflow() -> None:
    x = np.array([-2.0, 0.0, 3.0])
    assert Platt(2.0, -1.0).probability(x) == pytest.approx(1 / (1 + np.exp(-(2 * x - 1))))
    assert Platt(1e6, 0.0).probability([-1e6, 1e6]) == pytest.approx([0.0, 1.0])
