"""Render the card on Active MINT (``mint lab active``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mint.evidence.score_table import OUTSIDERS, TEST
from mint.lab.active.groups import EXTERNAL, GHOST, KNOWN, SECRET
from mint.lab.active.measure import (
    ACTIVE,
    CONTROLS,
    EDITED,
    HONEST,
    KNOWN_UNSEEN,
    LEDGER,
    LOST,
    PASSIVE,
    REACHED,
    SECRET_UNSEEN,
    SHUFFLED,
)
from mint.lab.cards.markdown import find, rendered, write_card

FIGURES, CARD = "active.json", "active.md"
# Balanced accuracy of the auditor and accuracy of the audited network, each without and with joint training (table 2, Entry).
PUBLISHED = (
    ("CASIA-WebFace, ResNet50", (0.61, 0.80), (0.12, 0.11)),
    ("CASIA-WebFace, MobileNet", (0.60, 0.86), (0.17, 0.15)),
    ("CASIA-WebFace, Xception", (0.63, 0.84), (0.17, 0.17)),
    ("CASIA-WebFace, ViT", (0.59, 0.76), (0.10, 0.09)),
    ("GTSRB, ResNet50", (0.61, 0.86), (0.98, 0.98)),
    ("CIFAR-10, ResNet50", (0.66, 0.86), (0.55, 0.53)),
)
SAYS, CANNOT = "may speak of photos that were kept from it", "cannot say about photos that were kept from it"
Row = Mapping[str, Any]


def render_active(cards: Path) -> None:
    """Write the card into the folder of cards, if there are measurements."""
    write_card(cards, FIGURES, CARD, active_card)


def active_card(found: Row) -> str:
    """Render what every auditor says of every group, whether each line of acceptance holds, and the gate's answer."""
    rows = found["rows"]
    systems = list(dict.fromkeys(row["system"] for row in rows))
    return rendered(
        "active.md.j2",
        found=found,
        published=PUBLISHED,
        systems=systems,
        contests=list(dict.fromkeys(row["contest"] for row in rows)),
        groups=list(dict.fromkeys(row["group"] for row in found["called"])),
        row=lambda system, contest: _the(rows, system=system, contest=contest),
        called=lambda system, group: _the(found["called"], system=system, group=group),
        names={
            "active": ACTIVE, "passive": PASSIVE, "shuffled": SHUFFLED, "honest": HONEST, "ledger": LEDGER,
            "known": KNOWN, "secret": SECRET, "ghost": GHOST, "external": EXTERNAL, "outsiders": OUTSIDERS,
            "edited": EDITED, "known_unseen": KNOWN_UNSEEN, "secret_unseen": SECRET_UNSEEN,
        },
        controls=CONTROLS,
        reached=REACHED,
        lost=LOST,
        mean=lambda values: float(np.mean(values)),
        strangers=strangers,
        answer=SAYS if found["gate"]["passes"] else CANNOT,
    )  # fmt: skip


def strangers(network: Row) -> str:
    """Write how many pairs of test strangers are told right: the mean over seeds, and each seed's with its interval."""
    each = [one[TEST] for one in network["strangers"]]
    told = "; ".join(f"{one['accuracy']:.1%} ({one['low']:.1%}–{one['high']:.1%})" for one in each)
    return f"{np.mean([one['accuracy'] for one in each]):.1%}: {told}, n = {each[0]['pairs']} pairs of {each[0]['people']} people"


def _the(rows: Iterable[Row] | Sequence[Row], **wanted: object) -> Row:
    found = find(rows, **wanted)
    if found is None:
        raise KeyError(str(wanted))
    return found
