"""``mint lab scale-law``: how evidence of membership falls with the size of the training set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mint.cli.console import out, stopwatch
from mint.cli.training_options import Device, NetworksOut, PoolDir, Precision, Threads, check_precision
from mint.doctor.extras import needs

RESULTS = "scale-law.json"


def scale_law(
    pool_dir: PoolDir,
    folder: NetworksOut,
    members: Annotated[
        list[int], typer.Option(help="Training pictures; each size is trained with the middle number of photos.", min=1)
    ] = [500, 1000, 2000, 4000, 8000],  # noqa: B006
    photos: Annotated[
        list[int],
        typer.Option(help="Photos of a person; each number is trained with the middle number of pictures.", min=1),
    ] = [3, 7, 14],  # noqa: B006
    seed: Annotated[int, typer.Option(help="Of the sets, the networks and the auditors.", min=0)] = 1,
    threads: Threads = 1,
    device: Device = "cpu",
    precision: Precision = "auto",
    results: Annotated[
        Path | None, typer.Option(help="The JSON of all figures; scale-law.json in --out if not given.")
    ] = None,
) -> None:
    """Train networks on nested sets and fit the law by which evidence falls with their size. Takes about an hour.

    Smaller sets are parts of larger ones; auditors are fitted on as many pictures everywhere, and tested on the pool's test people.
    """
    needs("lab", "pytorch-metric-learning", "scikit-learn")
    import torch

    from mint.lab.scaling.run import scale_law as measure
    from mint.lab.twins.pool import load_pool
    from mint.lab.twins.recipe import TwinRecipe
    from mint.storage.files import check_writable

    check_precision(precision)
    file = results or folder / RESULTS
    check_writable(file.parent)
    torch.set_num_threads(threads)
    pool, recipe = load_pool(pool_dir), TwinRecipe(keep=(), precision=precision)
    measure(pool, folder, file, members, photos, seed, recipe, device, stopwatch())
    out.print(f"{file}: render it with mint lab cards", highlight=False, soft_wrap=True)
