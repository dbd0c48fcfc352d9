"""``mint lab extract`` and ``mint lab plan``: features of a whole training set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from mint.cli.audit.on_ray import Address
from mint.cli.console import as_typed, err, json_text, out
from mint.cli.network_options import Bgr, Mean, Output, Scale, reading_of
from mint.cli.photo_options import PHOTOS, ImageColumn, PersonColumn, PersonLevel, SplitName, source_of
from mint.doctor.extras import needs
from mint.errors import MintError
from mint.storage.paths import EXAMPLES

if TYPE_CHECKING:
    from mint.lab.store.census import Census
    from mint.lab.store.run import Engine
    from mint.networks.base import AuditedNetwork

SIDES = ("members", "non-members")
WHO_WORKS = ("readers", "engine", "actors", "gpus", "address")  # options on which no number depends
Network = Annotated[str, typer.Option(help="A name of the catalog, an ONNX file, an InsightFace pack or a bundle.")]
Device = Annotated[Literal["cpu", "cuda", "auto"], typer.Option(help="auto: CUDA where it works.")]
Alignment = Annotated[
    str | None,
    typer.Option(
        help="How faces are aligned, but for a bundle, which brings its own: yunet-learned-1, yunet-still-1, or yunet, by the "
        "landmarks of the detection; that of the store, if it was begun, else yunet-learned-1."
    ),
]
Threads = Annotated[int, typer.Option(help="Of the network; other numbers round differently.", min=1)]


def extract(
    context: typer.Context,
    network: Network,
    non_members: Annotated[str, typer.Option(help="Photos that it was not trained on; the same.")],
    store: Annotated[
        str,
        typer.Option("--out", help="The store: a folder or a URL; a run that was cut off goes on.", show_default=False),
    ] = "",
    members: Annotated[str | None, typer.Option(help=f"Photos that it was trained on: {PHOTOS}.")] = None,
    person_column: PersonColumn = [],  # noqa: B006
    person_level: PersonLevel = [],  # noqa: B006
    image_column: ImageColumn = [],  # noqa: B006
    split: SplitName = [],  # noqa: B006
    no_person: Annotated[
        bool, typer.Option("--no-person", help="Nothing names a person: each photo is a person of its own.")
    ] = False,
    separate_people: Annotated[
        bool, typer.Option("--separate-people", help="People of the same name on both sides are different people.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be read and by which network; write nothing.")
    ] = False,
    maps: Annotated[bool, typer.Option("--maps", help="Also keep whole activation maps, in float16.")] = False,
    no_controls: Annotated[
        bool, typer.Option("--no-controls", help="Leave out the controls: pixels alone, and an untrained network.")
    ] = False,
    no_views: Annotated[
        bool, typer.Option("--no-views", help="Leave out the altered views: far faster, and no consistency auditor.")
    ] = False,
    no_recall: Annotated[
        bool,
        typer.Option(
            "--no-recall", help="Leave out the search for the best cut, 46 more crops a photo, where there is a head."
        ),
    ] = False,
    aligned: Annotated[
        bool, typer.Option("--aligned", help="The photos are crops, aligned to the ArcFace template: look for no face.")
    ] = False,
    shard: Annotated[int, typer.Option(help="Photos a shard: what a killed run loses at most.", min=1)] = 256,
    threads: Threads = 1,
    readers: Annotated[int, typer.Option(help="Threads that read and decode photos.", min=1)] = 2,
    device: Device = "cpu",
    engine: Annotated[
        Literal["plain", "ray"], typer.Option(help="plain: one process. ray: many, here or on a cluster.")
    ] = "plain",
    actors: Annotated[int | None, typer.Option(help="ray: processes; as many as there are processors.", min=1)] = None,
    gpus: Annotated[float, typer.Option(help="ray: GPUs that each process takes.", min=0)] = 0.0,
    address: Address = None,
    mean: Mean = None,
    scale: Scale = None,
    bgr: Bgr = None,
    output: Output = None,
    alignment: Alignment = None,
) -> None:
    """Extract what auditors read of every photo into a store.

    Photos without a face and damaged ones are listed in rejected.csv of the store and stop nothing. A side on which
    there are no others is an error, as is a list or folder that does not say clearly who is who.
    """
    if not store and not dry_run:
        raise MintError("--out is missing: the folder or URL of the store. Only --dry-run needs none.")
    if engine == "plain":
        needs("lab", "pyarrow")
    else:
        needs("scale", "pyarrow", "ray")
    from mint.lab.store import run as store_run
    from mint.lab.store.extractor import ExtractionRecipe
    from mint.lab.store.left_out import left_out

    places = {"non-members": non_members} | ({} if members is None else {"members": members})
    told = {"person_column": person_column, "person_level": person_level, "image_column": image_column, "split": split}
    sides = {side: source_of(side, place, told, SIDES, no_person) for side, place in places.items()}
    reading = reading_of(mean, scale, bgr, output)
    recipe = ExtractionRecipe(
        network, aligned, not no_controls, not no_views, maps, threads, readers,
        device=device, reading=reading, recall=not no_recall, alignment=alignment or "",
    )  # fmt: skip
    if dry_run:
        from mint.lab.store.plan import preview

        _say(preview(recipe, sides, separate_people).lines())
        out.print("Nothing was extracted or written.")
        return
    run = store_run.plain if engine == "plain" else _cluster(address, actors, gpus)
    columns = (TextColumn("extracting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        shown = bar.add_task("")

        def report(progress: store_run.Progress) -> None:
            bar.update(shown, total=progress.photos, completed=progress.there + progress.made)

        def counted(census: Census) -> None:
            _say(census.lines())

        typed = as_typed(context, WHO_WORKS)
        made = store_run.extract(
            recipe, sides, store, run, shard, report, separate_people, counted, show_reading,
            command=typed, resumed=_say,
        )  # fmt: skip
    for side, counts in made.manifest["sides"].items():
        out.print(f"{side}: {counts['photos']} photos, {counts['rejected']} rejected", highlight=False)
    for line in left_out(made):
        out.print(line, highlight=False, soft_wrap=True)
    total = sum(counts["photos"] for counts in made.manifest["sides"].values())
    rejected = sum(counts["rejected"] for counts in made.manifest["sides"].values())
    out.print(f"{total - rejected} of {total} photos in {store}, key {made.key[:16]}", highlight=False, soft_wrap=True)


def plan(
    photos: Annotated[int, typer.Option(help="How many there will be.", min=1)],
    network: Network,
    sample: Annotated[str, typer.Option(help=f"Photos like these: {PHOTOS}.")] = str(EXAMPLES / "faces"),
    image_column: ImageColumn = [],  # noqa: B006
    split: SplitName = [],  # noqa: B006
    aligned: Annotated[bool, typer.Option("--aligned", help="As of mint lab extract.")] = False,
    threads: Threads = 1,
    readers: Annotated[int, typer.Option(help="Threads that read and decode photos.", min=1)] = 2,
    device: Device = "cpu",
    processors: Annotated[
        list[int],
        typer.Option(help="ray: show as many processes as so many processors carry; may be given again.", min=1),
    ] = [8, 64, 512],  # noqa: B006
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
    mean: Mean = None,
    scale: Scale = None,
    bgr: Bgr = None,
    output: Output = None,
) -> None:
    """Estimate how long an extraction takes, and how much memory and storage, from a short measurement here."""
    needs("lab", "pyarrow")
    from mint.lab.store.extractor import ExtractionRecipe
    from mint.lab.store.plan import estimates, probe

    source = source_of("", sample, {"image_column": image_column, "split": split}, SIDES, no_person=True)
    reading = reading_of(mean, scale, bgr, output)
    recipe = ExtractionRecipe(network, aligned, threads=threads, readers=readers, device=device, reading=reading)
    found = probe(recipe, source)
    rows = estimates(found, photos, readers)
    if as_json:
        about = {"photos": photos, "threads": threads, "readers": readers, "measured": asdict(found)}
        typer.echo(json_text({**about, "estimates": [asdict(row) for row in rows]}, 1))
        return
    table = Table(title=f"{photos:,} photos, {network}", title_justify="left", title_style="bold")
    processes = [max(1, count // threads) for count in processors]
    for heading in ("views", "controls", "maps", "storage", "plain, this machine"):
        table.add_column(heading, no_wrap=True)
    for count in processors:
        table.add_column(f"ray, {count} processors", no_wrap=True)
    for row in rows:
        table.add_row(
            *("yes" if there else "–" for there in (row.views, row.controls, row.maps)),
            _size(row.storage),
            _time(row.seconds),
            *(_time(row.seconds / actors) for actors in processes),
        )
    out.print(table)
    out.print(
        f"One photo here: {1e3 * found.read:.1f} ms to read and crop, {1e3 * found.plain:.1f} ms in the network, "
        f"{1e3 * found.network:.1f} ms with its altered views, {1e3 * found.controls:.1f} ms for both controls. A process "
        f"of {threads} thread(s) takes {found.memory / 2**30:.1f} GiB at its peak, however many photos there are; other "
        "processors are taken to be as fast as this one.",
        highlight=False, soft_wrap=True,
    )  # fmt: skip


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        out.print(line, highlight=False, markup=False, soft_wrap=True)


def show_reading(network: AuditedNetwork) -> None:
    """Print on stderr how a network is read."""
    from mint.networks.describe import describe_lines

    for line in describe_lines(network):
        err.print(line, markup=False, highlight=False, soft_wrap=True)


def _time(seconds: float) -> str:
    for unit, size in (("years", 365 * 86400), ("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:,.1f} {unit}"
    return f"{seconds:.0f} s"


def _size(count: float) -> str:
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count / 1e3:.1f} kB"


def _cluster(address: str | None, actors: int | None, gpus: float) -> Engine:
    from mint.lab.store.ray_engine import Cluster
    from mint.ray_pool import RayPool

    return Cluster(RayPool(address, actors, gpus=gpus))
