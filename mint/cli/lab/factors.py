"""``mint lab factors`` and ``mint lab ceiling``: networks like the twins, to hide photos in or to attack the twins with."""

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
    seed: Annotated[list[int], typer.Option(help="Of the networks; the first draws the people.", min=0)] = [1, 2],  # noqa: B006
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

    from mint.lab.factors.card import FIGURES
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
    out.print(str(file), highlight=False, soft_wrap=True)


def ceiling(
    pool_dir: PoolDir,
    folder: NetworksOut,
    network: Annotated[list[str], typer.Option(help="The audited networks: twins of this pool.")] = ["twin-a"],  # noqa: B006
    references: Annotated[int, typer.Option(help="Reference networks of each; they come in pairs.", min=2, max=98)] = 4,
    epochs: Annotated[int, typer.Option(help="Of each reference.", min=1)] = 16,
    width: Annotated[int, typer.Option(help="Channels of the references' first stage.", min=1)] = 16,
    input_size: InputSize = 64,
    seed: Annotated[int, typer.Option(help="Of the halves and of the references.", min=0)] = 1,
    threads: Threads = 1,
    device: Device = "cpu",
    precision: Precision = "auto",
    weights: Annotated[Path, typer.Option(help="Where the bundles of the twins are.")] = Path("weights"),
    results: Annotated[
        Path | None, typer.Option(help="The JSON of all figures; ceiling.json in --out if not given.")
    ] = None,
) -> None:
    """Attack the twins with reference networks (LiRA, RMIA) beside MINT's own auditors. Takes about an hour a twin.

    References are trained on seeded halves of all photos of the people whom a twin knows, by the twin's own recipe.
    """
    needs("lab", "pytorch-metric-learning", "scikit-learn")
    import torch

    from mint.bundles.files import load_bundle
    from mint.lab.ceiling.card import FIGURES
    from mint.lab.ceiling.photos import Target
    from mint.lab.ceiling.run import measure_ceiling
    from mint.lab.twins.ledger import counterpart
    from mint.lab.twins.pool import load_pool
    from mint.storage.files import check_writable

    check_precision(precision)
    check_size(input_size)
    if references % 2:
        raise MintError(
            f"--references come in pairs, of which one is trained on what the other is not, not {references}."
        )
    names = list(dict.fromkeys(network))
    for name in names:
        try:
            counterpart(name)
        except KeyError as error:
            raise MintError(f"--network is a twin, of which a ledger says what it used, not {name}.") from error
    file = results or folder / FIGURES
    check_writable(file.parent)
    torch.set_num_threads(threads)
    targets = [Target.of(load_bundle(weights / name)) for name in names]
    changes = {"epochs": epochs, "width": width, "input_size": input_size, "precision": precision}
    pool = load_pool(pool_dir)
    measure_ceiling(pool, folder, file, targets, references, seed, changes, device, stopwatch())
    out.print(str(file), highlight=False, soft_wrap=True)
