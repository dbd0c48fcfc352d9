"""Answers on a collection as a file that goes on where it stopped: each photo's rows exactly once.

Rows are appended photo by photo. A run that is killed leaves whole photos, and at most one cut off, which the next
run drops. A Parquet file is written at the end, from such a file beside it that is then removed; whoever is killed in
between finds both, and the photos of one in the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from mint.errors import CannotWrite
from mint.report.answer_formats import CSV, JSONL, DamagedRows
from mint.report.answer_rows import Settings, photo_name, rows_of, rows_per_photo
from mint.storage.append import appending
from mint.storage.files import LOCKS, check_writable
from mint.types import PhotoAudit

PARQUET = ".parquet"
UNFINISHED = ".part.jsonl"  # the end of the name of what becomes a Parquet file
FORMATS = {".jsonl": JSONL, ".csv": CSV, PARQUET: JSONL}  # what rows are appended as
CHECKED = ("photo", "photo_sha256", "faces", "network", "bundle_sha256", "alpha", "prior", "error")


class Answered(NamedTuple):
    """What is known of a photo that is answered.

    Attributes:
        audited: whether it could be.
        sha256: of the file that was looked at; None where it could not be read.
    """

    audited: bool
    sha256: str | None


class AnswerFile:
    """A file of answers being written. Made by ``writing_answers``.

    Attributes:
        path: of the file.
        lines: where rows are appended: the same, or what becomes a Parquet file at the end.
        answered: photo, as rows name it, to what is known of it.
    """

    def __init__(self, path: Path, settings: Settings) -> None:
        kind = kind_of(path)
        self.path = path
        self.lines = path.with_name(f"{path.name}{UNFINISHED}") if kind == PARQUET else path
        self.answered: dict[str, Answered] = {}
        self._settings, self._format = settings, FORMATS[kind]
        self._append: Callable[[bytes], None] = _closed

    def knows(self, photo: str) -> bool:
        """Return whether a photo of this name is answered already."""
        return photo_name(photo) in self.answered

    def check(self, photos: Iterable[tuple[str, str | None]]) -> None:
        """Refuse photos that are not those which were answered.

        Args:
            photos: names with the sha256 of what is there now, None where nothing can be read; of photos that are answered.

        Raises:
            CannotWrite: the content of one has changed since, naming the first.
        """
        known = ((photo_name(name), sha256, self.answered[photo_name(name)].sha256) for name, sha256 in photos)
        changed = [(name, _changed(before, now)) for name, now, before in known if before != now]
        if changed:
            others = f" and {len(changed) - 1} more" if changed[1:] else ""
            (name, (how, what_to_do)), *_ = changed
            raise CannotWrite(
                f"{self.path} holds answers on what was in {name}{others} before: {how}. {what_to_do}another --out, "
                "or begin it anew with --force."
            )

    def add(self, audits: Sequence[PhotoAudit], sha256: str | None) -> None:
        """Append the rows of a photo, all at once. A photo that is answered already stays as it is.

        Args:
            audits: one a network, in the settings' order.
            sha256: of the photo's file; None where it could not be read.

        Raises:
            CannotWrite: the disk is full.
        """
        if not self.knows(audits[0].photo):
            self._append(self._format.encode(rows_of(audits, sha256, self._settings)))
            self.answered[photo_name(audits[0].photo)] = Answered(audits[0].error is None, sha256)

    def begin(self, file: BinaryIO) -> int:
        """Find out which photos are answered.

        Args:
            file: that rows were appended to.

        Returns:
            How many of its first bytes are whole photos that are written nowhere else.

        Raises:
            CannotWrite: there is something else than answers with these settings.
        """
        try:
            if self.lines != self.path and self.path.exists():
                from mint.report.answer_parquet import read_rows

                asked, left = set(), dict[str, int]()
                for row in read_rows(self.path, CHECKED):
                    self._count(row)
                    asked.add(str(row["network"]))
                    photo = str(row["photo"])
                    left[photo] = left.get(photo, rows_per_photo(row, len(self._settings.bundles))) - 1
                if asked:
                    self._check_networks(asked)
                if wrong := next((photo for photo, rows in left.items() if rows), None):
                    raise DamagedRows(f"rows on {wrong} are missing, or there twice")
            return self._scan(file)
        except DamagedRows as error:
            raise CannotWrite(f"{self.path} is no file of answers: {error}. Name another --out.") from error

    def start(self, append: Callable[[bytes], None], kept: int) -> None:
        """Take the function that appends to ``lines``, and the number of bytes that were kept."""
        self._append = append
        if not kept:
            append(self._format.head)

    def finish(self) -> None:
        """Write the Parquet file, if it is one that was asked for and there is something new.

        Raises:
            CannotWrite: the system refuses; nothing is lost.
        """
        self._append = _closed
        if self.lines != self.path and self.lines.stat().st_size:
            from mint.report.answer_parquet import join

            with self.lines.open("rb") as file:
                join(self.path, (row for row, _ in self._format.decode(file)))

    def _scan(self, file: BinaryIO) -> int:
        elsewhere = frozenset(self.answered)
        kept, photo, there = 0, "", list[tuple[str, object]]()  # of the photo: network and face of each row so far
        rows = self._format.decode(file)
        for row, end in rows:
            if row["photo"] in elsewhere:  # killed after the Parquet file was written: all of it is in there
                return 0
            if there and row["photo"] != photo:
                asked = {network for network, _ in there} | {
                    str(other["network"]) for other, _ in chain([(row, end)], rows)
                }
                self._check_networks(asked)
                raise DamagedRows(f"rows on {photo} are missing")
            self._check(row)
            photo = str(row["photo"])
            there.append((str(row["network"]), row["face"]))
            if photo in self.answered or len({*there}) < len(there):
                raise DamagedRows(f"rows on {photo} are there twice")
            if len(there) == rows_per_photo(row, len(self._settings.bundles)):
                self._count(row)
                kept = end
                there.clear()
        return kept

    def _count(self, row: Mapping[str, Any]) -> None:
        self._check(row)
        sha256 = row["photo_sha256"]
        self.answered[str(row["photo"])] = Answered(not row["error"], None if sha256 is None else str(sha256))

    def _check(self, row: Mapping[str, Any]) -> None:
        if different := self._settings.differences(row):
            raise self._of_another(", ".join(different))
        if not isinstance(row["faces"], int):
            raise DamagedRows("it does not say how many faces a photo has")

    def _check_networks(self, asked: Iterable[str]) -> None:
        before, now = sorted(set(asked)), sorted(self._settings.bundles)
        if before != now:
            raise self._of_another(f"{' and '.join(before)} instead of {' and '.join(now)}")

    def _of_another(self, different: str) -> CannotWrite:
        return CannotWrite(
            f"{self.path} holds answers of another audit: {different}. Name another --out, or begin it anew with --force."
        )


@contextmanager
def writing_answers(path: Path, settings: Settings, anew: bool = False) -> Iterator[AnswerFile]:
    """Begin a file of answers, or go on with it.

    Args:
        path: of the file; its suffix says the format.
        settings: of the audit.
        anew: whether what is there is dropped.

    Raises:
        CannotWrite: the file is of other settings or something else, another run writes it, or the system refuses.

    A new file is left only if it holds an answer, however the block ends.
    """
    found, kept = AnswerFile(path, settings), 0
    there = found.lines.exists()

    def whole(file: BinaryIO) -> int:
        nonlocal kept
        if anew:
            if found.lines != path:
                path.unlink(missing_ok=True)
        else:
            kept = found.begin(file)
        return kept

    with appending(found.lines, whole) as append:
        found.start(append, kept)
        try:
            yield found
        except BaseException:
            if not (there or found.answered):  # it ended before the first answer: a file without any helps nobody
                with suppress(OSError):  # where an open file cannot be removed
                    found.lines.unlink()
            raise
        found.finish()
        if found.lines != path and LOCKS:  # before the lock is let go: nobody else goes on with it
            found.lines.unlink()
    if found.lines != path and not LOCKS:  # there an open file cannot be removed
        found.lines.unlink()


def check_answers(path: Path) -> None:
    """Check before the audit that answers can be written.

    Raises:
        CannotWrite: the name says no format, it is a folder, or its folder is read-only.
    """
    kind_of(path)
    if path.is_dir():
        raise CannotWrite(f"{path} is a folder. Name a file in it.")
    check_writable(path.parent)


def kind_of(path: Path) -> str:
    """Return the suffix that says a file's format, one of ``FORMATS``. Raises CannotWrite for another one."""
    kind = path.suffix.lower()
    if kind not in FORMATS:
        raise CannotWrite(f"{path} says no format of answers. Let it end in {', '.join(FORMATS)}.")
    return kind


def _changed(before: str | None, now: str | None) -> tuple[str, str]:
    """Return what became of a photo between two sha256, None where it could not be read, and how what to do begins."""
    if now is None:
        return "it cannot be read now", "Make it readable again, which keeps all answers; or name "
    if before is None:
        return "it could not be read then, and can be now", "Leave it out and give it "
    return "the content has changed", "Name "


def _closed(data: bytes) -> None:
    raise ValueError("the file of answers is not open")
