"""Render the card of the papers' protocol: their tables beside ours, with controls.

The papers' figures are theirs (arXiv 2503.08332, Tables 1 and 2); all others come from the JSON that
``mint lab paper`` writes and from the twins' evaluations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mint.bundles.evaluation import LEVELS
from mint.i18n.labels import RECOGNISERS
from mint.lab.cards.markdown import Row, find, interval, rendered
from mint.lab.controls.names import PIXELS, UNTRAINED
from mint.report.paper_figures import ACCURACY as PAPER
from mint.report.paper_figures import SIZES as PAPER_SIZES
from mint.report.story.phrases import constant
from mint.storage.files import read_json, write_bytes

Found = Mapping[str, Any]
LAYERS = {
    "stage1": "conv 1", "stage2": "conv 2", "stage3": "conv 3", "stage4": "conv 4", "embedding": "outcome",
    "all": "all conv",
}  # fmt: skip
# What the pixels have in place of a layer: their one map is the crop, their output a 16 × 16 thumbnail.
PIXEL_LAYER = {"embedding": "embedding"}
PIXEL_NAMES = {"crop": "crop", "embedding": "16 × 16"}
TITLES = {"vanilla": "Table 1, Vanilla: channel maxima into a small network", "cnn": "Table 2, CNN: whole maps"}
ABOUT = {
    "mobilefacenet_y1": "MobileFaceNet-y1 of InsightFace, trained on MS1M. Glint360K contains MS1M, so these members are *likely* "
    "members, not known ones; and well-known people of LFW are likely in MS1M too, so the external side may not be clean either.",
    "face_recognition_sface_2021dec": "SFace of the OpenCV Zoo. Its training set is undocumented: nobody here knows whether any of these "
    "members is one.",
}
UNKNOWN = "Whether the members given trained this network is its user's claim."


def render_paper(weights: Path) -> None:
    """Write ``weights/cards/paper-protocol.md`` if there are measurements."""
    found = [read_json(path) for path in sorted((weights / "cards" / "paper").glob("*.json"))]
    if found:
        twins = {path.parent.name: read_json(path) for path in sorted(weights.glob("twin-*/evaluation.json"))}
        write_bytes(weights / "cards" / "paper-protocol.md", paper_card(found, twins).encode())


def paper_card(networks: Sequence[Found], twins: Mapping[str, Found]) -> str:
    """Render the whole card.

    Args:
        networks: what ``mint lab paper`` wrote, one a network.
        twins: evaluations by name.
    """
    return rendered(
        "paper.md.j2",
        reading=reading(networks, twins),
        networks=[_network(found) for found in networks],
        layers=LAYERS,
        paper_sizes=PAPER_SIZES,
        title=_title,
        accuracy=_accuracy,
        auc=_auc,
        twins=list(twins),
        same_source=[
            {
                "auditor": auditor,
                "layer": layer,
                "rows": [
                    find(e[level]["rows"], auditor=auditor, layer=layer) for e in twins.values() for level in LEVELS
                ],
            }
            for auditor, layer in _published_places()
        ],
    )


def reading(networks: Sequence[Found], twins: Mapping[str, Found]) -> str:
    """Render the summary; every figure in it is computed."""
    same = [
        row
        for twin in twins.values()
        for level in LEVELS
        for auditor, layer in _published_places()
        if (row := find(twin[level]["rows"], auditor=auditor, layer=layer)) is not None
    ]
    text = rendered(
        "paper_reading.md.j2",
        networks=[_comparison(found) for found in networks],
        twins=same,
        called=_called,
        pixel_layers=PIXEL_NAMES,
    )
    return text.rstrip("\n")


def _comparison(found: Found) -> dict[str, Any]:
    """Return a network's best auditor beside the best of both stand-ins, and how often a stand-in is level."""
    size = _samples(found, found["plan"]["control"])
    own = [row for row in found["rows"] if row["samples"] == size and not constant(row)]
    best = _best(own)
    blind = {name: _best(rows) for name, rows in found["controls"].items()}
    control = _best(list(blind.values()))
    return {
        "name": _title(found["network"]),
        "best": best,
        "untrained": blind[UNTRAINED],
        "pixels": blind[PIXELS],
        "reached": sum(_stand_in(found, row) >= row["auc"] for row in own),
        "of": len(own),
        "apart": best["auc_low"] > control["auc_high"],
        "left": best["auc"] - control["auc"],
    }


def _network(found: Found) -> dict[str, Any]:
    """Return what the card says of one network."""
    samples = _samples(found, found["plan"]["control"])
    largest = max(row["samples"] for row in found["rows"])
    everything = [*found["rows"], *(row for rows in found["controls"].values() for row in rows)]
    return {
        "found": found,
        "name": _title(found["network"]),
        "about": ABOUT.get(found["network"], UNKNOWN),
        "samples": samples,
        "largest": largest,
        "capped": max(row["samples"] for row in found["rows"] if row["auditor"] == "cnn") < largest,
        "failed": any(map(constant, everything)),
        "accuracies": [_accuracies(found, auditor) for auditor in PAPER],
        "aucs": [
            {
                "auditor": auditor,
                "layer": layer,
                "rows": [
                    find(found["rows"], auditor=auditor, layer=layer, samples=samples),
                    *_controls(found, auditor, layer),
                ],
            }
            for auditor, layer in _published_places()
        ],
    }


def _accuracies(found: Found, auditor: str) -> dict[str, Any]:
    """Return one of the papers' tables beside ours: a line for each of its layers."""
    sizes = list(dict.fromkeys(row["asked"] for row in found["rows"] if row["auditor"] == auditor))
    return {
        "title": TITLES[auditor],
        "sizes": [_label(found, auditor, size) for size in sizes],
        "lines": [
            {
                "layer": layer,
                "paper": paper,
                "rows": [
                    *(find(found["rows"], auditor=auditor, layer=layer, asked=size) for size in sizes),
                    *_controls(found, auditor, layer),
                ],
            }
            for layer, paper in PAPER[auditor].items()
        ],
    }


def _published_places() -> list[tuple[str, str]]:
    """Return the papers' auditors and layers, in their order."""
    return [(auditor, layer) for auditor, layers in PAPER.items() for layer in layers]


def _title(file: str) -> str:
    """Return a network's name; its file's, where it has no other."""
    return RECOGNISERS.get(file, file)


def _best(rows: Sequence[Row]) -> Row:
    return max(rows, key=lambda row: float(row["auc"]))


def _stand_in(found: Found, row: Row) -> float:
    """Return the better AUC of both controls for one row."""
    places = _controls(found, row["auditor"], row["layer"])
    return max((place["auc"] for place in places if place is not None), default=0.0)


def _controls(found: Found, auditor: str, layer: str) -> list[Row | None]:
    """Return the rows of the untrained graph and of the pixels that stand beside one of the network's."""
    return [
        find(found["controls"][UNTRAINED], auditor=auditor, layer=layer),
        find(found["controls"][PIXELS], auditor=auditor, layer=PIXEL_LAYER.get(layer, "crop")),
    ]


def _samples(found: Found, size: int) -> int:
    """Return how many training samples a size came to; a small database has fewer."""
    return int(min(size, max(row["samples"] for row in found["rows"])))


def _label(found: Found, auditor: str, size: int | str) -> str:
    samples = next(r["samples"] for r in found["rows"] if (r["auditor"], r["asked"]) == (auditor, size))
    return f"all {samples}" if size == "all" else str(samples)


def _accuracy(row: Row | None) -> str:
    if row is None:
        return "–"
    return "constant" if constant(row) else f"{row['accuracy']:.2f}"


def _auc(row: Row | None) -> str:
    return "constant" if row is not None and constant(row) else interval(row)


def _called(row: Row, names: Mapping[str, str] = LAYERS) -> str:
    return f"{row['auditor']}, {names[row['layer']]}"
