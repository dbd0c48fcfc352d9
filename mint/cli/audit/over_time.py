"""What ``mint audit --versions`` prints: since which version each face was used, and whether it was taken out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mint.cli.console import cell, err, json_text, out

if TYPE_CHECKING:
    from mint.bundles.series import Series
    from mint.cli.report import ReportOptions
    from mint.judging.over_time import OverTime
    from mint.report.document import ReportPhoto

Versions = Annotated[
    Path | None,
    typer.Option(
        help="A series of versions of one network, a folder made by mint lab series: say since which of them each photo was "
        "used, and whether it was taken out again. In the language of --language; --report writes it with each version's answers.",
    ),
]


def check_alone(others: dict[str, bool]) -> None:
    """Refuse ``--versions`` beside options that ask something else. Raises typer.BadParameter."""
    if given := [name for name, there in others.items() if there]:
        raise typer.BadParameter(f"--versions asks the bundles of its series about photos, without {', '.join(given)}.")


def audit_over_time(
    files: Sequence[tuple[Path, str]],
    folder: Path,
    as_json: bool,
    alpha: float,
    prior: float,
    language: str,
    wanted: ReportOptions,
) -> int:
    """Print an answer a face, and write the reports; return how many photos could not be audited.

    Args:
        files: photos, each with its name in a report.
        folder: of the series.
        as_json: whether to print one JSON object a photo instead.
        alpha: promised false-positive rate.
        prior: for a report, which has each version's own answers as well.
        language: of the text.
        wanted: the reports.
    """
    from mint.bundles.series import load_series
    from mint.errors import MintError
    from mint.judging.photo import not_audited
    from mint.membership import MembershipTest
    from mint.report.optional.over_time import over_time

    series = load_series(folder)
    test = MembershipTest.load([str(place) for place in series.folders])
    series.check(test.bundles)
    versions = [{"name": version, "bundle_sha256": test.bundles[version].sha256} for version in series.names]
    asked = {"series_sha256": series.sha256, "versions": versions}
    failed = 0
    exhibits: list[ReportPhoto] = []
    answers: list[tuple[str, Sequence[OverTime]]] = []
    with closing(test.look_many((file for file, _ in files), (str(file) for file, _ in files))) as seen:
        for (file, short), (name, look) in zip(files, seen, strict=True):
            if isinstance(look, MintError):
                failed += 1
                if as_json:
                    typer.echo(json_text({"photo": name, **asked, "error": str(look), "faces": [], "skipped": 0}))
                err.print(f"{name}: {look}", style="red", highlight=False, markup=False, soft_wrap=True)
                if wanted.paths:
                    exhibits.append(wanted.exhibit(None, not_audited(test.bundles, short, look.sentence), file, short))
                    answers.append((short, ()))
                continue
            faces = test.over_time(look, series, alpha)
            if wanted.paths:
                exhibits.append(wanted.exhibit(look, test.judge(look, alpha, prior), file, short))
                answers.append((short, faces))
            if as_json:
                told = {"error": None, "faces": [face.to_dict() for face in faces], "skipped": look.skipped}
                typer.echo(json_text({"photo": name, **asked, **told}))
            else:
                _show(name, faces, series, language, look.skipped)
    if wanted.paths:
        wanted.photos(test, exhibits, alpha, prior, over_time(series, test.bundles, answers, alpha))
    return failed


def _show(photo: str, faces: Sequence[OverTime], series: Series, language: str, skipped: int) -> None:
    from rich.table import Table

    from mint.i18n.translate import Say
    from mint.report.story.answers import more_faces
    from mint.report.story.over_time import figure, measured_line, over_time_lines, place_of, ratio, ratio_heading
    from mint.report.story.phrases import limit

    say = Say(language)
    for number, face in enumerate(faces, 1):
        title = photo if len(faces) == 1 else f"{photo}, {say('face {n}', n=number)}"
        table = Table(title=title, title_justify="left", title_style="bold")
        said = face.to_dict()
        threshold = say("threshold at α = {alpha}", alpha=limit(face.alpha))
        for heading in (say("version"), say("score"), threshold, ratio_heading(say), say("answer")):
            table.add_column(heading)
        for place, name in enumerate(series.names):
            table.add_row(
                name,
                figure(face.scores[place]),
                figure(face.thresholds[place]),
                ratio(said, place),
                place_of(name, said, say),
                style="bold red" if name == face.first else "",
            )
        out.print(table)
        for line in over_time_lines(said, say):
            out.print(cell(line), markup=False, highlight=False, soft_wrap=True)
    if told := more_faces(skipped, len(faces), say):
        out.print(cell(told), markup=False, highlight=False, soft_wrap=True)
    out.print(cell(measured_line(series.measured, say)), markup=False, highlight=False, soft_wrap=True)
