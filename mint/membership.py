"""The membership inference test: look once, judge often.

``look`` pays for detection and forward passes and returns a frozen value; ``judge`` is pure and cheap, so that a page can
move alpha and prior without running a network, and visitors never share state.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mint.auditors.panel import CROPS_PER_LOOK, Panel, score_found, score_looks
from mint.bundles.bundle import Bundle
from mint.bundles.files import load_bundle
from mint.bundles.find import DEFAULT_NETWORKS, asked_for, by_name, find_bundle
from mint.errors import BadPhoto, MintError, NoFace
from mint.evidence.verdict import check_settings
from mint.judging.folder import DEFAULT_DISCOVERY_RATE, FolderAudit
from mint.judging.folder import judge_folder as judge_photos_of_folder
from mint.judging.person import PersonAudit, PersonLook, needed_columns
from mint.judging.person import judge_person as judge_photos_of_person
from mint.judging.photo import DEFAULT_ALPHA, DEFAULT_PRIOR, judge_photos, not_audited, prepare
from mint.networks.base import AuditedNetwork
from mint.networks.match_faces import own_faces
from mint.networks.parallel import run_ahead
from mint.storage.paths import WEIGHTS
from mint.types import Face, Look, Pairs, PhotoAudit
from mint.vision.detectors import YUNET
from mint.vision.images import as_rgb

if TYPE_CHECKING:
    from mint.bundles.series import Series
    from mint.judging.over_time import OverTime

MAX_FACES = 12
PHOTOS_PER_BATCH = CROPS_PER_LOOK  # of one face each, they fill a forward pass
Photo = bytes | str | Path | np.ndarray  # a file's bytes, its path, or decoded RGB


@dataclass(frozen=True, slots=True, eq=False)
class MembershipTest:
    """A membership inference test: bundles, ready for photos. Raises NoBundle where there is none.

    Example:
        >>> test = MembershipTest.load()
        >>> look = test.look("examples/faces/01-openpeople.jpg")
        >>> [audit.faces[0].photo.verdict for audit in test.judge(look)]  # doctest: +SKIP

    Attributes:
        bundles: by network name.
    """

    bundles: Mapping[str, Bundle]
    _networks: Mapping[str, AuditedNetwork] = field(init=False, repr=False)
    _online: Mapping[str, Panel] = field(init=False, repr=False)
    _of_people: Mapping[str, Panel] = field(init=False, repr=False)  # the auditors that a person's photos are judged by

    def __post_init__(self) -> None:
        bundles = {name: self.bundles[name] for name in asked_for(self.bundles)}.items()  # at least one
        object.__setattr__(self, "_networks", {name: bundle.network for name, bundle in bundles})
        object.__setattr__(self, "_online", {name: bundle.online() for name, bundle in bundles})
        object.__setattr__(self, "_of_people", {n: b.panel.only(needed_columns(b)) for n, b in bundles})

    @classmethod
    def load(
        cls,
        networks: str | Path | Iterable[str | Path] = DEFAULT_NETWORKS,
        weights: str | Path = WEIGHTS,
        audited: Sequence[AuditedNetwork | None] = (),
    ) -> MembershipTest:
        """Load bundles. Raises as ``find_bundle``, ``load_bundle`` and ``by_name``, and ValueError.

        Args:
            networks: names in ``weights``, or paths of folders; one, or several.
            weights: where bundles are looked for by name.
            audited: the network of each bundle, in the same order, where it is open already; a bundle
                of a torch module that is no file needs it. More than there are ``networks`` is a ValueError.
        """
        if len(audited) > len(asked := asked_for(networks)):
            raise ValueError(f"{len(audited)} open networks were given for {len(asked)} bundles")
        folders = [find_bundle(network, weights) for network in asked]
        found = [load_bundle(folder, network, graph=True) for folder, network in zip_longest(folders, audited)]
        return cls(by_name(asked, folders, found))

    @classmethod
    def from_pretrained(cls, repository: str | Path, revision: str | None = None) -> MembershipTest:
        """Load a bundle from the Hub, fetched once, or from a folder. Raises as ``mint.bundles.share.snapshot``.

        Args:
            repository: ``owner/name``, or a folder if there is one of that name and no revision is given.
            revision: commit, branch or tag; the newest if None. A commit (40 hexadecimal digits) is always the same.
        """
        folder = Path(repository)
        if revision is not None or not folder.is_dir():
            from mint.bundles.share import snapshot  # asks the Hub: only where it is wanted

            folder = snapshot(str(repository), revision)
        bundle = load_bundle(folder, graph=True)
        return cls({bundle.name: bundle})

    def prepare(self) -> MembershipTest:
        """Gather all that finding faces and judging need whatever the photo, so that the first one does not wait for it."""
        for bundle in self.bundles.values():
            prepare(bundle)
            getattr(bundle.network.finder, "prepare", lambda: None)()
        return self

    def find(self, photo: Photo) -> tuple[np.ndarray, tuple[Face, ...]]:
        """Decode a photo, and find its faces by the detector of the first network.

        Args:
            photo: bytes of a file, a path to one, or (H, W, 3) uint8 RGB as ``mint.vision.images.as_rgb`` takes it.

        Returns:
            (H, W, 3) uint8 RGB, and the faces, largest first; at least one.

        Raises:
            BadPhoto, NoFace, TypeError, ValueError: it cannot be read, has no face, or is no such array; see ``as_rgb``.
        """
        rgb = as_rgb(photo)
        return rgb, self._first.finder(rgb)

    def look(self, photo: Photo, name: str = "photo", saliency: bool = False) -> Look:
        """Find the faces of a photo and score the largest ``MAX_FACES`` under every network. Raises as ``find``.

        Args:
            photo: as for ``find``, which is the first half of it.
            name: what to call it.
            saliency: whether the look says as well where in each face each network is active.
        """
        rgb, faces = self.find(photo)
        return self.look_at(faces, name, rgb, self._first.finder.name, saliency)

    def look_at(
        self,
        faces: Sequence[Face],
        name: str = "photo",
        rgb: np.ndarray | None = None,
        by: str = YUNET.name,
        saliency: bool = False,
    ) -> Look:
        """Score faces that were found already.

        Args:
            faces: largest first.
            name: as for ``look``.
            rgb: the photo, in which networks with a detector of their own look for the same faces; without
                it they, too, are shown these.
            by: the name of the detector that found ``faces``.
            saliency: as for ``look``.
        """
        return self.score(self.cut(faces, name, rgb, by), saliency)

    def cut(
        self, faces: Sequence[Face], name: str = "photo", rgb: np.ndarray | None = None, by: str = YUNET.name
    ) -> Look:
        """Return a look without scores: all that the networks need of a photo, which may be forgotten then.

        Arguments are those of ``look_at``, which is this and ``score``.
        """
        looked = tuple(faces[:MAX_FACES])
        others = {n: network for n, network in self._networks.items() if network.finder.name != by}
        own = own_faces(rgb, looked, others) if rgb is not None and others else {}
        return Look(name, looked, own=own, skipped=len(faces) - len(looked))

    def score(self, look: Look, saliency: bool = False) -> Look:
        """Show the faces of a look from ``cut`` to every network; ``saliency`` is that of ``look``."""
        return self._show([look], self._online, saliency)[0]

    def look_many(self, photos: Iterable[Photo], names: Iterable[str]) -> Generator[tuple[str, Look | MintError]]:
        """Look at a collection of photos, as ``look`` does at one.

        Photos are read, and their faces found, in threads ahead of the networks, which are shown the faces of
        ``PHOTOS_PER_BATCH`` photos at a time. Nothing is kept, so that memory does not grow with the collection.

        Example:
            >>> files = sorted(Path("examples/faces").glob("*.jpg"))
            >>> for name, seen in test.look_many(files, map(str, files)):  # doctest: +SKIP
            ...     print(name, seen if isinstance(seen, MintError) else test.judge(seen)[0].faces[0].photo.verdict)

        Args:
            photos: any number, each as for ``find``; taken as they are needed.
            names: what to call them, one a photo.

        Yields:
            The name and the look, in the photos' order; for a photo that ``look`` would refuse the error in its place,
            and the others are looked at all the same. Scores are those of ``look`` up to the rounding of a batch.

        Raises:
            ValueError: there are more names than photos, or fewer.
        """
        with closing(run_ahead(self._seek, zip(photos, names, strict=True), 2 * PHOTOS_PER_BATCH)) as found:
            while batch := list(islice(found, PHOTOS_PER_BATCH)):
                yield from zip(
                    [name for name, _ in batch],
                    score_found([seen for _, seen in batch], self._networks, self._online),
                    strict=True,
                )

    def look_again(self, look: Look, before: MembershipTest, saliency: bool = False) -> Look:
        """Return a look with the scores of networks that have not seen its faces; the photo itself is not needed.

        Raises MintError if a network cuts faces out in another way than ``before``, the test that found them.
        """
        return self._again(look, before, self._online, saliency)

    def judge(self, look: Look, alpha: float = DEFAULT_ALPHA, prior: float = DEFAULT_PRIOR) -> tuple[PhotoAudit, ...]:
        """Turn a look into answers, one audit for each of this test's networks that has seen it. Pure.

        Args:
            look: of one photo.
            alpha: promised false-positive rate, in (0, 1).
            prior: the reader's belief before the test, in [0, 1].

        Raises:
            MintError: no network of this test has seen it; a BadSetting: alpha or prior is no such number.
        """
        return judge_photos(self.bundles, look, alpha, prior)

    def audit(
        self, photo: Photo, name: str, alpha: float = DEFAULT_ALPHA, prior: float = DEFAULT_PRIOR
    ) -> tuple[PhotoAudit, ...]:
        """Look and judge; a problem with the photo becomes the audits' ``error``."""
        return self.look_and_judge(photo, name, alpha, prior)[1]

    def look_and_judge(
        self, photo: Photo, name: str, alpha: float = DEFAULT_ALPHA, prior: float = DEFAULT_PRIOR
    ) -> tuple[Look | None, tuple[PhotoAudit, ...]]:
        """Return the look and its audits; the look is None if the photo could not be audited."""
        try:
            return self._judged(name, self.look(photo, name), alpha, prior)
        except MintError as error:
            return self._judged(name, error, alpha, prior)

    def look_and_judge_many(
        self, photos: Iterable[Photo], names: Iterable[str], alpha: float = DEFAULT_ALPHA, prior: float = DEFAULT_PRIOR
    ) -> Generator[tuple[Look | None, tuple[PhotoAudit, ...]]]:
        """Yield what ``look_and_judge`` returns for each photo; see ``look_many``."""
        with closing(self.look_many(photos, names)) as seen:
            for name, look in seen:
                yield self._judged(name, look, alpha, prior)

    def look_person(
        self, photos: Iterable[Photo], names: Iterable[str], before: PersonLook | None = None
    ) -> PersonLook:
        """Look at photos of one person: the largest face of each, until there are enough distinct ones.

        Args:
            photos: of one person; those that cannot be read or have no face are listed in the look's ``errors``.
            names: what to call them, one a photo.
            before: an earlier look that these photos are added to.
        """
        look = before or PersonLook()
        for photo, name in zip(photos, names, strict=True):
            look = self._add(look, photo, name)
        return look

    def look_person_again(self, look: PersonLook, before: MembershipTest) -> PersonLook:
        """Show the faces of a person's photos to the networks that have not seen them. Raises as ``look_again``."""
        return replace(look, looks=tuple(self._again(each, before, self._of_people) for each in look.looks))

    def judge_person(
        self, look: PersonLook, person: str, alpha: float = DEFAULT_ALPHA, prior: float = DEFAULT_PRIOR
    ) -> tuple[PersonAudit, ...]:
        """Judge whether this person was used, one audit a network. Pure. Raises as ``judge``."""
        return tuple(judge_photos_of_person(bundle, person, look, alpha, prior) for bundle in self.bundles.values())

    def judge_folder(
        self,
        looks: Sequence[Look],
        folder: str,
        people: Mapping[str, str] | None = None,
        errors: Pairs = (),
        alpha: float | None = None,
        discovery_rate: float = DEFAULT_DISCOVERY_RATE,
    ) -> tuple[FolderAudit, ...]:
        """Judge which share of several photos was used and which ones, one audit a network. Pure.

        Args:
            looks: one a photo.
            folder: what to call the photos together.
            people: photo to who is on it; all show one person where it is None.
            errors: photos that could not be looked at, and why.
            alpha: false-positive rate at which a photo counts as positive, in (0, 1); None takes the one that tells most.
            discovery_rate: share of the named photos that may be wrong on average, in (0, 1).

        Raises:
            MintError, ValueError: a look lacks scores of a network, ``people`` a photo; a rate lies outside its range.
        """
        asked = folder, looks, people, errors, alpha, discovery_rate
        return tuple(judge_photos_of_folder(bundle, *asked) for bundle in self.bundles.values())

    def over_time(self, look: Look, series: Series, alpha: float = DEFAULT_ALPHA) -> tuple[OverTime, ...]:
        """Judge since which version each face was used, by a test of ``series.folders``. Pure; see ``judge_over_time``."""
        from mint.judging.over_time import judge_over_time  # for whoever asks about versions alone

        return judge_over_time(self.bundles, look, series, alpha)

    def _add(self, look: PersonLook, photo: Photo, name: str) -> PersonLook:
        if look.full:
            return replace(look, skipped=(*look.skipped, name))
        try:
            rgb, (face, *others) = self.find(photo)
        except (BadPhoto, NoFace) as error:
            return replace(look, errors=(*look.errors, (name, error.sentence)))
        repeated = look.copied(face)
        if repeated is not None:
            return replace(look, copies=(*look.copies, (name, repeated)))
        cut = replace(self.cut((face,), name, rgb, self._first.finder.name), skipped=len(others))
        (seen,) = self._show([cut], self._of_people)
        return replace(look, looks=(*look.looks, seen))

    def _again(self, look: Look, before: MembershipTest, panels: Mapping[str, Panel], saliency: bool = False) -> Look:
        new = {name: panel for name, panel in panels.items() if name not in look.scores}
        if any(self.bundles[name].network.finder.name != before._first.finder.name for name in new):
            raise MintError("These networks cut faces out of a photo in another way. Add the photo once more.")
        (seen,) = self._show([Look(look.photo, look.faces)], new, saliency)
        return look.joined(seen)

    @property
    def _first(self) -> AuditedNetwork:
        """The network whose detector finds the faces."""
        return next(iter(self.bundles.values())).network

    def _seek(self, photo_and_name: tuple[Photo, str]) -> tuple[str, Look | MintError]:
        """Decode a photo and find its faces. Runs in threads."""
        photo, name = photo_and_name
        try:
            rgb, faces = self.find(photo)
            return name, self.cut(faces, name, rgb, self._first.finder.name)
        except MintError as error:
            return name, error

    def _judged(
        self, name: str, look: Look | MintError, alpha: float, prior: float
    ) -> tuple[Look | None, tuple[PhotoAudit, ...]]:
        """Judge a look; an error becomes the audits' ``error``."""
        if isinstance(look, Look):
            return look, self.judge(look, alpha, prior)
        check_settings(alpha, prior)
        return None, not_audited(self.bundles, name, look.sentence)

    def _show(self, looks: Sequence[Look], panels: Mapping[str, Panel], saliency: bool = False) -> list[Look]:
        return score_looks(looks, {name: self._networks[name] for name in panels}, panels, saliency)
