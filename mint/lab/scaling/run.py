"""Train networks on nested sets, measure each, and write figures and laws after each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mint.lab.scaling.extrapolation import TARGETS, laws
from mint.lab.scaling.law import DEAD, DEAD_TPR, auc_of
from mint.lab.scaling.nested import grid, order
from mint.lab.scaling.network import check_folder, figures_of
from mint.lab.twins.pool import Pool
from mint.lab.twins.precision import AUTO, machine
from mint.lab.twins.recipe import TwinRecipe
from mint.storage.files import write_json


def scale_law(
    pool: Pool,
    out: Path,
    results: Path,
    members: Sequence[int],
    photos: Sequence[int],
    seed: int,
    recipe: TwinRecipe,
    device: str = "cpu",
    report: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Measure evidence along the training set's size; a run that was cut off goes on behind its last network.

    Args:
        pool: made by ``make_pool``; its roles are drawn anew, its purposes kept.
        out: gets a folder a network.
        results: the JSON of all figures and laws, written anew after each network.
        members: numbers of training pictures, see ``grid``.
        photos: numbers of pictures a person.
        seed: of the order of people, of networks and of auditors.
        recipe: of the networks. Where its precision is to be measured, the first network's holds for all.
        device: to train on.
        report: told a line now and then.

    Returns:
        What was written.

    Raises:
        BadPool: the pool cannot give a size, or ``out`` holds other networks.
    """
    drawn = order(pool.rows, seed)
    sizes, middle = grid(members, photos)
    drawn.check(sizes)
    fitted = sizes[0].members
    recipe = replace(recipe, seed=seed)
    for size in sizes:
        check_folder(drawn, size, fitted, out / size.name, recipe, seed)
    networks: list[dict[str, Any]] = []
    found: dict[str, Any] = {}
    for size in sizes:
        report(f"{size.members} pictures, {size.photos} of a person")
        networks.append(figures_of(pool, drawn, size, fitted, out / size.name, recipe, seed, device, report))
        if recipe.precision == AUTO:
            recipe = replace(recipe, precision=networks[-1]["precision"])
        found = {
            "seed": seed,
            **machine(device),
            "epochs": recipe.epochs,
            "width": recipe.width,
            "photos": middle.photos,
            "missing": len(sizes) - len(networks),
            "targets": TARGETS,
            "dead": {"tpr_at_1pct_fpr": DEAD_TPR, "strength": DEAD, "auc": auc_of(DEAD)},
            "networks": networks,
            "laws": laws(networks, middle),
        }
        write_json(results, found)
    return found
