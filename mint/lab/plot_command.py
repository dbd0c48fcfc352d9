"""``mint lab plots``: the drawings of a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mint.extras import needs


def plots(
    bundle: Annotated[Path, typer.Argument(help="A bundle's folder, such as weights/twin-a.")],
    folder: Annotated[Path, typer.Option("--out", help="Gets four drawings.")],
    suffix: Annotated[str, typer.Option("--format", help="svg or png.")] = "svg",
) -> None:
    """Draw a bundle's ROC at both levels, its scores by kind of picture, and its reliability."""
    needs("lab", "matplotlib")
    from mint.bundle import load_bundle
    from mint.lab.bundle_plots import plot_bundle

    for path in plot_bundle(load_bundle(bundle), folder, f".{suffix}"):
        typer.echo(path)
