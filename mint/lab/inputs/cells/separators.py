"""Which character separates the cells of a list, and what stands in them."""

from __future__ import annotations

import csv
from collections.abc import Sequence

from mint.errors import BadInput
from mint.lab.inputs.columns import is_picture, key, known, listed

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces"}


def separator_of(lines: Sequence[str], asked: Sequence[str], url: str) -> str:
    """Find the one character that makes sense of the first lines.

    Args:
        lines: the first one or two that say something.
        asked: columns as the user names them.
        url: of the list, for messages.

    Raises:
        BadInput: none or several do.
    """

    def fits(cells: Sequence[str]) -> bool:
        whole = [cell for cell in cells if not any(s in cell for s in SEPARATORS if s != " ")]
        if any(map(is_picture, cells)) or any(known(cell) or key(cell) in map(key, asked) for cell in whole):
            return True
        return any(name.isdigit() and int(name) <= len(cells) for name in asked)

    if url.lower().endswith((".tsv", ".tab")):
        return "\t"
    found = [s for s in SEPARATORS if len(cells := cells_of(lines[0], s)) > 1 and (s != " " or any(cells[1:]))]
    found = [s for s in found if len(cells_of(lines[-1], s)) == len(cells_of(lines[0], s))] or found
    alone = len(asked) < 2 and not any(map(str.isdigit, asked)) and fits([lines[0].strip()])
    fitting = [s for s in found if (s != " " or not alone) and any(fits(cells_of(line, s)) for line in lines)]
    if len(fitting) > 1:  # a space or a comma within the cells of another separator
        fitting = [s for s in fitting if fits(cells_of(lines[0], s))] or fitting
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise BadInput(
            f"The lines of {url} may be separated by {' or '.join(SEPARATORS[s] for s in fitting)}. Keep one of them, and put "
            "cells with such a character into quotes."
        )
    if alone or fits([lines[-1].strip()]):
        return ","
    raise BadInput(
        f"The first line of {url} names no photo and no known column: {listed([lines[0].strip()])}. A line is: path, person; "
        "say which column is which with --image-column and --person-column."
    )


def cells_of(line: str, separator: str) -> list[str]:
    """Return the cells of one line, or none where its quotes do not end."""
    try:
        text = line.strip() if separator == " " else line
        return [cell.strip() for cell in next(csv.reader([text], delimiter=separator, skipinitialspace=True), [])]
    except csv.Error:
        return []
