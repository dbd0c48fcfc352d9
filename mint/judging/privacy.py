"""Is a promise of differential privacy kept? The least ε that a bundle's test scores show, and what was claimed."""

from __future__ import annotations

from dataclasses import dataclass

from mint.bundles.bundle import Bundle
from mint.errors import BundleMismatch
from mint.evidence.conformal import evidence_rate, largest_p_values
from mint.evidence.metrics import clustered_rate
from mint.evidence.privacy_bound import PrivacyBudget, least_epsilon
from mint.evidence.score_table import IDENTITY, MEMBERS, PHOTO, SIBLINGS
from mint.judging.photo import DEFAULT_ALPHA
from mint.types import PeopleRate, Rate

CLAIM = "privacy"  # among the facts of bundle.json
USUAL_DELTA = 1e-5  # of a measured ε where no promise names one


@dataclass(frozen=True, slots=True)
class MeasuredEpsilon:
    """The least ε that fits how often members and one kind of non-members get "evidence of use".

    Attributes:
        against: the kind of non-members. Siblings differ from members in nothing but their use; the other kinds show
            people who were never used, so that they tell of all photos of a person together.
        pooled: ε at 95 % confidence if every photo counts as independent of the others.
        by_people: the same with intervals that allow for several photos a person.
        found: share of members found, over photos.
        alarms: share of these non-members, over photos.
    """

    against: str
    pooled: float
    by_people: float
    found: Rate
    alarms: Rate


def measured_epsilons(
    bundle: Bundle, alpha: float = DEFAULT_ALPHA, delta: float = 0.0, column: str = PHOTO
) -> tuple[MeasuredEpsilon, ...]:
    """Measure ε against every kind of non-members whose test scores a bundle holds.

    Args:
        bundle: with test scores.
        alpha: the verdict's limit, in (0, 1): the test that is turned into an ε.
        delta: δ of the promise that is looked at, in [0, 1).
        column: whose test: all auditors' together, or that of one of them.

    Returns:
        One a kind; none where no member was left for the test.
    """
    bounds = bundle.bounds(column, PHOTO)

    def shares(source: str) -> tuple[Rate, PeopleRate]:
        columns = bundle.test[source]
        hits = largest_p_values(columns[column], bounds) <= alpha
        return evidence_rate(columns[column], bounds, alpha), clustered_rate(hits, columns[IDENTITY])

    there = [s for s in (MEMBERS, *bundle.sources(PHOTO)) if len(bundle.test.get(s, {}).get(column, ()))]
    if not bounds or MEMBERS not in there:
        return ()
    rates = {source: shares(source) for source in there}
    found = rates.pop(MEMBERS)
    return tuple(
        MeasuredEpsilon(
            source,
            least_epsilon(found[0], alarms[0], delta),
            least_epsilon(found[1], alarms[1], delta),
            found[0],
            alarms[0],
        )
        for source, alarms in rates.items()
    )


def claimed_budget(bundle: Bundle) -> PrivacyBudget | None:
    """Return the budget a photo that a bundle's ``privacy`` claims for its network, or None if it claims none.

    Raises:
        BundleMismatch: what stands there is no such claim.
    """
    claim = bundle.facts.get(CLAIM)
    if claim is None:
        return None
    try:
        return PrivacyBudget(float(claim["epsilon"]), float(claim.get("delta", 0.0)))
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise BundleMismatch(
            f"{bundle.name}: bundle.json's facts: {CLAIM!r} must hold numbers epsilon (0 or more) and delta (from 0, below 1); "
            f"it holds {claim!r}."
        ) from error


def contradiction(budget: PrivacyBudget, measured: tuple[MeasuredEpsilon, ...]) -> MeasuredEpsilon | None:
    """Return what disproves a promise for each photo, or None.

    Only siblings can: other kinds of non-members show people of whom no photo was used, and a promise for one photo
    says nothing of many.
    """
    return next((m for m in measured if m.against == SIBLINGS and m.by_people > budget.epsilon), None)
