"""The lines of a list: their encoding, and which of them are comments."""

from __future__ import annotations

import codecs
import io
import itertools
import re
from collections.abc import Iterator
from typing import Any

import fsspec

from mint.errors import BadInput, brief
from mint.lab.inputs.cells.separators import SEPARATORS, cells_of
from mint.lab.inputs.columns import is_picture, known

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
         (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
LINE_LIMIT = 1 << 17  # characters of a line
EXCEL = re.compile(r'"?sep=.?"?', re.IGNORECASE)  # a first line that tells Excel the separator, and says nothing else


def has_content(number: int, line: str, url: str) -> bool:
    """Return whether a line is neither empty nor a comment.

    Raises:
        BadInput: it may be a comment or a row.
    """
    if not line.lstrip().startswith("#"):
        return bool(line.strip()) and not (number == 1 and EXCEL.fullmatch(line.strip()))
    spaced = line.lstrip().startswith("# ")
    rows = [cells for separator in SEPARATORS if separator != " " and len(cells := cells_of(line, separator)) > spaced]
    # Also of a picture without a name before its ending, and of one without an ending in a list that needs none.
    doubtful = any(is_picture("x" + re.sub(r"[\\/]", "x", cell)) for cells in rows for cell in cells)
    if doubtful or (not spaced and any(len(cells) > 1 and not any(map(known, cells)) for cells in rows)):
        raise BadInput(
            f"Line {number} of {url} begins with # and may be a comment or a photo. Remove it, or put its first "
            "cell into quotes."
        )
    return False


def lines_of(fs: Any, url: str) -> Iterator[tuple[int, str]]:
    """Yield the numbers and texts of lines.

    Raises:
        BadInput: a line is not in the encoding that the first bytes tell, which is UTF-8 where they tell none.
    """
    with fs.open(fsspec.url_to_fs(url)[1], "rb") as file:
        start = file.read(4)
        file.seek(0)
        encoding = next((name for mark, name in MARKS if start.startswith(mark)), "utf-8")
        if encoding.startswith("utf-8"):
            lines = iter(lambda: file.readline(LINE_LIMIT + 1), b"")
        else:
            text = io.TextIOWrapper(file, encoding=encoding, newline="")
            lines = iter(lambda: text.readline(LINE_LIMIT + 1), "")
        for number in itertools.count(1):
            try:
                line = next(lines)
                if len(line) > LINE_LIMIT:
                    raise BadInput(
                        f"Line {number} of {url} is longer than a line of a list may be: {LINE_LIMIT} bytes."
                    )
                line = line if isinstance(line, str) else line.decode(encoding if number == 1 else "utf-8")
            except StopIteration:
                return
            except UnicodeError as error:
                raise BadInput(
                    f"Line {number} of {url} is not {encoding[:6].upper()} ({brief(error)}). Save the list as UTF-8."
                ) from error
            if "\0" in line:
                raise BadInput(
                    f"Line {number} of {url} has null characters in it: it is neither UTF-8, nor UTF-16 with a byte-order mark."
                )
            yield number, line
