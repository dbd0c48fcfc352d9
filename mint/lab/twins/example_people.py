"""Choose several pictures each of a few test people, whose truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mint.bundles.find import DEFAULT_NETWORKS
from mint.evidence.score_table import TEST
from mint.lab.twins.examples import Example, thumbnail, users, write_table
from mint.lab.twins.fictional_people import GAN, OPENPEOPLE, pictures_again
from mint.lab.twins.ledger import Row, read_ledger
from mint.lab.twins.pool_recipe import PoolRecipe
from mint.storage.files import read_json, write_bytes
from mint.vision.images import open_photo, to_png

PICTURES = 6  # of each person
SHEETS = "sheet"  # of openpeople only cells of sheets: the whole photographs are large files


def write_people(pool_dir: Path, folder: Path, seed: int) -> int:
    """Write pictures, thumbnails and ``people.csv`` into ``folder/people``; return the count."""
    summary = read_json(pool_dir / "pool.json")
    recipe = PoolRecipe.of(summary)
    ledger = read_ledger(pool_dir / "ledger.csv")
    used_by = users(ledger)
    chosen = choose_people(ledger, seed)
    rows = [row for person in chosen for row in person]
    pictures = pictures_again([row.picture for row in rows], int(summary["seed"]), recipe)
    place, examples = folder / "people", []
    for number, person in enumerate(chosen):
        for index, row in enumerate(person):
            data = to_png(pictures[row.picture])
            rgb = open_photo(data)
            file = f"{number + 1:02d}-{index + 1}-{row.source}.png"
            write_bytes(place / file, data)
            write_bytes(place / "thumbnails" / f"{Path(file).stem}.jpg", thumbnail(rgb, recipe.finder(rgb)[0]))
            examples.append(Example.of(row, file, used_by))
    for stale in set(place.glob("*.png")) - {place / e.file for e in examples}:
        stale.unlink()
    write_table(place / "people.csv", examples)
    return len(chosen)


def choose_people(rows: Sequence[Row], seed: int) -> list[list[Row]]:
    """Choose test people of each source: one used by A, one by B, one by neither.

    Chance alone decides who is shown and in which pictures, never what the test says of them.
    """
    random = np.random.default_rng(seed)
    people: dict[str, list[Row]] = {}
    for i in random.permutation(len(rows)):
        row = rows[i]
        if row.purpose == TEST and (row.source != OPENPEOPLE or SHEETS in row.picture):
            people.setdefault(row.identity, []).append(row)
    chosen: list[list[Row]] = []
    for source in (GAN, OPENPEOPLE):
        for truth in ((True, False), (False, True), (False, False)):
            fitting = [
                pictures[:PICTURES]
                for pictures in people.values()
                if pictures[0].source == source
                and len(pictures) >= PICTURES
                and tuple(any(r.member(n) for r in pictures) for n in DEFAULT_NETWORKS) == truth
            ]
            chosen += fitting[:1]
    return chosen
