"""A bundle: network, auditors, fusion, calibration, test scores and results, ready to look and to judge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from mint.auditors import Spec
from mint.auditors.panel import Panel
from mint.bundles.bounds import StoredBounds, bound_tensors
from mint.evidence.conformal import FalseAlarmBound, kinds_to_compare, least_bound
from mint.evidence.fusion import Fusion, Platt
from mint.evidence.person import PersonTest
from mint.evidence.score_table import (
    CALIBRATION,
    IDENTITY,
    MEMBERS,
    NEAREST,
    OPENPEOPLE,
    OUTSIDERS,
    PERSON,
    PHOTO,
    REAL,
    SIBLINGS,
    ScoreTable,
    Tables,
)
from mint.evidence.verdict import BEATEN, Range
from mint.i18n.sentences import Sentence
from mint.networks.base import AuditedNetwork
from mint.types import FULL, REFERENCE

PEOPLE = "people-"  # begins the names of splits that hold one score a person, for sets of photos
NOBODY_TO_COMPARE = {
    PHOTO: Sentence("no known non-member to compare a photo with"),
    PERSON: Sentence("no known non-member to compare a person with"),
}
BLIND = ("pixels", "untrained")  # controls that cannot know membership; to be beaten
SOURCES = {PHOTO: (SIBLINGS, OUTSIDERS, OPENPEOPLE, REAL), PERSON: (OUTSIDERS, OPENPEOPLE, REAL)}
TRAINED_ON = "trained on"  # among the facts of a bundle that was trained on a user's store
SAME_SOURCE = (SIBLINGS, OUTSIDERS)  # kinds of the members' own source
MEMBER_KINDS = {PHOTO: (MEMBERS,), PERSON: (MEMBERS, SIBLINGS)}
UNKNOWN_COMMAND = (
    "--members MEMBERS --non-members NON_MEMBERS --out STORE"  # in bundles made before it was kept what was typed
)
MIN_NON_MEMBERS = 3  # people of a kind without whom nothing is said about that kind


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """A checked bundle, ready to score and judge photos.

    Attributes:
        name: of the folder.
        network: under audit.
        panel: trained auditors, all of them.
        specs: which auditors, in the panel's order.
        fusions: ``photo`` and ``person`` to the sum of columns that answers it.
        platt: column (and ``photo``, ``person``) to the map to a probability.
        ranges: what calibration looked like.
        scores: by split, kind of picture and column; besides ``calibration`` and ``test`` there is a split for each
            control and each checkpoint.
        gates: column (and ``photo``, ``person``) to whether it beat its controls; ask ``passed_gate``.
        facts: licence, training data, seeds, commands: what ``bundle.json`` says beside.
        sha256: of ``bundle.json``, which names the hash of every other file.
        core_sha256: of what its answers on a photo rest on alone; see ``BundleIndex.core_sha256``.
        evaluation: what ``mint lab evaluate`` reports, or None before that was run.
        people: what several photos of one person are judged by, or None if the bundle was made without.
        tier: ``reference`` if no member is known: then there is a p-value, and nothing to check it with.
        stored_bounds: of false alarms, computed before; taken only while ``scores`` are the ones that they belong to.
        uncalibrated_classes: numbers of the class centres whose people are of a kind with too few non-members to calibrate on:
            people of that kind lie near these, used or not, so that there ``person`` may accuse only where ``photo`` does.
    """

    name: str
    network: AuditedNetwork
    panel: Panel
    specs: tuple[Spec, ...]
    fusions: Mapping[str, Fusion]
    platt: Mapping[str, Platt]
    ranges: Range
    scores: ScoreTable
    gates: Mapping[str, bool]
    facts: Mapping[str, Any]
    sha256: str = ""
    core_sha256: str = ""
    evaluation: Mapping[str, Any] | None = None
    people: PersonTest | None = None
    tier: str = FULL
    stored_bounds: StoredBounds | None = None
    uncalibrated_classes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "scores", ScoreTable.of(self.scores))

    @property
    def calibration(self) -> Tables:
        """Scores that p-values compare with."""
        return self.scores.calibration

    @property
    def test(self) -> Tables:
        """Scores of people who were neither fitted to nor calibrated on."""
        return self.scores.test

    def sources(self, question: str) -> tuple[str, ...]:
        """Return the kinds of non-members with enough people to measure ``photo`` or ``person`` with."""
        return tuple(s for s in SOURCES[question] if _calibration_people(self, s) >= MIN_NON_MEMBERS)

    def members(self, question: str) -> tuple[str, ...]:
        """Return the kinds of pictures that are members for a question: for which the right answer to ``photo`` or ``person`` is yes."""
        return tuple(s for s in MEMBER_KINDS[question] if self.scores.rows(CALIBRATION, s))

    def non_members(self, column: str, question: str) -> dict[str, np.ndarray]:
        """Return the calibration scores of non-members for a column, by source."""
        return {s: self.calibration[s][column] for s in self.sources(question)}

    def compared(self, question: str) -> tuple[str, ...]:
        """Return the kinds of non-members that ``photo`` or ``person`` is compared with; see ``kinds_to_compare``."""
        return tuple(self._people_compared(question))

    def _people_compared(self, question: str) -> dict[str, int]:
        people = {s: _calibration_people(self, s) for s in self.sources(question)}
        return {s: people[s] for s in kinds_to_compare(people, SAME_SOURCE)}

    def bounds(self, column: str, question: str) -> dict[str, FalseAlarmBound]:
        """Return how often non-members reach a column's scores at most, by kind; nothing where there is nobody to compare with."""
        return {source: self._bound(column, source) for source in self.compared(question)}

    def _bound(self, column: str, source: str) -> FalseAlarmBound:
        stored, known = self.stored_bounds, self.calibration[source]
        if stored is not None and stored.scores is self.scores and (source, column) in stored.rates:
            return FalseAlarmBound.known(known[column], _calibration_people(self, source), stored.rates[source, column])
        return FalseAlarmBound.of(known[column], known[IDENTITY])

    def bound_tensors(self) -> dict[str, np.ndarray]:
        """Compute all that an answer takes from ``stored_bounds``, name to tensor."""
        fresh = replace(self, stored_bounds=None)
        online = ((spec.column, PHOTO) for spec in self.specs if spec.online)
        asked = [*online, (PHOTO, PHOTO), (PERSON, PERSON)]
        bounds = {
            (source, column): bound
            for column, question in asked
            for source, bound in fresh.bounds(column, question).items()
        }
        return bound_tensors(bounds)

    def near_uncalibrated(self, embedding: np.ndarray) -> bool:
        """Return whether an (E,) embedding of length 1 lies nearest to one of ``uncalibrated_classes``."""
        if not self.uncalibrated_classes:
            return False
        centres = self.network.centres()
        return centres is not None and int(np.argmax(centres @ embedding)) in self.uncalibrated_classes

    def rows_near_uncalibrated(self, split: str, source: str) -> np.ndarray:
        """Return (N,) bool: which pictures of a kind lie nearest to one of ``uncalibrated_classes``; none where that is not known."""
        nearest = self.scores.column(split, source, NEAREST)
        if len(nearest) != self.scores.rows(split, source):
            return np.zeros(self.scores.rows(split, source), bool)
        return np.isin(nearest, self.uncalibrated_classes)

    def least_alpha(self, question: str) -> float:
        """Return the least rate of false alarms that can be promised for ``photo`` or ``person``; 1 if none can."""
        return max((least_bound(n) for n in self._people_compared(question).values()), default=1.0)

    def abstention_reason(self, column: str, question: str, p_value: float) -> Sentence | None:
        """Return why a column must abstain whatever its score, or None if it may speak."""
        if self.tier == REFERENCE:
            p = f"{p_value:.2g}"
            return Sentence("reference tier, p = {p}: there is no known member to check it with", p=p)
        if not self.sources(question):
            return NOBODY_TO_COMPARE[question]
        if not self._controlled():
            return Sentence("its controls, pixels and an untrained network, were not run")
        return None if self.passed_gate(column) else BEATEN

    def passed_gate(self, column: str) -> bool:
        """Return whether an auditor, or the verdict on ``photo`` or ``person``, beat its controls.

        What is not named did not; without the scores of both blind controls nothing did.
        """
        return self.gates.get(column) is True and self._controlled()

    def _controlled(self) -> bool:
        """Return whether both blind controls were run."""
        return all(name in self.scores for name in BLIND)

    def online(self) -> Panel:
        """Return the auditors that page and shell run."""
        return self.panel.only(s.column for s in self.specs if s.online)


def on_record(commands: Iterable[str]) -> list[str]:
    """Return the commands that make a bundle again; none where one is only a pattern (``UNKNOWN_COMMAND``), which makes another one."""
    found = list(commands)
    return [] if any(UNKNOWN_COMMAND in command for command in found) else found


@lru_cache(maxsize=64)
def _calibration_people(bundle: Bundle, source: str) -> int:
    """Return how many people a source of the calibration shows, which every column asks for."""
    return bundle.scores.people(CALIBRATION, source)
