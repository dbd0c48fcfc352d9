"""``mint lab …``: the offline wing's commands. Heavy imports happen inside, when a command runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.progress import track

from mint.cli.console import err, out, stopwatch
from mint.cli.lab.active import active
from mint.cli.lab.bound import bound
from mint.cli.lab.evaluate import controls, evaluate, plots
from mint.cli.lab.factors import ceiling, factors
from mint.cli.lab.gradients import gradients
from mint.cli.lab.objects import objects
from mint.cli.lab.private import private
from mint.cli.lab.scale import scale_law
from mint.cli.lab.store import extract, plan
from mint.cli.lab.taps import taps
from mint.cli.lab.train import calibrate, rescore, train
from mint.cli.lab.versions import series, versions
from mint.cli.network_options import Bgr, Mean, Output, Scale, reading_of
from mint.cli.photo_options import PHOTOS, ImageColumn, PersonColumn, PersonLevel, SplitName, source_of
from mint.cli.training_options import Light, PoolDir, Precision, Threads, check_light, check_precision
from mint.doctor.extras import POOL_PACKAGES, needs
from mint.errors import MintError
from mint.networks.modules.light_names import EQUALISED, STANDARDISED

MEMORISED = 80  # epochs of the shipped twins: by then they know their photos through most edits, see the attacks card
STRANGERS = 700  # people whom no twin saw: with the pool's alone, too few with ten photos are left for a promise of 1 %


def register(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (
        aligner, pool, twins, plan, taps, extract, train, calibrate, rescore, evaluate, controls, bound, plots, examples, cards,
        remake, paper, scale_law, gradients, factors, private, objects, active, versions, series,
        ceiling,
    ):  # fmt: skip
        app.command(name=command.__name__.replace("_", "-"))(command)


def aligner(
    folder: Annotated[Path, typer.Option("--out", help="Gets photos, log and graph; a run that was cut off goes on.")],
    seed: Annotated[int, typer.Option(help="Of people, edits, weights and batches; not a pool's.", min=0)] = 3,
    people: Annotated[int, typer.Option(help="Generated people, beside the ten photographic ones.", min=1)] = 900,
    per_person: Annotated[int, typer.Option(help="Pictures drawn of each.", min=1)] = 8,
    steps: Annotated[int, typer.Option(help="Of the optimiser.", min=1)] = 8000,
    precision: Precision = "auto",
    threads: Threads = 1,
) -> None:
    """Train the aligner on fictional people: every edit of a photo has to give the same crop.

    Takes about half an hour on two cores: one trains, the other makes what it is shown.
    """
    needs("lab", *POOL_PACKAGES)
    import torch

    from mint.lab.alignment.recipe import AlignerRecipe
    from mint.lab.alignment.training import train_aligner

    check_precision(precision)
    torch.set_num_threads(threads)
    recipe = AlignerRecipe(seed=seed, people=people, per_person=per_person, steps=steps, precision=precision)
    file = train_aligner(
        folder, recipe, lambda pictures, total: track(pictures, "cutting", total=total, console=err),
        lambda line: err.print(line, highlight=False),
    )  # fmt: skip
    out.print(str(file), highlight=False, soft_wrap=True)


def pool(
    folder: Annotated[Path, typer.Option("--out", help="Where to write it.")],
    seed: Annotated[int, typer.Option(help="Of the people, their pictures and every role.", min=0)] = 1,
    identities: Annotated[int, typer.Option(help="Generated people.", min=10)] = 1400,
    per_identity: Annotated[int, typer.Option(help="Pictures drawn of each.", min=4)] = 20,
    variation: Annotated[
        tuple[float, float],
        typer.Option(help="How much a person's pictures differ, from the least of a person to the most.", min=0, max=1),
    ] = (0.05, 0.15),
    alignment: Annotated[
        Literal["yunet-still-1", "yunet-learned-1"], typer.Option(help="How faces are aligned.")
    ] = "yunet-learned-1",
) -> None:
    """Make the pool of fictional people, with a ledger of who trains which twin."""
    needs("lab", "ImageHash", *POOL_PACKAGES)
    from mint.lab.twins.pool import make_pool
    from mint.lab.twins.pool_recipe import PoolRecipe

    if variation[0] > variation[1]:
        raise MintError(f"--variation goes from the least to the most, not from {variation[0]} to {variation[1]}.")
    made = make_pool(
        folder, seed, PoolRecipe(identities, per_identity, variation, alignment),
        progress=lambda pictures, total: track(pictures, "cropping", total=total, console=err),
    )  # fmt: skip
    out.print(f"{len(made.rows)} crops of {len({r.identity for r in made.rows})} fictional people in {folder}")


def twins(
    pool_dir: PoolDir,
    folder: Annotated[Path, typer.Option("--out", help="Gets one folder a twin; a run that was cut off goes on.")],
    network: Annotated[
        list[str],
        typer.Option(
            help="Which network of the pair: twin-a, twin-b; with --augment augmented-a, augmented-b. Both, if none is named."
        ),
    ] = [],  # noqa: B006
    epochs: Annotated[int, typer.Option(min=1)] = 30,
    width: Annotated[int, typer.Option(help="Channels of stage 1.", min=1)] = 16,
    input_size: Annotated[int, typer.Option(help="Side of the network's input.")] = 64,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    threads: Threads = 1,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    precision: Annotated[
        str, typer.Option(help="float32, bfloat16, or auto: whichever is faster here, measured on one step.")
    ] = "auto",
    exposure: Annotated[
        list[int],
        typer.Option(help="Dose-response control: draw from these how often an epoch shows a picture.", min=1),
    ] = [],  # noqa: B006
    overfit: Annotated[
        int, typer.Option(help="Positive control: this many pictures a person, no flips, no weight decay.", min=0)
    ] = 0,
    augment: Annotated[
        bool,
        typer.Option("--augment", help="Alter pictures anew each epoch, and keep what tells strangers apart best."),
    ] = False,
    edited: Annotated[
        float,
        typer.Option(help="Share of each batch that is altered a little, as a messenger alters a photo.", min=0, max=1),
    ] = 0.0,
    light: Light = STANDARDISED,
) -> None:
    """Train the twins, with checkpoints on the way: until they have memorised, or with --augment until they generalise.

    --exposure and --overfit make the networks of two controls; give those an --out of their own.
    """
    needs("lab", "pytorch-metric-learning")
    import torch

    from mint.lab.twins.ledger import PAIRS
    from mint.lab.twins.pool import load_pool
    from mint.lab.twins.recipe import TwinRecipe
    from mint.lab.twins.training import train_twin

    check_precision(precision)
    check_light(light)
    pair = PAIRS[augment]
    if unknown := [name for name in network if name not in pair]:
        raise MintError(f"--network is {' or '.join(pair)}{' with --augment' if augment else ''}, not {unknown[0]}.")
    if augment and edited:
        raise MintError("--augment alters every picture already. Leave --edited out.")
    torch.set_num_threads(threads)
    keep = tuple(sorted({max(1, round(epochs * share)) for share in (1 / 6, 1 / 3, 2 / 3)}))
    recipe = TwinRecipe(
        epochs=epochs, width=width, input_size=input_size, seed=seed, keep=keep, exposures=tuple(exposure),
        precision=precision, augmented=augment, edited=edited, light=light,
    )  # fmt: skip
    recipe = recipe.overfitted(overfit) if overfit else recipe
    data = load_pool(pool_dir)
    for name in network or pair:
        file = train_twin(
            data, name, folder / name, recipe, device,
            lambda e, left, name=name: err.print(  # type: ignore[misc]
                f"{name} epoch {e.epoch}: loss {e.loss:.3f}, accuracy {e.accuracy:.4f}, {e.seconds:.0f} s, {left / 60:.0f} min left"
            ),
            tell=lambda line, name=name: err.print(f"{name}: {line}", highlight=False),  # type: ignore[misc]
        )  # fmt: skip
        out.print(f"{name}: {file}")


def examples(
    pool_dir: PoolDir,
    folder: Annotated[Path, typer.Option("--out")] = Path("examples"),
    weights: Annotated[Path, typer.Option(help="Bundles that judge the examples.")] = Path("weights"),
    seed: Annotated[int, typer.Option(min=0)] = 1,
) -> None:
    """Write the example faces: pictures of test people, with the truth and the bundles' verdicts."""
    needs("lab", *POOL_PACKAGES)
    from mint.lab.twin_bundles.same_pool import check_pools
    from mint.lab.twins.example_people import write_people
    from mint.lab.twins.examples import write_examples
    from mint.lab.twins.ledger import PAIRS

    check_pools(weights, PAIRS[0], pool_dir)
    out.print(f"{write_examples(pool_dir, folder, weights, seed)} example faces in {folder / 'faces'}")
    out.print(f"{write_people(pool_dir, folder, seed)} example people in {folder / 'people'}")


def remake(
    context: typer.Context,
    real: Annotated[
        Path, typer.Option(help="Folder or tar of real photos, one folder a person. Only scores are kept.")
    ],
    build: Annotated[Path, typer.Option(help="Gets pools, networks and stores; a run that was cut off goes on.")],
    weights: Annotated[Path, typer.Option("--out", help="Gets the twins' bundles, ledger and cards.")] = Path(
        "weights"
    ),
    shown: Annotated[Path, typer.Option("--examples", help="Gets the example faces.")] = Path("examples"),
    readme: Annotated[Path, typer.Option(help="Gets the short table of results.")] = Path("README.md"),
    results: Annotated[Path, typer.Option(help="Gets all tables of results.")] = Path("docs/results.md"),
    seed: Annotated[int, typer.Option(help="Of everything.", min=0)] = 1,
) -> None:
    """Make all that ships again: pools, twins, stores, bundles, examples, cards. Takes some hours."""
    needs("lab", "ImageHash", "matplotlib", "pyarrow", "pytorch-metric-learning", "scikit-learn", *POOL_PACKAGES)
    from mint.lab.twins.ledger import PAIRS

    made, strangers, runs, dose, positive = (build / n for n in ("pool", "strangers", "runs", "dose", "positive"))
    if not (made / "pool.json").is_file():
        pool(made, seed)
    if not (strangers / "pool.json").is_file():
        pool(strangers, seed + 1, identities=STRANGERS)
    twins(made, runs, epochs=MEMORISED, seed=seed, light=EQUALISED)
    twins(made, dose, epochs=3, seed=seed, exposure=[1, 3, 10], light=EQUALISED)
    twins(made, positive, seed=seed, overfit=3, light=EQUALISED)
    twins(made, runs, seed=seed, augment=True)
    twins(made, dose, epochs=3, seed=seed, exposure=[1, 3, 10], augment=True)
    twins(made, positive, seed=seed, overfit=3, augment=True)  # never altered: it must be found, whatever the recipe
    train(
        context, folder=weights, network=list(PAIRS[0]), seed=seed, pool_dir=made, twins_dir=runs, real=real, dose=dose,
        positive=positive, strangers=strangers, work=build / "stores",
    )  # fmt: skip
    train(
        context, folder=weights, network=list(PAIRS[1]), seed=seed, pool_dir=made, twins_dir=runs, real=real, dose=dose,
        positive=positive, strangers=strangers, work=build / "stores",
    )  # fmt: skip
    examples(made, shown, weights, seed)
    cards(weights, readme, results)


def paper(
    network: Annotated[
        list[str],
        typer.Option(help="A name of the catalog, an ONNX file, or an InsightFace pack; again for each further one."),
    ],
    members: Annotated[
        str,
        typer.Option(
            help=f"Photos that trained it: {PHOTOS}. Of a folder or tar the folder that a photo lies in is the person, if nothing "
            "else says who is; 112 × 112 is taken as aligned."
        ),
    ],
    external: Annotated[str, typer.Option(help="The same, of another database.")],
    folder: Annotated[Path, typer.Option("--out", help="Gets one JSON a network.")] = Path("weights/cards/paper"),
    work: Annotated[
        Path | None, typer.Option(help="Keeps the stores (several GB), so that a run that was cut off goes on.")
    ] = None,
    near: Annotated[
        float, typer.Option(help="External crops this close (cosine) to a member's person are left out.")
    ] = 0.4,
    whole_maps: Annotated[int, typer.Option(help="Most training samples of auditors of whole maps.", min=2)] = 5000,
    threads: Annotated[int, typer.Option(min=1)] = 1,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    person_column: PersonColumn = [],  # noqa: B006
    person_level: PersonLevel = [],  # noqa: B006
    image_column: ImageColumn = [],  # noqa: B006
    split: SplitName = [],  # noqa: B006
    separate_people: Annotated[
        bool, typer.Option("--separate-people", help="External people of a member's name are others, and stay.")
    ] = False,
    mean: Mean = None,
    scale: Scale = None,
    bgr: Bgr = None,
    output: Output = None,
) -> None:
    """Make the papers' cross-database tables of a recogniser, with the controls beside them."""
    needs("lab", "pyarrow", "scikit-learn")
    import torch

    from mint.lab.paper.faces import SIDES
    from mint.lab.paper.protocol import Plan
    from mint.lab.paper.run import run_paper

    torch.set_num_threads(threads)
    plan = Plan(near=near, whole_maps=whole_maps, seed=seed)
    told = {"person_column": person_column, "person_level": person_level, "image_column": image_column, "split": split}
    inside, outside = (
        source_of(side, place, told, SIDES) for side, place in zip(SIDES, (members, external), strict=True)
    )
    reading = reading_of(mean, scale, bgr, output)
    for file in run_paper(
        network,
        inside,
        outside,
        folder,
        work,
        plan,
        threads=threads,
        report=stopwatch(),
        reading=reading,
        separate_people=separate_people,
    ):
        out.print(str(file))


def cards(
    weights: Annotated[Path, typer.Option(help="Where the bundles are.")] = Path("weights"),
    readme: Annotated[Path, typer.Option(help="Gets the short table of results.")] = Path("README.md"),
    results: Annotated[Path, typer.Option(help="Gets all tables of results.")] = Path("docs/results.md"),
) -> None:
    """Render the model cards and the tables of results from the evaluations, and list the cards in the manifest anew."""
    needs("lab", "matplotlib")
    from mint.bundles.manifest import relist
    from mint.lab.active.card import render_active
    from mint.lab.cards.render import render
    from mint.lab.ceiling.card import render_ceiling
    from mint.lab.factors.card import render_factors
    from mint.lab.gradients.card import render_gradients
    from mint.lab.objects.card import render_objects
    from mint.lab.private.card import render_private
    from mint.lab.versions.card import render_versions

    render_gradients(weights / "cards")
    render_factors(weights / "cards")
    render_private(weights / "cards")
    render_objects(weights / "cards")
    render_active(weights / "cards")
    render_versions(weights / "cards")
    render_ceiling(weights / "cards")
    try:
        render(weights, readme, results)
    finally:  # a document without a place for the tables is refused once the cards are written
        relist(weights / "cards")
