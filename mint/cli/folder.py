"""``mint folder``: how many photos of a folder were used, and which."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mint.bundles.find import find_bundles
from mint.cli.audit.command import LEAST_ALPHA, MOST_ALPHA, Bundles, Networks
from mint.cli.case_options import (
    Auditor,
    Controller,
    CopyDate,
    CopyVersion,
    LegalBasis,
    Number,
    Organisation,
)
from mint.cli.console import err, json_text, out
from mint.cli.network_options import Bgr, Mean, Output, Scale, open_test, reading_of
from mint.cli.photos import photos_at
from mint.cli.report import ReportLanguage, ReportOptions, Reports, Thumbnail
from mint.errors import MintError
from mint.i18n.labels import SOURCE_NAMES
from mint.i18n.translate import ENGLISH
from mint.report.case import Case
from mint.report.story.answers import only_largest
from mint.report.story.phrases import whole

if TYPE_CHECKING:
    from mint.i18n.sentences import Sentence
    from mint.judging.folder import FolderAudit
    from mint.types import Look

NAMED = 3  # photos that a line names of those that are left out for one reason


def folder(
    photos: Annotated[Path, typer.Argument(help="A folder of photos: a photographer's, or a person's.")],
    network: Networks = None,
    bundle: Bundles = None,
    people: Annotated[
        bool, typer.Option("--people", help="Every sub-folder shows a person of its own; else all photos show one.")
    ] = False,
    alpha: Annotated[
        float | None,
        typer.Option(
            help="The false-positive rate at which a photo counts as positive; the one that tells a share best, if not given.",
            show_default=False,
        ),
    ] = None,
    discovery_rate: Annotated[
        float, typer.Option("--fdr", help="Share of the named photos that may be wrong on average.")
    ] = 0.1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a network, one a line.")] = False,
    report: Reports = None,
    thumbnail: Thumbnail = False,
    language: ReportLanguage = "en",
    force: Annotated[bool, typer.Option("--force", help="Overwrite reports that are there already.")] = False,
    mean: Mean = None,
    scale: Scale = None,
    bgr: Bgr = None,
    output: Output = None,
    case: Number = "",
    organisation: Organisation = "",
    auditor: Auditor = "",
    controller: Controller = "",
    copy_version: CopyVersion = "",
    copy_date: CopyDate = "",
    legal_basis: LegalBasis = "",
) -> None:
    """Say which share of a folder's photos was used, with its interval, and name those that were.

    The largest face of every photo counts. Exit code 1 if no photo could be asked about; photos that cannot be read are
    named, and the others are asked all the same.
    """
    if not 0 < discovery_rate < 1:
        raise MintError("--fdr must lie between 0 and 1.")
    # Else a report's command for its photos would be refused.
    if not (alpha is None or LEAST_ALPHA <= alpha <= MOST_ALPHA):
        raise MintError(f"--alpha must lie from {LEAST_ALPHA} to {MOST_ALPHA}, as for mint audit.")
    stated = Case(case, organisation, auditor, controller, copy_version, copy_date, legal_basis)
    wanted = ReportOptions(tuple(report or ()), thumbnail, language, force, stated)
    wanted.check()
    from rich.progress import track

    files = [file for file, _ in photos_at(photos)]
    who = _people(photos, files) if people else None
    test = open_test(find_bundles(network, bundle), reading_of(mean, scale, bgr, output))
    looks: list[Look] = []
    errors: list[tuple[str, Sentence]] = []
    seen = test.look_many(files, map(str, files))
    for name, look in track(seen, "looking", len(files), console=err, disable=len(files) < 2, transient=True):
        if isinstance(look, MintError):
            errors.append((name, look.sentence))
        else:
            looks.append(look)
    for name, why in errors:
        err.print(f"{name}: {why}", style="red", highlight=False, markup=False, soft_wrap=True)
    audits = test.judge_folder(looks, str(photos), who, tuple(errors), alpha, discovery_rate)
    if as_json:
        for found in audits:
            typer.echo(json_text(found.to_dict()))
    else:
        _print(audits)
    for photo, of in audits[0].copies:
        if who is not None and who[photo] != who[of]:
            told = f"{photo} and {of} are one picture, under two people: check who is on it."
            err.print(told, style="yellow", highlight=False, markup=False, soft_wrap=True)
    wanted.folder(test, looks, photos, who, tuple(errors), alpha, discovery_rate)
    if not looks:
        err.print(f"None of the {len(files)} photos could be asked about.", style="red", highlight=False)
        raise typer.Exit(1)


def _people(root: Path, files: Sequence[Path]) -> dict[str, str]:
    """Return who is on each photo: the sub-folder of the first level. Raises MintError for a photo in none."""
    inner = {str(file): file.relative_to(root).parts for file in files}
    loose = next((name for name, parts in inner.items() if len(parts) < 2), None)
    if loose is not None:
        raise MintError(f"With --people every photo lies in the folder of its person; {loose} does not.")
    return {name: parts[0] for name, parts in inner.items()}


def _print(audits: Sequence[FolderAudit]) -> None:
    """Print the shares, then what each network names and leaves out."""
    from rich.table import Table

    table = Table(title=f"{audits[0].folder}: photos used in training", title_justify="left", title_style="bold")
    for heading in ("network", "photos", "people", "positive", "share used", "95 % interval"):
        table.add_column(heading, no_wrap=True)
    for found in audits:
        counted = f"{len(found.judged)} of {found.given}"
        if (share := found.share) is None:
            table.add_row(found.network, counted, "–", "–", "cannot say", "–")
        else:
            interval = f"{share.low:.0%} to {share.high:.0%}"
            positive = f"{share.positive} at α = {found.alpha:g}"
            told = "cannot be told" if share.anything else f"{share.value:.0%}"
            table.add_row(found.network, counted, str(share.people), positive, told, interval)
    out.print(table)
    if told := only_largest(audits[0].other_faces, ENGLISH):
        out.print(told, markup=False, highlight=False, soft_wrap=True)
    for found in audits:
        for note in _notes(found):
            out.print(f"{found.network}: {note}", markup=False, highlight=False, soft_wrap=True)


def _left_out(photos: Sequence[str], why: str) -> str:
    """Return one line for all photos that are left out for one reason; a report and --json name every one."""
    if len(photos) == 1:
        return f"{photos[0]} is left out, {why}"
    more = len(photos) - NAMED
    names = ", ".join(photos[:NAMED]) + (f" and {more} more, all in --json and in a report" if more > 0 else "")
    return f"{len(photos)} photos are left out, {why}: {names}"


def _notes(found: FolderAudit) -> list[str]:
    """Return what there is to say beside the share."""
    notes = [
        f"{photo} repeats {of}: {'counted once' if of in found.judged else 'neither counts'}"
        for photo, of in found.copies
    ]
    reasons: dict[str, list[str]] = {}
    for photo, why in found.left_out:
        reasons.setdefault(str(why), []).append(photo)
    notes += [_left_out(photos, why) for why, photos in reasons.items()]
    if found.reason is not None:
        return [*notes, f"cannot say: {found.reason}"]
    rate = f"{whole(found.discovery_rate)} of a list may be wrong on average"
    if found.named:
        notes += [f"used, {rate}:", *(f"  {photo}" for photo in found.named)]
    elif found.shortest is None:
        notes.append("no photo is named: there are too few people to compare with")
    elif found.shortest > len(found.judged):
        notes.append(f"no photo is named: where {rate}, the people compared with allow no list below {found.shortest}")
    elif found.shortest == 1:
        notes.append(f"no photo is named: where {rate}, none scores high enough")
    else:
        notes.append(
            f"no photo is named: where {rate}, fewer than the {found.shortest} that a list needs score high enough"
        )
    if found.named and found.kinds_left_out:
        kinds = ", ".join(SOURCE_NAMES.get(kind, kind).lower() for kind in found.kinds_left_out)
        notes.append(f"the list was not checked on people of kinds of which too few are known: {kinds}")
    return notes
