"""``mint audit``: one answer a photo, or one for several photos of one person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mint.bundles.find import BundleRef, find_bundles
from mint.cli.audit.answers import Out, check_out, keeping, shown
from mint.cli.audit.gradients import GradientQuestion, gradient_lines
from mint.cli.audit.on_ray import Address, Engine, Wanted, Workers, check_engine, judged_by_ray
from mint.cli.audit.over_time import Versions, audit_over_time, check_alone
from mint.cli.case_options import (
    Auditor,
    Controller,
    CopyDate,
    CopyVersion,
    LegalBasis,
    Number,
    Organisation,
)
from mint.cli.console import cell, err, json_text, out
from mint.cli.network_options import Bgr, Mean, Output, Scale, open_test, reading_of
from mint.cli.photos import photos_at
from mint.cli.report import ReportLanguage, ReportOptions, Reports, Thumbnail, names_in_report, only_json
from mint.evidence.score_table import PERSON, PHOTO
from mint.i18n.translate import DEFAULT, ENGLISH
from mint.report.case import Case
from mint.report.render.blocks import Fact
from mint.report.story.answers import (
    doubtful,
    headline,
    left_out,
    more_faces,
    not_judged,
    only_largest,
    reason,
    repeated,
)
from mint.report.story.phrases import NONE, answer_facts, sentence, word
from mint.types import PhotoAudit, Verdict

if TYPE_CHECKING:
    from rich.table import Table

    from mint.judging.person import PersonAudit
    from mint.networks.base import GraphReading

Networks = Annotated[
    list[str] | None,
    typer.Option(help="Which network to ask; may be given several times. The twins, if not given.", show_default=False),
]
Bundles = Annotated[
    list[Path] | None,
    typer.Option(help="Auditors for a network, a folder made by mint lab; may be given several times."),
]

CHANGED = "It was changed while it was audited, so that no answer is kept. Start the same command once more."
PRIOR = 0.5
LEAST_ALPHA, MOST_ALPHA = 0.0001, 0.5
COLOURS = {"evidence of use": "bold red", "no sign of use": "green", "inconclusive": "yellow", "cannot say": "dim"}


def audit(
    photos: Annotated[list[Path] | None, typer.Argument(help="Photos, or folders of photos.")] = None,
    person: Annotated[
        Path | None, typer.Option(help="A folder of photos of one person: one answer for all of them together.")
    ] = None,
    network: Networks = None,
    bundle: Bundles = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a photo and network, one a line.")] = False,
    alpha: Annotated[
        float, typer.Option(help="The false-positive rate you accept.", min=LEAST_ALPHA, max=MOST_ALPHA)
    ] = 0.01,
    prior: Annotated[
        float, typer.Option(help="How likely you thought use was before the test.", min=0.0, max=1.0)
    ] = PRIOR,
    fail_fast: Annotated[bool, typer.Option(help="Stop at the first photo that cannot be audited.")] = False,
    gradients: Annotated[
        bool,
        typer.Option(
            "--gradients",
            help="Say as well what a training step on each face would change; torch networks with their head only.",
        ),
    ] = False,
    versions: Versions = None,
    report: Reports = None,
    thumbnail: Thumbnail = False,
    language: ReportLanguage = "en",
    answers: Out = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite reports that are there already, and begin --out anew.")
    ] = False,
    engine: Engine = "plain",
    workers: Workers = None,
    address: Address = None,
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
    """Audit photos: was this picture used, was this person used?

    Exit code 1 if a photo could not be read or has no face; the others are audited all the same. With
    --person only if none of the photos could be used.
    """
    if (photos is None) == (person is None):
        raise typer.BadParameter("Give photos, or --person FOLDER.")
    if person is not None and answers is not None:
        raise typer.BadParameter("--out keeps answers on photos; --person gives one answer. Use --json or --report.")
    if person is not None and fail_fast:
        raise typer.BadParameter("--fail-fast stops at a photo; --person gives one answer on those that can be used.")
    if gradients and (person is not None or answers is not None or report):
        raise typer.BadParameter(
            "--gradients asks about photos one by one, and neither --out nor --report keeps its answers. Ask for them with --json."
        )
    if versions is not None:
        other = {
            "--network": network, "--bundle": bundle, "--person": person, "--out": answers,
            "--mean": mean, "--scale": scale, "--bgr": bgr, "--output": output,
        }  # fmt: skip
        check_alone(
            {name: given is not None for name, given in other.items()}
            | {"--gradients": gradients, "--fail-fast": fail_fast, "--prior": prior != PRIOR and not report}
        )
    stated = Case(case, organisation, auditor, controller, copy_version, copy_date, legal_basis)
    wanted = ReportOptions(
        tuple(report or ()),
        thumbnail,
        DEFAULT if versions is not None and not as_json and only_json(report or ()) else language,
        force and (bool(report) or answers is None),
        stated,
    )
    wanted.check()
    check_engine(engine, workers, address, answers, bool(report) or gradients or person is not None)
    check_out(answers)
    reading = reading_of(mean, scale, bgr, output)
    if person is not None:
        _audit_person(person, find_bundles(network, bundle), reading, as_json, alpha, prior, wanted)
        return
    files = names_in_report(photos_at(*photos or ()))
    if versions is not None:
        _tell_failed(audit_over_time(files, versions, as_json, alpha, prior, language, wanted), len(files))
        return
    bundles = find_bundles(network, bundle)
    test = open_test(bundles, reading)
    steps = GradientQuestion(test) if gradients else None
    exhibits = []
    with keeping(answers, test, alpha, prior, force) as kept:
        kept.check(files)
        due = kept.due(files, every=bool(wanted.paths))
        if as_json:
            kept.tell_unprinted(files)
        failed = kept.failed(files)
        if engine == "ray":
            asked_of = judged_by_ray(due, Wanted.of(bundles, reading, test, alpha, prior), kept, workers, address)
        else:
            names = (str(file) for file, _ in due)
            asked_of = test.look_and_judge_many(kept.reading(due), names, alpha, prior)
        with closing(asked_of) as judged:
            asked_about = zip(due, shown(judged, len(due), answers is not None), strict=True)
            for number, ((file, name), (look, audits)) in enumerate(asked_about, 1):
                if wanted.paths:
                    exhibits.append(wanted.exhibit(look, audits, file, name))
                if kept.knows(file):  # looked at for the report, or for the others of its batch
                    continue
                whole = kept.add(file, audits)
                problem = audits[0].error if whole else CHANGED
                asked = steps.ask(look) if steps is not None and look is not None else {}
                if as_json and whole:
                    for found in audits:
                        told = {"gradients": [one.to_dict() for one in asked[found.network]]} if asked else {}
                        typer.echo(json_text(found.to_dict() | told))
                elif problem is None and answers is None:
                    _show(_table(str(file), audits), chain(_notes(audits), _sure(audits), gradient_lines(asked)))
                if problem is not None:
                    failed += 1
                    err.print(f"{file}: {problem}", style="red", highlight=False, markup=False, soft_wrap=True)
                    if fail_fast:
                        if left := len(due) - number:
                            err.print(f"Stopped there: {left} more were not asked about.", style="red", highlight=False)
                        break
    wanted.photos(test, exhibits, alpha, prior)
    _tell_failed(failed, len(files))


def _tell_failed(failed: int, photos: int) -> None:
    """Say how many photos could not be audited, and end with exit code 1; nothing if all could."""
    if failed:
        err.print(f"{failed} of {photos} photos could not be audited.", style="red", highlight=False)
        raise typer.Exit(1)


def _audit_person(
    folder: Path,
    networks: list[BundleRef],
    reading: GraphReading,
    as_json: bool,
    alpha: float,
    prior: float,
    wanted: ReportOptions,
) -> None:
    from rich.progress import track

    files = [file for file, _ in photos_at(folder)]
    if (folders := len({file.parent for file in files})) > 1:
        told = f"{folder}: its photos lie in {folders} folders; all of them are taken for one person's."
        err.print(told, style="yellow", highlight=False, markup=False, soft_wrap=True)
    test = open_test(networks, reading)
    shown = track(files, "looking", console=err, disable=len(files) < 2, transient=True)
    look = test.look_person(shown, map(str, files))
    audits = test.judge_person(look, str(folder), alpha, prior)
    for photo, problem in look.errors:
        err.print(f"{photo}: {problem}", style="red", highlight=False, markup=False, soft_wrap=True)
    if as_json:
        for found in audits:
            typer.echo(json_text(found.to_dict()))
    elif look.looks and all(found.error is None for found in audits):
        _show(_person_table(audits), _person_notes(audits))
    wanted.person(test, look, folder, alpha, prior)
    failed = {found.error: None for found in audits if found.error is not None}
    for error in failed:
        err.print(f"{folder}: {error}", style="red", highlight=False, markup=False, soft_wrap=True)
    if failed:
        raise typer.Exit(1)


def _person_table(audits: Sequence[PersonAudit]) -> Table:
    headings = ("network", "judged", "this person", "p", "false alarms at α", "right at prior")
    table = _started(f"{audits[0].person}, this person", headings)
    for found in audits:
        p, alarms, _, right = answer_facts(found.to_dict(), found.alpha, found.prior, ENGLISH)
        counted = f"{len(found.judged)} of {found.given}"
        verdict = _verdict(found.verdict)
        table.add_row(_named(found.network, found.tier), counted, verdict, p.value, _rate(alarms), right.value)
    return table


def _person_notes(audits: Sequence[PersonAudit]) -> Iterator[str]:
    """Tell the answer, which photos were not judged and why, then what each network adds."""
    first = audits[0]
    said = {found.network: str(found.verdict) for found in audits}
    yield headline(PERSON, said, ENGLISH, max(len(found.judged) for found in audits))
    yield from doubtful({found.network: (found.verdict, found.right) for found in audits}, first.prior, ENGLISH)
    for photo, of in first.copies:
        lines = [repeated(photo, of, ENGLISH, of in found.judged) for found in audits]
        alike = len(set(lines)) == 1
        yield from lines[:1] if alike else (f"{by.network}: {line}" for by, line in zip(audits, lines, strict=True))
    if group_photos := only_largest(first.other_faces, ENGLISH):
        yield group_photos
    for found in audits:
        if found.skipped:
            yield f"{found.network}: {not_judged(len(found.skipped), found.skipped, ENGLISH)}"
        yield from (f"{found.network}: {left_out(photo, why, ENGLISH)}" for photo, why in found.left_out)
        yield f"{found.network}: {reason(PERSON, found.to_dict(), ENGLISH)}"
        if told := found.warning or found.one_person:
            yield f"{found.network}: {sentence(ENGLISH(told))}"


def _table(name: str, audits: Sequence[PhotoAudit]) -> Table:
    table = _started(name, ("face", "network", "this photo", "p", "false alarms at α", "this person", "p"))
    for number in range(len(audits[0].faces)):
        for found in audits:
            face = found.faces[number]
            photo, person = (
                answer_facts(said.to_dict(), face.alpha, face.prior, ENGLISH) for said in (face.photo, face.person)
            )
            table.add_row(
                f"{number + 1}",
                _named(found.network, face.tier),
                _verdict(face.photo.verdict),
                photo[0].value,
                _rate(photo[1]),
                _verdict(face.person.verdict),
                person[0].value,
            )
    return table


def _notes(audits: Sequence[PhotoAudit]) -> Iterator[str]:
    """Tell the answer on each face, then what each network adds."""
    several = len(audits[0].faces) > 1
    for number in range(len(audits[0].faces)):
        where = f"face {number + 1}: " if several else ""
        said = {found.network: found.faces[number].photo for found in audits}
        yield where + headline(PHOTO, {network: str(photo.verdict) for network, photo in said.items()}, ENGLISH)
        asked = {network: (photo.verdict, photo.right) for network, photo in said.items()}
        yield from (where + doubt for doubt in doubtful(asked, audits[0].faces[number].prior, ENGLISH))
        yield from (f"{where}{network}: {reason(PHOTO, photo.to_dict(), ENGLISH)}" for network, photo in said.items())
    if told := more_faces(audits[0].skipped, len(audits[0].faces), ENGLISH):
        yield told


def _sure(audits: Sequence[PhotoAudit]) -> Iterator[str]:
    """Tell how sure an accusation is at a prior that was chosen: verdicts and p-values do not depend on it."""
    for found in audits:
        face = found.faces[0]  # the rates are the same for every face
        if face.prior == PRIOR:
            continue
        facts = (answer_facts(s.to_dict(), face.alpha, face.prior, ENGLISH)[3] for s in (face.photo, face.person))
        photo, person = (fact.small if fact.value == NONE else cell(fact.value) for fact in facts)
        yield f"{found.network}: right when it says “evidence”, at a prior of {face.prior:g}: photo {photo}, person {person}"


def _started(title: str, headings: Sequence[str]) -> Table:
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold")
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    return table


def _verdict(verdict: Verdict) -> str:
    return f"[{COLOURS[verdict]}]{word(verdict, ENGLISH)}[/]"


def _named(network: str, tier: str) -> str:
    return network if tier == "full" else f"{network} ({tier} tier)"


def _rate(fact: Fact) -> str:
    return cell(f"{fact.value} ({fact.small})")


def _show(table: Table, notes: Iterable[str]) -> None:
    out.print(table)
    for line in notes:
        out.print(line, markup=False, highlight=False, soft_wrap=True)
