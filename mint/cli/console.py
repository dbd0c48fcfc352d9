"""What the commands share: the two consoles, JSON on them, lines with the time that has passed, and what was typed."""

from __future__ import annotations

import codecs
import io
import json
import os
import sys
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path, PureWindowsPath
from shlex import quote
from typing import Any

import typer
from rich.console import Console

from mint.errors import CannotWrite

WIDEST_TABLE = 170  # columns, where no terminal says how many there are
out = Console(width=None if sys.stdout and sys.stdout.isatty() else WIDEST_TABLE)
err = Console(stderr=True)
if os.environ.get("NO_COLOR"):
    out.no_color = err.no_color = True
HANDLER = "mint.readable"
PLAIN = {
    "α": "alpha", "–": "-", "—": "-", "−": "-", "×": "x", "·": "*", "…": "...", "→": "->", "≤": "<=", "≥": ">=",
    "“": '"', "”": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "\xa0": " ", "\u202f": " ",
}  # fmt: skip


def settle() -> None:
    """Keep answers whole under a narrow encoding of stdout or stderr (``PYTHONIOENCODING``, the locale, a Windows console).

    Where stdout is closed (``>&-``), what is printed raises ``CannotWrite``: an answer is not lost without a word.
    """
    if sys.stdout is None:
        sys.stdout = _Closed()
    codecs.register_error(HANDLER, readable)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=HANDLER)


class _Closed(io.StringIO):
    def write(self, text: str, /) -> int:
        raise CannotWrite("stdout is closed, so that nothing can be printed. Leave it open, or send it to a file.")


def readable(error: UnicodeError) -> tuple[str, int]:
    r"""Put ASCII in place of what cannot be encoded; a handler for ``codecs.register_error``.

    A byte of a file's name that is no text becomes ``\xff``, any other character that ``PLAIN`` does not know ``\u6f22``.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_plain, error.object[error.start : error.end])), error.end


def json_text(value: object, indent: int | None = None) -> str:
    """Return JSON that stdout can print: with the characters themselves where it has them all, else escaped.

    Raises:
        ValueError: a number is not finite.
    """
    text = json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, indent=indent, allow_nan=False)
    return text


def stopwatch() -> Callable[[str], None]:
    """Return a function that prints a line on stderr, after the minutes since now."""
    started = time.perf_counter()

    def report(line: str) -> None:
        err.print(f"[{(time.perf_counter() - started) / 60:5.1f} min] {line}", markup=False, highlight=False)

    return report


def cell(text: str) -> str:
    """Return a figure for a table, without the joiners that keep it on one line of a page: a terminal may draw them."""
    return text.replace("\u2060", "")


def _plain(character: str) -> str:
    byte = ord(character) - 0xDC00  # Python's stand-in for a byte that it could not decode (PEP 383)
    if 0x80 <= byte <= 0xFF:
        return f"\\x{byte:02x}"
    return PLAIN.get(character) or character.encode("ascii", "backslashreplace").decode("ascii")


def as_typed(context: typer.Context, without: Collection[str] = ()) -> str:
    r"""Return the command that runs as it was typed, to be kept with what it makes.

    Of places in full (``/…``, ``~/…``, ``C:\…``, URLs) their last part alone is kept: where somebody's files lie is nobody's business.

    Args:
        context: of the command.
        without: names of parameters on which the outcome does not depend.
    """
    words = ["mint", *context.command_path.split()[1:]]
    for parameter in context.command.params:
        name = str(parameter.name)
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE" and name not in without:
            words += _words(parameter, context.params[name])
    return " ".join(words)


def _words(parameter: Any, value: Any) -> Iterator[str]:
    if parameter.param_type_name == "argument":
        yield quote(_last_part(str(value)))
    elif parameter.is_flag:
        yield (parameter.opts if value else parameter.secondary_opts)[0]
    else:
        for one in value if isinstance(value, (list, tuple)) else [value]:
            yield f"{parameter.opts[0]} {quote(_last_part(str(one)))}"


def _last_part(value: str) -> str:
    """Return a place in full as its last part, and everything else as it is."""
    if "://" in value:
        return value.rstrip("/").rpartition("/")[2]
    in_full = value.startswith("~") or Path(value).is_absolute() or PureWindowsPath(value).is_absolute()
    return PureWindowsPath(value).name or value if in_full else value
