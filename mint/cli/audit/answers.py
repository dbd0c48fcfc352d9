"""What ``mint audit --out`` keeps: answers on a collection, in a file that goes on where it stopped."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mint.cli.console import err
from mint.cli.photos import sha256_of_photo

if TYPE_CHECKING:
    from mint.membership import MembershipTest
    from mint.report.answer_files import AnswerFile
    from mint.types import Look, PhotoAudit

Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="Write a row a face and network to FILE.jsonl, FILE.csv or FILE.parquet instead of tables. A run with the "
        "same photos, bundles, alpha and prior goes on where the last one stopped.",
    ),
]
File = tuple[Path, str]  # a photo, and its name in a report
Judged = tuple["Look | None", tuple["PhotoAudit", ...]]
Stamp = tuple[int, int, int] | None
LINES = 20  # on how far it is, where no terminal draws a bar
MOST_APART = 1000  # photos between two of these


def check_out(out: Path | None) -> None:
    """Check before the audit that answers can be written. Raises CannotWrite or LibraryMissing."""
    if out is None:
        return
    from mint.report.answer_files import PARQUET, check_answers, kind_of

    if kind_of(out) == PARQUET:
        from mint.doctor.extras import needs

        needs("lab", "pyarrow")
    check_answers(out)


class KeptAnswers:
    """The answers that are kept while photos are audited; none where no ``--out`` was given."""

    def __init__(self, file: AnswerFile | None) -> None:
        self._file = file
        self._before = len(file.answered) if file else 0
        # By photo: its sha256, and what says whether the file is still the same.
        self._read: dict[Path, tuple[str | None, Callable[[], bool]]] = {}

    def check(self, files: Sequence[File]) -> None:
        """Read the answered photos once more, and refuse to go on if one of them has changed.

        Raises CannotWrite.
        """
        if self._file is not None:
            known = [file for file in {file: None for file, _ in files} if self.knows(file)]
            from rich.progress import track

            shown = track(known, "reading", console=err, disable=not (known and err.is_terminal), transient=True)
            self._file.check((str(file), sha256_of_photo(file)) for file in shown)

    def due(self, files: Sequence[File], every: bool) -> list[File]:
        """Return the photos that are still to be looked at.

        A photo's scores depend, in their last bits, on the photos of its batch. So that a run which goes on writes what
        an undisturbed one would have written, it begins with the first photo of the batch that was cut off.

        Args:
            files: all photos, in order.
            every: whether a report needs all of them, answered or not.
        """
        if self._file is None:
            return list(files)
        from mint.membership import PHOTOS_PER_BATCH

        named = list({str(file): (file, name) for file, name in files}.values())
        known = [self._file.knows(str(file)) for file, _ in named]
        first = known.index(False) if not all(known) else len(known)
        if every or (first < len(known) and not any(known[first:])):
            return named if every else named[first - first % PHOTOS_PER_BATCH :]
        return [file for file, there in zip(named, known, strict=True) if not there]

    def knows(self, photo: Path) -> bool:
        """Return whether a photo is answered already."""
        return self._file is not None and self._file.knows(str(photo))

    def failed(self, files: Sequence[File]) -> int:
        """Return how many of the photos could not be audited, by the answers that are kept."""
        if self._file is None:
            return 0
        from mint.report.answer_rows import photo_name

        known = (self._file.answered.get(photo_name(name)) for name in {str(file) for file, _ in files})
        return sum(one is not None and not one.audited for one in known)

    def tell_unprinted(self, files: Sequence[File]) -> None:
        """Say how many of the photos are not printed, because their answers are kept already."""
        known = sum(self.knows(file) for file in {file for file, _ in files})
        if self._file is not None and known:
            told = f"Not printed: {known} of the photos, as their answers are in {self._file.path} already."
            err.print(told, markup=False, highlight=False, soft_wrap=True)

    def reading(self, files: Iterable[File]) -> Iterator[Path]:
        """Yield photos for the audit, and remember what is in each from now on until its answers are kept."""
        for file, _ in files:
            if self._file is not None and not self.knows(file):
                self._read[file] = fingerprint(file)
            yield file

    def was_read(self, file: Path, sha256: str | None, whole: bool) -> None:
        """Record the fingerprint of a photo that another process has read; see ``fingerprint``."""
        if not self.knows(file):
            self._read[file] = sha256, lambda: whole

    def add(self, file: Path, audits: Sequence[PhotoAudit]) -> bool:
        """Write the answers on a photo, unless they are there.

        Returns:
            False if the photo was changed while it was audited, so that nobody knows what the answers are about. They are not
            written then.
        """
        if self._file is None:
            return True
        sha256, is_same = self._read.pop(file)
        if not is_same():
            return False
        self._file.add(audits, sha256)
        return True

    def tell(self) -> None:
        """Say where the answers are."""
        if self._file is not None:
            there = len(self._file.answered)
            err.print(
                f"Answers: {self._file.path}, {there} photos, {there - self._before} of them now",
                markup=False, highlight=False, soft_wrap=True,
            )  # fmt: skip


@contextmanager
def keeping(out: Path | None, test: MembershipTest, alpha: float, prior: float, force: bool) -> Iterator[KeptAnswers]:
    """Open the file of answers, if one is wanted. Raises CannotWrite."""
    if out is None:
        yield KeptAnswers(None)
        return
    from mint.report.answer_files import writing_answers
    from mint.report.answer_rows import Settings

    settings = Settings({name: bundle.sha256 for name, bundle in test.bundles.items()}, alpha, prior)
    with writing_answers(out, settings, force) as file:
        kept = KeptAnswers(file)
        yield kept
    kept.tell()


def shown(
    judged: Iterable[Judged], total: int, kept: bool, clock: Callable[[], float] = time.monotonic
) -> Iterator[Judged]:
    """Pass audits on, and say on stderr how far they are and how much time is left: a bar on a terminal, else now and then a line.

    Args:
        judged: the audits.
        total: how many there will be.
        kept: whether they are written to a file: then what is said disturbs no table.
        clock: seconds.
    """
    if err.is_terminal:
        from rich.progress import track

        yield from track(judged, "auditing", total, console=err, disable=total < 2, transient=True)
        return
    from mint.membership import PHOTOS_PER_BATCH

    step = min(max(PHOTOS_PER_BATCH, total // LINES), MOST_APART)
    began = clock()
    for number, one in enumerate(judged, 1):
        yield one
        if kept and number % step == 0 and number < total:
            left = (clock() - began) / number * (total - number)
            err.print(
                f"{number} of {total} photos, about {_time(left)} left", markup=False, highlight=False, soft_wrap=True
            )


def _time(seconds: float) -> str:
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def fingerprint(file: Path) -> tuple[str | None, Callable[[], bool]]:
    """Return a photo's sha256, None where it cannot be read, and a function that tells later whether the file is still the same."""
    sha256, stamp = sha256_of_photo(file), _stamp(file)
    return sha256, lambda: stamp == _stamp(file)


def _stamp(file: Path) -> Stamp:
    """Return what the system changes when a file is written to or replaced."""
    try:
        about = os.stat(file)
    except (OSError, ValueError):
        return None
    return about.st_ino, about.st_size, about.st_mtime_ns
