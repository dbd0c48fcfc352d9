"""The numbers behind a chart, as attributes: ``charts.js`` reads them out for pointer and keys, and saves them as CSV.

A chart is an element with rows of numbers; a section of charts names their columns, once for all, and has the button.
Nothing is computed or sent when somebody asks for them: they are in the page, and the file is made in the browser.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from mint.i18n.translate import Say
from mint.ui.html import esc
from mint.ui.views.histogram import binned

BINNED = ("from", "to", "used", "unused")  # the columns of a histogram: ends of a bin, and how many stand in it
MOST_TICKS = 6
Cell = str | float | int | None


def charts(name: str, columns: Sequence[str], told: str = "") -> str:
    """Return the attributes of a section of charts.

    Args:
        name: of the file that they are saved as, without its suffix.
        columns: of all its charts; in English, as all files are.
        told: what is said of a row that is read out, see ``reading``; nothing where none is.
    """
    words = f' data-told="{esc(told)}"' if told else ""
    return f' data-charts="{esc(name)}" data-columns="{esc(lines([columns]))}"{words}'


def save(say: Say) -> str:
    """Return the button that saves the charts of the section around it."""
    return f'<p class="save"><button type="button" data-save>{say("Data of the chart (CSV)")}</button></p>'


def rows_of(rows: Iterable[Sequence[Cell]], key: Sequence[Cell] = ()) -> str:
    """Return the attributes of a chart whose rows can be saved.

    Args:
        rows: the last columns of the section.
        key: the first columns, the same in all rows.
    """
    whose = f' data-key="{esc(lines([key]))}"' if key else ""
    return f'{whose} data-rows="{esc(lines(rows))}"'


def bins_of(rows: Sequence[Sequence[Cell]], key: Sequence[Cell] = ()) -> str:
    """Return ``rows_of`` the rows of ``bins``, shorter: of the bins' ends, the longest part, only the first and the last."""
    ends = lines([(rows[0][0], rows[-1][1])])
    return f'{rows_of([row[2:] for row in rows], key)} data-ends="{ends}"'


def dots_reading(words: Sequence[str], counts: Sequence[int], wide: int, step: float) -> str:
    """Return the attributes of dots in lines that are read out lot by lot, as the values of a slider.

    Args:
        words: what is said of each lot, already translated.
        counts: how many dots each has, as they follow one another; the last number of its row, see ``rows_of``.
        wide: dots a line.
        step: from one dot to the next, in the drawing's own units.
    """
    x, y, start = [], [], 0
    for count in counts:
        over = start // wide != (start + max(count, 1) - 1) // wide  # it goes on in the next line
        middle = (wide if over else 2 * (start % wide) + max(count, 1)) / 2
        x.append(f"{step * middle:.4g}")
        y.append(f"{step * (start // wide):.4g}")
        start += count
    return (
        f' role="slider" tabindex="0" aria-valuemin="1" aria-valuemax="{len(words)}" aria-valuenow="1" aria-valuetext="{esc(words[0])}" '
        f'data-x="{" ".join(x)}" data-y="{" ".join(y)}" data-dots="{wide} {step:.4g}" data-words="{esc(chr(10).join(words))}"'
    )


def reading(told: str, places: Sequence[float], rows: Sequence[Sequence[Cell]], at: int, first: bool = True) -> str:
    """Return the attributes of a drawing whose rows are read out one by one, as the values of a slider.

    Args:
        told: what is said of a row, already translated; ``{0}`` is the first cell after the key. The section has it, too.
        places: where each of the rows is drawn, in the drawing's own units; two ends for rows of equal width.
        rows: those that are read out: the first ones of the chart.
        at: the row to begin with.
        first: whether the key Tab comes here; to the others of a section the arrow keys up and down lead.
    """
    where = " ".join(f"{place:.4g}" for place in places)
    cells = lines([rows[at]]).split(",")
    now = re.sub(r"\{(\d+)\}", lambda place: cells[int(place[1])], told)
    return (
        f' role="slider" tabindex="{0 if first else -1}" aria-valuemin="1" aria-valuemax="{len(rows)}" '
        f'aria-valuenow="{at + 1}" aria-valuetext="{esc(now)}" data-x="{where}"'
    )


def bins(
    used: NDArray[np.floating], unused: NDArray[np.floating], low: float, high: float, count: int
) -> list[tuple[Cell, ...]]:
    """Return the rows of two histograms on one line, see ``BINNED``."""
    edges = np.linspace(low, high, count + 1)
    sides = (binned(side, low, high, count) for side in (used, unused))
    return [
        (float(left), float(right), int(above), int(below))
        for left, right, above, below in zip(edges[:-1], edges[1:], *sides, strict=True)
    ]


def bin_told(say: Say) -> str:
    """Return what is said of a bin."""
    places = {"low": "{0}", "high": "{1}", "used": "{2}", "unused": "{3}"}
    return say("score {low} to {high}: {used} used, {unused} unused", **places)


def lines(rows: Iterable[Sequence[Cell]]) -> str:
    """Return rows as CSV, numbers with four digits; no line break at the end."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([f"{cell:.4g}" if isinstance(cell, float) else cell for cell in row] for row in rows)
    return text.getvalue().removesuffix("\n")


def ticks(low: float, high: float) -> list[float]:
    """Return round numbers between two ends, at most ``MOST_TICKS``: steps of 1, 2 or 5 times a power of ten."""
    span = max(high - low, 1e-9)
    power = 10.0 ** np.floor(np.log10(span / MOST_TICKS))
    step = next(power * k for k in (1, 2, 5, 10, 20) if span / (power * k) < MOST_TICKS)
    return [float(step * k) for k in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)]


def number(value: float) -> str:
    """Write a tick or an end as readers do, with a real minus."""
    return f"{value:.3g}".replace("-", "−")
