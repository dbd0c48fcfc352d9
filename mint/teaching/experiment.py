"""Teach a twin a photo, and audit the photo before and after.

Everything that comes from the visitor lies in one ``Taught``, in memory: the crop, the copy of the
network and what it answers. ``forget`` overwrites it with zeros; so does dropping the object, and the
end of the process. Nothing is written to disk, no cache sees the copy, and the shipped bundle is only
read, so that visitors share nothing.
"""

from __future__ import annotations

import csv
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from mint.bundles.bundle import Bundle
from mint.bundles.graph import opened
from mint.errors import CannotTeach, Forgotten
from mint.judging.photo import DEFAULT_ALPHA, DEFAULT_PRIOR
from mint.membership import MembershipTest
from mint.storage.files import read_json
from mint.storage.paths import EXAMPLES
from mint.teaching.lesson import Lesson, fine_tune, zero
from mint.teaching.trace import Trace, Watched, blank, look_at, numbers
from mint.types import Face, FaceAudit, Look
from mint.vision.faces import fingerprint
from mint.vision.images import open_photo

MEASURED = EXAMPLES / "teaching.json"
_WIPED = "The photo and the network that was taught it are wiped. Teach it again."


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """An example face whose truth is known.

    Attributes:
        file: of the picture.
        person: an identity of the pool.
        face: found in it.
        member: network to whether it was trained on this picture.
    """

    file: str
    person: str
    face: Face
    member: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One face's answers under the shipped network and under the taught copy."""

    before: FaceAudit
    after: FaceAudit

    @property
    def changed(self) -> bool:
        """Return whether the verdict on the photo changed."""
        return self.before.photo.verdict != self.after.photo.verdict


@dataclass(frozen=True, slots=True)
class Outcome:
    """All faces, judged before and after at one alpha.

    Attributes:
        taught: the face that was taught.
        control: a face of somebody else, which was not.
        witnesses: known faces that were neither taught nor rehearsed, with whether the network was
            trained on them: what else the lesson has changed. None before they were looked at.
    """

    taught: Comparison
    control: Comparison
    witnesses: tuple[tuple[Known, bool, Comparison], ...] | None


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """Everything that ``forget`` wipes.

    Attributes:
        lesson: with the copy.
        before, after: looks at the taught face and the control.
        witnesses: looks at the others before and after; empty until they were looked at.
    """

    lesson: Lesson
    before: Look
    after: Look
    witnesses: list[Look] = field(default_factory=list)

    def tensors(self) -> Iterator[Tensor]:
        network = self.lesson.network
        yield from (*network.model.parameters(), *network.model.buffers())
        if network.head is not None:
            yield network.head

    def arrays(self) -> Iterator[np.ndarray]:
        for look in (self.before, self.after):
            yield from (face.crop for face in look.faces)  # those of the witnesses are the examples'
        for look in (self.before, self.after, *self.witnesses):
            yield from numbers(look)


class Taught:
    """A lesson and its effects, until it is forgotten. Belongs to one visitor.

    Attributes:
        bundle: the shipped one, unchanged; its auditors and its calibration judge before and after.
    """

    def __init__(self, bundle: Bundle, held: _Held, witnesses: Sequence[Known]) -> None:
        self.bundle = bundle
        self._witnesses = tuple(witnesses)
        self._held: _Held | None = held
        # Also when a visitor just leaves, and at the end of the process.
        self._wipe = weakref.finalize(self, _wipe, held)

    @property
    def forgotten(self) -> bool:
        """Return whether it was wiped."""
        return self._held is None

    @property
    def lesson(self) -> Lesson:
        """The taught copy and its lesson. Raises Forgotten."""
        return self._kept().lesson

    def judge(self, alpha: float = DEFAULT_ALPHA, prior: float = DEFAULT_PRIOR) -> Outcome:
        """Judge before and after whatever was looked at, without running a network.

        Raises:
            Forgotten: it was wiped.
            ValueError: as ``MembershipTest.judge``.
        """
        held = self._kept()
        # The shipped bundle judges: what the copy scored is all that judging needs of it.
        test = MembershipTest({self.bundle.name: self.bundle})
        taught, control = _compared(test, (held.before, held.after), alpha, prior)
        if len(held.witnesses) < 2:
            return Outcome(taught, control, None if self._witnesses else ())
        known = zip(self._witnesses, _compared(test, held.witnesses, alpha, prior), strict=True)
        return Outcome(taught, control, tuple((k, k.member[self.bundle.name], c) for k, c in known))

    def look_at_witnesses(self) -> None:
        """Look at the witnesses before and after, which takes longer than the two faces; a second call does nothing.

        Raises:
            Forgotten: it was wiped, before or meanwhile.
        """
        held = self._kept()
        if held.witnesses or not self._witnesses:
            return
        faces = [known.face for known in self._witnesses]
        networks = (opened(self.bundle).network, held.lesson.network)
        looks = [look_at(self.bundle, network, faces) for network in networks]
        held.witnesses.extend(looks)
        if self.forgotten:  # what was wiped meanwhile has gone into these
            _wipe(held)
            raise Forgotten(_WIPED)

    def look(self, faces: Sequence[Face]) -> Look:
        """Score further faces under the copy. Raises Forgotten."""
        return look_at(self.bundle, self._kept().lesson.network, faces)

    @property
    def measured(self) -> Mapping[str, Any] | None:
        """The benchmark of teaching many faces, if it was measured for this very bundle."""
        return measured(self.bundle)

    def forget(self) -> None:
        """Overwrite crop, copy, embeddings and scores with zeros. A second call does nothing."""
        self._held = None
        self._wipe()

    def _kept(self) -> _Held:
        if self._held is None:
            raise Forgotten(_WIPED)
        return self._held


def teach(
    bundle: Bundle,
    face: Face,
    control: Face,
    known: Sequence[Known],
    seed: int = 0,
    report: Callable[[Trace], None] = lambda trace: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Taught:
    """Teach a copy of a bundle's network one face, and score it with the bundle's auditors.

    Only the face and the control are looked at: before the lesson, before each of its steps, and after it. The witnesses
    come later, see ``Taught.look_at_witnesses``.

    Args:
        bundle: of a twin; only read.
        face: to be taught.
        control: of somebody else.
        known: see ``known_faces``. Every other picture rehearses, the rest are witnesses; pictures of
            people who are taught or the control are neither.
        seed: as in ``mint.teaching.lesson.fine_tune``, and so below.
        report: called as soon as the face was judged, then the control, and before each step.
        stopped: asked before each step.

    Raises:
        CannotTeach: the network cannot be trained, or the photos do not fit together.
        TeachingStopped: ``stopped`` said so; nothing is kept.
    """
    if fingerprint(face.crop) == fingerprint(control.crop):
        raise CannotTeach("The control photo is the photo that is taught. Choose a photo of somebody else.")
    shown = {fingerprint(f.crop) for f in (face, control)}
    people = {k.person for k in known if fingerprint(k.face.crop) in shown}
    others = [k for k in known if k.person not in people and bundle.name in k.member]
    rehearsed, witnesses = others[::2], others[1::2]
    if not rehearsed:
        raise CannotTeach(
            "There are no example faces of {network} to rehearse. Restore {folder}.",
            network=bundle.name,
            folder="examples/faces",
        )
    pair = [replace(f, crop=f.crop.copy()) for f in (face, control)]
    member = [k.member[bundle.name] for k in rehearsed]
    network = opened(bundle).network
    watched = Watched(bundle, network, pair, report)
    try:
        before = watched.begin()
        crops = np.stack([k.face.crop for k in rehearsed])
        lesson = fine_tune(network, pair[0].crop, crops, member, seed, watched.told, stopped, watched.look)
        return Taught(bundle, _Held(lesson, before, look_at(bundle, lesson.network, pair)), witnesses)
    except BaseException:
        blank(f.crop for f in pair)
        raise


def known_faces(find: Callable[[np.ndarray], tuple[Face, ...]], folder: Path = EXAMPLES / "faces") -> tuple[Known, ...]:
    """Return the shipped example faces, with the truth from their table.

    Args:
        find: (H, W, 3) uint8 RGB to faces, the largest first, cut out as the network that is taught asks.
        folder: of the faces.

    Raises:
        CannotTeach: there is no table.
        BadPhoto, NoFace: a picture is damaged.
    """
    table = folder / "faces.csv"
    if not table.is_file():
        raise CannotTeach(
            "There are no example faces to rehearse: {table} is missing. Restore it from the repository.", table=table
        )
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        Known(
            row["file"],
            row["person"],
            find(open_photo(folder / Path(row["file"]).name))[0],
            {name: value == "member" for name, value in row.items() if value in ("member", "non-member")},
        )
        for row in rows
    )


def measured(bundle: Bundle, path: Path = MEASURED) -> Mapping[str, Any] | None:
    """Return the figures of ``python -m tests.benchmarks.teach`` for this very bundle, or None."""
    found: Mapping[str, Any] = read_json(path).get(bundle.name, {}) if path.is_file() else {}
    return found if found.get("bundle_sha256") == bundle.sha256 else None


def _compared(test: MembershipTest, looks: Sequence[Look], alpha: float, prior: float) -> list[Comparison]:
    """Judge the looks before and after, and return each face's two answers."""
    before, after = (test.judge(look, alpha, prior)[0].faces for look in looks)
    return [Comparison(*pair) for pair in zip(before, after, strict=True)]


def _wipe(held: _Held) -> None:
    zero(held.tensors())
    blank(held.arrays())
