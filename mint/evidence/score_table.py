"""The scores of a bundle: one table, by split, kind of picture and column, and the words that all three are called by.

The words are those of the files, too: change none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

# Splits of people. Controls, checkpoints and other databases have splits of their own (``mint.lab.controls.names``).
TRAINING, VALIDATION, CALIBRATION, TEST = "training", "validation", "calibration", "test"
# Kinds of pictures: trained on; others of people who were; of generated, of photographic fictional, and of real people who were not.
MEMBERS, SIBLINGS, OUTSIDERS, OPENPEOPLE, REAL = "members", "siblings", "outsiders", "openpeople", "real"
# Columns beside those of auditors (``kind/layer``) and qualities: the fused score of each question, and what is known of a picture.
PHOTO, PERSON = "photo", "person"
IDENTITY, GENERATED, EXPOSURE = "identity", "generated", "exposure"
NEAREST = "nearest class"  # number of the class centre that a picture lies nearest to

Columns = Mapping[str, np.ndarray]  # of the pictures of one kind: column to a value a picture
Tables = Mapping[str, Columns]  # of one split: kind of pictures to its columns
BETWEEN = "|"  # split|kind|column is a tensor's name


@dataclass(frozen=True, slots=True, eq=False)
class ScoreTable(Mapping[str, Tables]):
    """Scores by split, kind of picture and column. It is a mapping of its splits, and never changes.

    Attributes:
        splits: split to kind of pictures to columns; any kind may be missing, or have no picture.
    """

    splits: Mapping[str, Tables]

    @classmethod
    def of(cls, scores: Mapping[str, Tables]) -> Self:
        """Return the table itself, or one of a plain mapping."""
        return scores if isinstance(scores, cls) else cls(scores)

    @classmethod
    def parse(cls, tensors: Mapping[str, np.ndarray]) -> Self:
        """Read what ``tensors`` returned, in any order. Raises ValueError where a name is none of a table."""
        found: dict[str, dict[str, dict[str, np.ndarray]]] = {}
        for name, values in sorted(tensors.items(), key=lambda item: item[0]):  # files give them in an order of chance
            split, kind, column = name.split(BETWEEN)
            found.setdefault(split, {}).setdefault(kind, {})[column] = values
        return cls(found)

    def tensors(self) -> dict[str, np.ndarray]:
        """Return every column under the name that a file has it by."""
        return {
            BETWEEN.join((split, kind, column)): np.ascontiguousarray(values)
            for split, tables in self.splits.items()
            for kind, columns in tables.items()
            for column, values in columns.items()
        }

    def __getitem__(self, split: str) -> Tables:
        return self.splits[split]

    def __iter__(self) -> Iterator[str]:
        return iter(self.splits)

    def __len__(self) -> int:
        return len(self.splits)

    @property
    def calibration(self) -> Tables:
        """The scores that new ones are compared with."""
        return self.splits[CALIBRATION]

    @property
    def test(self) -> Tables:
        """The scores that the test was measured on."""
        return self.splits[TEST]

    def column(self, split: str, kind: str, column: str) -> np.ndarray:
        """Return a column; an empty one where there is none."""
        found: np.ndarray = self.splits.get(split, {}).get(kind, {}).get(column, np.zeros(0))
        return found

    def rows(self, split: str, kind: str) -> int:
        """Return how many pictures of a kind there are."""
        return len(self.column(split, kind, IDENTITY))

    def people(self, split: str, kind: str) -> int:
        """Return how many people the pictures of a kind show."""
        return len(np.unique(self.column(split, kind, IDENTITY)))


def sides(tables: Tables, others: str) -> tuple[Columns, Columns]:
    """Return members and one kind of non-members; of a pool, generated members only."""
    members = tables[MEMBERS]
    if GENERATED in members:
        keep = members[GENERATED].astype(bool)
        members = {name: values[keep] for name, values in members.items()}
    return members, tables[others]
