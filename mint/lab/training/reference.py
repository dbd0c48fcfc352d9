"""The reference tier: for networks of which no member is known.

Without a member no auditor can be trained, and no control can be run. What is left is label-free: how
steady the network is under altered views, in deviations of non-members, and how compact a person's
photos are. p-values compare with other non-members. They say how unusual a face is to the network,
and never why: so the verdict stays ``cannot say``. What the tier is worth where the truth is known is
in ``weights/cards/reference-tier.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mint.auditors import Spec
from mint.auditors.features import EMBEDDING
from mint.auditors.kinds import build
from mint.auditors.kinds.consistency import Consistency
from mint.auditors.panel import Panel
from mint.auditors.views import VIEWS
from mint.errors import TooFew
from mint.evidence.fusion import Fusion
from mint.evidence.person import COMPACT, STEADY, PersonTest, Photos, set_features
from mint.evidence.score_table import CALIBRATION, IDENTITY, OUTSIDERS, PERSON, PHOTO, TEST, VALIDATION
from mint.lab.inputs.splits import GROUPS
from mint.lab.persons.evaluation import evaluate_people
from mint.lab.persons.fit import calibrated, expected_cosine
from mint.lab.store.reader import Rows
from mint.lab.training.persons_from_store import MIN_TEST_PEOPLE, known_people, people_of
from mint.lab.training.store_features import StoreFeatures
from mint.lab.training.store_splits import FITTED, MOST_SCORED, SCORED, StoreSplits, numbers_of

NEEDED = 20  # non-members of each half


def split_reference(rows: Rows, seed: int) -> StoreSplits:
    """Split a store without members: half the people to measure by, half to compare with.

    Training and validation people are the first half. Calibration people give the p-values, test
    people show how often these are small.

    Raises:
        TooFew: too few photos on a half.
    """
    found = {}
    nobody, doubtful = np.zeros(0, np.int64), rows.unusable
    for number, split in enumerate((*FITTED, *SCORED)):
        index = np.flatnonzero((rows.split == split) & ~doubtful)
        drawn = np.random.default_rng([seed, number]).permutation(index)[:MOST_SCORED]
        found[split] = {**dict.fromkeys(GROUPS, nobody), OUTSIDERS: np.sort(drawn)}
    for half in (FITTED, (CALIBRATION,)):
        count = sum(len(found[split][OUTSIDERS]) for split in half)
        if count < NEEDED:
            raise TooFew(
                f"Only {count} photos of non-members fall into {' and '.join(half)}, where {NEEDED} are needed at "
                "least. Extract photos of more people: the splits are drawn by person."
            )
    reference = np.concatenate([found[split][OUTSIDERS] for split in FITTED])
    return StoreSplits(found, reference, {IDENTITY: numbers_of(rows)})


def reference_panel(shown: StoreFeatures, spec: Spec, deal: StoreSplits) -> tuple[Panel, dict[str, Fusion]]:
    """Return the consistency auditor with label-free weights, and fusions that use it alone."""
    auditor = build(spec, shown.shapes)
    assert isinstance(auditor, Consistency)
    weigh(auditor, shown.tensors(list(auditor.needs), deal.reference), bool(shown.shapes.taps))
    return Panel({spec.column: auditor}), fusions_of(spec.column)


def fusions_of(column: str) -> dict[str, Fusion]:
    """Return fusions in which one auditor answers both questions."""
    return {question: Fusion({column: 1.0}, 0.0) for question in (PHOTO, PERSON)}


@torch.inference_mode()
def weigh(auditor: Consistency, non_members: Mapping[str, Tensor], taps: bool) -> None:
    """Set label-free weights in place: three signs of memory, in deviations of non-members.

    The embedding agrees with its altered views beyond what the last tap agrees on. It is longer for
    the picture itself than for the views. It agrees with the mirror image where the network tells
    people apart. The directions follow from how recognisers are trained, not from this network.

    Args:
        auditor: fresh.
        non_members: features of people who were not used, and who are not compared with.
        taps: whether the network has taps.
    """
    auditor.prepare(non_members[EMBEDDING])
    features = auditor.inputs(non_members, None)[0].double()
    views, embedding = len(VIEWS), len(VIEWS) if taps else 0  # where the cosines of the embedding begin
    signs = torch.zeros(3, features.shape[1], dtype=torch.float64)
    signs[0, embedding : embedding + views] = 1
    signs[0, :embedding] = -1
    signs[1, embedding + views + 1 : embedding + 2 * views + 1] = -1
    signs[2, embedding + 2 * views + 1] = 1  # the first band's cosine
    auditor.norm.running_mean.copy_(features.mean(0))  # type: ignore[union-attr]
    auditor.norm.running_var.copy_(features.var(0))  # type: ignore[union-attr]
    auditor.eval()
    spread = (auditor.norm(features.float()).double() @ signs.T).std(0).clamp_min(1e-9)
    auditor.linear.weight.copy_((signs / spread[:, None]).sum(0, keepdim=True))
    auditor.linear.bias.zero_()


def reference_people(
    shown: StoreFeatures,
    panel: Panel,
    fusions: Mapping[str, Fusion],
    seed: int,
    report: Callable[[str], None] = lambda line: None,
) -> tuple[PersonTest, dict[str, Any]] | None:
    """Make the label-free test of several photos of one person.

    Returns:
        The test and how often test people are suspected; None where too few people have two photos.
    """
    known = known_people(shown, panel, fusions[PERSON], people_of(shown, seed))
    counts = {s: sum(len(p) > 1 for p in known[s].get(OUTSIDERS, ())) for s in (VALIDATION, CALIBRATION, TEST)}
    if min(counts.values()) < MIN_TEST_PEOPLE:
        report(
            f"no test of several photos of one person: {MIN_TEST_PEOPLE} people with two photos are needed in each of {counts}"
        )
        return None
    expected = expected_cosine(known[VALIDATION][OUTSIDERS])
    test = calibrated(known, person_weights(known[VALIDATION][OUTSIDERS], expected), expected)
    return test, evaluate_people(test, {})


def person_weights(others: Sequence[Photos], expected: tuple[float, float]) -> Fusion:
    """Weigh compactness and steadiness alike, in deviations of people who were not used."""
    sets = [set_features(photos, expected, None) for photos in others]
    spread = {name: float(np.std([found[name] for found in sets])) + 1e-9 for name in (COMPACT, STEADY)}
    return Fusion({name: 1 / value for name, value in spread.items()}, 0.0)
