"""``mint lab extract`` and ``mint lab plan``: what a network shows for a whole training set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mint.errors import MintError
from mint.lab.extra import lab_packages

if TYPE_CHECKING:
    from mint.lab.extraction import Engine

out = Console(width=None if Console().is_terminal else 150)
err = Console(stderr=True)
ENGINES = ("plain", "ray")
Network = Annotated[str, typer.Option(help="A bundle's name or folder, or an ONNX file.")]
PHOTOS = "a folder with one folder a person, a tar, WebDataset tars, a CSV list, or a Hugging Face dataset on disk"
Threads = Annotated[int, typer.Option(help="Of the network; other numbers round differently.", min=1)]


def extract(
    network: Network,
    non_members: Annotated[str, typer.Option(help="Photos that it was not trained on; the same.")],
    store: Annotated[str, typer.Option("--out", help="The store: a folder or a URL; a run that was cut off goes on.")],
    members: Annotated[str | None, typer.Option(help=f"Photos that it was trained on: {PHOTOS}.")] = None,
    maps: Annotated[bool, typer.Option("--maps", help="Also keep whole activation maps, in float16.")] = False,
    no_controls: Annotated[
        bool, typer.Option("--no-controls", help="Leave out the controls: pixels alone, and an untrained network.")
    ] = False,
    no_views: Annotated[
        bool, typer.Option("--no-views", help="Leave out the altered views: far faster, and no consistency auditor.")
    ] = False,
    aligned: Annotated[
        bool, typer.Option("--aligned", help="The photos are crops, aligned to the ArcFace template: look for no face.")
    ] = False,
    shard: Annotated[int, typer.Option(help="Photos a shard: what a killed run loses at most.", min=1)] = 256,
    threads: Threads = 1,
    readers: Annotated[int, typer.Option(help="Threads that read and decode photos.", min=1)] = 2,
    engine: Annotated[str, typer.Option(help="plain: one process. ray: many, here or on a cluster.")] = "plain",
    actors: Annotated[int | None, typer.Option(help="ray: processes; as many as there are processors.", min=1)] = None,
    gpus: Annotated[float, typer.Option(help="ray: GPUs that each process takes.", min=0)] = 0.0,
    address: Annotated[str | None, typer.Option(help="ray: of a cluster that runs; else one is started here.")] = None,
) -> None:
    """Extract what auditors read of every photo into a store.

    Photos without a face and damaged ones are listed in rejected.csv of the store and stop nothing.
    """
    if engine not in ENGINES:
        raise MintError(f"--engine is one of {', '.join(ENGINES)}, not {engine}.")
    with lab_packages():
        from mint.lab import extraction
        from mint.lab.extract import Recipe

        run = extraction.plain if engine == "plain" else _cluster(address, actors, gpus)
        sides = {"non-members": non_members} | ({} if members is None else {"members": members})
        recipe = Recipe(network, aligned, not no_controls, not no_views, maps, threads, readers)
        columns = (TextColumn("extracting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=err, transient=True) as bar:
            shown = bar.add_task("")

            def report(progress: extraction.Progress) -> None:
                bar.update(shown, total=progress.photos, completed=progress.there + progress.made)

            made = extraction.extract(recipe, sides, store, run, shard, report)
    for side, counts in made.manifest["sides"].items():
        out.print(f"{side}: {counts['photos']} photos, {counts['rejected']} rejected", highlight=False)
    total = sum(counts["photos"] for counts in made.manifest["sides"].values())
    rejected = sum(counts["rejected"] for counts in made.manifest["sides"].values())
    out.print(f"{total - rejected} of {total} photos in {store}, key {made.key[:16]}", highlight=False, soft_wrap=True)


def _cluster(address: str | None, actors: int | None, gpus: float) -> Engine:
    try:
        from mint.lab.scale import Cluster
    except ModuleNotFoundError as error:
        raise MintError("--engine ray needs Ray. Install it: pip install 'mint-audit[scale]'.") from error
    return Cluster(address, actors, gpus)
