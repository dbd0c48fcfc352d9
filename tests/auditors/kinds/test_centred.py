"""Centred: cosines by hand, and a pocket that is told from a face that lies near its centre anyhow."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mint.auditors import Spec, build, specs
from mint.auditors.base import Reading, read
from mint.auditors.features import AGREEMENT, CENTRED, centred, read_features
from mint.auditors.kinds.centred import Centred, feature_count
from mint.auditors.views import VIEWS
from mint.evidence.metrics import auc
from mint.lab.training.fit import Schedule, train_auditor
from mint.networks.base import Maps

GROUP = 1 + len(VIEWS)


def test_cosines_by_hand(network, crops):
    reading = read(network, crops, views=True)
    head = network.head.double().numpy()
    embedding = reading.everything.embedding.double().numpy()
    unit = embedding / np.linalg.norm(embedding, axis=1, keepdims=True)
    wanted = []
    for face in range(len(crops)):
        rows = unit[face * GROUP : (face + 1) * GROUP]
        nearest = max(range(len(head)), key=lambda k: rows[0] @ head[k])
        wanted.append([row @ head[nearest] for row in rows])
    np.testing.assert_allclose(centred(reading).numpy(), wanted, atol=1e-5)


def test_only_a_reading_with_views_of_a_network_with_a_head_has_them(network, crops):
    with pytest.raises(ValueError, match="views"):
        centred(read(network, crops, views=False))
    reading = read(network, crops, views=True)
    assert CENTRED in read_features(reading, maps=False)
    headless = Reading(reading.everything, reading.views, None)
    assert CENTRED not in read_features(headless, maps=False)
    with pytest.raises(ValueError, match="head"):
        centred(headless)


def test_only_a_network_with_a_head_has_one(network):
    assert Spec("centred", "head") in specs(network)
    assert Centred.specs((), head=False) == []


def test_an_auditor_reads_the_cosines_and_the_agreement(network, crops):
    found = read_features(read(network, crops, views=True), maps=False)
    auditor = build(Spec("centred", "head"), network)
    (inputs,) = auditor.inputs(found, network.head)
    assert inputs.shape == (len(crops), feature_count(len(VIEWS))) == (len(crops), auditor.linear.in_features)
    np.testing.assert_allclose(inputs[:, :GROUP].numpy(), np.arctanh(found[CENTRED].numpy()), atol=1e-4)
    torch.testing.assert_close(inputs[:, GROUP:], found[AGREEMENT])


def test_a_network_without_taps_has_fewer_features():
    assert feature_count(3, taps=False) == feature_count(3) - 3


def test_a_face_is_judged_without_its_neighbours(network, crops):
    alone = centred(read(network, crops[2:3], views=True))
    torch.testing.assert_close(alone, centred(read(network, crops, views=True))[2:3], atol=1e-5, rtol=1e-4)


def made_up(count: int, pocket: float, seed: int) -> tuple[list[torch.Tensor], np.ndarray]:
    """Faces of people who lie anywhere near their centre; a member's views lie farther from it by ``pocket``."""
    random = np.random.default_rng(seed)
    member = np.arange(count) % 2 == 0
    near = random.uniform(0.3, 0.8, count)  # how alike a person's pictures are: as much of members as of the others
    cosines = np.repeat((near + pocket * member)[:, None], GROUP, 1)
    cosines[:, 1:] -= pocket * member[:, None]
    cosines += random.normal(0, 0.02, cosines.shape)
    found = {
        CENTRED: torch.from_numpy(cosines).float(),
        AGREEMENT: torch.from_numpy(random.normal(size=(count, 3 * len(VIEWS) + 1))).float(),
    }
    return Centred(feature_count(len(VIEWS))).inputs(found, None), member


@pytest.mark.parametrize(("pocket", "low", "high"), [(0.1, 0.95, 1.0), (0.0, 0.42, 0.58)])
def test_a_pocket_is_found_where_the_cosine_alone_says_little(pocket, low, high):
    auditor = Centred(feature_count(len(VIEWS)))
    train_auditor(auditor, *made_up(600, pocket, 1), *made_up(300, pocket, 2), seed=1, schedule=Schedule())
    features, member = made_up(600, pocket, 3)
    scores = auditor.eval()(*features).detach().numpy()
    assert low <= auc(scores[member], scores[~member]) <= high
    plain = features[0][:, 0].numpy()
    assert auc(plain[member], plain[~member]) < 0.75


def test_a_dead_network_gives_finite_features():
    dead = Maps(torch.zeros(GROUP, 4), {"stage4": torch.zeros(GROUP, 2, 1, 1)})
    assert torch.isfinite(centred(Reading(dead, len(VIEWS), torch.eye(4)))).all()
