"""Render the card of the reference tier (``tests.benchmarks.reference_tier``)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mint.evidence.metrics import widened
from mint.lab.cards.model_card import interval, share, table
from mint.storage.files import read_json, write_bytes

FIGURES, CARD = "reference-tier.json", "reference-tier.md"
REFERENCE_KINDS = {
    "members": "photos used in training",
    "siblings": "other photos of the same people",
    "outsiders": "photos of people it never saw",
}
BRINGS = {
    "members": "photos that were used",
    "siblings": "other photos of used people",
    "mixed": "any photos of used people",
}
Found = Mapping[str, Any]


def render_reference(cards: Path) -> None:
    """Write the card into the folder of cards, if there are measurements."""
    if (cards / FIGURES).is_file():
        write_bytes(cards / CARD, reference_card(read_json(cards / FIGURES)).encode())


def reference_card(found: Mapping[str, Found]) -> str:
    """Render how well the twins' members are found by a test that was shown none of them."""
    first = next(iter(found.values()))["photos"]
    lines = [
        "# The reference tier, where the truth is known",
        "",
        "A bundle that was made without a single known member (`mint lab extract --non-members …`, `mint lab train STORE`) compares "
        "faces with people who were not used, by signs that need no label: the embedding agrees with altered views beyond what the last "
        "tap agrees on, it is longer for the picture itself, and it agrees with the mirror image where the network tells people apart. Nobody can "
        "check such a bundle on its own network. So here is the same test on the twins, whose members are known and were not shown to it.",
        "",
        f"Deviations are those of {first['deviations of']} photos of generated people whom the network never saw; p-values compare with "
        f"{first['compared with']} photos of others. The scored people are those of calibration: nothing else was chosen on them. "
        "The three signs were chosen on twin-a's training and validation people. `python -m tests.benchmarks.reference_tier --pool POOL` measures it again.",
        "",
        *table(
            ("AUC of one photo", *found),
            *(
                (f"used, against {REFERENCE_KINDS[k]}", *(interval(f["photos"][k]) for f in found.values()))
                for k in ("siblings", "outsiders")
            ),
        ),
    ]
    for alpha in first["suspected"]:
        rows = (
            (REFERENCE_KINDS[k], *(share(f["photos"]["suspected"][alpha][k]) for f in found.values()))
            for k in REFERENCE_KINDS
        )
        lines += table((f"p ≤ {alpha}", *found), *rows)
    lines += [
        "Other photos of used people score higher than strangers: a small p-value may be about the person and not about the photo. Several "
        "photos of one person together, against people whom the network never saw:",
        "",
        *table(
            ("AUC of a person", "photos", *found),
            *(
                (BRINGS[row["bring"]], row["photos"], *(_person(f["people"][i]) for f in found.values()))
                for i, row in enumerate(next(iter(found.values()))["people"])
            ),
        ),
        "The twins were trained until they had memorised. On a network that was not, the tier finds less, and nothing in the bundle tells: "
        'photos of another camera or another kind of people may have small p-values as well. That is why its verdict is always "cannot say".',
        "",
    ]
    return "\n".join(lines)


def _person(row: Found) -> str:
    low, high = widened(row["auc"], row["auc_low"], row["auc_high"], min(row["people"], row["others"]))
    return f"{row['auc']:.3f} ({low:.3f}–{high:.3f}), {row['people']} against {row['others']} people"
