"""Plot scores: log-log ROC, histograms, reliability, decline with size. SVG or PNG, by the file's suffix.

The same numbers give the same bytes. Text is drawn as paths in a font that comes with matplotlib,
colours are those of Okabe and Ito (2008), which colour-blind people can tell apart, and a drawing
has its own light ground, so that it reads on a white page and on a dark one.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, PercentFormatter
from numpy.typing import ArrayLike, NDArray

from mint.errors import MintError
from mint.evidence.metrics import auc, clustered_rate, roc
from mint.storage.files import write_bytes

FORMATS = (".svg", ".png")
INK, SOFT, GREY, FAINT, ZONE, GROUND = "#16191c", "#545a60", "#7a7f84", "#d5d8da", "#ececec", "#ffffff"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
DASHES: tuple[tuple[float, ...], ...] = ((1, 1.4), (4, 1.6), (4, 1.4, 1, 1.4), (8, 2))
STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.titlecolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "text.color": INK,
    "legend.frameon": False,
    "figure.facecolor": GROUND,
    "axes.facecolor": GROUND,
    "svg.fonttype": "path",
    "svg.hashsalt": "mint",
}
LOWEST_RATE = 1e-3
Floats = NDArray[np.float64]
MIN_ABOVE_THRESHOLD = 10  # non-members above the threshold, as ``tpr_at_fpr`` asks


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """The scores of both sides for one ROC; controls are drawn grey and dashed."""

    label: str
    members: ArrayLike
    non_members: ArrayLike
    control: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """The scores of one kind of picture."""

    label: str
    scores: ArrayLike
    identities: ArrayLike


@dataclass(frozen=True, slots=True)
class Bin:
    """A bin of probabilities: mean prediction, share of members with interval, count."""

    said: float
    so: float
    low: float
    high: float
    pictures: int
    people: int


@dataclass(frozen=True, slots=True, eq=False)
class Decline:
    """AUCs of networks of several sizes, each (N,) with its interval; and the law: sizes, AUCs, lower and upper ends."""

    label: str
    members: Floats
    aucs: Floats
    lows: Floats
    highs: Floats
    law: tuple[Floats, Floats, Floats, Floats] | None = None


def roc_loglog(curves: Sequence[Curve], path: Path, title: str = "", non_members: str = "non-members") -> None:
    """Plot ROCs on logarithmic axes (Carlini et al. 2022), from 0.001 or from 1 / n.

    Each curve is the true-positive rate at a false-positive rate of at most x. Where fewer than
    ten non-members lie above the threshold the ground is grey: a figure read there would be luck.

    Args:
        curves: in the legend's order; there are six colours and four greys.
        path: ends in .svg or .png.
        title: above the axes.
        non_members: what to call them.
    """
    sizes = [np.size(c.non_members) for c in curves]
    lowest = min(0.5, max(LOWEST_RATE, 1 / max(sizes)))
    with _drawing(path, title, (7.4, 4.6)) as figure:
        axes = figure.subplots()
        zone = min(1.0, MIN_ABOVE_THRESHOLD / max(sizes))
        if zone > lowest:
            axes.axvspan(lowest, zone, color=ZONE, linewidth=0)
            axes.text(
                np.sqrt(lowest * zone), np.sqrt(lowest), "too few\nnon-members", ha="center", va="center", color=SOFT,
                fontsize=8.5, fontstyle="italic", zorder=4, bbox={"facecolor": ZONE, "linewidth": 0, "pad": 2},
            )  # fmt: skip
        colours, dashes = cycle(COLOURS), cycle(DASHES)
        width = 3.6  # the first is widest and lies lowest, so that it shows under those that are as good
        for curve in curves:
            style: dict[str, Any]
            if curve.control:
                style = {"color": GREY, "dashes": next(dashes), "linewidth": 1.3, "zorder": 2}
            else:
                style, width = {"color": next(colours), "linewidth": width, "zorder": 3}, 1.8
            label = f"{curve.label}, AUC {auc(curve.members, curve.non_members):.3f}"
            axes.plot(*_steps(curve), drawstyle="steps-post", label=label, **style)
        axes.plot([lowest, 1], [lowest, 1], color=FAINT, linewidth=1.2, zorder=1, label="chance")
        for axis, scale in ((axes.xaxis, axes.set_xscale), (axes.yaxis, axes.set_yscale)):
            scale("log")
            axis.set_major_locator(LogLocator(10))
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
            axis.set_minor_formatter(NullFormatter())
        axes.set_xlim(lowest, 1)
        axes.set_ylim(lowest, 1.12)
        axes.grid(color=FAINT, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_xlabel(f"false-positive rate, of {_count(sizes)} {non_members}")
        axes.set_ylabel(f"true-positive rate, of {_count([np.size(c.members) for c in curves])} members")
        axes.legend(loc="center left", bbox_to_anchor=(1.02, 0.5), borderaxespad=0, handlelength=2.6, labelspacing=0.8)


def histograms(
    groups: Sequence[Group], path: Path, title: str = "", threshold: float | None = None, threshold_name: str = ""
) -> None:
    """Plot one histogram a group, below one another, over one range of scores.

    With a threshold, beside each its share beyond, with the 95 % interval by people.

    Args:
        groups: at least one, of finite scores.
        path: ends in .svg or .png.
        title: above the axes.
        threshold: scores at least this large are counted.
        threshold_name: what it is, beside its line.
    """
    every = [np.asarray(g.scores, np.float64).ravel() for g in groups]
    ends = [min(s.min() for s in every), max(s.max() for s in every)]
    if threshold is not None:
        ends = [min(ends[0], threshold), max(ends[1], threshold)]
    edges = np.linspace(ends[0], ends[1] if ends[1] > ends[0] else ends[0] + 1, 61)
    with _drawing(path, title, (7.4, 1.0 + 1.05 * len(groups))) as figure:
        rows = figure.subplots(len(groups), 1, sharex=True, squeeze=False)[:, 0]
        for number, (axes, group, scores) in enumerate(zip(rows, groups, every, strict=True)):
            axes.hist(scores, edges, weights=np.full(len(scores), 1 / len(scores)), color=COLOURS[number % 6])
            axes.set_yticks([])
            axes.spines["left"].set_visible(False)
            axes.set_ylim(0, axes.get_ylim()[1] * 1.1)
            axes.set_ylabel(
                f"{group.label}\n{len(scores):,} pictures\n{_people(group)}",
                rotation=0, ha="right", va="center", linespacing=1.35, labelpad=10,
            )  # fmt: skip
            if threshold is not None:
                axes.axvline(threshold, color=INK, linewidth=1.1, dashes=(4, 2))
                found = clustered_rate(scores >= threshold, group.identities)
                axes.annotate(
                    f"{100 * found.value:.1f} % beyond\n({100 * found.low:.1f} to {100 * found.high:.1f} %)",
                    (1.015, 0.5), xycoords="axes fraction", va="center", color=INK, linespacing=1.35,
                )  # fmt: skip
        if threshold is not None and threshold_name:
            rows[0].annotate(
                threshold_name, (threshold, 1.02), xycoords=("data", "axes fraction"), ha="center", va="bottom",
                color=SOFT, fontsize=8.5,
            )  # fmt: skip
        rows[-1].set_xlabel("score (larger = more member); each height is a share of the group")


def reliability(bins: Sequence[Bin], path: Path, title: str = "", error: str = "") -> None:
    """Plot the share of members against the prediction, with counts below.

    Args:
        bins: in the order of what was said; empty ones left out.
        path: ends in .svg or .png.
        title: above the axes.
        error: the calibration error in words.
    """
    said, so, low, high = (np.array([getattr(b, name) for b in bins]) for name in ("said", "so", "low", "high"))
    with _drawing(path, title, (5.6, 5.6)) as figure:
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
        upper.plot([0, 1], [0, 1], color=FAINT, linewidth=1.2, zorder=1)
        upper.text(
            0.57, 0.53, "said = so", color=SOFT, fontsize=8.5, bbox={"facecolor": GROUND, "linewidth": 0, "pad": 1}
        )
        upper.errorbar(
            said, so, [np.maximum(so - low, 0), np.maximum(high - so, 0)],
            fmt="o", color=COLOURS[0], markersize=6, capsize=3, linewidth=1.4, zorder=3, clip_on=False,
        )  # fmt: skip
        upper.set_ylim(-0.02, 1.02)
        upper.set_xlim(-0.04, 1.04)
        upper.grid(color=FAINT, linewidth=0.6)
        upper.set_axisbelow(True)
        upper.set_ylabel("share of members, with 95 % interval by people")
        if error:
            upper.set_title(error, fontsize=9.5, fontweight="normal")
        _bars(lower, said, [b.pictures for b in bins])
        for axis in (upper.yaxis, upper.xaxis):
            axis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        lower.set_xlabel(f"probability said, at a prior of one half; {sum(b.pictures for b in bins):,} pictures")


def _bars(axes: Axes, places: np.ndarray, counts: Sequence[int]) -> None:
    axes.bar(places, counts, width=0.05, color=COLOURS[0])
    axes.set_yscale("log")
    axes.set_ylim(0.8, max(counts) * 8)
    axes.yaxis.set_major_locator(LogLocator(10, numticks=4))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_ylabel("pictures")
    for place, count in zip(places, counts, strict=True):
        axes.text(place, count * 1.3, f"{count:,}", ha="center", va="bottom", fontsize=7.5, color=SOFT)


def decline(lines: Sequence[Decline], path: Path, title: str = "", marks: Mapping[str, float] | None = None) -> None:
    """Plot AUCs over the size of the training set, on a logarithmic axis, with the law through them.

    Where nothing was measured the law is dashed.

    Args:
        lines: in the legend's order; there are six colours.
        path: ends in .svg or .png.
        title: above the axes.
        marks: names of sizes that get a line of their own.
    """
    with _drawing(path, title, (7.4, 4.2)) as figure:
        axes = figure.subplots()
        for line, colour in zip(lines, cycle(COLOURS), strict=False):
            errors = [np.maximum(line.aucs - line.lows, 0), np.maximum(line.highs - line.aucs, 0)]
            axes.errorbar(
                line.members, line.aucs, errors, fmt="o", color=colour, markersize=5, capsize=3, linewidth=1.4,
                label=line.label, zorder=3,
            )  # fmt: skip
            if line.law is not None:
                x, value, low, high = line.law
                seen = x <= line.members.max()
                axes.plot(x[seen], value[seen], color=colour, linewidth=1.6)
                axes.plot(x[~seen], value[~seen], color=colour, linewidth=1.4, dashes=(4, 2))
                axes.fill_between(x, low, high, color=colour, alpha=0.12, linewidth=0)
        for name, size in (marks or {}).items():
            axes.axvline(size, color=GREY, linewidth=1, dashes=(1, 1.4), zorder=1)
            axes.text(size, 1.01, name, ha="center", va="bottom", color=SOFT, fontsize=8, rotation=30)
        axes.axhline(0.5, color=FAINT, linewidth=1.2, zorder=1)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_ylim(0.4, 1.005)
        axes.grid(color=FAINT, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_xlabel("pictures in the training set")
        axes.set_ylabel("AUC, with 95 % interval by people")
        axes.legend(loc="center left", bbox_to_anchor=(1.02, 0.5), borderaxespad=0, labelspacing=0.8)


@contextmanager
def _drawing(path: Path, title: str, inches: tuple[float, float]) -> Iterator[Figure]:
    """Yield a figure and write it at the end, with the same bytes for the same drawing."""
    if path.suffix not in FORMATS:
        raise MintError(f"Drawings are {' or '.join(FORMATS)} files, not {path.name}.")
    with matplotlib.rc_context(STYLE):  # type: ignore[arg-type]  # its keys are literals
        figure = Figure(figsize=inches, layout="constrained")
        yield figure
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
        data = io.BytesIO()
        nothing = {"Date": None, "Creator": None} if path.suffix == ".svg" else {"Software": None}
        figure.savefig(data, format=path.suffix[1:], dpi=160, bbox_inches="tight", pad_inches=0.15, metadata=nothing)
    write_bytes(path, data.getvalue())


def _count(sizes: Sequence[int]) -> str:
    return f"{min(sizes):,}" if min(sizes) == max(sizes) else f"{min(sizes):,}–{max(sizes):,}"


def _people(group: Group) -> str:
    number = len(np.unique(group.identities))
    return f"{number:,} {'person' if number == 1 else 'people'}"


def _steps(curve: Curve) -> tuple[Floats, Floats]:
    """Return the corners of a ROC: the best true-positive rate at each false-positive rate."""
    false, true, _ = roc(curve.members, curve.non_members)
    last = np.r_[false[1:] != false[:-1], True]
    false, true = false[last], true[last]
    rises = np.r_[True, true[1:] != true[:-1]]
    rises[-1] = True
    # Rates of 0 have no logarithm; far below the frame they leave it in the right direction.
    return np.maximum(false[rises], 1e-9), np.maximum(true[rises], 1e-9)
