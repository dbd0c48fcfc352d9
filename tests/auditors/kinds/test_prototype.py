"""Prototype features, recomputed in numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mint.auditors.base import Reading, read
from mint.auditors.features import read_features
from mint.auditors.kinds.prototype import FEATURES, Prototype, prototype_features
from mint.networks.base import Maps

RANDOM = np.random.default_rng(2)


def unit(values: np.ndarray) -> np.ndarray:
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def test_features_by_hand():
    embedding, head = RANDOM.normal(0, 3, (7, 12)), unit(RANDOM.normal(size=(9, 12)))
    wanted = []
    for vector in embedding:
        norm = np.linalg.norm(vector)
        cosines = sorted(float(vector @ centre) / norm for centre in head)
        wanted.append([cosines[-1], cosines[-1] - cosines[-2], np.log(norm)])
    found = prototype_features(torch.from_numpy(embedding), torch.from_numpy(head))
    np.testing.assert_allclose(found.numpy(), wanted, atol=1e-9)
    assert found.shape[1] == len(FEATURES)


def test_a_centre_itself_is_as_close_as_can_be():
    head = torch.eye(4)
    found = prototype_features(5 * head, head)
    np.testing.assert_allclose(found.numpy(), [[1, 1, np.log(5)]] * 4, atol=1e-6)


def test_one_class_has_no_second():
    found = prototype_features(torch.tensor([[3.0, 4.0]]), torch.tensor([[1.0, 0.0]]))
    np.testing.assert_allclose(found.numpy(), [[0.6, 0, np.log(5)]], atol=1e-6)


def test_a_dead_embedding_is_finite():
    assert prototype_features(torch.zeros(2, 4), torch.eye(4)).isfinite().all()


def test_it_needs_the_head(network, crops):
    reading = read(network, crops, views=False)
    auditor = Prototype().eval()
    found = read_features(reading, maps=False)
    assert auditor(*auditor.inputs(found, reading.head)).shape == (6,)
    with pytest.raises(ValueError, match="head"):
        auditor.inputs(found, None)


def test_views_do_not_change_what_it_reads(network, crops):
    looks = [read_features(read(network, crops, views=v), maps=False) for v in (False, True)]
    (plain,), (every,) = (Prototype().inputs(found, network.head) for found in looks)
    torch.testing.assert_close(plain, every, rtol=1e-3, atol=1e-4)


def test_only_the_crop_itself_counts_and_not_its_views():
    embedding = torch.randn(28, 6)
    reading = Reading(Maps(embedding, {}), 13, torch.eye(6))
    found = {"embedding": reading.plain.embedding}
    wanted = prototype_features(embedding[[0, 14]], torch.eye(6))
    torch.testing.assert_close(Prototype().inputs(found, reading.head)[0], wanted)
