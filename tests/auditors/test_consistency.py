"""The consistency auditor: agreement beside the bands of the mirror image, and the axes that it keeps."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mint.auditors import Spec, build
from mint.auditors.base import Reading, read
from mint.auditors.consistency import Consistency, feature_count
from mint.auditors.features import agreement, read_features
from mint.auditors.subspaces import principal_axes, subspace_features
from mint.auditors.views import VIEWS
from mint.networks.base import Maps

VIEW_COUNT = len(VIEWS)
GROUP = 1 + VIEW_COUNT


def by_hand(reading: Reading) -> np.ndarray:
    group = 1 + reading.views
    layers = [reading.everything.taps["stage4"], reading.everything.embedding]
    rows = []
    for face in range(len(reading.everything) // group):
        row = []
        for layer in layers:
            flat = layer.double().numpy().reshape(len(layer), -1)
            crop = flat[face * group]
            for view in range(1, group):
                other = flat[face * group + view]
                cosine = crop @ other / (np.linalg.norm(crop) * np.linalg.norm(other))
                row.append(np.arctanh(np.clip(cosine, -0.9999, 0.9999)))
        embeddings = reading.everything.embedding[face * group :][:group].double().numpy()
        norms = [np.log(np.linalg.norm(e)) for e in embeddings]
        rows.append([*row, norms[0], *(n - norms[0] for n in norms[1:])])
    return np.array(rows)


def test_features_by_hand(network, crops):
    reading = read(network, crops, views=True)
    found = agreement(reading)
    assert found.shape == (6, 3 * VIEW_COUNT + 1)
    np.testing.assert_allclose(found.numpy(), by_hand(reading), atol=2e-3)


def test_an_auditor_reads_the_agreement_and_the_bands_of_the_mirror_image(network, crops):
    auditor = build(Spec("consistency", "views"), network)
    reading = read(network, crops, views=True)
    auditor.prepare(torch.randn(50, 16, generator=torch.Generator().manual_seed(1)))
    (found,) = auditor.inputs(read_features(reading, maps=False), None)
    assert found.shape == (6, feature_count(VIEW_COUNT))
    torch.testing.assert_close(found[:, : 3 * VIEW_COUNT + 1], agreement(reading))
    plain = read(network, crops, views=False).plain.embedding
    mirrored = read(network, crops[:, :, ::-1].copy(), views=False).plain.embedding
    wanted = subspace_features(plain, mirrored, auditor.axes)
    torch.testing.assert_close(found[:, 3 * VIEW_COUNT + 1 :], wanted, rtol=1e-2, atol=1e-2)
    assert auditor.eval()(found).shape == (6,)


def test_the_axes_come_from_the_reference_and_are_saved(network):
    auditor = build(Spec("consistency", "views"), network)
    torch.testing.assert_close(auditor.axes, torch.eye(16))
    reference = torch.randn(50, 16, generator=torch.Generator().manual_seed(2))
    auditor.prepare(reference)
    torch.testing.assert_close(auditor.axes, principal_axes(reference))
    again = build(Spec("consistency", "views"), network)
    again.load_state_dict(auditor.state_dict())
    torch.testing.assert_close(again.axes, auditor.axes)


def test_an_unmoved_answer_is_the_steadiest():
    steady = torch.ones(GROUP, 8)
    maps = Maps(steady, {"stage1": steady[:, :, None, None]})
    found = agreement(Reading(maps, VIEW_COUNT, None))
    np.testing.assert_allclose(found[0, : 2 * VIEW_COUNT], np.arctanh(0.9999), rtol=1e-3)
    np.testing.assert_allclose(found[0, 2 * VIEW_COUNT], np.log(np.sqrt(8)), rtol=1e-5)
    np.testing.assert_allclose(found[0, 2 * VIEW_COUNT + 1 :], 0, atol=1e-6)


def test_a_dead_network_gives_finite_features():
    maps = Maps(torch.zeros(GROUP, 8), {"stage1": torch.zeros(GROUP, 2, 3, 3)})
    found_of = read_features(Reading(maps, VIEW_COUNT, None), maps=False)
    (found,) = Consistency(feature_count(VIEW_COUNT), 8).inputs(found_of, None)
    assert found.isfinite().all()


def test_a_reading_without_views_is_refused(network, crops):
    with pytest.raises(ValueError, match="views"):
        agreement(read(network, crops, views=False))


def test_a_face_is_judged_without_its_neighbours(network, crops):
    every = agreement(read(network, crops, views=True))
    alone = agreement(read(network, crops[2:3], views=True))
    torch.testing.assert_close(alone[0], every[2], rtol=1e-2, atol=1e-2)
