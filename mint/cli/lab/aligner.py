"""``mint lab aligner``: train the network that lays crops alike."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from mint.cli.console import err, out
from mint.cli.training_options import Precision, Threads, check_precision
from mint.doctor.extras import POOL_PACKAGES, needs


def aligner(
    folder: Annotated[Path, typer.Option("--out", help="Gets photos, log and graph; a run that was cut off goes on.")],
    seed: Annotated[int, typer.Option(help="Of people, edits, weights and batches; not a pool's.", min=0)] = 3,
    people: Annotated[int, typer.Option(help="Generated people, beside the ten photographic ones.", min=1)] = 900,
    per_person: Annotated[int, typer.Option(help="Pictures drawn of each.", min=1)] = 8,
    steps: Annotated[int, typer.Option(help="Of the optimiser.", min=1)] = 8000,
    precision: Precision = "auto",
    threads: Threads = 1,
) -> None:
    """Train the aligner on fictional people: every edit of a photo has to give the same crop.

    Takes about half an hour on two cores: one trains, the other makes what it is shown.
    """
    needs("lab", *POOL_PACKAGES)
    import torch

    from mint.lab.alignment.recipe import AlignerRecipe
    from mint.lab.alignment.training import train_aligner

    check_precision(precision)
    torch.set_num_threads(threads)
    recipe = AlignerRecipe(seed=seed, people=people, per_person=per_person, steps=steps, precision=precision)
    file = train_aligner(
        folder, recipe, lambda pictures, total: track(pictures, "cutting", total=total, console=err),
        lambda line: err.print(line, highlight=False),
    )  # fmt: skip
    out.print(str(file), highlight=False, soft_wrap=True)
