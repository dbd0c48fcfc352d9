"""``mint lab train``, ``calibrate`` and ``rescore``: from a store or a pool to a bundle."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mint.bundles.find import DEFAULT_NETWORKS
from mint.cli.console import as_typed, err, out, stopwatch
from mint.cli.network_options import Bgr, Mean, Output, Scale, reading_of
from mint.doctor.extras import needs
from mint.errors import BadPool, MintError

if TYPE_CHECKING:
    from mint.lab.store.reader import Store
    from mint.networks.base import AuditedNetwork, GraphReading

Seed = Annotated[int, typer.Option(help="Of auditors and choices.", min=0)]


def train(
    context: typer.Context,
    store: Annotated[
        str | None, typer.Argument(help="A store made by `mint lab extract`; or give --pool, --twins and --real.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--out", help="The bundle's folder; of the twins, the folder that gets one each.")
    ] = None,
    network: Annotated[
        list[str],
        typer.Option(help="Which twin. With a store: what opens its network, where that is no longer where it was."),
    ] = [],  # noqa: B006
    auditor: Annotated[
        list[str],
        typer.Option(help="Train only these beside those that the answers rest on; of the twins, or `none`."),
    ] = [],  # noqa: B006
    seed: Seed = 1,
    pool_dir: Annotated[Path | None, typer.Option("--pool", help="Twins: a folder made by `mint lab pool`.")] = None,
    twins_dir: Annotated[Path | None, typer.Option("--twins", help="Twins: made by `mint lab twins`.")] = None,
    real: Annotated[
        Path | None,
        typer.Option(help="Twins: folder or tar of real photos, one folder a person. Only scores are kept."),
    ] = None,
    dose: Annotated[
        Path | None, typer.Option(help="Twins: made by `mint lab twins --exposure …`: the dose-response control.")
    ] = None,
    positive: Annotated[
        Path | None, typer.Option(help="Twins: made by `mint lab twins --overfit …`: the positive control.")
    ] = None,
    strangers: Annotated[
        Path | None,
        typer.Option(help="Twins: a pool made with another seed, to judge several photos of one person against."),
    ] = None,
    mean: Mean = None,
    scale: Scale = None,
    bgr: Bgr = None,
    output: Output = None,
    work: Annotated[
        Path | None,
        typer.Option(help="Twins: Keeps the stores, so that a run that was cut off goes on. Else they are removed."),
    ] = None,
) -> None:
    """Train auditors, calibrate them, run the controls, and pack a bundle.

    On a store: for the network that it was extracted from. Auditors are trained on some people,
    calibrated on others and tested on others again. Without the controls in the store every verdict is
    "cannot say". Without members in it the bundle is of the reference tier: p-values of consistency and
    of several photos of one person, and no verdict, since there is nothing to check them with.

    On a pool and its twins: one bundle a twin.
    """
    if store is not None:
        needs("lab", "pyarrow", "scikit-learn")
        if folder is None or len(network) > 1:
            raise MintError("Training on a store takes --out BUNDLE, and no more than one --network.")
        twins = {"--pool": pool_dir, "--twins": twins_dir, "--real": real, "--dose": dose, "--positive": positive}
        _refuse({**twins, "--strangers": strangers, "--work": work}, "is of the twins, and means nothing with a store")
        reading = reading_of(mean, scale, bgr, output)
        _train_store(store, folder, network[0] if network else None, auditor, seed, reading, as_typed(context))
        return
    if pool_dir is None or twins_dir is None or real is None:
        raise MintError("Give a store: mint lab train STORE --out BUNDLE; or --pool, --twins and --real.")
    _refuse(
        {"--mean": mean, "--scale": scale, "--bgr/--rgb": bgr, "--output": output},
        "is of a network in a file: give a store",
    )
    needs("lab", "pyarrow", "scikit-learn")
    from mint.lab.twin_bundles.pack import pack_twins
    from mint.lab.twins.ledger import PAIRS

    names = network or [name for pair in PAIRS for name in pair if (twins_dir / name).is_dir()]
    if not names:
        raise BadPool(f"{twins_dir} holds no networks. Train the twins first: mint lab twins --out {twins_dir}")
    pack_twins(
        pool_dir,
        twins_dir,
        real,
        folder or Path("weights"),
        names,
        auditor,
        seed,
        stopwatch(),
        dose,
        positive,
        strangers,
        work,
    )


def calibrate(
    context: typer.Context,
    bundle: Annotated[Path, typer.Argument(help="A bundle made by `mint lab train STORE`.")],
    store: Annotated[str, typer.Option(help="A store of the same network.")],
    network: Annotated[
        str | None, typer.Option(help="What opens the network, where it is no longer where it was.")
    ] = None,
    mean: Mean = None,
    scale: Scale = None,
    bgr: Bgr = None,
    output: Output = None,
) -> None:
    """Calibrate a bundle anew on a store, and measure it again; its auditors stay as they are.

    A store with members takes the place of the one before. People of a store without members become
    one more kind of non-members, `real`, for a bundle that knows members; they take the place of `real` before.
    """
    needs("lab", "pyarrow", "scikit-learn")
    from mint.bundles.files import add_bounds, load_bundle, save_bundle
    from mint.lab.store.reader import open_store
    from mint.lab.training.from_store import calibrate as again
    from mint.networks.reopen import recorded_reading

    reading = reading_of(mean, scale, bgr, output)
    if network is None:
        _refuse(
            {"--mean": mean, "--scale": scale, "--bgr/--rgb": bgr, "--output": output},
            "says how the file of --network is read, which is missing",
        )
    loaded = load_bundle(bundle, None if network is None else _open(network, reading.over(recorded_reading(bundle))))
    report = stopwatch() if network is None else _telling_first(loaded.network, stopwatch())
    made = again(loaded, open_store(store, loaded.network), report, as_typed(context))
    save_bundle(made, bundle)
    add_bounds(bundle, loaded.network)
    _tell(bundle)


def rescore(
    pool_dir: Annotated[Path, typer.Option("--pool", help="The pool that the twins' bundles were made from.")],
    real: Annotated[Path, typer.Option(help="The real photos that they were made from, one folder a person.")],
    folder: Annotated[Path, typer.Option("--weights", help="With both twins' bundles; changed in place.")] = Path(
        "weights"
    ),
    network: Annotated[list[str], typer.Option(help="Which twin.")] = list(DEFAULT_NETWORKS),  # noqa: B006
    auditor: Annotated[
        list[str],
        typer.Option(
            help="Which auditor's scores change, as recall/head; all if none is named. nearest-class finds class centres alone."
        ),
    ] = [],  # noqa: B006
    work: Annotated[
        Path | None,
        typer.Option(help="Keeps the stores, so that a run that was cut off goes on. Else they are removed."),
    ] = None,
) -> None:
    """Score the pictures of the twins' bundles again, and calibrate on them; auditors and controls stay.

    After a change of how faces are shown to the networks. Takes half an hour a twin.
    """
    needs("lab", "pyarrow", "scikit-learn")
    from mint.bundles.manifest import write_manifest
    from mint.evidence.score_table import NEAREST
    from mint.lab.inputs.real_faces import real_crops
    from mint.lab.twin_bundles.pack import SOURCES
    from mint.lab.twin_bundles.rescore import rescore_bundle
    from mint.lab.twins.pool_recipe import PoolRecipe
    from mint.storage.files import read_json

    report = stopwatch()
    wanted = [NEAREST if name == "nearest-class" else name for name in auditor]
    report(f"reading real faces from {real.name}")
    faces = real_crops(real, PoolRecipe.of(read_json(pool_dir / "pool.json")).finder, report, work)
    for name in network:
        rescore_bundle(folder / name, pool_dir, faces, report, wanted, work)
        _tell(folder / name)
    write_manifest(SOURCES, folder)


def _refuse(given: Mapping[str, object], why: str) -> None:
    """Refuse options that would be ignored. Raises MintError."""
    if there := [option for option, value in given.items() if value is not None]:
        raise MintError(f"{there[0]} {why}. Leave it out.")


def _train_store(
    place: str, folder: Path, network: str | None, kinds: list[str], seed: int, reading: GraphReading, command: str
) -> None:
    from mint.bundles.files import add_bounds, save_bundle
    from mint.lab.store.reader import open_store
    from mint.lab.training.from_store import train_store
    from mint.storage.files import check_writable

    check_writable(folder)

    store = open_store(place)
    _check_replaced(folder, store)
    opened = _network_of(store, network, reading)
    made = train_store(
        store, opened, folder.name, seed, kinds, report=_telling_first(opened, stopwatch()), command=command
    )
    save_bundle(made, folder)
    add_bounds(folder, opened)
    _tell(folder)


def _check_replaced(folder: Path, store: Store) -> None:
    """Refuse to put a bundle in the place of one that was made from something else, and say where one is replaced.

    Raises:
        MintError: it was.
    """
    from mint.bundles.bundle import TRAINED_ON
    from mint.storage.bundle_index import INDEX
    from mint.storage.files import read_json

    if not (folder / INDEX).exists():
        return
    try:
        about = read_json(folder / INDEX)["facts"][TRAINED_ON]
        made_from = about["store"], about["members"]["photos"] > 0
    except (KeyError, OSError, TypeError, ValueError):  # another bundle, or none
        made_from = "", False
    if made_from != (store.key, "members" in store.manifest["sides"]):
        raise MintError(
            f"{folder} holds a bundle that was not made from this store. Give another folder to --out, or remove that bundle."
        )
    err.print(f"{folder} holds a bundle of this store already: it is replaced", highlight=False, soft_wrap=True)


def _network_of(store: Store, what: str | None, reading: GraphReading) -> AuditedNetwork:
    from mint.networks.base import GraphReading
    from mint.networks.reopen import aligning

    opened = what or store.manifest.get("opened")
    if opened is None:
        raise MintError(
            f"The store in {store.folder.place} was extracted in Python, from a network that no file holds. Train there "
            "as well: mint.lab.train(store, network, name)."
        )
    network = _open(opened, reading.over(GraphReading.parse(store.manifest.get("reading", {}))))
    return aligning(network, str(store.manifest["made_of"].get("finder")))


def _open(what: str, reading: GraphReading) -> AuditedNetwork:
    from mint.networks.open import open_network

    return open_network(what, **asdict(reading))


def _telling_first(network: AuditedNetwork, report: Callable[[str], None]) -> Callable[[str], None]:
    """Return a report that says how the network is read before its first line: a store that is refused says one line."""
    from mint.networks.describe import describe_lines

    lines = describe_lines(network)

    def told(line: str) -> None:
        while lines:
            err.print(lines.pop(0), markup=False, highlight=False, soft_wrap=True)
        report(line)

    return told


def _tell(folder: Path) -> None:
    """Print the result, read back from the files."""
    from mint.bundles.files import load_bundle
    from mint.errors import WeightsMissing
    from mint.evidence.score_table import PERSON, PHOTO
    from mint.types import REFERENCE

    try:
        made = load_bundle(folder)
    except WeightsMissing as error:  # the bundle is whole, and says what it lacks here
        err.print(str(error), style="yellow", highlight=False)
        return
    if made.tier == REFERENCE:
        out.print(f"{folder}: reference tier, p-values and no verdict", highlight=False)
        return
    for question in (PHOTO, PERSON):
        calibration = made.non_members(question, question)
        silence = made.abstention_reason(question, question, 1.0)
        against = ", ".join(f"{len(values)} {source}" for source, values in calibration.items()) or "nobody"
        word = (
            f"may speak at α = {math.ceil(1e4 * made.least_alpha(question)) / 1e4:g} or more"
            if silence is None
            else f"cannot say: {silence}"
        )
        out.print(f"{folder}: this {question}, against {against}: {word}", highlight=False, soft_wrap=True)
