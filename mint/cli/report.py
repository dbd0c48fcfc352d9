"""``mint report``, and what ``mint audit --report`` does after the answers."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mint.cli.case_options import (
    Auditor,
    Controller,
    CopyDate,
    CopyVersion,
    LegalBasis,
    Number,
    Organisation,
)
from mint.cli.console import err
from mint.cli.photos import sha256_of_photo
from mint.i18n.translate import DEFAULT
from mint.report.case import NOT_STATED, Case

if TYPE_CHECKING:
    from mint.judging.person import PersonLook
    from mint.membership import MembershipTest
    from mint.report.document import Document, ReportPhoto
    from mint.types import Look, PhotoAudit, Reasons

Language = Literal["en", "es"]  # those of mint.i18n
Reports = Annotated[
    list[Path] | None,
    typer.Option(help="Write a report: FILE.html, FILE.pdf or FILE.json; may be given several times."),
]
Thumbnail = Annotated[bool, typer.Option("--thumbnail", help="Show the faces in the report.")]
ReportLanguage = Annotated[Language, typer.Option(help="Of the report.")]


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command(name="report")(report)


def report(
    file: Annotated[Path, typer.Argument(help="A report's JSON, from mint audit --report FILE.json.")],
    to: Annotated[list[Path], typer.Option("--out", help="FILE.html or FILE.pdf; may be given several times.")],
    language: Annotated[Language, typer.Option(help="Of the text.")] = "en",
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that are there already.")] = False,
    case: Number = "",
    organisation: Organisation = "",
    auditor: Auditor = "",
    controller: Controller = "",
    copy_version: CopyVersion = "",
    copy_date: CopyDate = "",
    legal_basis: LegalBasis = "",
) -> None:
    """Render a stored report as HTML or PDF, for an authority with its case written on it."""
    from mint.report.document import with_case
    from mint.report.files import check_targets, read_report, write_report

    check_targets(to, force)
    check_language(to, language)
    stated = Case(case, organisation, auditor, controller, copy_version, copy_date, legal_basis)
    document = read_report(file)
    if stated != NOT_STATED:
        document = with_case(document, stated)
    for path in to:
        write_report(path, document, language, force)
        _told(path)


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """The reports that the user asked for.

    Attributes:
        paths: files to write; none where none was asked for.
        thumbnail: whether the faces' crops go in.
        language: of HTML and PDF.
        force: overwrite what is there.
        case: who had the test made, of which copy, on which ground.
    """

    paths: tuple[Path, ...]
    thumbnail: bool = False
    language: str = DEFAULT
    force: bool = False
    case: Case = NOT_STATED

    def check(self) -> None:
        """Check before the audit that the reports can be written.

        Raises CannotWrite or MintError.
        """
        if not self.paths and (self.thumbnail or self.force or self.language != DEFAULT):
            raise typer.BadParameter("--thumbnail, --language and --force say how a report is written: give --report.")
        if not self.paths and self.case != NOT_STATED:
            raise typer.BadParameter("--case and the other options for an authority stand in a report: give --report.")
        if self.paths:
            from mint.report.files import check_targets

            check_targets(self.paths, self.force)
            check_language(self.paths, self.language)

    def exhibit(self, look: Look | None, audits: tuple[PhotoAudit, ...], file: Path, name: str) -> ReportPhoto:
        """Return what a report shows of one photo; ``look`` is None if it could not be audited."""
        from mint.report.document import ReportPhoto

        named = tuple(replace(audit, photo=name) for audit in audits)
        if look is None:
            return ReportPhoto(named, sha256_of_photo(file))
        return ReportPhoto(
            named,
            sha256_of_photo(file),
            tuple(face.crop for face in look.faces) if self.thumbnail else (),
            look.skipped,
        )

    def photos(
        self,
        test: MembershipTest,
        exhibits: Sequence[ReportPhoto],
        alpha: float,
        prior: float,
        over_time: Document | None = None,
    ) -> None:
        """Write the requested reports on photos."""
        if self.paths:
            from mint.report.document import photo_report

            self._write(photo_report(test.bundles, exhibits, alpha, prior, case=self.case, over_time=over_time))

    def person(self, test: MembershipTest, look: PersonLook, folder: Path, alpha: float, prior: float) -> None:
        """Write the requested reports on one person; photos are named relative to the folder."""
        if not self.paths:
            return
        from mint.report.document import person_report
        from mint.report.optional.usage import counted, usage

        short = {photo: name_of(Path(photo), folder) for photo in look.names}
        named = look.renamed(short)
        hashes = {name: digest for photo, name in short.items() if (digest := sha256_of_photo(Path(photo)))}
        crops = {seen.photo: seen.faces[0].crop for seen in named.looks} if self.thumbnail else None
        audits = test.judge_person(named, folder.resolve().name, alpha, prior)
        found = counted(test.judge_folder, named, folder.resolve().name)
        told = usage(found, person=True) if found else None
        self._write(person_report(test.bundles, audits, sha256=hashes, crops=crops, case=self.case, usage=told))

    def folder(
        self,
        test: MembershipTest,
        looks: Sequence[Look],
        folder: Path,
        people: Mapping[str, str] | None,
        errors: Reasons,
        alpha: float | None,
        discovery_rate: float,
    ) -> None:
        """Write the requested reports on a folder: its photos one by one, and how many of them were used.

        Arguments are those of ``MembershipTest.judge_folder``, but for the folder's path; photos are named relative to it.
        """
        from mint.judging.photo import DEFAULT_ALPHA, DEFAULT_PRIOR, not_audited
        from mint.report.document import photo_report
        from mint.report.optional.usage import usage

        if not self.paths:
            return
        limit = DEFAULT_ALPHA if alpha is None else alpha
        short = {photo: name_of(Path(photo), folder) for photo in (*(look.photo for look in looks), *dict(errors))}
        exhibits = [
            self.exhibit(look, test.judge(look, limit, DEFAULT_PRIOR), Path(look.photo), short[look.photo])
            for look in looks
        ]
        exhibits += [
            self.exhibit(None, not_audited(test.bundles, short[photo], why), Path(photo), short[photo])
            for photo, why in errors
        ]
        named = [replace(look, photo=short[look.photo]) for look in looks]
        who = None if people is None else {short[photo]: person for photo, person in people.items() if photo in short}
        name = folder.resolve().name
        told = usage(
            test.judge_folder(
                named, name, who, tuple((short[photo], why) for photo, why in errors), alpha, discovery_rate
            ),
            people is not None,
        )
        within = name if folder.is_dir() else ""
        self._write(
            photo_report(test.bundles, exhibits, limit, DEFAULT_PRIOR, case=self.case, usage=told, folder=within)
        )

    def _write(self, document: Document) -> None:
        from mint.report.files import write_report

        for path in self.paths:
            write_report(path, document, self.language, self.force)
            _told(path)


def only_json(paths: Sequence[Path]) -> bool:
    """Return whether no report is one of a language."""
    return all(path.suffix.lower() == ".json" for path in paths)


def check_language(paths: Sequence[Path], language: str) -> None:
    """Refuse a language that nothing is written in. Raises typer.BadParameter."""
    if language != DEFAULT and only_json(paths):
        raise typer.BadParameter("--language is of HTML and PDF; a report as JSON is the same in every language.")


def name_of(file: Path, given: Path) -> str:
    """Return a photo's name for a report, without its place on this machine."""
    return file.relative_to(given).as_posix() if given in file.parents else file.name


def names_in_report(found: Sequence[tuple[Path, Path]]) -> list[tuple[Path, str]]:
    """Return photos with their names for a report: ``name_of``, and as many folders before it as tell two files apart.

    Args:
        found: photos, each with the place that it was found at.
    """
    whole = {file: Path(os.path.abspath(file)).parts for file, _ in found}
    length = {file: len(Path(name_of(file, place)).parts) for file, place in found}
    while True:
        called: dict[str, set[tuple[str, ...]]] = {}
        names = {file: "/".join(parts[-length[file] :]) for file, parts in whole.items()}
        for file, name in names.items():
            called.setdefault(name, set()).add(whole[file])
        if longer := [file for file, name in names.items() if len(called[name]) > 1]:
            length |= {file: length[file] + 1 for file in longer}
        else:
            return [(file, names[file]) for file, _ in found]


def _told(path: Path) -> None:
    err.print(f"Report: {path}", markup=False, highlight=False, soft_wrap=True)
