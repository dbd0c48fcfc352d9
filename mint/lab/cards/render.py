"""Render cards and tables of results from the evaluations, by one command; no figure is typed by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mint.bundles.bundle import BLIND
from mint.bundles.evaluation import LEVELS
from mint.bundles.files import EVALUATION, load_bundle
from mint.errors import MintError
from mint.evidence.score_table import MEMBERS, OPENPEOPLE, OUTSIDERS, PERSON, PHOTO, REAL, SIBLINGS
from mint.i18n.labels import PAIRS
from mint.judging.privacy import USUAL_DELTA, measured_epsilons
from mint.lab.cards.attacks import render_attacks
from mint.lab.cards.folder_share import render_folder_share
from mint.lab.cards.markdown import rendered
from mint.lab.cards.model_card import card
from mint.lab.cards.paper import render_paper
from mint.lab.cards.peers import render_peers
from mint.lab.cards.people import people_section
from mint.lab.cards.recognition import recognition_section
from mint.lab.cards.reference import render_reference
from mint.lab.cards.scale_law import render_scale_law
from mint.lab.evaluation.bundle_plots import plot_bundle
from mint.storage.files import read_json, write_bytes

BEGIN, END = "<!-- results: rendered by `mint lab cards`, do not edit -->", "<!-- /results -->"
SHOWN = (
    ("published, channel maxima, all stages", "vanilla", "all"),
    ("published, channel maxima, embedding", "vanilla", "embedding"),
    ("published, whole maps, all stages", "cnn", "all"),
    ("consistency", "consistency", "views"),
    ("prototype", "prototype", "head"),
    ("centred: views kept to a class centre", "centred", "head"),
    ("recall: the prototype at the best cut", "recall", "head"),
    ("combined", "combined", "all"),
)
PUBLISHED, COMBINED = ("cnn", "all"), ("combined", "all")  # auditor and layer of rows
SOURCE_LABELS = {
    MEMBERS: "photos the network was trained on",
    SIBLINGS: "other photos of trained people",
    OUTSIDERS: "generated people never trained on",
    OPENPEOPLE: "photographic fictional people (few)",
    REAL: "real faces",
}
ACCUSED = {MEMBERS: "training photos", SIBLINGS: "unused photos of the same people", REAL: "real faces"}
Evaluations = Mapping[str, Mapping[str, Any]]


def render(weights: Path, readme: Path, results: Path) -> None:
    """Write every card in ``weights/cards``, all tables of results, and the few rows that the README shows.

    Args:
        weights: folder of the bundles.
        readme: gets ``readme_table`` between its two marker lines.
        results: gets ``results_tables`` between the same lines.

    Raises:
        MintError: a document lacks the marker lines. The cards are written all the same.
    """
    cards = weights / "cards"
    evaluations = {name: read_json(weights / name / EVALUATION) for name in bundles_in(weights)}
    for name, found in evaluations.items():
        bundle = load_bundle(weights / name)
        text = card(
            name,
            found,
            bundle.facts,
            tried(cards),
            people_section(found),
            recognition_section(cards),
            measured_epsilons(bundle, delta=USUAL_DELTA),
        )
        write_bytes(cards / f"{name}.md", text.encode())
        plot_bundle(bundle, cards / "plots" / name, ".svg")
    render_paper(weights)
    render_peers(cards)
    render_reference(cards)
    render_attacks(cards)
    render_scale_law(cards)
    render_folder_share(cards)
    fill(readme, readme_table(evaluations))
    fill(results, results_tables(evaluations))


def bundles_in(weights: Path) -> list[str]:
    """Return the names of the measured bundles in a folder: the pairs that ship in their order, then others by name."""
    shipped = [network for pair in PAIRS.values() for network in pair.networks]
    there = sorted(path.parent.name for path in weights.glob(f"*/{EVALUATION}"))
    return sorted(there, key=lambda name: shipped.index(name) if name in shipped else len(shipped))


def fill(document: Path, tables: str) -> None:
    """Replace what stands between the two marker lines of a document.

    Raises:
        MintError: the lines are not there, once each and in this order.
    """
    text = document.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in before + after:
        raise MintError(f"{document} has no place for the results: it needs the lines {BEGIN} and {END}, once each.")
    write_bytes(document, f"{before}{BEGIN}\n{tables}{END}{after}".encode())


def tried(cards: Path) -> list[dict[str, Any]]:
    """Return what was tried to strengthen the consistency auditor, if it is on record."""
    path = cards / "strength.json"
    return read_json(path)["rows"] if path.is_file() else []


def readme_table(evaluations: Evaluations) -> str:
    """Render the README's five rows: the papers' protocol, the same source, and who is accused."""
    same = [e["sample"] for e in evaluations.values()]
    papers = [
        _find(e["cross-database"]["sample"], *PUBLISHED) if "cross-database" in e else None
        for e in evaluations.values()
    ]
    rows: dict[str, list[Mapping[str, Any] | None]] = {
        "published auditor, the papers' protocol: used photos against another database": [*papers],
        "the same auditor: *unused* photos against that database": [p and p["without_membership"] for p in papers],
        "published auditor, same source: used against unused photos of the same people": [
            _find(e, *PUBLISHED) for e in same
        ],
        "MINT's auditors combined, same source": [_find(e, *COMBINED) for e in same],
        "control: the auditors on the bare pixels, same source": [e["controls"].get("pixels") for e in same],
    }
    counts: dict[str, str] = {}
    for name, *found in zip(evaluations, *rows.values(), strict=True):
        counted = ", ".join(sizes([row]) for row in found)
        same_sizes = next((names for names, those in counts.items() if those == counted), None)
        counts = {f"{names}, {name}" if names == same_sizes else names: those for names, those in counts.items()}
        if same_sizes is None:
            counts[name] = counted
    return rendered(
        "readme_table.md.j2",
        evaluations=dict(zip(evaluations, same, strict=True)),
        rows=rows,
        counts=counts,
        command=f"mint lab evaluate weights/{next(iter(evaluations))}",
        accused=ACCUSED,
        photo=PHOTO,
    )


def results_tables(evaluations: Evaluations) -> str:
    """Render all tables: auditors, controls, the papers' protocol, who gets "evidence of use"."""
    first = next(iter(evaluations.values()))["sample"]
    levels = [e[level] for e in evaluations.values() for level in LEVELS]
    there = {(row["auditor"], row["layer"]) for row in first["rows"]}
    shown = {label: place for label, *place in SHOWN if tuple(place) in there}
    cross = {n: e["cross-database"]["sample"] for n, e in evaluations.items() if "cross-database" in e}
    return rendered(
        "results.md.j2",
        evaluations=evaluations,
        auditors={
            **{label: [_find(e, *place) for e in levels] for label, place in shown.items()},
            **{f"control: {c}": [e["controls"].get(c) for e in levels] for c in first["controls"]},
        },
        cross=list(cross),
        published={label: [_find(e, *place) for e in cross.values()] for label, *place in SHOWN[:3]},
        controls={
            control: [max(e["controls"][control]["rows"], key=lambda r: r["auc"]) for e in cross.values()]
            for control in BLIND
        },
        kinds=SOURCE_LABELS,
        photo=PHOTO,
        person=PERSON,
        sizes=sizes,
    )


def sizes(rows: Iterable[Mapping[str, Any] | None]) -> str:
    """Write how many photos stand on the sides of a comparison, ``1328/1968``; of several networks, what differs."""
    return " or ".join(dict.fromkeys(f"{row['members']}/{row['non_members']}" if row else "–" for row in rows))


def _find(evaluation: Mapping[str, Any], auditor: str, layer: str) -> dict[str, Any]:
    row: dict[str, Any] = next(r for r in evaluation["rows"] if (r["auditor"], r["layer"]) == (auditor, layer))
    return row
