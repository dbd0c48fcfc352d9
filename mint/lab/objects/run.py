"""Train two networks on complementary halves of pictures, audit both layer by layer, and run the controls."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mint.lab.controls.names import OTHER_TWIN, POSITIVE
from mint.lab.objects.halves import HALVES, halved
from mint.lab.objects.layers import CONFIDENCE, LOSS, PROTOTYPE, Audit, gain
from mint.lab.objects.network import Material, halves_network, plain_network, rows_of
from mint.lab.objects.pictures import ObjectPictures
from mint.lab.objects.recipe import ObjectRecipe
from mint.lab.training.on_record import Figures
from mint.lab.twins.precision import machine
from mint.storage.files import read_json, write_json

DATA = "data"  # in the figures: by the name of the pictures, so that one card has several sets
WITHOUT_DROPOUT = "without dropout"
RANDOM_LABELS = 10  # of the positive control, at most
SIMPLE = (PROTOTYPE, CONFIDENCE, LOSS)  # scores of no layer alone


def measure_objects(
    pictures: ObjectPictures,
    out: Path,
    results: Path,
    recipe: ObjectRecipe,
    report: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Measure one set of pictures and add its figures to those of others; a run that was cut off goes on.

    Args:
        pictures: of known classes.
        out: gets a folder of this set's name: ledger, pictures, and a folder a network, with a bundle for each half.
        results: the JSON of all figures; those of other sets in it stay.
        recipe: of the networks; its seed also tosses the coins and draws the auditors.
        report: told a line now and then.

    Returns:
        What was written.

    Raises:
        BadInput: there are too few pictures, or ``out`` holds other ones or other networks.
        BadPool: it holds a bundle of another network or seed.
        TooFew: too few fall into a split.
    """
    halves = halved(pictures, out / pictures.name, recipe.seed)
    material = Material(halves, halves.crops(), recipe, report)
    audits: dict[str, Audit] = {}
    networks: dict[str, Figures] = {}
    for half in HALVES:
        audits[half], networks[half] = halves_network(material, half)
    for half, other in (HALVES, HALVES[::-1]):
        networks[half][OTHER_TWIN] = rows_of(audits[half].flipped(audits[other]))
    found = {
        "told": list(pictures.told),
        "options": pictures.options,
        **machine(),
        "pictures": len(pictures),
        "classes": len(pictures.classes),
        "by class": pictures.by_class,
        "recipe": recipe.about(),
        "networks": networks,
        WITHOUT_DROPOUT: _without_dropout(material, audits[HALVES[0]]),
        POSITIVE: _positive(material),
    }
    every = read_json(results) if results.is_file() else {}
    every = {DATA: {**every.get(DATA, {}), pictures.name: found}}
    write_json(results, every)
    return every


def _without_dropout(material: Material, base: Audit) -> Figures:
    """Train the first half's network without dropout, and compare it with the one that has it, on the same pictures."""
    labels = material.halves.pictures.labels
    audit, found = plain_network(material, "no-dropout", HALVES[0], labels, material.recipe.without_dropout())
    columns = dict.fromkeys((base.best(), audit.best(), *SIMPLE))
    return {**found, "gains": {column: gain(audit, base, column) for column in columns}}


def _positive(material: Material) -> Figures:
    """Train on labels drawn at random, which can only be learned by heart (Zhang et al. 2017): these must be found.

    A network gathers what it knows by heart at one place a label, and an auditor of a layer has to learn all these places from
    the few hundred pictures that it is fitted on. So there are few labels, whatever the number of classes.
    """
    pictures = material.halves.pictures
    count = min(len(pictures.classes), RANDOM_LABELS)
    labels = np.random.default_rng([material.recipe.seed, 13]).integers(0, count, len(pictures))
    found = plain_network(material, POSITIVE, HALVES[0], labels, material.recipe.memorising())[1]
    return {**found, "labels": count}
