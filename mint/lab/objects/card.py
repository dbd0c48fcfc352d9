"""Render the card on classifiers of objects (``mint lab objects``)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mint.evidence.metrics import CHANCE
from mint.lab.cards.markdown import computed, find, rendered, write_card
from mint.lab.controls.names import OTHER_TWIN, PIXELS, SHUFFLED, UNTRAINED
from mint.lab.objects.pictures import DIGITS, POOL
from mint.lab.objects.run import DATA

FIGURES, CARD = "objects.json", "objects.md"
PUBLISHED = "0.72 at layer 7 (penultimate)"  # arXiv 2601.12929, on CIFAR-10, CIFAR-100 and GTSRB
POSITIVE_LEAST = 0.95  # AUC by which a network that learned by heart must be found
PLACES = {DIGITS: DIGITS, POOL: "POOL"}  # how a command names a set
Row = Mapping[str, Any]


def render_objects(cards: Path) -> None:
    """Write the card into the folder of cards, if there are measurements."""
    write_card(cards, FIGURES, CARD, objects_card)


def objects_card(found: Row) -> str:
    """Render every layer of every network with its controls, the layer that validation chose, dropout and the positive."""
    return rendered(
        "objects.md.j2",
        data=found[DATA],
        commands=commands(found[DATA]),
        untold=[name for name, one in found[DATA].items() if name not in PLACES and "options" not in one],
        published=PUBLISHED,
        least=POSITIVE_LEAST,
        score=score,
        verdict=verdict,
        number=number,
        controls={"untrained": UNTRAINED, "labels shuffled": SHUFFLED, "the other network": OTHER_TWIN},
        pixels=PIXELS,
        gain=gain,
        right=right,
    )


def commands(data: Mapping[str, Row]) -> list[str]:
    """Return what measures all sets again: one command, or one for each way of reading folders, dropout, number of epochs and seed.

    Older figures do not say how a folder was read: its command is left out.
    """
    alike: dict[tuple[str, ...], list[str]] = {}
    for name, one in data.items():
        if name not in PLACES and "options" not in one:
            continue
        recipe = one["recipe"]
        settings = (
            *([one["options"]] if one.get("options") else []),
            *(f"--{option} {recipe[option]}" for option in ("dropout", "epochs", "seed")),
            *([computed(one).strip()] if computed(one) else []),
        )
        sets = alike.setdefault(settings, [])
        sets.append(f"--data {PLACES.get(name, 'FOLDER')} --size {recipe['input_size']}")
    rest = f"--out WORK --results weights/cards/{FIGURES}"
    return [f"mint lab objects {' '.join(sets)} {' '.join(settings)} {rest}" for settings, sets in alike.items()]


def score(rows: list[Row], column: str) -> Row:
    """Return the figures of a score, ``auditor/layer``.

    Raises:
        KeyError: there is none.
    """
    auditor, _, layer = column.partition("/")
    row = find(rows, auditor=auditor, layer=layer)
    if row is None:
        raise KeyError(column)
    return row


def number(layer: str, rows: list[Row]) -> int | None:
    """Return the place of a layer in the network, from 1; None for what is of no layer."""
    layers = list(dict.fromkeys(row["layer"] for row in rows if row["auditor"] in ("vanilla", "cnn")))
    return layers.index(layer) + 1 if layer in layers else None


def right(rate: Row) -> str:
    """Write ``98.9% (98.0%–99.5%), n = 916``, with people where a picture is not alone."""
    people = f" of {rate['people']} people" if rate["people"] < rate["n"] else ""
    return f"{rate['value']:.1%} ({rate['low']:.1%}–{rate['high']:.1%}), n = {rate['n']}{people}"


def gain(found: Row) -> str:
    """Write ``+0.120 (+0.090 to +0.150)``."""
    return "{:+.3f} ({:+.3f} to {:+.3f})".format(*(found[f"gain{end}"] for end in ("", "_low", "_high")))


def verdict(row: Row, controls: list[Row]) -> str:
    """Say whether a score tells used pictures from others: by its interval, and beside the same score of its controls."""
    if row["auc_low"] <= CHANCE:
        return (
            "was not seen to tell anything: its interval holds 0.5"
            if row["auc_high"] >= CHANCE
            else "is below chance: no evidence"
        )
    above = [control for control in controls if control["auc"] >= row["auc_low"]]
    if above:
        return "is above 0.5, but a control reaches its interval: no evidence of memory"
    return "tells them apart, and its whole interval lies above its controls"
