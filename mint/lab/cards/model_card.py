"""Render a bundle's model card: population, protocols, figures, controls, limits, licence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mint.evidence.score_table import OPENPEOPLE, OUTSIDERS, REAL, SIBLINGS
from mint.judging.privacy import USUAL_DELTA, MeasuredEpsilon
from mint.lab.cards.markdown import rendered
from mint.lab.cards.metadata import front_matter
from mint.lab.cards.strength import strength_section

LEVEL_TITLES = {"sample": "used photos against other photos of the same people",
          "identity": "used photos against photos of people it never saw"}  # fmt: skip
NON_MEMBER_KINDS = {SIBLINGS: "other photos of trained people", OUTSIDERS: "generated people", OPENPEOPLE: "photographic fictional people",
         REAL: "real faces"}  # fmt: skip
CONTROLS = {
    "pixels": "auditors that see the crop and no network: near 0.5",
    "untrained": "the same auditors on a network with random weights: near 0.5",
    "other-twin": "the same photos under the network that did not use them: near 0.5 at sample level; at identity level the other twin's "
    "own people stand among the non-members, so it falls below",
    "shuffled-labels": "auditors fitted to shuffled labels, scored against shuffled labels: near 0.5",
    "swapped-halves": "score under this twin minus score under the other, for what this one used against what the other one used: a "
    "detector of databases gives the same score under both, only membership flips the sign: near 1",
    "positive": "a network overfitted on purpose (few pictures, no flips, no weight decay): must be above 0.95",
}


def card(
    name: str,
    found: Mapping[str, Any],
    facts: Mapping[str, Any],
    tried: list[dict[str, Any]],
    people: str = "",
    recognition: str = "",
    epsilons: Sequence[MeasuredEpsilon] = (),
) -> str:
    """Render a model card.

    Args:
        name: of the network.
        found: its ``evaluation.json``.
        facts: of its bundle.
        tried: what was tried to strengthen the consistency auditor.
        people: the section on several photos of one person.
        recognition: the table of who recognises strangers.
        epsilons: the least ε that fits its test scores at α = 0.01, one a kind of non-members.
    """
    return front_matter(name, found, facts) + rendered(
        "model_card.md.j2",
        name=name,
        found=found,
        facts=facts,
        levels=LEVEL_TITLES,
        kinds=NON_MEMBER_KINDS,
        controls=CONTROLS,
        people=people,
        recognition=recognition,
        epsilons=epsilons,
        delta=USUAL_DELTA,
        attempts=strength_section(tried),
    )
