"""Bands, recomputed in numpy; idle directions are told from those that distinguish people."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mint.auditors.subspaces import PER_SUBSPACE, SUBSPACES, principal_axes, subspace_features

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


def test_features_by_hand():
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
