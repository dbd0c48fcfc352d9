"""Where both faces of an experiment stand while a lesson goes on, and the looks that tell it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mint.bundles.bundle import Bundle
from mint.membership import MAX_FACES, MembershipTest
from mint.networks.base import AuditedNetwork
from mint.teaching.lesson import Step
from mint.types import Face, Look


@dataclass(frozen=True, slots=True)
class Standing:
    """What the shipped test says of a face at one moment.

    Attributes:
        score: the fused one of the photo question; larger is more like a member.
        p_value: of that score, in (0, 1].
    """

    score: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Trace:
    """What an experiment has found so far.

    Attributes:
        taught: of the face that is taught, under the copy as it is by now.
        control: of the other face; None before it was judged.
        step: that is about to be taken; None before the lesson begins.
    """

    taught: Standing
    control: Standing | None = None
    step: Step | None = None


class Watched:
    """The face and the control while the lesson goes on.

    Args:
        bundle: the shipped one, which judges.
        network: its own, in torch, as the copy is: the same code looks before and after.
        pair: the face that is taught, and the control.
        report: told of every change.
    """

    def __init__(
        self, bundle: Bundle, network: AuditedNetwork, pair: Sequence[Face], report: Callable[[Trace], None]
    ) -> None:
        self.bundle, self.network, self.pair, self.report = bundle, network, pair, report
        self.test = MembershipTest({bundle.name: bundle})
        self.standings: list[Standing] = []

    def begin(self) -> Look:
        """Return the look before the lesson; tell of each face as soon as it was judged."""
        looks = []
        for face in self.pair:
            looks.append(look_at(self.bundle, self.network, [face]))
            self.standings += self._standings(looks[-1])
            self.report(Trace(self.standings[0], self.standings[1] if len(self.standings) > 1 else None))
        return joined(looks, self.pair, self.bundle.name)

    def look(self, copy: AuditedNetwork) -> None:
        """Judge both faces under the copy as it is now; of the look only the numbers in ``standings`` remain."""
        seen = look_at(self.bundle, copy, self.pair)
        self.standings = self._standings(seen)
        blank(numbers(seen))

    def told(self, step: Step) -> None:
        """Tell how far the lesson is, and where both faces stand by now."""
        taught, control = self.standings
        self.report(Trace(taught, control, step))

    def _standings(self, look: Look) -> list[Standing]:
        found = (audit.photo for audit in self.test.judge(look)[0].faces)
        return [Standing(answer.score, answer.p_value) for answer in found]


def look_at(bundle: Bundle, network: AuditedNetwork, faces: Sequence[Face]) -> Look:
    """Look at all faces with a bundle's auditors and a network in torch, its own or a copy; in as many looks as it takes."""
    # A bundle of its own, only for looking: judging caches by bundle, and nothing that is kept may hold a copy.
    test = MembershipTest({bundle.name: replace(bundle, network=network)})
    return joined([test.look_at(faces[i : i + MAX_FACES]) for i in range(0, len(faces), MAX_FACES)], faces, bundle.name)


def joined(looks: Sequence[Look], faces: Sequence[Face], network: str) -> Look:
    """Return several looks as one at all of their faces; their own numbers are wiped."""
    columns = {c: np.concatenate([k.scores[network][c] for k in looks]) for c in looks[0].scores[network]}
    embeddings = np.concatenate([k.embeddings[network] for k in looks])
    for look in looks:
        blank(numbers(look))
    return Look("photo", tuple(faces), {network: columns}, 0, {network: embeddings})


def numbers(look: Look) -> Iterator[np.ndarray]:
    """Yield the embeddings and scores of a look: all that it has of its faces but the pictures."""
    yield from look.embeddings.values()
    for columns in look.scores.values():
        yield from columns.values()


def blank(arrays: Iterable[np.ndarray]) -> None:
    """Overwrite arrays with zeros."""
    for array in arrays:
        array.setflags(write=True)
        array.fill(0)
