"""``mint lab …``: the offline wing's commands. Heavy imports happen inside, when a command runs."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from mint.errors import MintError

out = Console(width=None if Console().is_terminal else 150)
err = Console(stderr=True)
PoolDir = Annotated[Path, typer.Option("--pool", help="A folder made by `mint lab pool`.")]
TWINS = ("twin-a", "twin-b")


def register(app: typer.Typer) -> None:
    """Hang the commands on ``mint lab``."""
    for command in (pool, twins, train, evaluate, examples, cards):
        app.command(name=command.__name__)(command)


def pool(
    folder: Annotated[Path, typer.Option("--out", help="Where to write it.")],
    seed: Annotated[int, typer.Option(help="Of the people, their pictures and every role.")] = 1,
    identities: Annotated[int, typer.Option(help="Generated people.", min=10)] = 360,
    per_identity: Annotated[int, typer.Option(help="Pictures drawn of each.", min=4)] = 40,
) -> None:
    """Make the pool of fictional people, with a ledger of who trains which twin."""
    with _lab():
        from mint.lab.pool import make_pool

        made = make_pool(
            folder, seed, identities, per_identity,
            progress=lambda pictures, total: track(pictures, "cropping", total=total, console=err),
        )  # fmt: skip
    out.print(f"{len(made.rows)} crops of {len({r.identity for r in made.rows})} fictional people in {folder}")


def twins(
    pool_dir: PoolDir,
    folder: Annotated[Path, typer.Option("--out", help="Gets one folder a twin; a run that was cut off goes on.")],
    network: Annotated[list[str], typer.Option(help="Which twin.")] = list(TWINS),  # noqa: B006
    epochs: Annotated[int, typer.Option(min=1)] = 48,
    width: Annotated[int, typer.Option(help="Channels of stage 1.", min=1)] = 16,
    input_size: Annotated[int, typer.Option(help="Side of the network's input.")] = 64,
    seed: Annotated[int, typer.Option()] = 1,
    threads: Annotated[int, typer.Option(help="Threads; other numbers round differently.", min=1)] = 1,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    exposure: Annotated[
        list[int],
        typer.Option(help="Dose-response control: draw from these how often an epoch shows a picture.", min=1),
    ] = [],  # noqa: B006
    overfit: Annotated[
        int, typer.Option(help="Positive control: this many pictures a person, no flips, no weight decay.", min=0)
    ] = 0,
) -> None:
    """Train the twins until they have memorised, with checkpoints on the way.

    --exposure and --overfit make the networks of two controls; give those an --out of their own.
    """
    with _lab():
        import torch

        from mint.lab.pool import load_pool
        from mint.lab.twins import Recipe, train_twin

        torch.set_num_threads(threads)
        keep = tuple(sorted({max(1, round(epochs * share)) for share in (1 / 6, 1 / 3, 2 / 3)}))
        recipe = Recipe(
            epochs=epochs, width=width, input_size=input_size, seed=seed, keep=keep, exposures=tuple(exposure)
        )
        recipe = recipe.overfitted(overfit) if overfit else recipe
        data = load_pool(pool_dir)
        for name in network:
            file = train_twin(
                data, name, folder / name, recipe, device,
                lambda e, left, name=name: err.print(  # type: ignore[misc]
                    f"{name} epoch {e.epoch}: loss {e.loss:.3f}, accuracy {e.accuracy:.4f}, {e.seconds:.0f} s, {left / 60:.0f} min left"
                ),
            )  # fmt: skip
            out.print(f"{name}: {file}")


def train(
    pool_dir: PoolDir,
    twins_dir: Annotated[Path, typer.Option("--twins", help="A folder made by `mint lab twins`.")],
    real: Annotated[
        Path, typer.Option(help="Folder or tar of real photos, one folder a person. Only scores are kept.")
    ],
    folder: Annotated[Path, typer.Option("--out", help="Gets one bundle a twin.")] = Path("weights"),
    network: Annotated[list[str], typer.Option(help="Which twin.")] = list(TWINS),  # noqa: B006
    auditor: Annotated[
        list[str], typer.Option(help="Train only these, or `none`; the others stay as in the bundle in --out.")
    ] = [],  # noqa: B006
    seed: Annotated[int, typer.Option()] = 1,
) -> None:
    """Train auditors for the twins, calibrate, run the controls, and pack bundles."""
    with _lab():
        from mint.lab.pack import pack_twins

        started = time.perf_counter()

        def report(line: str) -> None:
            err.print(f"[{(time.perf_counter() - started) / 60:5.1f} min] {line}", markup=False, highlight=False)

        pack_twins(pool_dir, twins_dir, real, folder, network, auditor, seed, report)


def evaluate(
    bundle: Annotated[Path, typer.Argument(help="A bundle's folder, such as weights/twin-a.")],
    level: Annotated[
        str, typer.Option(help="sample: against other pictures of the same people. identity: against other people.")
    ] = "sample",
    as_json: Annotated[bool, typer.Option("--json", help="The whole evaluation as JSON.")] = False,
    pool_dir: Annotated[
        Path | None, typer.Option("--pool", help="Recompute the test scores from the pictures of this pool first.")
    ] = None,
) -> None:
    """Recompute every figure of a bundle from the scores that ship with it."""
    from mint.bundle import load_bundle
    from mint.lab.evaluate import LEVELS
    from mint.lab.evaluate import evaluate as compute

    if level not in LEVELS:
        raise MintError(f"--level is one of {', '.join(LEVELS)}, not {level}.")
    loaded = load_bundle(bundle)
    if pool_dir is not None:
        with _lab():
            from mint.lab.pack import compare_scores

            difference = compare_scores(loaded, pool_dir)
        err.print(f"scores recomputed from {pool_dir}: largest difference {difference:.2g}", highlight=False)
    found = compute(loaded, level)
    if as_json:
        typer.echo(json.dumps(found, indent=1, allow_nan=False))
    else:
        out.print(_table(found))


def examples(
    pool_dir: PoolDir,
    folder: Annotated[Path, typer.Option("--out")] = Path("examples"),
    weights: Annotated[Path, typer.Option(help="Bundles that judge the examples.")] = Path("weights"),
    seed: Annotated[int, typer.Option()] = 1,
) -> None:
    """Write the example faces: pictures of test people, with the truth and the bundles' verdicts."""
    with _lab():
        from mint.lab.examples import write_examples

        out.print(f"{write_examples(pool_dir, folder, weights, seed)} example faces in {folder / 'faces'}")


def cards(
    weights: Annotated[Path, typer.Option(help="Where the bundles are.")] = Path("weights"),
    readme: Annotated[Path, typer.Option(help="Gets the table of results.")] = Path("README.md"),
) -> None:
    """Render the model cards and the README's results from the evaluations."""
    from mint.lab.cards import render

    render(weights, readme)


def _table(found: dict[str, Any]) -> Table:
    table = Table(title=f"{found['network']}, {found['protocol']}, {found['level']} level", title_justify="left")
    for heading in ("layer", "auditor", "AUC (95 %)", "accuracy", "TPR at 1 % FPR", "members", "non-members"):
        table.add_column(heading, no_wrap=True)
    for row in found["rows"]:
        tpr = row["tpr_at_1pct_fpr"]
        table.add_row(
            row["layer"],
            row["auditor"],
            f"{row['auc']:.3f} ({row['auc_low']:.3f}–{row['auc_high']:.3f})",
            f"{row['accuracy']:.3f}",
            "too few" if tpr is None else f"{tpr:.3f}",
            str(row["members"]),
            str(row["non_members"]),
        )
    for name, row in found["controls"].items():
        for part in (row, *row["rows"]):
            label = f"control: {name}"
            table.add_row(
                label,
                part.get("auditor", "combined"),
                f"{part['auc']:.3f} ({part['auc_low']:.3f}–{part['auc_high']:.3f})",
                "",
                "",
                "",
                "",
            )
    return table


class _lab:
    """Turns a missing package of the lab into a message that says what to install."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("mint"):
            raise MintError(
                f"This command needs the package {error.name}. Install the lab's packages: pip install '.[lab]' "
                "and pip install --no-deps openpeople==0.1.2 gan-face-generate==1.1.1"
            ) from error
