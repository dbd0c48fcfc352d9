"""Count the pictures that a store left out because they are of a kind that is not read."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import PurePosixPath

from mint.lab.store.reader import REJECTED, SIDES, Store
from mint.vision.kinds import KINDS, OTHER_SUFFIXES, left_out_line, refusal

KIND_BY_REASON = {str(refusal(kind)): kind for kind in (None, *KINDS)}  # as a store keeps it


def left_out(store: Store) -> list[str]:
    """Return a line a side that has such pictures: how many of each kind, by the name's suffix or by what they hold."""
    found: dict[str, Counter[str]] = {side: Counter() for side in SIDES}
    with store.folder.open(REJECTED) as file:
        for row in csv.DictReader(line.decode() for line in file):
            if row["reason"] in KIND_BY_REASON:
                suffix = PurePosixPath(row["id"]).suffix.lower()
                kind = suffix if suffix in OTHER_SUFFIXES else KIND_BY_REASON[row["reason"]]
                if kind:
                    found[row["side"]][kind] += 1
    return [f"{side}: {left_out_line(kinds)}; they are listed in {REJECTED}." for side, kinds in found.items() if kinds]
