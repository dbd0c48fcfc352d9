"""``mint lab versions`` measures what successive releases of a network tell of a photo; ``mint lab series`` calibrates a user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mint.cli.console import err, out, stopwatch
from mint.cli.training_options import CardWeights, InputSize, Light, PoolDir, Threads, check_light, check_size
from mint.doctor.extras import needs
from mint.networks.modules.light_names import EQUALISED


def versions(
    pool_dir: PoolDir,
    folder: Annotated[Path, typer.Option("--out", help="Gets one folder a release; a run that was cut off goes on.")],
    people: Annotated[int, typer.Option(help="That the networks are trained on.", min=10)] = 400,
    outsiders: Annotated[int, typer.Option(help="People that they are not trained on, at most.", min=10)] = 400,
    epochs: Annotated[int, typer.Option(help="Of the first release.", min=1)] = 40,
    updates: Annotated[int, typer.Option(help="Epochs of every later release.", min=1)] = 12,
    size: InputSize = 48,
    light: Light = EQUALISED,
    seed: Annotated[int, typer.Option(help="Of who is used when, of weights and batches.", min=0)] = 1,
    threads: Threads = 1,
    weights: CardWeights = Path("weights"),
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

    check_size(size)
    check_light(light)
    file = results or weights / "cards" / FIGURES
    check_writable(file.parent)
    torch.set_num_threads(threads)
    recipe = small_recipe(people, outsiders, size, epochs, updates, seed, light)
    found = measure_versions(load_pool(pool_dir), folder, file, recipe, stopwatch())
    if file.name == FIGURES:
        render_versions(file.parent)
    for name, twin in found["twins"].items():
        for score, one in twin["scores"].items():
            for line in one["accepted"]:
                word = "holds" if line["holds"] else "DOES NOT HOLD"
                out.print(f"{name}, {score}: {word}: {line['name']}: {line['said']}", highlight=False, soft_wrap=True)
    out.print(str(file), highlight=False, soft_wrap=True)


def series(
    bundles: Annotated[list[Path], typer.Argument(help="Bundles of the versions, the oldest first.")],
    photos: Annotated[
        Path,
        typer.Option(
            help="A CSV with the columns photo, person, first and out: which version, from 1, first used a photo, and which "
            "was the first without it again; empty where none did. Its people must not be those that auditors were fitted on."
        ),
    ],
    folder: Annotated[Path, typer.Option("--out", help="Gets versions.json and versions.safetensors.")],
    seed: Annotated[int, typer.Option(help="Of who is calibrated on and who is tested.", min=0)] = 0,
) -> None:
    """Calibrate over versions of one network, for `mint audit PHOTO --versions`.

    Every photo is shown to every version. Seven tenths of the people calibrate; what is printed was measured on the others.
    """
    needs("lab", "scikit-learn")
    from mint.bundles.series import save_series
    from mint.lab.versions.series import make_series
    from mint.storage.files import check_writable

    check_writable(folder)

    def tell(line: str) -> None:
        err.print(line, style="yellow", markup=False, highlight=False, soft_wrap=True)

    made = make_series(bundles, photos, seed, tell)
    save_series(made, folder)
    for name, words in (("right", "the version named is right"), ("covered", "the set of versions holds it")):
        rate = made.measured[name]
        out.print(
            f"{words}: {rate['value']:.1%} ({rate['low']:.1%}–{rate['high']:.1%}), n = {rate['n']}",
            highlight=False,
            soft_wrap=True,
        )
    out.print(
        f"used against unused photos: AUC {made.auc[0]:.3f} ({made.auc[1]:.3f}–{made.auc[2]:.3f})", highlight=False
    )
    out.print(f"{folder}: {', '.join(made.names)}", highlight=False, soft_wrap=True)
