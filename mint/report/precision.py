"""How sure an accusation is: the chance that "evidence of use" is right, at three beliefs before the test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mint.evidence.verdict import chance_right
from mint.types import NOT_MEASURED, Rate

PRIORS = (0.5, 0.1, 0.01)

Found = Mapping[str, Any]


def precision(document: Found) -> list[dict[str, Any]]:
    """Return the precision of every network's answer to every question that a report puts.

    The rates are those that stand beside the answers: the true-positive rate, and the false-positive rate of the worst kind
    of non-members, but that ``chance_right`` takes how high that of any kind may be.

    Args:
        document: a report of any version.

    Returns:
        One entry a network and question, with ``right`` at each of ``PRIORS``; None where it was not measured, or where
        the answer is never "evidence of use".
    """
    first: dict[tuple[str, str], Found] = {}
    for network, question, said in every_answer(document):
        first.setdefault((network, question), said)  # rates are the same for every face
    return [
        {
            "network": network,
            "question": question,
            "false_positive_rate": said["false_positive_rate"],
            "true_positive_rate": said["true_positive_rate"],
            "priors": [{"prior": prior, "right": right(prior, said)} for prior in PRIORS],
        }
        for (network, question), said in first.items()
    ]


def every_answer(document: Found) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield network, question (``photo`` or ``person``) and answer, for every face of a report, or for its person."""
    if document["person"] is not None:
        for said in document["person"]["answers"]:
            yield said["network"], "person", said
    for photo in document["photos"]:
        for face in photo["faces"]:
            for said in face["answers"]:
                yield said["network"], "photo", said["photo"]
                yield said["network"], "person", said["person"]


def tells_any_kind(rate: Found) -> bool:
    """Return whether a rate of false alarms says how high that of any kind may be; those of a report's first version do not."""
    return "high_of_any" in rate


def at_most(rate: Found) -> float:
    """Return how high a rate may be at 95 % confidence; of the false alarms of the worst kind, how high those of any kind."""
    high: float = rate.get("high_of_any", rate["high"])
    return high


def right(prior: float, said: Found) -> float | None:
    """Return the chance that "evidence of use" is right, from an answer's rates; see ``chance_right``."""
    hits, alarms = (_rate(said[f"{name}_positive_rate"]) for name in ("true", "false"))
    return chance_right(prior, hits, alarms)


def _rate(found: Found | None) -> Rate:
    return NOT_MEASURED if found is None else Rate(found["value"], found["low"], at_most(found), found["n"])
