"""Draw a ROC: what an auditor finds at every false-alarm rate, and everybody's place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mint.i18n.translate import ENGLISH, Say
from mint.ui.html import esc, percent
from mint.ui.views import chart_data

SIDE, LEFT, FOOT = 300, 58, 40
AT = np.unique(np.r_[np.linspace(0, 1, 200), np.linspace(0, 0.02, 40)])  # false-alarm rates that are drawn


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


def drawing(
    curves: Sequence[Curve], points: Sequence[Point], alpha: float, say: Say = ENGLISH, against: str = ""
) -> str:
    """Draw the curves, the points, the line of a coin toss and the limit.

    Args:
        curves: of auditors.
        points: of whoever plays.
        alpha: the limit.
        say: the visitor's language.
        against: which photos the curves compare, in words of that language; nothing is told without.
    """
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
    note = (
        f'<p class="fine">{esc(say("The curves are measured on test photos: {who}. The marks count the pictures of this game.", who=against))}</p>'
        if curves and against
        else ""
    )
    return (
        f'<figure class="roc"{chart_data.charts("roc", ("false_alarm_rate", *(f"found_{style}" for style, _ in named)), _words(curves, say))}>'
        f'<svg viewBox="0 -8 {LEFT + SIDE + 18} {SIDE + FOOT + 8}" aria-label="{esc(told)}"{_data(curves, points, alpha, say)}>'
        f'<rect class="frame" x="{LEFT}" y="0" width="{SIDE}" height="{SIDE}"/>'
        f'<path class="toss" d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}"/>'
        f'<path class="limit" d="M{_x(alpha):.1f} 0V{SIDE}"/>{ticks}{lines}{marks}'
        f'<text class="name" x="{LEFT + SIDE / 2}" y="{SIDE + 32}" text-anchor="middle">{say("false alarms")}</text>'
        f'<text class="name" transform="translate(11 {SIDE / 2}) rotate(-90)" text-anchor="middle">{say("used ones found")}</text>'
        f'</svg><figcaption><ul class="keys">{legend}<li><i class="toss"></i>{say("a coin toss")}</li><li><i class="limit"></i>{say("the limit that you set, α")}</li></ul>{note}{chart_data.save(say)}</figcaption></figure>'
    )


def _data(curves: Sequence[Curve], points: Sequence[Point], alpha: float, say: Say) -> str:
    """Return the curves as rows that are read out, and after them each point as a row of its own."""
    heights = [_heights(curve) for curve in curves]
    rows: list[Sequence[chart_data.Cell]] = [
        (float(x), *(float(h[i]) for h in heights), *("" for _ in points)) for i, x in enumerate(AT)
    ]
    marks = [
        (point.fpr, *("" for _ in curves), *(point.tpr if other is point else "" for other in points))
        for point in points
    ]
    whole = chart_data.rows_of([*rows, *marks])
    if not curves:
        return f' role="img"{whole}'
    return whole + chart_data.reading(
        _words(curves, say), [_x(x) for x in AT], rows, int(np.argmin(np.abs(AT - alpha)))
    )


def _words(curves: Sequence[Curve], say: Say) -> str:
    names = "; ".join(f"{curve.name}: {{{n}}}" for n, curve in enumerate(curves, 1))
    return say("false alarms {fpr}; found by {names}", fpr="{0}", names=names)


def _x(value: float) -> float:
    return LEFT + SIDE * value


def _y(value: float) -> float:
    return SIDE * (1 - value)


def _path(curve: Curve) -> str:
    """Return the staircase at as many false-alarm rates as a screen can show, from the corner where nothing is found."""
    return f"M{_x(0):.1f} {_y(0):.1f}L" + "L".join(
        f"{_x(x):.1f} {_y(float(y)):.1f}" for x, y in zip(AT, _heights(curve), strict=True)
    )


def _heights(curve: Curve) -> NDArray[np.float64]:
    """Return what a curve finds at each false-alarm rate of ``AT``."""
    return curve.tpr[np.maximum(np.searchsorted(curve.fpr, AT, "right") - 1, 0)]


def _mark(point: Point) -> str:
    x, y = _x(point.fpr), _y(point.tpr)
    if point.style == "you":
        return f'<path d="M{x:.1f} {y - 8:.1f}l7 8-7 8-7-8z"/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6.5"/>'
