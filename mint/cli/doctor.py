"""``mint doctor``."""

from __future__ import annotations

from typing import Annotated

import typer

from mint.cli.console import json_text, out
from mint.doctor.finding import Finding, State

COLOURS = {State.OK: "green", State.NOTE: "yellow", State.BROKEN: "bold red"}


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command(name="doctor")(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Look over this machine: packages, devices, weights, room; and say what to do.

    Asks no network. Exit code 1 if something is broken.
    """
    from mint.doctor.checkup import examine, summary, verdict

    found = []
    for finding in examine():
        found.append(finding)
        if not as_json:
            _show(finding)
    if as_json:
        typer.echo(json_text(summary(found)))
    else:
        out.print(verdict(found), highlight=False)
    if any(finding.state is State.BROKEN for finding in found):
        raise typer.Exit(1)


def _show(finding: Finding) -> None:
    colour = COLOURS[finding.state]
    out.print(f"[{colour}]{finding.state:6}[/] [bold]{finding.name}[/]: ", end="", highlight=False)
    out.print(finding.says, markup=False, highlight=False, soft_wrap=True)
    if finding.advice:
        out.print(f"       → {finding.advice}", markup=False, highlight=False, soft_wrap=True)
