"""``mint lab active``: a network trained together with its auditor, and what the auditor says of photos kept from it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from mint.cli.console import out, stopwatch
from mint.cli.training_options import InputSize, NetworksOut, PoolDir, Threads, check_size
from mint.doctor.extras import needs
from mint.errors import BadInput


def active(
    pool_dir: PoolDir,
    folder: NetworksOut,
    known: Annotated[int, typer.Option(help="People whose photos are trained on, as the auditor is told.", min=6)] = 80,
    secret: Annotated[
        int, typer.Option(help="People whose photos are trained on, and kept from the auditor.", min=2)
    ] = 120,
    ghosts: Annotated[
        int, typer.Option(help="People who are not trained on, and of whom the auditor is told that they are.", min=2)
    ] = 20,
    outsiders: Annotated[int, typer.Option(help="People who are neither trained on nor told of.", min=6)] = 200,
    photos: Annotated[int, typer.Option(help="Of each person, that are trained on or told of.", min=1)] = 3,
    ratio: Annotated[
        list[float],
        typer.Option(help="λ2/λ1 to choose from, on validation people: the weight of the auditor's loss."),
    ] = [10.0, 100.0, 1000.0],  # noqa: B006
    epochs: Annotated[int, typer.Option(help="Of each network.", min=1)] = 40,
    choice_epochs: Annotated[int, typer.Option(help="Of the networks that the ratio is chosen by.", min=1)] = 15,
    width: Annotated[int, typer.Option(help="Channels of stage 1.", min=1)] = 8,
    size: InputSize = 32,
    seed: Annotated[
        list[int],
        typer.Option(help="Of the networks; the first draws the people and chooses the ratio as well.", min=0),
    ] = [1, 2],  # noqa: B006
    threads: Threads = 1,
    results: Annotated[
        Path | None, typer.Option(help="The JSON of all figures; active.json in --out if not given.")
    ] = None,
) -> None:
    """Train small recognisers together with their auditor (Active MINT), and ask it about photos that it was not told of.

    Writes all figures and the card beside them: known, secret, external and ghost photos, unseen ones, and the same auditor on a
    network trained alone, on an untrained one, on pixels and with shuffled lists, beside a ledger of perceptual hashes.
    """
    needs("lab", "ImageHash", "pytorch-metric-learning")
    import torch

    from mint.lab.active.card import FIGURES
    from mint.lab.active.groups import Sizes
    from mint.lab.active.run import measure_active
    from mint.lab.active.training import ActiveRecipe
    from mint.lab.twins.pool import load_pool
    from mint.storage.files import check_writable

    check_size(size)
    wrong = next((value for value in ratio if not 0 < value < math.inf), None)
    if wrong is not None:
        raise BadInput(f"--ratio is above 0, not {wrong:g}: a network without an auditor's loss is trained anyway.")
    file = results or folder / FIGURES
    check_writable(file.parent)
    torch.set_num_threads(threads)
    recipe = ActiveRecipe(width=width, input_size=size, epochs=epochs)
    sizes = Sizes(known, secret, ghosts, outsiders, photos, photos)
    ratios, seeds = sorted(set(ratio)), list(dict.fromkeys(seed))
    measure_active(load_pool(pool_dir), folder, file, sizes, seeds, ratios, recipe, choice_epochs, stopwatch())
    out.print(str(file), highlight=False, soft_wrap=True)
