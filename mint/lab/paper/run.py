"""Run ``mint lab paper``: from files to one JSON a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path, PurePath

import numpy as np

from mint.errors import MintError
from mint.lab.controls.names import PIXELS, UNTRAINED
from mint.lab.controls.stand_ins import PixelNetwork
from mint.lab.controls.untrained import untrained_copy
from mint.lab.inputs.source import as_source
from mint.lab.paper.faces import Given, Limits, load_sides
from mint.lab.paper.protocol import Plan, audit, drop_near, report_of
from mint.lab.paper.table import Table, tabulate
from mint.lab.store.extractor import SETTLE
from mint.networks.base import GraphReading
from mint.networks.onnx.network import OnnxNetwork
from mint.networks.open import open_network
from mint.storage.files import work_folder, write_json
from mint.vision.faces import CROP_SIZE


def run_paper(
    networks: Sequence[str | Path],
    members: Given,
    external: Given,
    out: Path,
    work: Path | None = None,
    plan: Plan | None = None,
    limits: Limits | None = None,
    threads: int = 1,
    report: Callable[[str], None] = lambda line: None,
    reading: GraphReading | None = None,
    separate_people: bool = False,
) -> list[Path]:
    """Run the papers' protocol on ONNX recognisers, which all see the same crops.

    Args:
        networks: names of the catalog, ONNX files or InsightFace packs, see ``open_network``. The first one
            judges which external crops show a member's person.
        members: photos of the database that the networks were trained on, see ``load_sides``.
        external: the same, of another database.
        out: gets one JSON a network.
        work: for the stores, several GB; kept, so that a run that was cut off goes on. A temporary
            folder if not given.
        plan: see ``Plan``.
        limits: see ``Limits``.
        threads: of the runtime.
        report: told a line after each step.
        reading: how the graphs of all of them are read, where the user says so.
        separate_people: external people who bear a member's name are others.

    Returns:
        The JSON files.

    Raises:
        BadInput: a side holds no photos, or they cannot be read.
        TooFew: a side has too few people to split.
        WeightsCorrupt: a network cannot be read or run.
        WeightsMissing: there is no such network.
    """
    plan, limits = plan or Plan(), limits or Limits()
    opened = [_open(what, threads, reading or GraphReading()) for what in networks]
    inside, outside, counts = load_sides(members, external, limits, plan.seed, report, separate_people)
    outside, near = drop_near(opened[0], inside, outside, plan.near, report)
    table = tabulate(inside, outside)
    files = []
    with work_folder(work, PIXELS) as folder:
        pixels = audit(PixelNetwork(CROP_SIZE), table, (plan.control,), plan, folder, report)
    for trained in opened:
        with work_folder(work, trained.name) as folder:
            rows = audit(trained, table, plan.sizes, plan, folder, report)
        with work_folder(work, f"{trained.name}-{UNTRAINED}") as folder:
            unlearned = audit(
                untrained_copy(trained, _external(table), seed=1), table, (plan.control,), plan, folder, report
            )
        controls = {PIXELS: pixels, UNTRAINED: unlearned}
        names = (_called(members), _called(external))
        files.append(out / f"{trained.name}.json")
        write_json(files[-1], report_of(trained, rows, controls, table, counts, near, plan, limits, names))
        report(f"{trained.name}: {files[-1]}")
    return files


def _called(given: Given) -> str:
    return PurePath(as_source(given).place).name.split(".")[0]


def _open(what: str | Path, threads: int, reading: GraphReading) -> OnnxNetwork:
    network = open_network(what, threads=threads, **asdict(reading))
    if not isinstance(network, OnnxNetwork) or network.file is None:
        raise MintError(f"The papers' tables are made of ONNX recognisers; {network.name} is none.")
    return network


def _external(table: Table) -> np.ndarray:
    """Return the crops that set the batch norms of an untrained network."""
    crops: np.ndarray = table.crops[: 2 * SETTLE][~table.member[: 2 * SETTLE]]
    return crops
