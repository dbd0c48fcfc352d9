"""The consistency auditor: agreement beside the bands of the mirror image, and the axes that it keeps."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mint.auditors import Spec, build
from mint.auditors.base import Reading, read
from mint.auditors.features import agreement, read_features
from mint.auditors.kinds.consistency import (
    PER_SUBSPACE,
    SUBSPACES,
    Consistency,
    feature_count,
    principal_axes,
    subspace_features,
)
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


# ---- subspaces

RANDOM = np.random.default_rng(5)


def spread(count: int, deviations: np.ndarray, seed: int) -> torch.Tensor:
    values = np.random.default_rng(seed).normal(size=(count, len(deviations))) * deviations
    return torch.from_numpy(values.astype(np.float32))


def test_axes_are_the_singular_vectors_of_the_centred_reference():
    reference = spread(400, np.linspace(3, 0.5, 12), 1) @ torch.linalg.qr(torch.randn(12, 12)).Q
    axes = principal_axes(reference).double().numpy()
    unit = reference.double().numpy()
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    wanted = np.linalg.svd(unit - unit.mean(0), full_matrices=False)[2]
    np.testing.assert_allclose(np.abs(wanted @ axes), np.eye(12), atol=1e-4)  # up to a sign
    np.testing.assert_allclose(axes.T @ axes, np.eye(12), atol=1e-5)


def test_fewer_pictures_than_directions_still_give_orthogonal_axes():
    axes = principal_axes(torch.randn(5, 16))
    torch.testing.assert_close(axes.T @ axes, torch.eye(16), atol=1e-5, rtol=0)


def test_bands_by_hand():
    one, other = (torch.from_numpy(RANDOM.normal(size=(6, 16)).astype(np.float32)) for _ in range(2))
    axes = principal_axes(spread(60, np.linspace(2, 1, 16), 2))
    found = subspace_features(one, other, axes)
    assert found.shape == (6, SUBSPACES * PER_SUBSPACE)
    rows = []
    for x, y in zip(one.double().numpy(), other.double().numpy(), strict=True):
        row = []
        for columns in np.split(axes.double().numpy(), SUBSPACES, axis=1):
            a, b = x / np.linalg.norm(x) @ columns, y / np.linalg.norm(y) @ columns
            row += [np.arctanh(a @ b / np.linalg.norm(a) / np.linalg.norm(b))]
            row += [np.log(np.linalg.norm(a)), np.log(np.linalg.norm(b))]
        rows.append(row)
    np.testing.assert_allclose(found.numpy(), rows, atol=1e-4)


def test_the_sign_of_an_axis_and_the_length_of_an_embedding_do_not_matter():
    one, other, axes = torch.randn(4, 16), torch.randn(4, 16), principal_axes(torch.randn(40, 16))
    signs = torch.where(torch.arange(16) % 3 == 0, -1.0, 1.0)
    torch.testing.assert_close(subspace_features(7 * one, other / 3, axes * signs), subspace_features(one, other, axes))


@pytest.mark.parametrize("band", [0, SUBSPACES - 1])
def test_agreement_shows_in_the_band_where_it_is(band):
    deviations = np.repeat([4.0, 2.0, 1.0, 0.5], 4)
    axes = principal_axes(spread(2000, deviations, 3))
    one, other = spread(300, deviations, 4), spread(300, deviations, 5)
    columns = slice(4 * band, 4 * band + 4)  # the axes are those of the embedding, hardly turned
    other[:, columns] = one[:, columns]
    cosines = subspace_features(one, other, axes)[:, ::PER_SUBSPACE].mean(0)
    assert int(cosines.argmax()) == band
    assert cosines[band] > 4 * cosines[[b for b in range(SUBSPACES) if b != band]].abs().max()


def test_a_dead_network_gives_finite_axes_and_features():
    axes = principal_axes(torch.zeros(9, 8))
    assert subspace_features(torch.zeros(3, 8), torch.zeros(3, 8), axes).isfinite().all()
