"""``mint audit``: one answer a photo, or one for several photos of one person."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import track
from rich.table import Table

from mint.bundles.find import BundleRef, find_bundles
from mint.cli.console import err, json_text, out
from mint.cli.report import ReportOptions, name_of
from mint.errors import MintError
from mint.types import Rate

if TYPE_CHECKING:
    from mint.membership import MembershipTest

Bundles = Annotated[
    list[Path] | None,
    typer.Option(help="Auditors for a network, a folder made by mint lab; may be given several times."),
]

COLOURS = {"evidence of use": "bold red", "no sign of use": "green", "inconclusive": "yellow", "cannot say": "dim"}


def audit(
    photos: Annotated[list[Path] | None, typer.Argument(help="Photos, or folders of photos.")] = None,
    person: Annotated[
        Path | None, typer.Option(help="A folder of photos of one person: one answer for all of them together.")
    ] = None,
    network: Annotated[
        list[str] | None,
        typer.Option(
            help="Which network to ask; may be given several times. The twins, if not given.", show_default=False
        ),
    ] = None,
    bundle: Bundles = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a photo and network, one a line.")] = False,
    alpha: Annotated[float, typer.Option(help="The false-positive rate you accept.", min=0.0001, max=0.5)] = 0.01,
    prior: Annotated[
        float, typer.Option(help="How likely you thought use was before the test.", min=0.0, max=1.0)
    ] = 0.5,
    fail_fast: Annotated[bool, typer.Option(help="Stop at the first photo that cannot be audited.")] = False,
    report: Annotated[
        list[Path] | None,
        typer.Option(help="Write a report: FILE.html, FILE.pdf or FILE.json; may be given several times."),
    ] = None,
    thumbnail: Annotated[bool, typer.Option("--thumbnail", help="Show the faces in the report.")] = False,
    language: Annotated[str, typer.Option(help="Of the report: en or es.")] = "en",
    force: Annotated[bool, typer.Option("--force", help="Overwrite reports that are there already.")] = False,
) -> None:
    """Audit photos: was this picture used, was this person used?

    Exit code 1 if a photo could not be read or has no face; the others are audited all the same. With
    --person only if none of the photos could be used.
    """
    if (photos is None) == (person is None):
        raise typer.BadParameter("Give photos, or --person FOLDER.")
    wanted = ReportOptions(tuple(report or ()), thumbnail, language, force)
    wanted.check()
    if person is not None:
        _audit_person(person, find_bundles(network, bundle), as_json, alpha, prior, wanted)
        return
    from mint.vision.images import photos_in

    _tell_left_out(photos or ())
    files = [(file, name_of(file, path)) for path in photos or () for file in photos_in(path)]
    if not files:
        raise MintError(f"There are no JPEG, PNG or WebP photos in {', '.join(map(str, photos or ()))}.")
    test = _test(find_bundles(network, bundle))
    failed, exhibits = 0, []
    for file, name in track(files, "auditing", console=err, disable=len(files) < 2, transient=True):
        look, audits = test.look_and_judge(file, str(file), alpha, prior)
        problem = audits[0].error
        if wanted.paths:
            exhibits.append(wanted.exhibit(look, audits, file, name))
        if as_json:
            for found in audits:
                typer.echo(json_text(found.to_dict()))
        elif problem is None:
            out.print(_table(str(file), audits))
        if problem is not None:
            failed += 1
            err.print(f"{file}: {problem}", style="red", highlight=False, markup=False, soft_wrap=True)
            if fail_fast:
                break
    wanted.photos(test, exhibits, alpha, prior)
    if failed:
        err.print(f"{failed} of {len(files)} photos could not be audited.", style="red", highlight=False)
        raise typer.Exit(1)


def _tell_left_out(folders: Sequence[Path]) -> None:
    from mint.vision.kinds import left_out_in

    for folder in folders:
        if line := left_out_in(folder):
            err.print(f"{folder}: {line}", style="yellow", highlight=False, markup=False, soft_wrap=True)


def _test(wanted: list[BundleRef]) -> MembershipTest:
    from mint.membership import MembershipTest
    from mint.networks.open import open_network
    from mint.networks.reopen import recorded_taps

    audited = [
        None if one.network is None else open_network(one.network, recorded_taps(Path(one.bundle))) for one in wanted
    ]
    return MembershipTest.load([one.bundle for one in wanted], audited=audited)


def _audit_person(
    folder: Path, networks: list[BundleRef], as_json: bool, alpha: float, prior: float, wanted: ReportOptions
) -> None:
    from mint.vision.images import photos_in

    _tell_left_out([folder])
    files = photos_in(folder)
    if not files:
        raise MintError(f"There are no JPEG, PNG or WebP photos in {folder}.")
    test = _test(networks)
    shown = track(files, "looking", console=err, disable=len(files) < 2, transient=True)
    look = test.look_person(shown, map(str, files))
    audits = test.judge_person(look, str(folder), alpha, prior)
    for photo, problem in look.errors:
        err.print(f"{photo}: {problem}", style="red", highlight=False, markup=False, soft_wrap=True)
    if as_json:
        for found in audits:
            typer.echo(json_text(found.to_dict()))
    elif look.looks and all(found.error is None for found in audits):
        out.print(_person_table(audits))
        for line in _person_notes(audits):
            out.print(line, markup=False, highlight=False, soft_wrap=True)
    wanted.person(test, look, folder, alpha, prior)
    failed = {found.error: None for found in audits if found.error is not None}
    for error in failed:
        err.print(f"{folder}: {error}", style="red", highlight=False, markup=False, soft_wrap=True)
    if failed:
        raise typer.Exit(1)


def _person_table(audits: tuple) -> Table:  # type: ignore[type-arg]
    table = Table(title=f"{audits[0].person}, this person", title_justify="left", title_style="bold")
    for heading in ("network", "photos", "this person", "p", "false alarms at α", "people", "right at prior"):
        table.add_column(heading, no_wrap=True)
    for found in audits:
        rate = found.false_positive_rate
        table.add_row(
            _named(found.network, found.tier),
            f"{len(found.judged)} of {found.given}",
            f"[{COLOURS[found.verdict]}]{found.verdict}[/]",
            "–" if found.p_value is None else f"{found.p_value:.4f}",
            _share(rate),
            "–" if rate is None else f"{rate.n}",
            "–" if found.right is None else f"{found.right:.0%}",
        )
    return table


def _person_notes(audits: tuple) -> list[str]:  # type: ignore[type-arg]
    """List the photos that did not count and why, then what each network adds."""
    first = audits[0]
    notes = [f"{photo} repeats {of}: counted once" for photo, of in first.copies]
    if first.skipped:
        notes.append(f"{first.skipped} more photos were not needed: {len(first.judged)} are judged together at most")
    for found in audits:
        notes += [f"{found.network}: {photo} is left out, {why}" for photo, why in found.left_out]
        notes += [f"{found.network}: {text}" for text in (found.reason, found.warning) if text]
    return notes


def _table(name: str, audits: tuple) -> Table:  # type: ignore[type-arg]
    table = Table(title=name, title_justify="left", title_style="bold")
    for heading in ("face", "network", "this photo", "p", "false alarms at α", "this person", "p"):
        table.add_column(heading, no_wrap=True)
    for number in range(len(audits[0].faces)):
        for found in audits:
            face = found.faces[number]
            rate = face.photo.false_positive_rate
            table.add_row(
                f"{number + 1}",
                _named(found.network, face.tier),
                f"[{COLOURS[face.photo.verdict]}]{face.photo.verdict}[/]",
                f"{face.photo.p_value:.4f}",
                _share(rate),
                f"[{COLOURS[face.person.verdict]}]{face.person.verdict}[/]",
                f"{face.person.p_value:.4f}",
            )
    return table


def _named(network: str, tier: str) -> str:
    return network if tier == "full" else f"{network} ({tier} tier)"


def _share(rate: Rate | None) -> str:
    return "–" if rate is None or not rate.n else f"{rate.value:.1%} ({rate.low:.1%}–{rate.high:.1%})"
