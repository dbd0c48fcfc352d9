"""The options of every command that writes a report: what an authority asks of it and no program knows.

Typer reads a command's options from its own parameters and takes no group of them, so both commands list all seven.
"""

from __future__ import annotations

from typing import Annotated

import typer

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
