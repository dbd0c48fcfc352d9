"""Quantiles of the beta distribution, for exact intervals of shares: what ``scipy.special.betaincinv`` returns, by numpy alone.

SciPy takes a third of a second to import, which is more than an answer takes. Many quantiles are computed at once, and each
is the same number, to the last bit, whichever others are asked for beside it: no step of one looks at another.

Distribution function: the continued fraction of DiDonato and Morris (1992, ACM TOMS 18: 360, eq. 9), by the algorithm of
Lentz as Thompson and Barnett changed it; density: the saddle-point form of Loader (2000); root: Halley's steps from the normal
approximation 26.5.22 of Abramowitz and Stegun, as in Press et al. (2007), Numerical Recipes, 6.4.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
ENDS = (1e-300, 1 - 2.0**-53)  # of what a quantile may be on the way
CLOSE = 1e-7  # of the distance to the nearer end: after such a step of Halley's the error is of the order of its cube
MOST_STEPS, MOST_TERMS = 40, 20_000
TERMS_AT_ONCE = 4  # of the fraction, before it is asked which have converged
STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360)
FROM = 10.0  # where these six are as good as all


def beta_quantiles(a: ArrayLike, b: ArrayLike, p: ArrayLike) -> Floats:
    """Return quantiles of beta distributions.

    Args:
        a: (N,) first shape parameters, above 0.
        b: (N,) second ones, above 0.
        p: (N,) in (0, 1), or one for all.

    Returns:
        (N,) in (0, 1], to a relative error below 1e-12 for p from 0.01 to 0.99.

    Raises:
        ValueError: a parameter lies outside its range.
    """
    first, second, below = (
        np.array(part) for part in np.broadcast_arrays(*(np.asarray(v, np.float64) for v in (a, b, p)))
    )
    if not ((first > 0).all() and (second > 0).all() and (below > 0).all() and (below < 1).all()):
        raise ValueError("A beta distribution has parameters above 0, and a quantile lies between 0 and 1.")
    found = np.empty(len(first))
    plain = first == 1  # as where nobody scores as high: it has a closed form
    found[plain] = -np.expm1(np.log1p(-below[plain]) / second[plain])
    found[~plain] = _roots(first[~plain], second[~plain], below[~plain])
    return found


def _roots(a: Floats, b: Floats, p: Floats) -> Floats:
    found = np.empty(len(a))
    at = np.arange(len(a))
    x = np.clip(_guesses(a, b, p), *ENDS)
    scale = _stirling_error(a + b) - _stirling_error(a) - _stirling_error(b)
    for _ in range(MOST_STEPS):
        if not len(at):
            break
        below, density = _distribution(a, b, x, scale)
        newton = (below - p) / np.maximum(density, ENDS[0])
        step = newton / (1 - 0.5 * np.minimum(1.0, newton * ((a - 1) / x - (b - 1) / (1 - x))))
        new = x - step
        new = np.clip(np.where(new <= 0, x / 2, np.where(new >= 1, (x + 1) / 2, new)), *ENDS)
        found[at] = new
        going = np.abs(new - x) > CLOSE * np.minimum(x, 1 - x)
        at = at[going]
        a, b, p, x, scale = (values[going] for values in (a, b, p, new, scale))
    return found


def _guesses(a: Floats, b: Floats, p: Floats) -> Floats:
    """Return quantiles to a few digits."""
    found = np.empty(len(a))
    steep = (a < 1) | (b < 1)  # the density has a pole there: two powers fit it better than the normal approximation
    for part, way in ((steep, _by_powers), (~steep, _by_normal)):
        found[part] = way(a[part], b[part], p[part])
    return found


def _by_normal(a: Floats, b: Floats, p: Floats) -> Floats:
    tail = np.sqrt(-2 * np.log(np.minimum(p, 1 - p)))
    z = (2.30753 + tail * 0.27061) / (1 + tail * (0.99229 + tail * 0.04481)) - tail
    z = np.where(p < 0.5, -z, z)
    ours, theirs = 1 / (2 * a - 1), 1 / (2 * b - 1)
    mean = 2 / (ours + theirs)
    most = (z * z - 3) / 6
    w = z * np.sqrt(most + mean) / mean - (theirs - ours) * (most + 5 / 6 - 2 / (3 * mean))
    return np.asarray(a / (a + b * np.exp(2 * w)), np.float64)


def _by_powers(a: Floats, b: Floats, p: Floats) -> Floats:
    left, right = (a / (a + b)) ** a / a, (b / (a + b)) ** b / b
    both = left + right
    low = np.minimum(1, a * both * p) ** (1 / a)
    high = np.minimum(1, b * both * (1 - p)) ** (1 / b)
    return np.where(p < left / both, low, 1 - high)


def _distribution(a: Floats, b: Floats, x: Floats, scale: Floats) -> tuple[Floats, Floats]:
    """Return distribution function and density.

    Args:
        a: (N,) first parameters.
        b: (N,) second ones.
        x: (N,) in (0, 1).
        scale: (N,) ``_stirling_error`` of their sum, less those of both.
    """
    total, y = a + b, 1 - x
    mean = a / total
    log = a * _log_ratio(x, mean, x - mean) + b * _log_ratio(y, b / total, mean - x)
    power = np.sqrt(mean * b / (2 * np.pi)) * np.exp(scale + log)  # x ** a * y ** b / B(a, b)
    swapped = x > (a + 1) / (total + 2)
    fraction = _fraction(*(np.where(swapped, *pair) for pair in ((b, a), (a, b), (y, x), (x, y))))
    part = power / fraction
    return np.where(swapped, 1 - part, part), power / (x * y)


def _log_ratio(x: Floats, to: Floats, apart: Floats) -> Floats:
    """Return log(x / to), where x - to is known better than by subtracting."""
    change = apart / to
    return np.where(change < -0.5, np.log(x / to), np.log1p(np.maximum(change, -0.5)))


def _fraction(a: Floats, b: Floats, x: Floats, y: Floats) -> Floats:
    """Return what x ** a * y ** b / B(a, b) is divided by to give the distribution function, for x below the mean or so."""
    found = np.empty(len(a))
    at = np.arange(len(a))
    total, lead = a + b, a * y - b * x + 1
    value = a * lead / (a + 1)
    up, down = value, np.zeros(len(a))
    for m in range(1, MOST_TERMS):
        place, some = a + (2 * m - 1), m * (b - m) * x
        top = (a + (m - 1)) * (total + (m - 1)) * some * x / (place * place)
        bottom = m + some / place + (a + m) * (lead + m * (2 - x)) / (place + 2)
        down = 1 / (bottom + top * down)
        up = bottom + top / up
        change = up * down
        value = value * change
        if m % TERMS_AT_ONCE:
            continue
        going = np.abs(change - 1) > 1e-15
        if going.all():
            continue
        found[at[~going]] = value[~going]
        if not going.any():
            return found
        at = at[going]
        a, b, x, total, lead, value, up, down = (values[going] for values in (a, b, x, total, lead, value, up, down))
    raise ArithmeticError(f"the fraction for a = {a[0]}, b = {b[0]}, x = {x[0]} does not converge")


def _stirling_error(z: Floats) -> Floats:
    """Return log gamma(z) - (z - 1/2) log z + z - log(2 pi) / 2, for (N,) numbers above 0."""
    small = z < FROM
    far = np.where(small, z + FROM, z)
    square = far * far
    series = np.zeros(len(z))
    for factor in reversed(STIRLING):
        series = series / square + factor
    found: Floats = series / far
    if small.any():  # gamma(z) = gamma(z + 10) / (z (z + 1) ... (z + 9))
        low, high = z[small], far[small]
        product = np.ones(len(low))
        for step in range(int(FROM)):
            product = product * (low + step)
        found[small] += (high - 0.5) * np.log(high) - FROM - np.log(product) - (low - 0.5) * np.log(low)
    return found
