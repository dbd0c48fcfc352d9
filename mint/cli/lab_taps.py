"""``mint lab taps``: the places whose maps auditors could read, and their cost."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from mint.cli.console import json_text, out
from mint.errors import MintError


def taps(
    network: Annotated[
        str, typer.Argument(help="A name of the catalog, an ONNX file, an InsightFace pack, or a twin's bundle.")
    ],
    tap: Annotated[
        list[str] | None,
        typer.Option(
            help="Look here instead: NAME=PLACE, a tensor of a graph or a module; may be given several times."
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All places, not only the last one of each size.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The table as JSON.")] = False,
) -> None:
    """List the places of a network whose maps auditors could read.

    Cost is the share of the network's multiply-accumulates until the maps are there. Named are the places that are
    taken unless others are given with --tap.
    """
    from mint.networks.open import open_network
    from mint.networks.tap_search import candidates, tapped

    opened = open_network(network)
    if tap:
        opened = tapped(opened, places(tap))
    found = candidates(opened)
    last = {place.side: place for place in found}
    shown = [place for place in found if every or place.tap or (not tap and last[place.side] is place)]
    if as_json:
        rows = [asdict(place) for place in shown]
        typer.echo(json_text({"network": opened.describe(), "places": rows}))
        return
    table = Table(title=f"{opened.name}: {opened.input_size} × {opened.input_size} pixels", title_justify="left")
    for heading in ("tap", "place", "channels × side × side", "stride", "cost"):
        table.add_column(heading, no_wrap=heading != "place")
    for place in shown:
        shape = f"{place.channels} × {place.side} × {place.side}"
        table.add_row(place.tap, place.module, shape, f"{place.stride}", f"{place.cost:.0%}")
    out.print(table)


def places(named: list[str]) -> dict[str, str]:
    """Parse typed ``NAME=PLACE`` into names and places.

    Raises:
        MintError: a text is not of this form, or a name stands twice.
    """
    found: dict[str, str] = {}
    for text in named:
        name, equals, place = text.partition("=")
        if not (name and equals and place) or name in found or name == "embedding":
            raise MintError(f"--tap is NAME=PLACE with a name of its own, such as stage1=layer1; got {text!r}.")
        found[name] = place
    return found
