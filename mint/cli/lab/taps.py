"""``mint lab taps``: the places whose maps auditors could read, and their cost."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from mint.cli.console import json_text, out
from mint.cli.network_options import Bgr, Mean, Output, Scale, reading_of
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
    mean: Mean = None,
    scale: Scale = None,
    bgr: Bgr = None,
    output: Output = None,
) -> None:
    """List the places of a network whose maps auditors could read.

    Cost is the share of the network's multiply-accumulates until the maps are there. Named are the places that are
    taken unless others are given with --tap. The graph is run on a few made-up pictures; what was found of its scaling,
    its output and its batch stands above the table.
    """
    from mint.networks.describe import describe_lines
    from mint.networks.open import open_network
    from mint.networks.tap_search import candidates, tapped
    from mint.vision.detectors import CURRENT

    # As mint lab extract opens it for a new store.
    opened = open_network(network, alignment=CURRENT.name, **asdict(reading_of(mean, scale, bgr, output)))
    if tap:
        opened = tapped(opened, places(tap))
    found = candidates(opened)
    last = {place.side: place for place in found}
    shown = [place for place in found if every or place.tap or (not tap and last[place.side] is place)]
    if as_json:
        rows = [asdict(place) for place in shown]
        about = {"reading": list(opened.reading), "concerns": list(opened.concerns)}
        typer.echo(json_text({"network": opened.describe(), **about, "places": rows}))
        return
    for line in describe_lines(opened):
        out.print(line, markup=False, highlight=False, soft_wrap=True)
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
