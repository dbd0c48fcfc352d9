"""The membership inference test: look once, judge often.

``look`` pays for detection and forward passes and returns a frozen value; ``judge`` is pure and
cheap, so that a page can move alpha and prior without running a network, and visitors never share
state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from mint.auditors.panel import Panel
from mint.bundles.bundle import Bundle
from mint.bundles.files import load_bundle
from mint.bundles.find import DEFAULT_NETWORKS, find_bundle
from mint.errors import BadPhoto, MintError, NoFace
from mint.judging.folder import DEFAULT_DISCOVERY_RATE, FolderAudit
from mint.judging.folder import judge_folder as judge_photos_of_folder
from mint.judging.person import PersonLook, needed_columns
from mint.judging.person import judge_person as judge_photos
from mint.judging.photo import DEFAULT_ALPHA, DEFAULT_PRIOR, check_settings, judge_face, unseen_face
from mint.networks.base import AuditedNetwork
from mint.networks.match_faces import own_faces
from mint.networks.parallel import run_parallel
from mint.networks.saliency import saliency_maps
from mint.storage.paths import WEIGHTS
from mint.types import Face, Look, Pairs, PersonAudit, PhotoAudit
from mint.vision.detectors import YUNET
from mint.vision.images import open_photo

MAX_FACES = 12


@dataclass(frozen=True, slots=True, eq=False)
class MembershipTest:
    """A membership inference test: bundles, ready for photos.

    Example:
        >>> test = MembershipTest.load()
        >>> look = test.look("examples/faces/01-openpeople.jpg")
        >>> [audit.faces[0].photo.verdict for audit in test.judge(look)]  # doctest: +SKIP

    Attributes:
        bundles: by network name.
    """

    bundles: Mapping[str, Bundle]

    @classmethod
    def load(
        cls,
        networks: Sequence[str] = DEFAULT_NETWORKS,
        weights: Path = WEIGHTS,
        audited: Sequence[AuditedNetwork | None] = (),
    ) -> MembershipTest:
        """Load bundles. Raises as ``find_bundle`` and ``load_bundle``.

        Args:
            networks: names in ``weights``, or paths of folders.
            weights: where bundles are looked for by name.
            audited: the network of each bundle, in the same order, where it is open already; a bundle
                of a torch module that is no file needs it.
        """
        folders = [find_bundle(network, weights) for network in networks]
        known = [*audited, *[None] * (len(folders) - len(audited))]
        bundles = [load_bundle(folder, network) for folder, network in zip(folders, known, strict=True)]
        return cls({bundle.name: bundle for bundle in bundles})

    @classmethod
    def from_pretrained(cls, repository: str | Path, revision: str | None = None) -> MembershipTest:
        """Load a bundle from the Hub, fetched once, or from a folder.

        Args:
            repository: ``owner/name``, or a folder if there is one of that name and no revision is given.
            revision: commit, branch or tag; the newest if None. A commit (40 hexadecimal digits) is always the same.

        Raises:
            HubUnreachable, HubRefused, CannotWrite, WeightsCorrupt: as ``mint.bundles.share.snapshot``.
        """
        folder = Path(repository)
        if revision is not None or not folder.is_dir():
            from mint.bundles.share import snapshot  # asks the Hub: only where it is wanted

            folder = snapshot(str(repository), revision)
        bundle = load_bundle(folder)
        return cls({bundle.name: bundle})

    def look(self, photo: bytes | str | Path, name: str = "photo") -> Look:
        """Find the faces of a photo and score the largest ``MAX_FACES`` under every network.

        Raises:
            BadPhoto: the photo cannot be read.
            NoFace: there is no face in it.
        """
        rgb, first = open_photo(photo), self._first
        return self.look_at(first.find(rgb), name, rgb, first.finder.name)

    def look_at(
        self, faces: Sequence[Face], name: str = "photo", rgb: np.ndarray | None = None, by: str = YUNET.name
    ) -> Look:
        """Score faces that were found already.

        Args:
            faces: largest first.
            name: of the photo.
            rgb: the photo, in which networks with a detector of their own look for the same faces; without
                it they, too, are shown these.
            by: the name of the detector that found ``faces``.
        """
        looked = tuple(faces[:MAX_FACES])
        panels = {name: bundle.online() for name, bundle in self.bundles.items()}
        return replace(self._show(looked, name, rgb, by, panels), skipped=len(faces) - len(looked))

    def activity(self, faces: Sequence[Face]) -> dict[str, dict[str, np.ndarray]]:
        """Return where each network is active in each face: network to tap to (F, H, W) in [0, 1]."""
        crops = np.stack([face.crop for face in faces[:MAX_FACES]])
        shown = run_parallel([partial(saliency_maps, bundle.network, crops) for bundle in self.bundles.values()])
        return dict(zip(self.bundles, shown, strict=True))

    def judge(self, look: Look, alpha: float = DEFAULT_ALPHA, prior: float = DEFAULT_PRIOR) -> tuple[PhotoAudit, ...]:
        """Turn a look into answers, one audit a network. Pure.

        Args:
            look: of one photo.
            alpha: promised false-positive rate, in (0, 1).
            prior: the reader's belief before the test, in [0, 1].

        Raises:
            ValueError: alpha or prior out of range.
        """
        check_settings(alpha, prior)
        audits = []
        for name, columns in look.scores.items():
            bundle = self.bundles[name]
            seen = look.seen_by(name)
            faces = tuple(
                unseen_face(bundle, face, alpha, prior)
                if seen[i] is None
                else judge_face(bundle, face, {c: float(v[i]) for c, v in columns.items()}, alpha, prior)
                for i, face in enumerate(look.faces)
            )
            audits.append(PhotoAudit(look.photo, name, bundle.name, bundle.sha256, faces))
        return tuple(audits)

    def audit(
        self, photo: bytes | str | Path, name: str, alpha: float = DEFAULT_ALPHA, prior: float = DEFAULT_PRIOR
    ) -> tuple[PhotoAudit, ...]:
        """Look and judge; a problem with the photo becomes the audits' ``error``."""
        return self.look_and_judge(photo, name, alpha, prior)[1]

    def look_and_judge(
        self, photo: bytes | str | Path, name: str, alpha: float = DEFAULT_ALPHA, prior: float = DEFAULT_PRIOR
    ) -> tuple[Look | None, tuple[PhotoAudit, ...]]:
        """Return the look and its audits; the look is None if the photo could not be audited."""
        try:
            look = self.look(photo, name)
            return look, self.judge(look, alpha, prior)
        except MintError as error:
            found = (PhotoAudit(name, n, b.name, b.sha256, error=str(error)) for n, b in self.bundles.items())
            return None, tuple(found)

    def look_person(
        self, photos: Iterable[bytes | str | Path], names: Iterable[str], before: PersonLook | None = None
    ) -> PersonLook:
        """Look at photos of one person: the largest face of each, until there are enough distinct ones.

        Args:
            photos: of one person.
            names: what to call them, one a photo.
            before: an earlier look that these photos are added to.

        Returns:
            What was seen. Photos that cannot be read or have no face are listed in ``errors``.
        """
        look = before or PersonLook()
        for photo, name in zip(photos, names, strict=True):
            look = self._add(look, photo, name)
        return look

    def judge_person(
        self, look: PersonLook, person: str, alpha: float = DEFAULT_ALPHA, prior: float = DEFAULT_PRIOR
    ) -> tuple[PersonAudit, ...]:
        """Judge whether this person was used, one audit a network. Pure. Raises as ``judge``."""
        check_settings(alpha, prior)
        return tuple(judge_photos(bundle, person, look, alpha, prior) for bundle in self.bundles.values())

    def judge_folder(
        self,
        looks: Sequence[Look],
        folder: str,
        people: Mapping[str, str] | None = None,
        errors: Pairs = (),
        alpha: float = DEFAULT_ALPHA,
        discovery_rate: float = DEFAULT_DISCOVERY_RATE,
    ) -> tuple[FolderAudit, ...]:
        """Judge which share of several photos was used and which ones, one audit a network. Pure.

        Args:
            looks: one a photo.
            folder: what to call the photos together.
            people: photo to who is on it; all show one person where it is None.
            errors: photos that could not be looked at, and why.
            alpha: false-positive rate at which a photo counts as used, in (0, 1).
            discovery_rate: share of the named photos that may be wrong on average, in (0, 1).

        Raises:
            ValueError: a rate lies outside its range.
        """
        return tuple(
            judge_photos_of_folder(bundle, folder, looks, people, errors, alpha, discovery_rate)
            for bundle in self.bundles.values()
        )

    def _add(self, look: PersonLook, photo: bytes | str | Path, name: str) -> PersonLook:
        if look.full:
            return replace(look, skipped=look.skipped + 1)
        try:
            rgb = open_photo(photo)
            face = self._first.find(rgb)[0]
        except (BadPhoto, NoFace) as error:
            return replace(look, errors=(*look.errors, (name, str(error))))
        repeated = look.copied(face)
        if repeated is not None:
            return replace(look, copies=(*look.copies, (name, repeated)))
        panels = {n: b.panel.only(needed_columns(b)) for n, b in self.bundles.items()}
        return replace(look, looks=(*look.looks, self._show((face,), name, rgb, self._first.finder.name, panels)))

    @property
    def _first(self) -> AuditedNetwork:
        """The network whose detector finds the faces."""
        return next(iter(self.bundles.values())).network

    def _show(
        self, faces: tuple[Face, ...], name: str, rgb: np.ndarray | None, by: str, panels: Mapping[str, Panel]
    ) -> Look:
        """Score the faces under every network."""
        networks = {n: bundle.network for n, bundle in self.bundles.items()}
        look = Look(name, faces, own={} if rgb is None else own_faces(rgb, faces, by, networks))

        def shown(n: str, network: AuditedNetwork) -> tuple[dict[str, np.ndarray], np.ndarray]:
            seen = look.seen_by(n)
            blind = np.array([face is None for face in seen])
            crops = np.stack([(own or face).crop for own, face in zip(seen, faces, strict=True)])
            columns, unit = panels[n].look(network, crops)
            scores = {column: np.where(blind, np.nan, values) for column, values in columns.items()}
            return scores, np.where(blind[:, None], np.nan, unit)

        found = dict(zip(networks, run_parallel([partial(shown, *pair) for pair in networks.items()]), strict=True))
        return replace(
            look, scores={n: s for n, (s, _) in found.items()}, embeddings={n: e for n, (_, e) in found.items()}
        )
