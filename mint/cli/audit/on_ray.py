"""``mint audit --engine ray``: the photos of a collection in pieces, each audited by one of several processes.

A worker opens the bundles once, reads the photos of a piece where they lie, and answers with audits. Whoever asked writes
them, in the photos' order, so that the file is the one that a single process writes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mint.errors import MintError

if TYPE_CHECKING:
    from mint.bundles.find import BundleRef
    from mint.cli.audit.answers import File, Judged, KeptAnswers
    from mint.membership import MembershipTest
    from mint.networks.base import GraphReading
    from mint.types import PhotoAudit

Engine = Annotated[
    Literal["plain", "ray"],
    typer.Option(help="plain: one process. ray: several, here or on a cluster, for --out; the file is the same."),
]
Workers = Annotated[
    int | None,
    typer.Option(help="ray: processes; as many as there are processors, if not given.", min=1, show_default=False),
]
Address = Annotated[
    str | None, typer.Option(help="ray: of a cluster that runs; else one is started here.", show_default=False)
]
MOST_BATCHES = 4  # a piece: what is lost at most with a worker
PIECES = 64  # of a collection at least, if it is large enough: so many workers have their share


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a worker opens and how it judges; small, and can be sent to another machine.

    Attributes:
        bundles: as ``find_bundles`` returns them, with paths that hold from any folder.
        reading: how a network of the user's own is read.
        sha256: network to that of its bundle, as opened by whoever asked.
        alpha, prior: of the answers.
        version: of MINT.
    """

    bundles: tuple[BundleRef, ...]
    reading: GraphReading
    sha256: Mapping[str, str]
    alpha: float
    prior: float
    version: str

    @classmethod
    def of(
        cls, bundles: Sequence[BundleRef], reading: GraphReading, test: MembershipTest, alpha: float, prior: float
    ) -> Wanted:
        """Describe a test that is open here, and how it was opened."""
        from mint import __version__

        sha256 = {network: bundle.sha256 for network, bundle in test.bundles.items()}
        return cls(tuple(map(_placed, bundles)), reading, sha256, alpha, prior, __version__)


def _placed(ref: BundleRef) -> BundleRef:
    """Return a bundle with absolute paths; names, by which each machine finds its own, stay."""
    network = None if ref.network is None else _absolute(ref.network)
    return replace(ref, bundle=_absolute(ref.bundle), network=network)


def _absolute(name: str) -> str:
    path = Path(name).expanduser()
    return str(path.absolute()) if path.exists() else name


@dataclass(frozen=True, slots=True)
class Audited:
    """What a worker says of a photo.

    Attributes:
        audits: one a network.
        sha256: of the file; None where it could not be read.
        whole: whether the file was still the same when it was audited.
    """

    audits: tuple[PhotoAudit, ...]
    sha256: str | None
    whole: bool


class PhotoAuditor:
    """Opens the bundles once, then audits piece after piece.

    Raises:
        MintError: a bundle or MINT itself is another one here than where the audit was started.
    """

    def __init__(self, wanted: Wanted) -> None:
        from mint import __version__
        from mint.cli.network_options import open_test

        if __version__ != wanted.version:
            raise MintError(f"A worker has MINT {__version__}, this machine {wanted.version}. Install the same one.")
        self._wanted, self._test = wanted, open_test(list(wanted.bundles), wanted.reading)
        for network, bundle in self._test.bundles.items():
            if (sha256 := wanted.sha256.get(network)) != bundle.sha256:
                raise MintError(
                    f"A worker has another bundle of {network}, {bundle.sha256[:12]} instead of {str(sha256)[:12]}. "
                    "Put the same one on every machine."
                )

    def __call__(self, piece: Sequence[tuple[str, str]]) -> list[Audited]:
        """Audit photos.

        Args:
            piece: where each lies, and what to call it.
        """
        from mint.cli.audit.answers import fingerprint

        read: list[tuple[str | None, Callable[[], bool]]] = []

        def photos() -> Iterator[Path]:
            for place, _ in piece:
                file = Path(place)
                read.append(fingerprint(file))
                yield file

        names = (name for _, name in piece)
        found = []
        with closing(self._test.look_and_judge_many(photos(), names, self._wanted.alpha, self._wanted.prior)) as judged:
            for number, (_, audits) in enumerate(judged):
                sha256, is_same = read[number]
                found.append(Audited(audits, sha256, is_same()))
        return found


def check_engine(engine: str, workers: int | None, address: str | None, answers: Path | None, others: bool) -> None:
    """Check options before the audit.

    Args:
        engine: ``plain`` or ``ray``.
        workers: that were asked for.
        address: that was asked for.
        answers: the file for them.
        others: whether it is also given what needs the photos themselves here.

    Raises:
        BadParameter: they do not go together.
        CannotWrite: the file's name says no format.
        LibraryMissing: Ray is not installed, or what the file needs.
    """
    if engine == "plain":
        if workers is not None or address is not None:
            raise typer.BadParameter("--workers and --address are for --engine ray.")
        return
    if answers is None or others:
        raise typer.BadParameter(
            "--engine ray writes answers to --out; reports, --gradients and --person take one process."
        )
    from mint.doctor.extras import needs
    from mint.report.answer_files import PARQUET, kind_of

    needs("scale", *(["pyarrow"] if kind_of(answers) == PARQUET else []), "ray")


def judged_by_ray(
    files: Sequence[File], wanted: Wanted, kept: KeptAnswers, workers: int | None, address: str | None
) -> Generator[Judged]:
    """Yield the audits of photos in their order, as ``look_and_judge_many`` does, without the looks.

    Args:
        files: that are due.
        wanted: of the workers.
        kept: is told what they read.
        workers: see ``RayPool``.
        address: likewise.

    Raises:
        MintError: as ``RayPool.run`` and ``PhotoAuditor``.
    """
    from mint.ray_pool import RayPool

    pieces = pieces_of(files)
    told = os.environ.get("OMP_NUM_THREADS", "")  # by this, a bundle that torch scores rounds as in one process
    pool = RayPool(address, workers, threads=max(1, int(told)) if told.isdecimal() else 1)
    with closing(pool.run(PhotoAuditor, (wanted,), pieces)) as answers:
        due = iter(files)
        for found in answers:
            for one in found:
                file, _ = next(due)
                kept.was_read(file, one.sha256, one.whole)
                yield None, one.audits


def pieces_of(files: Sequence[File]) -> list[list[tuple[str, str]]]:
    """Cut photos into pieces of whole batches, so that every photo has the neighbours that it has in one process.

    Returns:
        Pieces of absolute paths, each with the name of the photo's answers.
    """
    from mint.membership import PHOTOS_PER_BATCH

    size = PHOTOS_PER_BATCH * max(1, min(MOST_BATCHES, len(files) // (PIECES * PHOTOS_PER_BATCH)))
    placed = [(str(file.absolute()), str(file)) for file, _ in files]
    return [placed[start : start + size] for start in range(0, len(placed), size)]
