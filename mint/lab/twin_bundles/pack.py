"""Pack twins and pool as bundles in ``weights/``, with ledger, checkpoints and manifest."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mint.bundles.bundle import Bundle
from mint.bundles.files import add_bounds, load_bundle, save_bundle
from mint.bundles.graph_export import add_graph, fits_a_graph
from mint.bundles.manifest import write_manifest
from mint.errors import BadPool
from mint.evidence.score_table import OUTSIDERS, TEST
from mint.i18n.sentences import Sentence
from mint.lab.controls.names import DOSE_RESPONSE, POSITIVE
from mint.lab.inputs.real_faces import real_crops
from mint.lab.twin_bundles.from_pool import Material, make_bundle
from mint.lab.twin_bundles.gallery import Gallery
from mint.lab.twin_bundles.persons import make_people_test
from mint.lab.twin_bundles.roles import rows_by_role
from mint.lab.twins.ledger import counterpart, training_set
from mint.lab.twins.pool import Pool, load_pool
from mint.lab.twins.pool_recipe import NOW, RECIPE, PoolRecipe
from mint.lab.twins.recipe import TwinRecipe
from mint.lab.twins.training import trained_file
from mint.lab.twins.verification import verification
from mint.networks.modules.in_runtime import in_runtime
from mint.storage.files import read_json, sha256_of, work_folder, write_bytes

DETECTOR_SOURCE = "OpenCV Zoo, face_detection_yunet 2023mar"
SOURCES = {
    "twin-a": ("MIT", "mint lab pool, mint lab twins --light equalised, mint lab train"),
    "twin-b": ("MIT", "mint lab pool, mint lab twins --light equalised, mint lab train"),
    "augmented-a": ("MIT", "mint lab pool, mint lab twins --augment, mint lab train"),
    "augmented-b": ("MIT", "mint lab pool, mint lab twins --augment, mint lab train"),
    "cards": ("MIT", "docs/make-again.md, mint lab cards"),
    "checkpoints": ("MIT", "mint lab twins --light equalised"),
    "ledger.csv": ("MIT", "mint lab pool"),
    "face_detection_yunet_2023mar.onnx": ("MIT", DETECTOR_SOURCE),
    "aligner.onnx": ("MIT", "mint lab aligner --precision bfloat16"),
    "aligner.json": ("MIT", "mint lab aligner --precision bfloat16"),
    "yunet_cells.onnx": ("MIT", "python -m mint.vision.make_yunet_cells"),
}


def pack_twins(
    pool_dir: Path,
    twins_dir: Path,
    real: Path,
    out: Path,
    networks: Sequence[str],
    auditors: Sequence[str],
    seed: int,
    report: Callable[[str], None],
    dose_dir: Path | None = None,
    positive_dir: Path | None = None,
    strangers_dir: Path | None = None,
    work: Path | None = None,
) -> None:
    """Make a bundle for each twin and renew the manifest. See ``mint lab train --help``."""
    pool = load_pool(pool_dir)
    strangers = None if strangers_dir is None else load_pool(strangers_dir)
    control_dirs = {DOSE_RESPONSE: dose_dir, POSITIVE: positive_dir}
    report(f"reading real faces from {real.name}")
    finder = PoolRecipe.of(read_json(pool_dir / "pool.json")).finder
    faces = real_crops(real, finder, report, work)
    report(f"{len(faces[0])} photos with a face, of {len(set(faces[1]))} people")
    for name in networks:
        report(f"--- {name}")
        log = _log(twins_dir, name)
        other = counterpart(name)
        recipe = TwinRecipe.from_log(log["recipe"])
        material = Material(
            pool=pool,
            real=faces,
            network_file=trained_file(twins_dir / name),
            other_file=trained_file(twins_dir / other),
            shape=recipe.architecture(),
            trained_controls={
                control: _trained(folder, name) for control, folder in control_dirs.items() if folder is not None
            },
            checkpoints={} if recipe.augmented else _checkpoints(twins_dir / name, recipe),
            finder=finder,
            seed=seed,
        )
        old = load_bundle(out / name) if auditors and (out / name / "bundle.json").is_file() else None
        if old is not None and old.facts["pool"]["ledger sha256"] != sha256_of(pool_dir / "ledger.csv"):
            raise BadPool(f"The bundle in {out / name} was made with another pool: train all its auditors anew.")
        recipes = {control: recipe for control, (_, recipe) in material.trained_controls.items()}
        facts = _facts(log, pool_dir, faces, seed, recipes, strangers_dir)
        with work_folder(work, name) as folder:
            beside = None if work is None else work / other
            bundle = make_bundle(name, material, facts, folder, auditors, old, report, beside)
            save_bundle(bundle, out / name, material.network_file, material.shape)  # what took longest is kept
            people, found = make_people_test(bundle, Gallery(pool, faces), strangers, seed, folder, report)
        bundle = replace(bundle, people=people, evaluation={**(bundle.evaluation or {}), "people": found})
        report("verification accuracy")
        bundle = replace(
            bundle, evaluation={**(bundle.evaluation or {}), "recognition": recognition(bundle, pool, faces, log)}
        )
        save_bundle(bundle, out / name, material.network_file, material.shape)
        if fits_a_graph(bundle):
            report("its graph")
            add_graph(out / name)
        add_bounds(out / name)
        for epoch, file in material.checkpoints.items():
            write_bytes(out / "checkpoints" / f"{name}-epoch-{epoch:03d}.safetensors", file.read_bytes())
    write_bytes(out / "ledger.csv", (pool_dir / "ledger.csv").read_bytes())
    write_manifest(SOURCES, out)


def recognition(bundle: Bundle, pool: Pool, real: tuple[np.ndarray, list[str]], log: dict[str, Any]) -> dict[str, Any]:
    """Return how well the twin verifies unseen faces, and its last epoch of training."""
    picked = rows_by_role(pool.rows, bundle.name, TEST, 0, most=10**6)[OUTSIDERS]
    generated = [i for i in picked if pool.rows[i].source == "gan"]
    network = in_runtime(bundle.network)
    return {
        "fictional people": verification(network, pool.crops[generated], [pool.rows[i].identity for i in generated]),
        "real people": verification(network, *real),
        "training": log["epochs"][-1],
        "checkpoints": [log["epochs"][epoch - 1] for epoch in log["recipe"]["keep"]],
    }


def _checkpoints(folder: Path, recipe: TwinRecipe) -> dict[int, Path]:
    return {epoch: folder / f"epoch-{epoch:03d}.safetensors" for epoch in recipe.keep}


def _trained(folder: Path, name: str) -> tuple[Path, TwinRecipe]:
    """Return weights and recipe of a network that was trained for a control."""
    return trained_file(folder / name), TwinRecipe.from_log(_log(folder, name)["recipe"])


def _log(twins_dir: Path, name: str) -> dict[str, Any]:
    """Return the log of a finished run. Raises as ``trained_file``."""
    trained_file(twins_dir / name)
    log: dict[str, Any] = read_json(twins_dir / name / "log.json")
    return log


def _facts(
    log: dict[str, Any],
    pool_dir: Path,
    real: tuple[np.ndarray, list[str]],
    seed: int,
    controls: Mapping[str, TwinRecipe],
    strangers_dir: Path | None = None,
) -> dict[str, Any]:
    """Return where everything comes from, so that it can be made again."""
    summary = read_json(pool_dir / "pool.json")
    return {
        "licence": "MIT",
        "seed": seed,
        "training set": training_set(log["members"], len(log["identities"])),
        "pool": {
            "seed": summary["seed"],
            "crops": summary["crops"],
            "ledger sha256": sha256_of(pool_dir / "ledger.csv"),
            RECIPE: PoolRecipe.of(summary).to_dict(),
            "made from (sha256)": summary["made from (sha256)"],
        },
        "recipe": log["recipe"],
        "training log": [
            [e["epoch"], round(e["loss"], 4), round(e["accuracy"], 4), round(e["seconds"], 1)] for e in log["epochs"]
        ],
        "real faces": Sentence(
            "{n} crops of {people} people, half of the people for calibration, half for test; scores only",
            n=len(real[0]),
            people=len(set(real[1])),
        ),
        "commands": _commands(summary, TwinRecipe.from_log(log["recipe"]), seed, controls, strangers_dir),
        "made with": {"python": platform.python_version(), "torch": torch.__version__, "processor": platform.machine()},
    }


def _commands(
    pool: Mapping[str, Any],
    twins: TwinRecipe,
    seed: int,
    controls: Mapping[str, TwinRecipe],
    strangers_dir: Path | None,
) -> list[str]:
    """Return the commands that make the bundle again."""
    augment = " --augment" if twins.augmented else f" --edited {twins.edited:g}" if twins.edited else ""
    commands = [
        f"mint lab pool --out pool --seed {pool['seed']}{_drawn(pool)}",
        f"mint lab twins --pool pool --out runs {_trained_by(twins)}{augment}",
    ]
    train = f"mint lab train --pool pool --twins runs --real REAL_PHOTOS --out weights --seed {seed}"
    if DOSE_RESPONSE in controls:
        recipe = controls[DOSE_RESPONSE]
        doses = " ".join(f"--exposure {dose}" for dose in recipe.exposures)
        commands.append(f"mint lab twins --pool pool --out dose {_trained_by(recipe)} {doses}{augment}")
        train += " --dose dose"
    if POSITIVE in controls:
        recipe = controls[POSITIVE]
        commands.append(
            f"mint lab twins --pool pool --out positive {_trained_by(recipe)} --overfit {recipe.pictures}{augment}"
        )
        train += " --positive positive"
    if strangers_dir is not None:
        summary = read_json(strangers_dir / "pool.json")
        commands.append(f"mint lab pool --out strangers --seed {summary['seed']}{_drawn(summary)}")
        train += " --strangers strangers"
    return [*commands, train]


def _trained_by(recipe: TwinRecipe) -> str:
    """Return the options of ``mint lab twins`` that every network is trained by."""
    usual = TwinRecipe()
    shape = _unusual({"--width": (recipe.width, usual.width), "--input-size": (recipe.input_size, usual.input_size)})
    light = _unusual({"--light": (recipe.light or usual.light, usual.light)})  # no option says plain
    return f"--epochs {recipe.epochs}{shape} --seed {recipe.seed} --precision {recipe.precision}{light}"


def _drawn(pool: Mapping[str, Any]) -> str:
    """Return the options of ``mint lab pool`` that differ from what it does without."""
    recipe, usual = PoolRecipe.of(pool), NOW
    return _unusual(
        {
            "--identities": (recipe.identities, usual.identities),
            "--per-identity": (recipe.per_identity, usual.per_identity),
            "--variation": (recipe.variation, usual.variation),
        }
    )


def _unusual(options: Mapping[str, tuple[Any, Any]]) -> str:
    """Return those options, of value and default, that have to be given."""
    return "".join(
        f" {name} {' '.join(map(str, value)) if isinstance(value, tuple) else value}"
        for name, (value, default) in options.items()
        if value != default
    )
