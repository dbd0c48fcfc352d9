"""The options of every command that writes a report: what an authority asks of it and no program knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mint.report.case import Case

PANEL = "For an authority (of a report)"

Number = Annotated[str, typer.Option("--case", help="Number of the case.", rich_help_panel=PANEL, show_default=False)]
Organisation = Annotated[str, typer.Option(help="That has the test made.", rich_help_panel=PANEL, show_default=False)]
Auditor = Annotated[str, typer.Option(help="Who makes the test.", rich_help_panel=PANEL, show_default=False)]
Controller = Annotated[
    str,
    typer.Option(
        help="Who answers for the network and its training data (GDPR, Art. 4(7)).",
        rich_help_panel=PANEL,
        show_default=False,
    ),
]
CopyVersion = Annotated[
    str,
    typer.Option(help="What the controller calls the audited copy.", rich_help_panel=PANEL, show_default=False),
]
CopyDate = Annotated[
    str, typer.Option(help="When that copy was taken, as 2026-07-31.", rich_help_panel=PANEL, show_default=False)
]
LegalBasis = Annotated[
    str, typer.Option(help="Of the test itself (GDPR, Art. 6 and 9).", rich_help_panel=PANEL, show_default=False)
]


def case_of(
    number: str, organisation: str, auditor: str, controller: str, version: str, date: str, basis: str
) -> Case | None:
    """Return what the options say; None where none is given.

    Raises:
        BadInput: a text is too long, or the date is none.
    """
    from mint.report.case import NOT_STATED, Case

    stated = Case(number, organisation, auditor, controller, version, date, basis)
    return None if stated == NOT_STATED else stated
