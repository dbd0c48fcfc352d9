"""Scan a network from its first stage to its head: at every stop, where this photo scores among people of the test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mint.evidence.score_table import REAL, TEST
from mint.i18n.labels import OWN, place
from mint.i18n.translate import ENGLISH, Say
from mint.report.render.marks import SLUG, shape
from mint.report.story.checks import LEVEL_SENTENCES
from mint.report.story.phrases import auc, auditors_auc, capital, sentence, word
from mint.types import FaceAudit, LayerScore
from mint.ui.html import badge, count, esc, inline, title
from mint.ui.views import chart_data
from mint.ui.views.details.abstentions import name_of, reasons
from mint.ui.views.details.saliency import Activity, cells, image
from mint.ui.views.histogram import outline

if TYPE_CHECKING:
    from mint.bundles.bundle import Bundle

WIDTH, HALF = 400, 30  # of a strip's drawing, and of each of its two sides
BINS = 40
EMBEDDING, ALL, HEAD = "embedding", "all", "head"
STOP_OF = {"views": HEAD}  # altered views are compared where the head stands, after everything else
SAME, PAPERS = "same", "papers"  # kinds of data, as the page's styles call them
COLUMNS = ("network", "data", "auditor", "layer", "this_photo", *chart_data.BINNED)


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """One kind of data: who stands above the line and who below, with every auditor's scores and figures.

    Attributes:
        members: column to scores of test pictures that the network was trained on.
        others: column to scores of those that it was not.
        figures: column to its row of the evaluation; empty where there is none.
        level: of the evaluation, which says who the others are.
    """

    members: Mapping[str, NDArray[np.floating]]
    others: Mapping[str, NDArray[np.floating]]
    figures: Mapping[str, Mapping[str, Any]]
    level: str = "sample"

    @classmethod
    def same_source(cls, bundle: Bundle) -> Data | None:
        """Return a bundle's test scores, as it was evaluated; None where it has no member or nobody beside."""
        from mint.bundles.evaluation import NON_MEMBERS, levels
        from mint.evidence.score_table import sides

        level = next(iter(levels(bundle.scores, (TEST,))), None)
        if level is None:
            return None
        return cls(*sides(bundle.test, NON_MEMBERS[level]), _figures((bundle.evaluation or {}).get(level)), level)

    @classmethod
    def of_papers(cls, bundle: Bundle) -> Data | None:
        """Return the same under the papers' protocol, whose non-members are of another database; None if it was not run."""
        from mint.bundles.evaluation import CROSS
        from mint.evidence.score_table import sides

        if CROSS not in bundle.scores:
            return None
        found = (bundle.evaluation or {}).get(CROSS) or {}
        return cls(*sides(bundle.scores[CROSS], REAL), _figures(found.get("sample")))

    def has(self, column: str) -> bool:
        """Return whether there is anything to draw."""
        return len(self.members.get(column, ())) > 0 and len(self.others.get(column, ())) > 0


def _figures(evaluation: Mapping[str, Any] | None) -> dict[str, Mapping[str, Any]]:
    rows = (evaluation or {}).get("rows") or ()
    return {f"{row['auditor']}/{row['layer']}": row for row in rows}


def column_of(said: LayerScore) -> str:
    """Return the column of a bundle that holds an auditor's scores."""
    return f"{said.auditor}/{said.layer}"


def scannable(face: FaceAudit, bundle: Bundle) -> bool:
    """Return whether a bundle has test scores of any auditor that scored this face."""
    data = Data.same_source(bundle)
    return data is not None and any(data.has(column_of(said)) for said in face.layers)


def scan(
    found: Mapping[str, FaceAudit],
    bundles: Mapping[str, Bundle],
    crops: Mapping[str, np.ndarray],
    maps: Activity,
    say: Say = ENGLISH,
) -> str:
    """Draw every stop of each network, one network and one kind of data at a time; radio buttons switch without a script.

    On a phone, where the stops take longer than the answer, ``scan.js`` folds them up until they are asked for.

    Args:
        found: network to what it says of the chosen face; those that are ``scannable``.
        bundles: network to its bundle.
        crops: network to (112, 112, 3) uint8 RGB, the face as it was shown it.
        maps: network to tap to (H, W) activity in [0, 1].
        say: the visitor's language.
    """
    if not found:
        return ""
    papers = {network: Data.of_papers(bundles[network]) for network in found}
    switches = _switch("network", say("Network"), [(f"{badge(n)}<span>{title(n, say)}</span>", "") for n in found], 0)
    if any(papers.values()):
        kinds = [(f"<span>{say('Papers’ data')}</span>", PAPERS), (f"<span>{say('Same source')}</span>", SAME)]
        switches += _switch("data", say("Data"), kinds, 1)
    passes = "".join(
        _pass(number, network, face, bundles[network], papers[network], crops, maps.get(network, {}), say)
        for number, (network, face) in enumerate(found.items())
    )
    told = say(
        "The photo passes through the network from top to bottom. At every stop auditors, small models that look for signs of "
        "use, give it a score. Each strip shows the scores of photos whose truth is known: least like a used one at the left, "
        "most at the right."
    )
    legend = "".join(
        f'<li><svg viewBox="0 0 20 20" aria-hidden="true">{drawn}</svg>{words}</li>'
        for drawn, words in (
            ('<path class="used" d="M1 15V9h4V4h5V2h4v6h5v7Z"/><path class="axis" d="M0 15H20"/>', say("above: used")),
            (
                '<path class="unused" d="M1 5v6h4v5h5v2h4v-6h5V5Z"/><path class="axis" d="M0 5H20"/>',
                say("below: unused"),
            ),
            ('<path class="dot" d="M10 10h0"/>', say("this photo")),
        )
    )
    return (
        f'<section class="scan" aria-labelledby="scan-title"{chart_data.charts("scan", COLUMNS, chart_data.bin_told(say))}><h3 id="scan-title">{say("Scan through the layers")}</h3>'
        f'<p class="fine">{told}</p><details class="whole" open><summary>{say("Every stop, with its auditors")}</summary>'
        f'<ul class="legend">{legend}</ul><div class="switches">{switches}</div>{passes}{chart_data.save(say)}</details></section>'
    )


def _switch(name: str, label: str, choices: Sequence[tuple[str, str]], chosen: int) -> str:
    """Render radio buttons; without a value of their own they are numbered."""
    buttons = "".join(
        f'<label><input type="radio" name="scan-{name}" value="{value or number}"{" checked" if number == chosen else ""}>'
        f"{drawn}</label>"
        for number, (drawn, value) in enumerate(choices)
    )
    return f'<fieldset class="switch"><legend>{label}</legend><div>{buttons}</div></fieldset>'


def _pass(
    number: int,
    network: str,
    face: FaceAudit,
    bundle: Bundle,
    papers: Data | None,
    crops: Mapping[str, np.ndarray],
    maps: Mapping[str, NDArray[np.float32]],
    say: Say,
) -> str:
    same = Data.same_source(bundle)
    assert same is not None, "only what is scannable is scanned"
    stops = _stops(face.layers, maps)
    shared, why = reasons(stops, face, bundle, say)
    body = "".join(
        _stop(
            stop,
            _zoom(network, stop, crops[network], maps[stop], say) if stop in maps else "",
            [_strip(network, said, same, papers, say) for said in heard],
            why[stop],
            say,
        )
        for stop, heard in stops.items()
    )
    for kind in (SAME, PAPERS):  # by the key Tab to the first strip of each, from there by arrow keys
        start = f' data-key="{esc(chart_data.lines([(network, kind)]))},'
        before, found, after = body.partition(start)
        body = before + found + after.replace('tabindex="-1"', 'tabindex="0"', 1)
    return (
        f'<div class="pass" data-place="{number}" role="group" aria-label="{inline(network, say)}">'
        f'<div class="meaning" aria-live="polite"><p class="on-same">{_meaning_same(same, "pool" in bundle.facts, say)}</p>'
        f'<p class="on-papers">{_meaning_papers(papers, say)}</p></div>{shared}<ol class="stops">{body}</ol></div>'
    )


def _meaning_same(data: Data, pool: bool, say: Say) -> str:
    who = esc(sentence(say(LEVEL_SENTENCES[data.level])))
    told = (
        say("Both sides come from one source, so the source gives nothing away. AUC 0.5 is a coin toss, 1 is perfect.")
        if pool
        else say(
            "Whether both sides come from one source is not known: another source can look like use. AUC 0.5 is a coin toss, "
            "1 is perfect."
        )
    )
    return f"<b>{who}</b> {told}"


def _meaning_papers(data: Data | None, say: Say) -> str:
    if data is None:
        return say("This network was not measured with the papers’ data.")
    who = say("Used photos against real faces of another database, as in the papers.")
    told = say(
        "Here an auditor can win by telling the databases apart: compare its AUC with the one below, where no member is on "
        "either side, only other photos of the same people against that database. These auditors were fitted anew and did "
        "not score this photo, so it has no dot here."
    )
    return f"<b>{who}</b> {told}"


def _stops(layers: Sequence[LayerScore], maps: Mapping[str, Any]) -> dict[str, list[LayerScore]]:
    """Return stop to the auditors that read it, in the order of the network; a stop may have a map alone."""
    found: dict[str, list[LayerScore]] = {tap: [] for tap in maps}
    for said in layers:
        found.setdefault(STOP_OF.get(said.layer, said.layer), []).append(said)
    last = (EMBEDDING, ALL, HEAD)
    order = sorted(found, key=lambda stop: last.index(stop) if stop in last else -1)  # stages keep their order
    return {stop: found[stop] for stop in order}


def _stop(stop: str, zoom: str, strips: Sequence[str], reasons: str, say: Say) -> str:
    name = say("Head and altered views") if stop == HEAD else esc(place(stop, say))
    small = f"<small>{say('added by this project')}</small>" if stop == HEAD else ""
    return (
        f'<li class="stop"><div class="where"><h4>{name}{small}</h4>{zoom}</div>'
        f'<div class="strips">{"".join(strips)}{reasons}</div></li>'
    )


def _zoom(network: str, tap: str, crop: np.ndarray, energy: NDArray[np.float32], say: Say) -> str:
    """Render a map that grows on demand: the styles enlarge the very picture of the summary."""
    told = say("Orange: where the activation maps of this stage stand out. You cannot tell used from unused by eye.")
    return (
        f'<details class="zoom"><summary>{image(network, tap, crop, energy, say)}<small>{cells(energy, say)}</small></summary>'
        f'<p class="fine">{told}</p></details>'
    )


def _strip(network: str, said: LayerScore, same: Data, papers: Data | None, say: Say) -> str:
    name, small = name_of(said, say)
    column = column_of(said)
    silent = "" if said.speaks else " silent"
    key = (said.auditor, said.layer)
    here = _drawn(same, column, said.score, say, (network, SAME, *key))
    there = "" if papers is None else _drawn(papers, column, None, say, (network, PAPERS, *key))
    checked = "" if papers is None else _checked(papers.figures.get(column), say)
    # Of those at the head the stop itself says so.
    if said.auditor in OWN and STOP_OF.get(said.layer, said.layer) != HEAD:
        small = f"{small}; {say('added by this project')}"
    small = f"<small>{esc(small)}</small>" if small else ""
    heard = (
        f'<p class="heard {SLUG[said.verdict]}">{shape(said.verdict)}<span>{esc(word(said.verdict, say))}</span></p>'
    )
    return (
        f'<div class="strip"><h5>{esc(name)}{small}</h5><div class="on-same{silent}">{here}{heard}</div>'
        f'<div class="on-papers">{there}{checked}</div></div>'
    )


def _drawn(data: Data, column: str, score: float | None, say: Say, key: tuple[str, ...]) -> str:
    if not data.has(column):
        return f'<p class="unmeasured">{say("not measured with this data")}</p>'
    value, within = auditors_auc(data.figures.get(column, {}), say)
    within = f" <small>{within}</small>" if within else ""
    return f'<p class="auc">AUC <b>{value}</b>{within}</p>{drawing(data.members[column], data.others[column], score, say, key)}'


def _checked(figures: Mapping[str, Any] | None, say: Say) -> str:
    """Render whether an auditor beats its controls on the papers' data, and what it tells apart without any member."""
    if figures is None:
        return ""
    passes = bool((figures.get("gate") or {}).get("passes"))
    told = say("beats its controls") if passes else say("does not beat its controls")
    value, within = auc(figures.get("without_membership") or {})
    within = f" ({within})" if within else ""
    check = say("no member on either side: AUC {auc}", auc=f"{value}{within}")
    return f'<p class="heard {"passes" if passes else "fails"}"><span>{capital(told)}<small>{check}</small></span></p>'


def ends(
    members: NDArray[np.floating], others: NDArray[np.floating], score: float | None = None
) -> tuple[float, float]:
    """Return the scores at a strip's ends: nearly everybody lies between them, and this photo always does."""
    every = np.concatenate([members, others])
    low, high = (float(np.quantile(every, share)) for share in (0.005, 0.995))
    if score is not None:
        low, high = min(low, score), max(high, score)
    margin = 0.03 * max(high - low, 1e-9)
    return low - margin, high + margin


def drawing(
    members: NDArray[np.floating],
    others: NDArray[np.floating],
    score: float | None,
    say: Say = ENGLISH,
    key: tuple[str, ...] = (),
) -> str:
    """Draw members above the line and non-members below, each to its own height, and a dot at this photo's score.

    Args:
        members: scores above.
        others: scores below.
        score: of this photo; None where it was not scored.
        say: the visitor's language.
        key: whose scores they are: network, data, auditor, layer.
    """
    low, high = ends(members, others, score)
    label = say(
        "{members} used photos above the line, {others} unused ones below",
        members=count(len(members)),
        others=count(len(others)),
    )
    rows = chart_data.bins(members, others, low, high, BINS)
    above, below = (np.array([row[side] for row in rows]) for side in (2, 3))
    at = BINS // 2 if score is None else min(BINS - 1, int(BINS * (score - low) / (high - low)))
    read = chart_data.bins_of(rows, (*key, score)) + chart_data.reading(
        chart_data.bin_told(say), (0, WIDTH), rows, at, first=False
    )
    dot = ""
    if score is not None:
        x = WIDTH * (score - low) / (high - low)
        label += f"; {say('this photo')}: {chart_data.number(score)}"
        # Lines without length and with round ends: they stay round however wide the strip is drawn.
        dot = f'<path class="drop" d="M{x:.1f} 0V{2 * HALF}"/><path class="ring" d="M{x:.1f} {HALF}h0"/><path class="dot" d="M{x:.1f} {HALF}h0"/>'
    return (
        f'<svg class="cloud" viewBox="0 0 {WIDTH} {2 * HALF}" preserveAspectRatio="none" aria-label="{label}"{read}>'
        f'<path class="used" d="{outline(above, WIDTH, HALF, above=True)}"/><path class="unused" d="{outline(below, WIDTH, HALF, above=False)}"/>'
        f'<path class="axis" d="M0 {HALF}H{WIDTH}"/>{dot}</svg><p class="scale" aria-hidden="true">'
        f"<span>{chart_data.number(low)}</span><span>{chart_data.number(high)}</span></p>"
    )
