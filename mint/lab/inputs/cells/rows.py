"""The rows of a list with separators: which character separates, and what stands in the cells of each line.

The first lines decide. A line that then does not fit is refused with its number, never skipped.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fsspec.implementations.local import LocalFileSystem

from mint.errors import BadInput
from mint.lab.inputs.cells.lines import has_content, lines_of
from mint.lab.inputs.cells.separators import SEPARATORS, cells_of, separator_of


class Rows:
    """A list whose first lines were looked at.

    Args:
        fs: of fsspec.
        url: of the list.
        asked: columns as the user names them.

    Attributes:
        first: the cells of the first line that says something; none where no line does.
        second: those of the next, or of the first where there is no other.

    Raises:
        BadInput: a line cannot be read, or it is not clear which character separates.
    """

    def __init__(self, fs: Any, url: str, asked: Sequence[str] = ()) -> None:
        self._url, self._lines, self._begin = url, lines_of(fs, url), list[tuple[int, str]]()
        head = list(itertools.islice((pair for pair in self._looked_at() if has_content(*pair, url)), 2))
        self.first: list[str] = []
        self.second: list[str] = []
        if head:
            self._at = head[0][0]
            self._separator = separator_of([text for _, text in head], asked, url)
            self.first, self.second = (cells_of(text, self._separator) for text in (head[0][1], head[-1][1]))

    def below(self, headed: bool) -> Iterator[tuple[int, list[str]]]:
        """Yield number and cells of each line that says something, once.

        Args:
            headed: the first one names the columns, and is left out.

        Raises:
            BadInput: a line cannot be read, has another number of cells, or names the columns again.
        """
        at, within = [self._at], [False]  # within a row whose quotes are open, what looks like a comment is none

        def counted() -> Iterator[str]:
            for number, text in itertools.chain(self._begin, self._lines):
                if within[0] or has_content(number, text, self._url):
                    at[0], within[0] = number, True
                    yield text

        reader = csv.reader(counted(), delimiter=self._separator, strict=True, skipinitialspace=True)
        for row in itertools.count():
            within[0] = False
            try:
                cells = [cell.strip() for cell in next(reader)]
            except StopIteration:
                return
            except csv.Error as error:
                raise BadInput(f"Line {at[0]} of {self._url} cannot be read: {error}.") from error
            if headed and cells == self.first:
                if row:
                    raise BadInput(
                        f"Line {at[0]} of {self._url} names the columns again: lists were put together. Remove that line."
                    )
                continue
            if len(cells) != len(self.first) and any(cells[len(self.first) :] or ["missing"]):
                raise BadInput(
                    f"Line {at[0]} of {self._url} has {len(cells)} cells and the first line {len(self.first)} (separated by "
                    f"{SEPARATORS[self._separator]}). Put cells with such a character into quotes."
                )
            if any(cells):
                yield at[0], cells

    def _looked_at(self) -> Iterator[tuple[int, str]]:
        """Pass lines on and keep them."""
        for pair in self._lines:
            self._begin.append(pair)
            yield pair


def rows_of_file(path: Path, asked: Sequence[str] = ()) -> Rows:
    """Return the rows of a list on this machine. Raises as ``Rows``."""
    return Rows(LocalFileSystem(), str(path.absolute()), asked)
