"""Attacks that calibrate a photo's confidence by reference networks: LiRA and RMIA, and confidence alone.

All take the logit of the own class: log p / (1 - p) of the softmax over class centres, at the scale of the loss. A margin of the
cosine takes scale * margin off it, so that the confidence under the trained loss needs no other figure.

Reference figures are (N, K): of N photos, under K networks. ``used`` says which of them were trained on which photo.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logsumexp

from mint.errors import TooFew

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, order=True)
class RmiaSettings:
    """What RMIA leaves to choose.

    Attributes:
        a: how far the mean of networks that used a photo lies from that of those that did not: Pr(x) is
            ((1 + a) * mean + 1 - a) / 2, in [0, 1].
        gamma: how many times a population photo's ratio must be reached.
        offset: taken off the logits before they become confidences: scale * margin for the trained loss, 0 for a plain softmax.
    """

    a: float
    gamma: float
    offset: float


def own_logits(cosines: NDArray[np.floating], classes: NDArray[np.integer], scale: float) -> Floats:
    """Return the (N,) logits of classes: scale * cosine of the own, less the log-sum-exp of scale * cosine of all others.

    Args:
        cosines: (N, C) to the class centres, at least two.
        classes: (N,) column of the own class of each.
        scale: of the loss.
    """
    scaled = scale * np.asarray(cosines, np.float64)
    rows = np.arange(len(scaled))
    own = scaled[rows, classes]
    scaled[rows, classes] = -np.inf
    found: Floats = own - logsumexp(scaled, axis=1)
    return found


def lira_offline(target: Floats, references: Floats, used: Bools, slope: float = 1.0) -> Floats:
    """Return (N,) scores of offline LiRA (Carlini et al. 2022, 2112.03570) with one variance for all photos.

    The published score is the normal tail 1 - Pr[Z > logit] with mean and variance of the networks that did not use the photo.
    With one variance, as the paper advises where they are few, it rises with the distance from the mean, which is returned.

    Args:
        target: (N,) logits under the audited network.
        references: (N, K) logits.
        used: (N, K).
        slope: the mean is multiplied with it, see ``matched_slope``.

    Raises:
        TooFew: a photo has no network that did not use it.
    """
    found: Floats = target - slope * means(references, ~used)
    return found


def matched_slope(target: Floats, references: Floats, used: Bools) -> float:
    """Return by how much logits of the audited network change with the references' mean, over photos known to be unused.

    Least squares. LiRA takes 1 for granted, as where audited network and references are trained alike on as many photos.
    """
    x = means(references, ~used)
    return float(((x - x.mean()) * (target - target.mean())).sum() / ((x - x.mean()) ** 2).sum())


def lira_online(target: Floats, references: Floats, used: Bools) -> Floats:
    """Return (N,) scores of online LiRA: the log-likelihood ratio of two normals.

    Their means are of the networks that used a photo and of those that did not; either has one variance for all photos, pooled
    within photos.

    Raises:
        TooFew: a photo has no network of one kind, or no photo has two.
    """
    likelihoods = []
    for chosen in (used, ~used):
        mean, variance = means(references, chosen), _pooled_variance(references, chosen)
        likelihoods.append(-((target - mean) ** 2) / (2 * variance) - np.log(variance) / 2)
    found: Floats = likelihoods[0] - likelihoods[1]
    return found


def ratios(target: Floats, references: Floats, used: Bools, settings: RmiaSettings) -> Floats:
    """Return RMIA's (N,) Pr(x | audited network) / Pr(x), of networks that did not use the photo (offline)."""
    p = expit(target - settings.offset)
    mean = means(expit(references - settings.offset), ~used)
    found: Floats = 2 * p / ((1 + settings.a) * mean + (1 - settings.a))  # 1 - a first: 2 * 1e-17 + 1 - 1 is 0
    return found


def rmia(photos: Floats, population: Floats, gamma: float) -> Floats:
    """Return (N,) scores of RMIA (Zarifzadeh, Liu and Shokri 2024, 2312.03262), in [0, 1].

    It is the share of population photos whose ratio, times gamma, a photo's ratio reaches; see ``ratios``.

    Raises:
        TooFew: there is no population.
    """
    if not len(population):
        raise TooFew("RMIA compares with photos of a population, and there are none.")
    return np.searchsorted(np.sort(gamma * population), photos, "right") / len(population)


def means(values: Floats, chosen: Bools) -> Floats:
    """Return (N,) means of the chosen ones of (N, K) values. Raises TooFew where a photo has none."""
    count = chosen.sum(1)
    if (count == 0).any():
        raise TooFew("A photo has no reference network of the kind that the attack asks for. Train more of them.")
    found: Floats = np.where(chosen, values, 0.0).sum(1) / count
    return found


def _pooled_variance(values: Floats, chosen: Bools) -> float:
    degrees = int((chosen.sum(1) - 1).sum())
    if degrees < 1:
        raise TooFew("Online LiRA needs photos that two reference networks used and two did not. Train more of them.")
    return float((np.where(chosen, values - means(values, chosen)[:, None], 0.0) ** 2).sum() / degrees)
