"""Read and write reports: atomically, and never over another one unasked."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from mint.errors import BadPhoto, BadReport, CannotWrite, brief
from mint.i18n.translate import DEFAULT, Say
from mint.report.document import Document
from mint.report.formats import FIRST, FORMAT, INCOMPLETE, READ, incomplete
from mint.report.precision import precision
from mint.report.render.blocks import check_texts
from mint.report.render.html import to_html
from mint.report.results import MEMBERSHIP, results
from mint.report.story.story import story
from mint.storage.files import read_json, write_bytes
from mint.storage.json_schema import check_schema
from mint.storage.schema import inside, refusal
from mint.types import Verdict

REPORT_KINDS = ("html", "pdf", "json")
MOST_REPORT = 2**28  # bytes: thousands of photos with their faces
SCHEMA = Path(__file__).with_name("schema.json")
SCHEMAS = {FORMAT: SCHEMA, FIRST: SCHEMA.with_name("schema-1.json")}
RATE = ("value", "low", "high", "n")


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
    """Check before the audit that the reports can be written, and what renders them be loaded.

    Raises:
        ImportError: what renders a PDF cannot be loaded.
        CannotWrite: a file is there already or is named twice, the folder is read-only, or a name says no kind of report.
    """
    asked = set()
    for path in paths:
        if (place := os.path.abspath(path)) in asked:
            raise CannotWrite(f"{path} is named twice. Name every report once.")
        asked.add(place)
        if kind_of(path) == "pdf":
            import mint.report.render.pdf  # noqa: F401  # what matters is whether it can be
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
    """Read a report's JSON, and check that its figures are possible and do not contradict each other.

    Raises:
        BadReport: it cannot be read, is no report of a format that this version reads, or was changed into one that no audit
            can have written; names the first place.
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
    try:
        check_schema(found, read_json(SCHEMAS[found["format"]], MOST_REPORT))
        for wrong, place, words in _contradictions(found):
            if wrong:
                raise ValueError(refusal(place, words))
    except INCOMPLETE as error:
        raise BadReport(f"{path} is not a sound report: {brief(error)}. Make it anew.") from error
    return found


Claim = tuple[bool, Sequence[int | str], str]  # whether something is wrong, where, and what


def _contradictions(document: Document) -> Iterator[Claim]:
    """Yield whatever of a report that fits its schema could still not be so."""
    names = [network["name"] for network in document["networks"]]
    for number, name in enumerate(names):
        yield name in names[:number], ("networks", number, "name"), f"{name} is there twice"
    for place, answers in _answer_lists(document):
        asked = [answer["network"] for answer in answers]
        for number, name in enumerate(asked):
            yield name not in names, (*place, number, "network"), f"{name} is not one of the report's networks"
            yield name in asked[:number], (*place, number, "network"), f"{name} answers twice"
        for number, answer in enumerate(answers):
            yield from _verdicts(answer, document["alpha"], (*place, number))
    for number, photo in enumerate(document["photos"]):
        wrong = photo["error"] is not None and bool(photo["faces"])
        yield wrong, ("photos", number, "error"), "there are answers, so that it could be audited"
    for number, photo in enumerate(document.get("over_time", {"photos": ()})["photos"]):
        for k, face in enumerate(photo["faces"]):
            yield from _verdicts(face, face["alpha"], ("over_time", "photos", number, "faces", k))
    yield from _intervals(document, ())
    if document["format"] == FORMAT:
        yield from _copies(document)


def _answer_lists(document: Document) -> Iterator[tuple[tuple[int | str, ...], list[Document]]]:
    """Yield every list of answers with its place: one a network, of a face, of the person, of the photos together."""
    for number, photo in enumerate(document["photos"]):
        for face, found in enumerate(photo["faces"]):
            yield ("photos", number, "faces", face, "answers"), found["answers"]
    for name in ("person", "usage"):
        if document.get(name) is not None:
            yield (name, "answers"), document[name]["answers"]


def _verdicts(part: Any, alpha: float, place: tuple[int | str, ...]) -> Iterator[Claim]:
    """Yield whether a verdict contradicts its p-value: there is evidence at alpha or less, and only there."""
    if isinstance(part, list):
        for number, one in enumerate(part):
            yield from _verdicts(one, alpha, (*place, number))
    elif isinstance(part, dict):
        p, verdict = part.get("p_value"), part.get("verdict")
        if p is not None and verdict not in (None, Verdict.CANNOT_SAY):
            wrong = (verdict == Verdict.EVIDENCE) != (p <= alpha)
            yield wrong, (*place, "verdict"), f"{verdict!r} contradicts p = {p:g} at alpha = {alpha:g}"
        for name, one in part.items():
            yield from _verdicts(one, alpha, (*place, name))


def _intervals(part: Any, place: tuple[int | str, ...]) -> Iterator[Claim]:
    """Yield whether an interval ends before it begins, or a measured share lies outside its own."""
    if isinstance(part, list):
        for number, one in enumerate(part):
            yield from _intervals(one, (*place, number))
    elif isinstance(part, dict):
        for name in part:
            low, high = part[name], part.get(f"{name.removesuffix('low')}high")
            if name.endswith("low") and isinstance(low, int | float) and isinstance(high, int | float):
                yield low > high, (*place, name), f"{low:g} is above the interval's other end, {high:g}"
        if all(isinstance(part.get(name), int | float) for name in RATE):
            value, low, high = part["value"], part["low"], part["high"]
            yield (
                not inside(value, low, high),
                (*place, "value"),
                f"{value:g} lies outside its interval, {low:g} to {high:g}",
            )
        for name, one in part.items():
            yield from _intervals(one, (*place, name))


def _copies(document: Document) -> Iterator[Claim]:
    """Yield whether ``precision`` and ``results`` say something else than the answers that they repeat."""
    rates = {(row["network"], row["question"]): row for row in precision(document)}
    for number, row in enumerate(document["precision"]):
        same = rates.get((row["network"], row["question"]), {})
        for name in ("false_positive_rate", "true_positive_rate"):
            yield same.get(name) != row[name], ("precision", number, name), "is not what the answers say"

    def key(one: Document) -> tuple[object, ...]:
        subject = one["subject"]
        return one["test"], one["network"], one["metric"], subject and tuple(sorted(subject.items()))

    told: dict[tuple[object, ...], list[Document]] = {}
    for one in results(document):
        told.setdefault(key(one), []).append(one)
    for number, one in enumerate(document["results"]):
        others = told.get(key(one), [])
        unknown = not others and one["metric"] == "p-value" and one["test"] in MEMBERSHIP.values()
        yield unknown, ("results", number), "is about nothing in this report"
        figures = ("value", "interval")
        for name in (*figures, "verdict") if one["metric"] == "p-value" else figures:  # other words may change
            differs = bool(others) and all(one[name] != other[name] for other in others)
            yield differs, ("results", number, name), "is not what the rest of the report says"
