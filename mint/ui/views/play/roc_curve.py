"""Draw a ROC: what an auditor finds at every false-alarm rate, and everybody's place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mint.i18n.translate import ENGLISH, Say
from mint.ui.html import esc, percent

SIDE, LEFT, FOOT = 300, 44, 40
STEPS = 200


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One auditor's ROC.

    Attributes:
        name: to be shown, escaped.
        style: of the line: ``together`` or ``published``.
        fpr: (K,) false-alarm rates, rising.
        tpr: (K,) rates of members found.
    """

    name: str
    style: str
    fpr: NDArray[np.float64]
    tpr: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the ROC: what was found at which false-alarm rate."""

    name: str
    style: str
    fpr: float
    tpr: float


def drawing(curves: Sequence[Curve], points: Sequence[Point], alpha: float, say: Say = ENGLISH) -> str:
    """Draw the curves, the points and the line of a coin toss."""
    lines = "".join(f'<path class="curve {c.style}" d="{_path(c)}"/>' for c in curves)
    marks = "".join(f'<g class="point {p.style}">{_mark(p)}</g>' for p in points)
    told = "; ".join(
        say("{who}: finds {tpr} at {fpr} false alarms", who=p.name, tpr=percent(p.tpr), fpr=percent(p.fpr))
        for p in points
    )
    ticks = "".join(
        f'<text x="{_x(v):.1f}" y="{SIDE + 16}" text-anchor="middle">{v:.0%}</text>'
        f'<text x="{LEFT - 7}" y="{_y(v) + 4:.1f}" text-anchor="end">{v:.0%}</text>'
        for v in (0.0, 0.5, 1.0)
    )
    named = [(c.style, c.name) for c in curves] + [(p.style, p.name) for p in points]
    legend = "".join(f'<li><i class="{style}"></i>{name}</li>' for style, name in named)
    return (
        f'<figure class="roc"><svg viewBox="0 -8 {LEFT + SIDE + 18} {SIDE + FOOT + 8}" role="img" aria-label="{esc(told)}">'
        f'<rect class="frame" x="{LEFT}" y="0" width="{SIDE}" height="{SIDE}"/>'
        f'<path class="toss" d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}"/>'
        f'<path class="limit" d="M{_x(alpha):.1f} 0V{SIDE}"/>{ticks}{lines}{marks}'
        f'<text class="name" x="{LEFT + SIDE / 2}" y="{SIDE + 32}" text-anchor="middle">{say("false alarms")}</text>'
        f'<text class="name" transform="translate(10 {SIDE / 2}) rotate(-90)" text-anchor="middle">{say("members found")}</text>'
        f'</svg><figcaption><ul class="keys">{legend}<li><i class="toss"></i>{say("a coin toss")}</li></ul></figcaption></figure>'
    )


def _x(value: float) -> float:
    return LEFT + SIDE * value


def _y(value: float) -> float:
    return SIDE * (1 - value)


def _path(curve: Curve) -> str:
    """Return the staircase at as many false-alarm rates as a screen can show."""
    at = np.unique(np.r_[np.linspace(0, 1, STEPS), np.linspace(0, 0.02, 40)])
    place = np.searchsorted(curve.fpr, at, "right") - 1
    heights = curve.tpr[np.maximum(place, 0)]
    return "M" + "L".join(f"{_x(x):.1f} {_y(float(y)):.1f}" for x, y in zip(at, heights, strict=True))


def _mark(point: Point) -> str:
    x, y = _x(point.fpr), _y(point.tpr)
    if point.style == "you":
        return f'<path d="M{x:.1f} {y - 8:.1f}l7 8-7 8-7-8z"/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6.5"/>'
