"""``mint lab private``: a network trained with differential privacy beside one trained plainly, and what auditors find."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mint.cli.console import out, stopwatch
from mint.cli.training_options import CardWeights, PoolDir, Threads
from mint.doctor.extras import needs
from mint.errors import BadInput

PROMISED = [1.0, 8.0]  # one that forbids what a verdict needs, and one that forbids nothing


def private(
    pool_dir: PoolDir,
    folder: Annotated[Path, typer.Option("--out", help="Gets one bundle a network; a run that was cut off goes on.")],
    epsilon: Annotated[
        list[float], typer.Option(help="ε to promise for each photo: one private network each.")
    ] = PROMISED,
    delta: Annotated[float, typer.Option(help="δ of the promises.")] = 1e-5,
    network: Annotated[str, typer.Option(help="Which twin's members to train on.")] = "twin-a",
    epochs: Annotated[int, typer.Option(help="Of the private networks.", min=1)] = 25,
    width: Annotated[int, typer.Option(help="Channels of stage 1.", min=1)] = 8,
    input_size: Annotated[int, typer.Option(help="Side of the networks' input.")] = 32,
    seed: Annotated[int, typer.Option(help="Of weights, coins, noise and auditors.", min=0)] = 1,
    threads: Threads = 1,
    weights: CardWeights = Path("weights"),
    results: Annotated[
        Path | None, typer.Option(help="The JSON of all figures; cards/private.json in --weights if not given.")
    ] = None,
) -> None:
    """Train a small network with differential privacy and the same one plainly, and audit both.

    Writes all figures and the card beside them. `mint lab bound` then says of each bundle whether its promise is kept.
    """
    needs("private", "opacus", "scikit-learn")
    import torch

    from mint.lab.private.card import FIGURES, render_private
    from mint.lab.private.experiment import private_twin
    from mint.lab.private.recipe import PrivateRecipe
    from mint.lab.twins.ledger import PAIRS
    from mint.lab.twins.pool import load_pool
    from mint.storage.files import check_writable

    if not (epsilon and min(epsilon) > 0 and 0 < delta < 1):
        raise BadInput("--epsilon must be above 0, --delta between 0 and 1.")
    if network not in PAIRS[0]:
        raise BadInput(f"--network is {' or '.join(PAIRS[0])}, not {network}.")
    if input_size % 16 or input_size < 16:
        raise BadInput(f"--input-size is a multiple of 16, not {input_size}.")
    file = results or weights / "cards" / FIGURES
    check_writable(file.parent)
    torch.set_num_threads(threads)
    recipe = PrivateRecipe(delta=delta, epochs=epochs, width=width, input_size=input_size, seed=seed)
    found = private_twin(load_pool(pool_dir), network, folder, file, recipe, recipe.memorising(), epsilon, stopwatch())
    if file.name == FIGURES:
        render_private(file.parent)
    out.print(f"{file}: {', '.join(found['networks'])}", highlight=False, soft_wrap=True)
