"""Show the papers' tables beside ours, with controls, and the references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mint.i18n.labels import RECOGNISERS, place
from mint.i18n.translate import ENGLISH, Say
from mint.report.paper_figures import ACCURACY, SIZES
from mint.report.sentences import REFERENCES
from mint.report.story.phrases import constant
from mint.storage.files import read_json
from mint.storage.paths import WEIGHTS
from mint.ui.html import esc
from mint.ui.views.proof.measured import figures_table

MEASURED = WEIGHTS / "cards" / "paper"  # what ``mint lab paper`` wrote, one JSON a network
NAMES = {"vanilla": "Vanilla: channel maxima into a small network", "cnn": "CNN: whole maps"}


def papers(say: Say = ENGLISH, links: bool = True, folder: Path = MEASURED) -> str:
    """Render the tables and the references.

    Args:
        say: the visitor's language.
        links: whether references may be clicked; a kiosk leads nowhere.
        folder: what ``mint lab paper`` wrote, one JSON a network.
    """
    found = [read_json(path) for path in sorted(folder.glob("*.json"))]
    return tables(found, say) + references(say, links)


def tables(found: Sequence[Mapping[str, Any]], say: Say = ENGLISH) -> str:
    """Render the papers' protocol on real recognisers, if it was run."""
    if not found:
        return ""
    told = say(
        "The papers take members from one database and non-members from another. Under that protocol the same auditors "
        "score well here too. But they do so on an untrained network as well and, for whole maps, on the bare pixels, which cannot "
        "know who was a member: much of what they find is which database a photo comes from. Balanced accuracy; 0.50 is a "
        "coin toss. “Constant”: the auditor’s training failed, and it gives everybody one answer."
    )
    parts = "".join(_network(one, say) for one in found)
    return (
        f'<section class="papers" aria-labelledby="papers-title"><h2 id="papers-title">{say("The papers’ tables, with the controls")}'
        f'</h2><p class="lead">{told}</p><div class="side">{parts}</div></section>'
    )


def _network(found: Mapping[str, Any], say: Say) -> str:
    file = str(found["network"])
    name = RECOGNISERS.get(file)
    kinds = "".join(_kind(kind, found, esc(name or file), say) for kind in ACCURACY)
    head = esc(file) if name is None else f"<span>{esc(name)} <small>{esc(file)}</small></span>"
    return f'<section class="measured"><h3>{head}</h3>{kinds}</section>'


def _kind(kind: str, found: Mapping[str, Any], whose: str, say: Say) -> str:
    size = int(found["plan"]["control"])
    here = _rows(found["rows"], kind, size)
    untrained, pixels = (_rows(found["controls"].get(name, ()), kind, size) for name in ("untrained", "pixels"))
    heads = (
        f'<th scope="col">{say("Layer")}</th><th scope="col">{say("paper, {size}", size=SIZES[1])}</th>'
        f'<th scope="col">{say("here, {size}", size=size)}</th><th scope="col">{say("untrained")}</th>'
        f'<th scope="col">{say("pixels")}</th>',
    )
    body = "".join(
        f'<tr><th scope="row">{esc(place(layer, say))}</th><td>{_share(paper[1])}</td><td><b>{_reached(here.get(layer), say)}</b></td>'
        f"<td>{_reached(untrained.get(layer), say)}</td><td>{_reached(pixels.get(layer, pixels.get('crop')), say)}</td></tr>"
        for layer, paper in ACCURACY[kind].items()
    )
    name = say(NAMES[kind])
    return f"<h4>{name}</h4>{figures_table((whose, name), heads, body)}"


def _rows(rows: Sequence[Mapping[str, Any]], kind: str, size: int) -> dict[str, Mapping[str, Any]]:
    return {r["layer"]: r for r in rows if r["auditor"] == kind and r["samples"] == size}


def _reached(row: Mapping[str, Any] | None, say: Say) -> str:
    """Write an auditor's accuracy; of one whose training failed, that it gives everybody one answer."""
    if row is None:
        return _share(None)
    return say("constant") if constant(row) else _share(float(row["accuracy"]))


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def references(say: Say = ENGLISH, links: bool = True) -> str:
    """Render the references."""
    items = "".join(_reference(entry, links) for entry in REFERENCES)
    return (
        f'<section class="references" aria-labelledby="references-title"><h2 id="references-title">{say("References")}</h2>'
        f"<ul>{items}</ul></section>"
    )


def _reference(entry: Mapping[str, Any], links: bool) -> str:
    name = f"<cite>{esc(entry['title'])}</cite>"
    if entry.get("url") and links:
        name = f'<a href="{esc(entry["url"])}" target="_blank" rel="noopener noreferrer">{name}</a>'
    return f"<li>{esc(entry['authors'])} ({esc(entry['year'])}): {name}. {esc(entry['where'])}.</li>"
