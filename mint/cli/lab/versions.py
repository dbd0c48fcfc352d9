"""``mint lab versions``: what successive releases of a network tell of a photo: since when it was used, whether it was taken out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mint.cli.console import out, stopwatch
from mint.doctor.extras import needs
from mint.errors import BadInput


def versions(
    pool_dir: Annotated[Path, typer.Option("--pool", help="A folder made by `mint lab pool`.")],
    folder: Annotated[Path, typer.Option("--out", help="Gets one folder a release; a run that was cut off goes on.")],
    people: Annotated[int, typer.Option(help="That the networks are trained on.", min=10)] = 400,
    outsiders: Annotated[int, typer.Option(help="People that they are not trained on, at most.", min=10)] = 400,
    epochs: Annotated[int, typer.Option(help="Of the first release.", min=1)] = 40,
    updates: Annotated[int, typer.Option(help="Epochs of every later release.", min=1)] = 12,
    size: Annotated[int, typer.Option(help="Side of the networks' input in pixels, a multiple of 16.", min=16)] = 48,
    seed: Annotated[int, typer.Option(help="Of who is used when, of weights and batches.")] = 1,
    threads: Annotated[int, typer.Option(help="Threads; other numbers round differently.", min=1)] = 1,
    weights: Annotated[Path, typer.Option(help="Its cards get the figures, unless --results says where.")] = Path(
        "weights"
    ),
    results: Annotated[
        Path | None, typer.Option(help="The JSON of all figures; cards/versions.json in --weights if not given.")
    ] = None,
) -> None:
    """Train four releases each of two small networks, and measure what the sequence tells that the last one does not.

    Later releases add photos, drop photos that one of them used, and take photos out. Takes about 25 minutes.
    """
    needs("lab", "pytorch-metric-learning", "scikit-learn")
    import torch

    from mint.lab.twins.pool import load_pool
    from mint.lab.versions.card import FIGURES, render_versions
    from mint.lab.versions.run import measure_versions, small_recipe
    from mint.storage.files import check_writable

    if size % 16:
        raise BadInput(f"--size is a multiple of 16, not {size}.")
    file = results or weights / "cards" / FIGURES
    check_writable(file.parent)
    torch.set_num_threads(threads)
    recipe = small_recipe(people, outsiders, size, epochs, updates, seed)
    found = measure_versions(load_pool(pool_dir), folder, file, recipe, stopwatch())
    if file.name == FIGURES:
        render_versions(file.parent)
    for name, twin in found["twins"].items():
        for score, one in twin["scores"].items():
            for line in one["accepted"]:
                word = "holds" if line["holds"] else "DOES NOT HOLD"
                out.print(f"{name}, {score}: {word}: {line['name']}: {line['said']}", highlight=False, soft_wrap=True)
    out.print(str(file), highlight=False, soft_wrap=True)
