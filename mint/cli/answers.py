"""What ``mint audit --out`` keeps: answers on a collection, in a file that goes on where it stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mint.cli.console import err
from mint.doctor.extras import needs

if TYPE_CHECKING:
    from mint.membership import MembershipTest
    from mint.report.answer_files import AnswerFile
    from mint.types import PhotoAudit

Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="Write a row a face and network to FILE.jsonl, FILE.csv or FILE.parquet instead of tables. A run with the "
        "same bundles, alpha and prior goes on where the last one stopped.",
    ),
]
File = tuple[Path, str]  # a photo, and its name in a report


def check_out(out: Path | None) -> None:
    """Check before the audit that answers can be written. Raises CannotWrite or LibraryMissing."""
    if out is None:
        return
    from mint.report.answer_files import PARQUET, check_answers, kind_of

    if kind_of(out) == PARQUET:
        needs("lab", "pyarrow")
    check_answers(out)


class KeptAnswers:
    """The answers that are kept while photos are audited; none where no ``--out`` was given."""

    def __init__(self, file: AnswerFile | None) -> None:
        self._file = file
        self._before = len(file.answered) if file else 0

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
        """Return how many of the photos an answer says of that they could not be audited."""
        if self._file is None:
            return 0
        from mint.report.answer_rows import photo_name

        return sum(not self._file.answered.get(photo_name(name), True) for name in {str(file) for file, _ in files})

    def add(self, audits: Sequence[PhotoAudit]) -> None:
        """Write the answers on a photo, unless they are there."""
        if self._file is not None:
            self._file.add(audits)

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
