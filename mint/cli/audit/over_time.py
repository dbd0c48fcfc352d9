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
    from mint.judging.over_time import OverTime

Versions = Annotated[
    Path | None,
    typer.Option(
        help="A series of versions of one network, a folder made by mint lab series: say since which of them each photo was "
        "used, and whether it was taken out again. In the language of --language.",
    ),
]


def check_alone(others: dict[str, bool]) -> None:
    """Refuse ``--versions`` beside options that ask something else. Raises typer.BadParameter."""
    if given := [name for name, there in others.items() if there]:
        raise typer.BadParameter(f"--versions asks the bundles of its series about photos, without {', '.join(given)}.")


def audit_over_time(files: Sequence[Path], folder: Path, as_json: bool, alpha: float, language: str) -> int:
    """Print an answer a face; return how many photos could not be audited.

    Args:
        files: photos.
        folder: of the series.
        as_json: whether to print one JSON object a photo instead.
        alpha: promised false-positive rate.
        language: of the text.
    """
    from mint.bundles.series import load_series
    from mint.errors import MintError
    from mint.membership import MembershipTest

    series = load_series(folder)
    test = MembershipTest.load([str(place) for place in series.folders])
    series.check(test.bundles)
    failed = 0
    with closing(test.look_many(files, map(str, files))) as seen:
        for name, look in seen:
            if isinstance(look, MintError):
                failed += 1
                err.print(f"{name}: {look}", style="red", highlight=False, markup=False, soft_wrap=True)
                continue
            faces = test.over_time(look, series, alpha)
            if as_json:
                versions = [
                    {"name": version, "bundle_sha256": sha256}
                    for version, sha256 in zip(series.names, series.bundles, strict=True)
                ]
                told = {"photo": name, "series_sha256": series.sha256, "versions": versions}
                typer.echo(json_text(told | {"faces": [face.to_dict() for face in faces]}))
            else:
                _show(name, faces, series, language)
    return failed


def _show(photo: str, faces: Sequence[OverTime], series: Series, language: str) -> None:
    from rich.table import Table

    from mint.i18n.translate import Say
    from mint.report.story.over_time import over_time_lines

    say = Say(language)
    for number, face in enumerate(faces, 1):
        title = photo if len(faces) == 1 else f"{photo}, {say('face {n}', n=number)}"
        table = Table(title=title, title_justify="left", title_style="bold")
        for heading in (say("version"), say("score"), say("log ratio, first used here")):
            table.add_column(heading, no_wrap=True)
        for place, name in enumerate(series.names):
            score = face.scores[place]
            table.add_row(
                name,
                "–" if score is None else f"{score:.2f}",
                f"{face.ratios[place]:+.1f}" if face.ratios else "–",
                style="bold red" if name == face.first else "",
            )
        out.print(table)
        for line in over_time_lines(face.to_dict(), say):
            out.print(cell(line), markup=False, highlight=False, soft_wrap=True)
