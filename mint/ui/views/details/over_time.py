"""Draw a face's score under every version of a network, and since which version the photo was used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mint.i18n.translate import ENGLISH, Say
from mint.report.render.marks import SLUG, shape
from mint.report.story.over_time import LEGEND, TITLE, figure, measured_line, over_time_lines, place_of
from mint.report.story.phrases import limit
from mint.types import Verdict
from mint.ui.html import esc, inline
from mint.ui.views import chart_data

COLUMNS = ("version", "score", "threshold", "usual_low", "usual_high", "log_ratio", "first", "in_set", "taken_out")
MARGIN = 0.05  # of the width of all that is drawn, on either side
Answer = Mapping[str, Any]  # an ``OverTime`` as JSON values, with its sentences


def over_time(said: Answer, names: Sequence[str], measured: Mapping[str, Any], say: Say = ENGLISH) -> str:
    """Draw a line a version: where nine in ten unused photos lie, the threshold, and this photo's score.

    Args:
        said: the answer on a face.
        names: of the versions, the oldest first.
        measured: how often such answers are right, ``Series.measured``.
        say: the visitor's language.
    """
    verdict = Verdict(said["verdict"])
    first, *more = (esc(line) for line in over_time_lines(said, say))
    low, high = _ends(said)
    ticks = "".join(
        f'<span style="left:{_share(value, low, high):.2%}">{chart_data.number(value)}</span>'
        for value in chart_data.ticks(low, high)
    )
    heads = (
        (say("version"), ""),
        (f'<span class="hidden">{say("score and threshold, drawn")}</span><span class="ticks" aria-hidden="true">{ticks}</span>', ""),
        (say("score"), ' class="num"'),
        (say("threshold"), ' class="num"'),
        (say("answer"), ""),
    )  # fmt: skip
    head = "".join(f'<th scope="col" role="columnheader"{style}>{told}</th>' for told, style in heads)
    rows = "".join(_row(place, names, said, (low, high), say) for place in range(len(names)))
    return _section(
        f'<p class="fine">{esc(say(LEGEND))}</p><div role="status"><p class="said {SLUG[verdict]}">{shape(verdict)}'
        f'<b>{first}</b></p><ul class="told">{"".join(f"<li>{line}</li>" for line in more)}</ul></div>'
        f'<table role="table"><thead role="rowgroup"><tr role="row">{head}</tr></thead><tbody role="rowgroup">{rows}</tbody></table>'
        f'{_keys(said["alpha"], say)}<p class="fine">{esc(measured_line(measured, say))}</p>{chart_data.save(say)}',
        say,
        f"{chart_data.charts('versions', COLUMNS)}{chart_data.rows_of(_data(names, said))}",
    )


def instead(told: str, say: Say = ENGLISH) -> str:
    """Render a translated message in place of the chart, where the versions have no answer or none yet."""
    return _section(f'<p class="fine" role="status">{esc(told)}</p>', say)


def _section(inside: str, say: Say, more: str = "") -> str:
    return f'<section class="versions" aria-labelledby="versions-title"{more}><h3 id="versions-title">{say(TITLE)}</h3>{inside}</section>'


def _ends(said: Answer) -> tuple[float, float]:
    """Return the ends of the drawing: all that is drawn, and a little more."""
    drawn = [value for value in (*said["scores"], *said["thresholds"]) if value is not None]
    drawn += [end for ends in said["usual"] for end in ends]
    margin = MARGIN * max(max(drawn) - min(drawn), 1e-9)
    return min(drawn) - margin, max(drawn) + margin


def _share(value: float, low: float, high: float) -> float:
    return (value - low) / (high - low)


def _row(place: int, names: Sequence[str], said: Answer, ends: tuple[float, float], say: Say) -> str:
    """Render a version: its line, and beside it all numbers, so that the line need not be seen."""
    name, score, threshold = names[place], said["scores"][place], said["thresholds"][place]
    (usual_low, usual_high), told = said["usual"][place], esc(place_of(name, said, say))
    left, right = _share(usual_low, *ends), _share(usual_high, *ends)
    marks = f'<i class="usual" style="left:{left:.2%};width:{right - left:.2%}"></i>'
    if threshold is not None:
        marks += f'<i class="threshold" style="left:{_share(threshold, *ends):.2%}"></i>'
    if score is not None:
        marks += f'<i class="dot" style="left:{_share(score, *ends):.2%}"></i>'
    kinds = {"first": name == said["first"], "possible": name in said["versions"], "out": name == _taken_out(said)}
    return (
        f'<tr role="row" class="{" ".join(kind for kind, is_so in kinds.items() if is_so)}">'
        f'<th scope="row" role="rowheader">{inline(name, say)}</th>'
        f'<td role="cell" class="line"><span class="track" aria-hidden="true">{marks}</span></td>'
        f'<td role="cell" class="num"><span class="of" aria-hidden="true">{say("score")} </span>{figure(score)}</td>'
        f'<td role="cell" class="num"><span class="of" aria-hidden="true">{say("threshold")} </span>{figure(threshold)}</td>'
        f'<td role="cell" class="place">{told}</td></tr>'
    )


def _keys(alpha: float, say: Say) -> str:
    kinds = {
        "dot": say("this photo"),
        "threshold": say("threshold of that version alone, at α = {alpha}", alpha=limit(alpha)),
        "usual": say("nine in ten photos that no version used"),
    }
    items = "".join(f'<li><i class="{kind}"></i>{told}</li>' for kind, told in kinds.items())
    return f'<ul class="keys">{items}</ul>'


def _data(names: Sequence[str], said: Answer) -> Iterable[Sequence[chart_data.Cell]]:
    """Yield all that is drawn as numbers."""
    for place, name in enumerate(names):
        yield (
            name, said["scores"][place], said["thresholds"][place], *said["usual"][place],
            said["ratios"][place] if said["ratios"] else None,
            int(name == said["first"]), int(name in said["versions"]), int(name == _taken_out(said)),
        )  # fmt: skip


def _taken_out(said: Answer) -> str | None:
    """Return the version that looks as if it had come without the photo."""
    return None if said["removal"] is None else said["removal"]["version"]
