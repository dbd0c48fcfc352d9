"""``mint lab factors``: what a trainer can do to hide a photo, and what it costs in recognition."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mint.cli.console import out, stopwatch
from mint.cli.training_options import (
    Device,
    InputSize,
    NetworksOut,
    PoolDir,
    Precision,
    Threads,
    check_precision,
    check_size,
)
from mint.doctor.extras import needs
from mint.errors import MintError


def factors(
    pool_dir: PoolDir,
    folder: NetworksOut,
    factor: Annotated[
        list[str],
        typer.Option(
            help="Measure only these beside the base: loss, margin, dropout, batch and so on; all if not given."
        ),
    ] = [],  # noqa: B006
    people: Annotated[int, typer.Option(help="That each network is trained on.", min=10)] = 120,
    epochs: Annotated[int, typer.Option(help="Of each network.", min=1)] = 12,
    size: InputSize = 32,
    seed: Annotated[list[int], typer.Option(help="Of the networks; the first draws the people as well.")] = [1, 2],  # noqa: B006
    threads: Threads = 1,
    device: Device = "cpu",
    precision: Precision = "auto",
    results: Annotated[
        Path | None, typer.Option(help="The JSON of all figures; factors.json in --out if not given.")
    ] = None,
) -> None:
    """Train small networks that differ from a base in one thing, and audit each. Takes about an hour.

    Loss, margin, dropout, batch, alteration of training pictures, photos a person and exposure; how well strangers are
    told apart stands beside.
    """
    needs("lab", "pytorch-metric-learning", "scikit-learn")
    import torch

    from mint.lab.factors.card import FIGURES, render_factors
    from mint.lab.factors.run import measure_factors
    from mint.lab.factors.settings import base_recipe, chosen
    from mint.lab.twins.pool import load_pool
    from mint.storage.files import check_writable

    check_precision(precision)
    check_size(size)
    try:
        settings = chosen(factor)
    except ValueError as error:
        raise MintError(f"--factor: {error}.") from error
    file = results or folder / FIGURES
    check_writable(file.parent)
    torch.set_num_threads(threads)
    recipe = base_recipe(size, epochs, precision)
    seeds = list(dict.fromkeys(seed))
    measure_factors(load_pool(pool_dir), folder, file, settings, people, seeds, recipe, device, stopwatch())
    if file.name == FIGURES:
        render_factors(file.parent)
    out.print(str(file), highlight=False, soft_wrap=True)
