"""``mint lab gradients``: gMINT on a twin, with its control table and the comparison with loss and class centres."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mint.cli.console import out, stopwatch
from mint.cli.training_options import PoolDir, Threads
from mint.doctor.extras import needs


def gradients(
    pool_dir: PoolDir,
    network: Annotated[list[str], typer.Option(help="Which twin; may be given several times.")] = ["twin-a"],  # noqa: B006
    weights: Annotated[Path, typer.Option(help="Where the twins are.")] = Path("weights"),
    most: Annotated[int, typer.Option(help="Photos of a kind, to fit on and to score.", min=20)] = 200,
    seed: Annotated[int, typer.Option(help="Of the photos, the orders and the classifiers.", min=0)] = 1,
    threads: Threads = 1,
    results: Annotated[
        Path | None,
        typer.Option("--out", help="The JSON of all figures; cards/gradients.json in --weights if not given."),
    ] = None,
) -> None:
    """Take a training step on members and others, reset and not reset, in order and shuffled. Takes some minutes.

    Writes all figures and the card beside them; figures of other twins that are there already stay.
    """
    needs("lab", "scikit-learn")
    import torch

    from mint.lab.gradients.card import FIGURES, render_gradients
    from mint.lab.gradients.experiment import measure
    from mint.lab.twin_bundles.same_pool import check_pools
    from mint.lab.twins.pool import load_pool
    from mint.networks.open import open_network
    from mint.storage.files import check_writable, read_json, write_json

    file = results or weights / "cards" / FIGURES
    check_writable(file.parent)
    check_pools(weights, network, pool_dir)
    torch.set_num_threads(threads)
    pool, found = load_pool(pool_dir), read_json(file) if file.is_file() else {}
    for name in network:
        found[name] = measure(pool, open_network(weights / name), name, most, seed, stopwatch())
        write_json(file, found)
    if file.name == FIGURES:
        render_gradients(file.parent)
    out.print(f"{file}: {', '.join(found)}", highlight=False, soft_wrap=True)
