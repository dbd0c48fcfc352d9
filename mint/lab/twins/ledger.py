"""The ledger: who was in which training set, one row a crop, the same for a seed."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from mint.errors import BadPool
from mint.evidence.score_table import CALIBRATION, TEST, TRAINING, VALIDATION
from mint.i18n import labels
from mint.i18n.sentences import Sentence
from mint.storage.files import write_bytes

TRAINED, HELD_OUT = "trained on", "held out"
PAIRS = tuple(pair.networks for pair in labels.PAIRS.values())  # of the first half of the pool, and of the second
PURPOSES = (TRAINING, VALIDATION, CALIBRATION, TEST)


@dataclass(frozen=True, slots=True)
class Row:
    """One crop of the ledger.

    Attributes:
        sha256: of the crop's pixels.
        identity: ``source/person``.
        source: ``gan`` or ``openpeople``.
        picture: ``source/person/number``, enough to make the picture again.
        role_a, role_b: ``trained on`` or ``held out``, for the first and the second network of each of ``PAIRS``.
        exposure: how often an epoch shows the crop to the network that trains on it; 0 if none does.
        purpose: what the identity is for: auditor training, validation, calibration or test.
    """

    sha256: str
    identity: str
    source: str
    picture: str
    role_a: str
    role_b: str
    exposure: int
    purpose: str

    def member(self, network: str) -> bool:
        """Return whether a network of ``PAIRS`` was trained on this crop. Raises KeyError for another."""
        return (self.role_a, self.role_b)[_pair(network).index(network)] == TRAINED


def class_people(rows: Sequence[Row], network: str) -> list[str]:
    """Return the identities that a network was trained on, in the order of its class centres. Raises as ``Row.member``."""
    return sorted({row.identity for row in rows if row.member(network)})


def counterpart(network: str) -> str:
    """Return the network that was trained in the same way on the other half. Raises KeyError for one that is none."""
    pair = _pair(network)
    return pair[1 - pair.index(network)]


def _pair(network: str) -> tuple[str, str]:
    pair = labels.pair_of(network)
    if pair is None:
        raise KeyError(network)
    return pair.networks


def training_set(photos: int, people: int) -> Sentence:
    """Tell a training set of the ledger, for a bundle's facts."""
    return Sentence("{n} crops of {people} fictional people; weights/ledger.csv names them", n=photos, people=people)


def write_ledger(path: Path, rows: Sequence[Row]) -> None:
    """Write rows as CSV with Unix line ends. Raises CannotWrite."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([f.name for f in fields(Row)])
    writer.writerows(astuple(row) for row in rows)
    write_bytes(path, buffer.getvalue().encode())


def read_ledger(path: Path) -> list[Row]:
    """Read a ledger.

    Raises:
        BadPool: missing, or not a ledger.
    """
    if not path.is_file():
        raise BadPool(f"There is no {path.name} in {path.parent}. Make a pool first: mint lab pool --out {path.parent}")
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != [f.name for f in fields(Row)]:
            raise BadPool(f"{path} is not a ledger of this version: its columns are {reader.fieldnames}.")
        try:
            return [_row(line) for line in reader]
        except (TypeError, ValueError) as error:
            raise BadPool(f"{path} is damaged in line {reader.line_num}. Make the pool again.") from error


def _row(line: dict[str, str]) -> Row:
    if None in line or None in line.values():  # csv's way to say: a column too many, or too few
        raise ValueError("wrong number of columns")
    return Row(**{**line, "exposure": int(line["exposure"])})  # type: ignore[arg-type]
