"""What the attempts read: tensors of N rows from what a network showed, one idea a function."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from sklearn.decomposition import FastICA
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, normalize

from mint.auditors.features import LARGEST_COSINE
from mint.auditors.kinds.consistency import subspace_features
from tests.benchmarks.strength.seeing import Seen
from tests.benchmarks.strength.subject import Subject

Views = Sequence[int]  # places among a Seen's views
LAST = (-1,)  # of the taps
CENTRES = 150  # that ICA looks for; the networks know about as many people
SCALES = (1, 2, 4)  # cells along a side of the last tap


def agreement(seen: Seen, views: Views, taps: Sequence[int]) -> Tensor:
    """The consistency auditor's own: atanh of cosines at taps and embedding, log norm, and the views' beside it."""
    at_taps = [seen.cosines[:, list(views), tap] for tap in taps]
    norms = lengths(seen, views)
    return torch.cat([*map(_atanh, at_taps), cosines(seen, views), norms[:, :1], norms[:, 1:] - norms[:, :1]], dim=1)


def cosines(seen: Seen, views: Views) -> Tensor:
    """(N, K): atanh of the cosine between a crop's embedding and each view's."""
    unit = normalize(seen.embeddings, dim=2)
    return _atanh((unit[:, 1:][:, list(views)] * unit[:, :1]).sum(2))


def lengths(seen: Seen, views: Views) -> Tensor:
    """(N, 1 + K): logs of the norms, the crop's first."""
    return torch.linalg.vector_norm(_of(seen, views), dim=2).clamp_min(1e-6).log()


def bands(subject: Subject, seen: Seen, width: int | None = None) -> Tensor:
    """The consistency auditor's bands, of the crop and its mirror image.

    Args:
        subject: whose reference gives the axes.
        seen: with the mirror image as its first view.
        width: directions a band; None for the auditor's own four bands.
    """
    if width is None:
        return subspace_features(seen.embeddings[:, 0], seen.embeddings[:, 1], subject.axes)
    one, other = (normalize(seen.embeddings[:, k]) @ subject.axes for k in (0, 1))
    found = []
    for a, b in zip(one.split(width, 1), other.split(width, 1), strict=True):
        norms = [torch.linalg.vector_norm(v, dim=1).clamp_min(1e-6) for v in (a, b)]
        found += [_atanh((a * b).sum(1) / (norms[0] * norms[1])), norms[0].log(), norms[1].log()]
    return torch.stack(found, dim=1)


def pairs(seen: Seen, views: Views) -> Tensor:
    """Atanh of the cosine of every pair among a crop and its views."""
    gram = _gram(seen, views)
    row, column = torch.triu_indices(gram.shape[1], gram.shape[1], 1)
    return _atanh(gram[:, row, column])


def mean_embedding(seen: Seen, views: Views) -> Tensor:
    """Augment and average: the length of the mean of unit embeddings, and the crop's cosine to it."""
    unit = normalize(_of(seen, views), dim=2)
    mean = unit.mean(1)
    return torch.stack([torch.linalg.vector_norm(mean, dim=1), (normalize(mean) * unit[:, 0]).sum(1)], dim=1)


def spectrum(seen: Seen, views: Views) -> Tensor:
    """Logs of the eigenvalues of the Gram matrix of a crop and its views."""
    return torch.linalg.eigvalsh(_gram(seen, views).double()).clamp_min(1e-4).log().float()


def whitened(subject: Subject, seen: Seen, views: Views, power: float) -> Tensor:
    """Atanh of cosines in a metric that weighs directions by how little views move non-members in them."""
    values, vectors = torch.linalg.eigh(subject.drift)
    metric = vectors * values.clamp_min(float(values.max()) * 1e-4) ** -power
    unit = normalize(normalize(_of(seen, views), dim=2) @ metric, dim=2)
    return _atanh((unit[:, 1:] * unit[:, :1]).sum(2))


def cells(seen: Seen) -> Tensor:
    """Atanh of the cosine to the mirror image, cell by cell of the last tap, at three scales.

    Each cell meets the one at the same place, then the one that shows the same part of the face.
    """
    found = []
    for scale in SCALES:
        one, other = (adaptive_avg_pool2d(seen.maps[:, k].float(), scale) for k in (0, 1))
        for against in (other, other.flip(3)):
            found.append(_atanh(torch.cosine_similarity(one, against, dim=1)).flatten(1))
    return torch.cat(found, dim=1)


def tails(subject: Subject, seen: Seen) -> Tensor:
    """Skewness, log kurtosis and log deviation of the reference along the mean of crop and mirror image.

    Class centres are directions in which few people lie far out, so projections on them have tails.
    """
    unit = normalize(subject.reference)
    direction = normalize(normalize(seen.embeddings[:, :2], dim=2).sum(1))
    along = direction @ (unit - unit.mean(0)).T
    deviation = along.std(1)
    z = along / deviation[:, None]
    return torch.stack([(z**3).mean(1), (z**4).mean(1).log(), deviation.log()], dim=1)


def blind_centres(subject: Subject) -> Tensor:
    """(CENTRES, E) unit directions by independent component analysis of strangers' embeddings."""
    unit = normalize(subject.strangers).double().numpy()
    ica = FastICA(CENTRES, fun="logcosh", max_iter=600, tol=1e-3, random_state=0).fit(unit)
    return normalize(torch.from_numpy(ica.mixing_.T.copy()).float())


def nearest(seen: Seen, centres: Tensor) -> Tensor:
    """(N, 1): the largest cosine to any of these directions, of either sign."""
    return (normalize(seen.embeddings[:, 0]) @ centres.T).abs().amax(1, keepdim=True)


def recovered(centres: Tensor, head: Tensor, cosine: float = 0.8) -> int:
    """How many true class centres a blind one comes near to."""
    return int(((centres @ head.T).abs().amax(0) > cosine).sum())


def view_tokens(seen: Seen, views: Views) -> Tensor:
    """(N, K, T + 2): for each view the atanh of its cosines at taps and embedding, and its log norm."""
    at_taps = _atanh(seen.cosines[:, list(views)])
    others = torch.stack([cosines(seen, views), lengths(seen, views)[:, 1:]], dim=2)
    return torch.cat([at_taps, others], dim=2)


def view_products(subject: Subject, seen: Seen, views: Views) -> Tensor:
    """(N, K, E): for each view its product with the crop in each of the bands' directions; they add up to the cosine."""
    unit = normalize(_of(seen, views), dim=2) @ subject.axes
    return unit[:, 1:] * unit[:, :1]


def _of(seen: Seen, views: Views) -> Tensor:
    return seen.embeddings[:, np.r_[0, 1 + np.array(views)]]


def _gram(seen: Seen, views: Views) -> Tensor:
    unit = normalize(_of(seen, views), dim=2)
    return unit @ unit.transpose(1, 2)


def _atanh(cosine: Tensor) -> Tensor:
    return torch.atanh(cosine.clamp(-LARGEST_COSINE, LARGEST_COSINE))
