"""``mint lab objects``: two classifiers of objects on complementary halves of pictures, audited layer by layer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mint.cli.console import out, stopwatch
from mint.cli.training_options import Threads, check_size
from mint.doctor.extras import needs
from mint.errors import BadInput


def objects(
    data: Annotated[
        list[str],
        typer.Option(
            help="digits (scikit-learn's), a folder made by `mint lab pool` (100 people, each a class), or a folder of class "
            "folders; again for each further set."
        ),
    ],
    folder: Annotated[
        Path,
        typer.Option("--out", help="Gets the networks and a bundle for each half; a run that was cut off goes on."),
    ],
    split: Annotated[
        str | None, typer.Option(help="Of a folder with several, such as CIFAR's and GTSRB's train and test.")
    ] = None,
    person_level: Annotated[
        int | None,
        typer.Option(
            help="Which folder of a picture's path is its class, 1 for the outermost; called as in `mint lab extract`.",
            min=1,
        ),
    ] = None,
    most: Annotated[
        int | None,
        typer.Option(help="Pictures of a folder, 2000 if not given; drawn by the seed where there are more.", min=100),
    ] = None,
    size: Annotated[
        list[int],
        typer.Option(
            help="Side of the networks' input in pixels, a multiple of 8: one for all --data, or one for each.", min=8
        ),
    ] = [16],  # noqa: B006
    dropout: Annotated[
        float, typer.Option(help="Rate after each block and after the dense layer.", min=0, max=0.9)
    ] = 0.25,
    epochs: Annotated[int, typer.Option(help="Of each network.", min=1)] = 30,
    seed: Annotated[int, typer.Option(help="Of coins, weights, batches and auditors.", min=0)] = 1,
    threads: Threads = 1,
    results: Annotated[
        Path | None,
        typer.Option(
            help="The JSON of all figures, to which those of this data are added; objects.json in --out if not given."
        ),
    ] = None,
) -> None:
    """Train a small classifier on each half of the pictures and audit every layer of both, with controls. Takes some minutes.

    The best layer is chosen on validation. Several --data go into one card, beside those that it has already.
    """
    needs("lab", "pyarrow", "scikit-learn")
    for side in size:
        check_size(side, 8)
    if len(size) not in (1, len(data)):
        raise BadInput(f"--size is given {len(size)} times for {len(data)} --data. Give it once, or once for each.")
    import torch

    from mint.lab.objects.card import FIGURES, render_objects
    from mint.lab.objects.pictures import object_pictures
    from mint.lab.objects.recipe import ObjectRecipe
    from mint.lab.objects.run import measure_objects
    from mint.storage.files import check_writable

    file = results or folder / FIGURES
    report = stopwatch()
    sets = [object_pictures(one, split, most, seed, report, person_level) for one in data]
    check_writable(file.parent)
    torch.set_num_threads(threads)
    for pictures, side in zip(sets, size * len(sets) if len(size) == 1 else size, strict=True):
        recipe = ObjectRecipe(input_size=side, dropout=dropout, epochs=epochs, seed=seed)
        measure_objects(pictures, folder, file, recipe, report)
        if file.name == FIGURES:
            render_objects(file.parent)
    out.print(str(file), highlight=False, soft_wrap=True)
