"""Count the pictures that a store left out because they are of a kind that is not read."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import PurePosixPath

from mint.lab.store.reader import REJECTED, SIDES, Store
from mint.vision.kinds import OTHER_SUFFIXES, left_out_line

_REASON = re.compile(r"This is not a JPEG, PNG or WebP photo(?: but (?P<kind>.+))?\. Save it as one of these\.")


def left_out(store: Store) -> list[str]:
    """Return a line a side that has such pictures: how many of each kind, by the name's suffix or by what they hold."""
    found: dict[str, Counter[str]] = {side: Counter() for side in SIDES}
    with store.folder.open(REJECTED) as file:
        for row in csv.DictReader(line.decode() for line in file):
            if told := _REASON.fullmatch(row["reason"]):
                suffix = PurePosixPath(row["id"]).suffix.lower()
                kind = suffix if suffix in OTHER_SUFFIXES else told["kind"]
                if kind:
                    found[row["side"]][kind] += 1
    return [f"{side}: {left_out_line(kinds)}; they are listed in {REJECTED}." for side, kinds in found.items() if kinds]
