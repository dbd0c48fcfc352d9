"""Render the card of the papers' protocol: their tables beside ours, with controls.

The papers' figures are theirs (arXiv 2503.08332, Tables 1 and 2); all others come from the JSON that
``mint lab paper`` writes and from the twins' evaluations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mint.evidence.paper_figures import ACCURACY as PAPER
from mint.evidence.paper_figures import SIZES as PAPER_SIZES
from mint.lab.cards.markdown import interval, table
from mint.lab.controls.names import PIXELS, UNTRAINED
from mint.storage.files import read_json, write_bytes

Row = Mapping[str, Any]
Found = Mapping[str, Any]
LAYERS = {
    "stage1": "conv 1", "stage2": "conv 2", "stage3": "conv 3", "stage4": "conv 4", "embedding": "outcome",
    "all": "all conv",
}  # fmt: skip
# What the pixels have in place of a layer: their one map is the crop, their output a 16 × 16 thumbnail.
PIXEL_LAYER = {"embedding": "embedding"}
PIXEL_NAMES = {"crop": "crop", "embedding": "16 × 16"}
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
    lines = [
        "# The papers' protocol, on real recognisers", "",
        "MINT-Demo (arXiv 2503.08332) trains its auditors with members from one database and non-members from others. Here the same "
        "auditors are trained the same way on recognisers that can be had, and then once more on two stand-ins that cannot know who was a "
        "member: the same graph with *untrained* weights, and the bare *pixels*. What the stand-ins reach, the databases give away by "
        "themselves. Tables show balanced accuracy, as the papers do; the threshold is fixed on validation people.", "",
        "## Reading", "", reading(networks, twins), "",
    ]  # fmt: skip
    for found in networks:
        lines += _network(found)
    lines += _same_source(twins)
    lines += ["## To make it again", "", "```", *_commands(networks), "mint lab cards", "```", ""]
    return "\n".join(lines)


def reading(networks: Sequence[Found], twins: Mapping[str, Found]) -> str:
    """Render the summary; every figure in it is computed."""
    parts = []
    for found in networks:
        size = found["plan"]["control"]
        own = [row for row in found["rows"] if row["samples"] == _samples(found, size) and not _constant(row)]
        best = max(own, key=lambda row: row["auc"])
        blind = {name: max(rows, key=lambda row: row["auc"]) for name, rows in found["controls"].items()}
        control = max(blind, key=lambda name: blind[name]["auc"])
        reached = sum(_stand_in(found, row) >= row["auc"] for row in own)
        apart = best["auc_low"] > blind[control]["auc_high"]
        conclusion = (
            f"Their intervals do not overlap, which leaves {best['auc'] - blind[control]['auc']:.3f} of AUC that neither stand-in explains; "
            "whether that is membership, or a trained network seeing better how two databases differ, this protocol cannot tell."
            if apart
            else "Their intervals overlap: nothing here needs membership to be explained."
        )
        parts.append(
            f"On **{found['network']}**, with {best['samples']} training samples, the best auditor ({_name(best)}) reaches AUC {interval(best)}, "
            f"balanced accuracy {best['accuracy']:.2f}. The best on the untrained graph ({_name(blind[UNTRAINED])}) reaches "
            f"{interval(blind[UNTRAINED])}, on the pixels ({_name(blind[PIXELS], PIXEL_NAMES)}) {interval(blind[PIXELS])}: neither can know a member. "
            f"In {reached} of {len(own)} rows a stand-in does at least as well as the network itself. {conclusion}"
        )
    same = [row for twin in twins.values() for level in ("sample", "identity") for row in _published(twin[level])]
    if same:
        low, high = min(row["auc"] for row in same), max(row["auc"] for row in same)
        parts.append(
            f"Where members and non-members come from one source and the training set is known, on the twins, the same auditors lie between "
            f"AUC {low:.2f} and {high:.2f}, and of {len(same)} intervals {sum(row['auc_low'] > 0.5 for row in same)} lie above 0.5 and {sum(row['auc_high'] < 0.5 for row in same)} "
            "below."
        )
    parts.append(
        "So high figures under this protocol are evidence that two databases differ. They are not evidence that a network was trained on one "
        "of them, and the protocol offers no way to find out how much of them would be."
    )
    return " ".join(parts)


def _network(found: Found) -> list[str]:
    counts, near, splits, plan = found["counts"], found["too close to a member"], found["splits"], found["plan"]
    test = splits["test"]
    return [
        f"## {found['network']}", "",
        f"{ABOUT.get(found['network'], UNKNOWN)} sha256 `{found['sha256']}`.", "",
        *table(("depth", "tensor", "channels", "side of the map"),
               *((LAYERS[t["name"]], f"`{t['module']}`", t["channels"], 112 // t["stride"]) for t in found["taps"])),
        f"Members: {found['members']}, {counts['members: photos']} photos of {counts['members: people']} people. External: "
        f"{found['external']}, {counts['external: photos']} photos of {counts['external: people']} people, less "
        f"{counts['external: namesakes removed, people']} namesakes (of the same folder name; numbered people have none), {counts['external: photos without a face']} drawn photos without a face, "
        f"and {near['photos removed']} drawn photos ({near['people touched']} people) whose embedding ({near['judged by']}) comes to a cosine "
        f"of {near['limit']} or more to a member person's mean; {near['member crops that reach it with their own person']:.1%} of member crops "
        f"reach that with their own person and {near['member crops that reach it with another person']:.1%} with another. Every crop is "
        f"112 × 112 and passes through one more JPEG (quality {plan['jpeg quality']}, 4:2:0), the same for both sides. No person is in two "
        f"splits; the intervals resample people, of whom the test has {test['members']['people']} members (few, hence wide) and "
        f"{test['external']['people']} external, with {test['members']['photos']} photos each.", "",
        *_accuracies(found, "vanilla", "Table 1, Vanilla: channel maxima into a small network"),
        *_accuracies(found, "cnn", "Table 2, CNN: whole maps"),
        *_note(found),
        *_aucs(found),
    ]  # fmt: skip


def _accuracies(found: Found, auditor: str, title: str) -> list[str]:
    sizes = list(dict.fromkeys(row["asked"] for row in found["rows"] if row["auditor"] == auditor))
    control = _samples(found, found["plan"]["control"])
    rows = []
    for layer, paper in PAPER[auditor].items():
        own = [_accuracy(_row(found["rows"], auditor, layer, asked=size)) for size in sizes]
        blind = [_accuracy(_control(found, name, auditor, layer)) for name in (UNTRAINED, PIXELS)]
        rows.append((LAYERS[layer], *(f"{value:.2f}" for value in paper), *own, *blind))
    heads = [f"here, {_label(found, auditor, size)}" for size in sizes]
    return [
        f"### {title}", "",
        *table(("layer", *(f"paper, {size}" for size in PAPER_SIZES), *heads, f"untrained, {control}", f"pixels, {control}"), *rows),
    ]  # fmt: skip


def _aucs(found: Found) -> list[str]:
    samples = _samples(found, found["plan"]["control"])
    rows = [
        (auditor, LAYERS[layer], _interval(_row(found["rows"], auditor, layer, samples=samples)),
         *(_interval(_control(found, name, auditor, layer)) for name in (UNTRAINED, PIXELS)))
        for auditor, layers in PAPER.items()
        for layer in layers
    ]  # fmt: skip
    return [
        f"### AUC with its 95 % interval, {samples} training samples", "",
        *table(("auditor", "layer", "network", "untrained", "pixels"), *rows),
    ]  # fmt: skip


def _note(found: Found) -> list[str]:
    plan = found["plan"]
    largest = max(row["samples"] for row in found["rows"])
    capped = (
        f" Auditors of whole maps were given at most {plan['whole_maps']} training samples (of {largest}), to fit an hour of one processor thread."
        if max(row["samples"] for row in found["rows"] if row["auditor"] == "cnn") < largest
        else ""
    )
    everything = [*found["rows"], *(row for rows in found["controls"].values() for row in rows)]
    failed = (
        " *Constant*: this auditor ended up giving everybody one answer. The published form does not normalise its input, and hundreds of "
        "channel maxima, all positive, can switch off its units within a few steps; that is a failure of the auditor and says nothing about the "
        "maps (a low figure beside it may be half such a failure). It is left out of the reading."
        if any(map(_constant, everything))
        else ""
    )
    return [
        "Pixels have no layers: where the network has maps they have the crop itself (for Vanilla its three maxima, one a colour), and for "
        "*outcome* a thumbnail of 16 × 16. The untrained graph has weights drawn as before a training, and batch norms settled on external crops."
        f"{capped} Vanilla was trained for at most {plan['vanilla_epochs']} epochs, CNN for at most {plan['cnn_epochs']} epochs and about "
        f"{plan['cnn_batches']} batches (at least 3 epochs), both stopped early on the validation people. The paper has no CNN over all layers.{failed}",
        "",
    ]


def _same_source(twins: Mapping[str, Found]) -> list[str]:
    if not twins:
        return []
    lines = ["## The same auditors under the same-source protocol", "",
             "On the twins, whose training sets are known: members against other photos of the same people (*this photo*), and against "
             "generated people the network never saw (*new people*). AUC with its 95 % interval.", ""]  # fmt: skip
    heads = [f"{name}, {question}" for name in twins for question in ("this photo", "new people")]
    rows = []
    for auditor, layers in PAPER.items():
        for layer in layers:
            cells = [
                interval(_row(e[level]["rows"], auditor, layer))
                for e in twins.values()
                for level in ("sample", "identity")
            ]
            rows.append((auditor, LAYERS[layer], *cells))
    return [*lines, *table(("auditor", "layer", *heads), *rows)]


def _published(evaluation: Found) -> list[Row]:
    """Return the rows of the papers' auditors at the papers' layers."""
    found = [_row(evaluation["rows"], auditor, layer) for auditor, layers in PAPER.items() for layer in layers]
    return [row for row in found if row is not None]


def _stand_in(found: Found, row: Row) -> float:
    """Return the better AUC of both controls for one row."""
    places = [_control(found, name, row["auditor"], row["layer"]) for name in (UNTRAINED, PIXELS)]
    return max((place["auc"] for place in places if place is not None), default=0.0)


def _control(found: Found, name: str, auditor: str, layer: str) -> Row | None:
    return _row(found["controls"][name], auditor, PIXEL_LAYER.get(layer, "crop") if name == PIXELS else layer)


def _row(rows: Sequence[Row], auditor: str, layer: str, **more: object) -> Row | None:
    wanted = {"auditor": auditor, "layer": layer, **more}
    return next((row for row in rows if all(row[key] == value for key, value in wanted.items())), None)


def _samples(found: Found, size: int) -> int:
    """Return how many training samples a size came to; a small database has fewer."""
    return int(min(size, max(row["samples"] for row in found["rows"])))


def _label(found: Found, auditor: str, size: int | str) -> str:
    samples = next(r["samples"] for r in found["rows"] if (r["auditor"], r["asked"]) == (auditor, size))
    return f"all {samples}" if size == "all" else str(samples)


def _constant(row: Row) -> bool:
    """Return whether the auditor gives everybody one answer, that is, its training failed."""
    return bool(row["auc"] == row["auc_low"] == row["auc_high"] == 0.5)


def _accuracy(row: Row | None) -> str:
    if row is None:
        return "–"
    return "constant" if _constant(row) else f"{row['accuracy']:.2f}"


def _interval(row: Row | None) -> str:
    return "constant" if row is not None and _constant(row) else interval(row)


def _name(row: Row, names: Mapping[str, str] = LAYERS) -> str:
    return f"{row['auditor']}, {names[row['layer']]}"


def _commands(networks: Sequence[Found]) -> list[str]:
    first = networks[0]
    files = " ".join(f"--network {found['network']}.onnx" for found in networks)
    return [
        f"mint lab paper {files} --members {first['members']}.tar --external {first['external']}.tar --near {first['plan']['near']}"
    ]
