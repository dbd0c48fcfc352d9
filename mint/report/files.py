"""Read and write reports: atomically, and never over another one unasked."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mint.errors import BadPhoto, BadReport, CannotWrite, brief
from mint.i18n.translate import DEFAULT, Say
from mint.report.document import Document
from mint.report.render.blocks import check_texts
from mint.report.render.html import to_html
from mint.report.story.story import story
from mint.report.versions import INCOMPLETE, READ, incomplete
from mint.storage.files import read_json, write_bytes

REPORT_KINDS = ("html", "pdf", "json")
MOST_REPORT = 2**28  # bytes: thousands of photos with their faces
SCHEMA = Path(__file__).with_name("schema.json")


def render(document: Document, kind: str, language: str = DEFAULT) -> bytes:
    """Render a document to the bytes of a file.

    Args:
        document: from ``photo_report``, ``person_report`` or ``read_report``.
        kind: of ``REPORT_KINDS``.
        language: of HTML and PDF; JSON is the same in every language.

    Raises:
        BadReport: it is not a complete document.
        ValueError: there is no such kind or language.
    """
    if kind not in REPORT_KINDS:
        raise ValueError(f"a report is one of {', '.join(REPORT_KINDS)}, not {kind}")
    if kind == "json":
        return (json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
    say = Say(language)
    try:
        told = story(document, say)
        check_texts(told)
    except (BadPhoto, *INCOMPLETE) as error:
        raise incomplete(error) from error
    if kind == "html":
        return to_html(told).encode()
    from mint.report.render.pdf import to_pdf  # reportlab takes a while to import: only where a PDF is wanted

    return to_pdf(told)


def kind_of(path: Path) -> str:
    """Return the kind of report that a file's suffix asks for.

    Raises:
        CannotWrite: none.
    """
    kind = path.suffix.removeprefix(".").lower()
    if kind not in REPORT_KINDS:
        raise CannotWrite(
            f"{path} says no kind of report. Let it end in {', '.join(f'.{kind}' for kind in REPORT_KINDS)}."
        )
    return kind


def check_targets(paths: Iterable[Path], force: bool) -> None:
    """Check before the audit that the reports can be written.

    Raises:
        CannotWrite: a file is there already or is named twice, the folder is read-only, or a name says no kind of report.
    """
    asked = set()
    for path in paths:
        if (place := os.path.abspath(path)) in asked:
            raise CannotWrite(f"{path} is named twice. Name every report once.")
        asked.add(place)
        kind_of(path)
        try:
            is_there = path.exists()
            folder = next(parent for parent in path.resolve().parents if parent.exists())
        except OSError as error:
            raise _cannot_write(path, error) from error
        if path.is_dir():
            raise CannotWrite(f"{path} is a folder. Name a file in it.")
        if is_there and not force:
            raise CannotWrite(f"{path} is there already. Choose another name, or overwrite it with --force.")
        if not folder.is_dir() or not os.access(folder, os.W_OK):
            raise CannotWrite(f"{path} cannot be written: {folder} is not a folder that you may write to.")


def write_report(path: Path, document: Document, language: str = DEFAULT, force: bool = False) -> None:
    """Render a document to a file whose suffix says the kind.

    Raises CannotWrite, and as ``render``.
    """
    check_targets([path], force)
    write_bytes(path, render(document, kind_of(path), language))


def _cannot_write(path: Path, error: OSError) -> CannotWrite:
    return CannotWrite(f"{path} cannot be written: {error.strerror or error}.")


def read_report(path: Path) -> Document:
    """Read a report's JSON.

    Raises:
        BadReport: it cannot be read, or is no report of a format that this version reads.
    """
    try:
        found: Any = read_json(path, MOST_REPORT)
    except OSError as error:
        raise BadReport(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise BadReport(f"{path} is not JSON: {brief(error)}. Reports are rendered from their JSON form.") from error
    if not isinstance(found, dict) or not isinstance(found.get("format"), str):
        raise BadReport(f"{path} is not a MINT report.")
    if found["format"] not in READ:
        raise BadReport(f"{path} has the format {found['format']}; this version of MINT reads {' and '.join(READ)}.")
    return found
