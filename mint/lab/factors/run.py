"""Train and audit a network a setting and seed, and write all figures after each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from mint.lab.factors.card import FIGURES, render_factors
from mint.lab.factors.network import check_folder, figures_of
from mint.lab.factors.people import people_of
from mint.lab.factors.settings import BASE, BASE_PHOTOS, Setting
from mint.lab.factors.summary import summary
from mint.lab.training.on_record import Figures
from mint.lab.twin_bundles.trained_network import Report
from mint.lab.twins.pool import Pool
from mint.lab.twins.precision import AUTO, machine
from mint.lab.twins.recipe import TwinRecipe
from mint.storage.files import as_stored, write_json


def measure_factors(
    pool: Pool,
    out: Path,
    results: Path,
    settings: Sequence[Setting],
    people: int,
    seeds: Sequence[int],
    base: TwinRecipe,
    device: str = "cpu",
    report: Report = lambda line: None,
) -> dict[str, Any]:
    """Measure every setting with every seed; a run that was cut off goes on behind its last network.

    Args:
        pool: made by ``make_pool``; its roles are drawn anew, by the first seed.
        out: gets a folder a network.
        results: the JSON of all figures, written anew after each network, and the card with it where it has the usual name.
        settings: the base first.
        people: that each network is trained on.
        seeds: of the networks: weights, batches and doses. All settings are measured with one before the next.
        base: recipe. Where its precision is to be measured, the first network's holds for all.
        device: to train on.
        report: told a line now and then.

    Returns:
        What was written.

    Raises:
        BadPool: the pool has not enough people, or ``out`` holds other networks.
    """
    chosen = people_of(pool.rows, seeds[0], people, settings)
    places = {(setting.name, seed): out / f"{setting.name}-seed-{seed}" for setting in settings for seed in seeds}
    for seed in seeds:
        for setting in settings:
            place = places[setting.name, seed]
            check_folder(chosen, setting, settings, place, replace(base, seed=seed), seeds[0])
    runs: dict[str, dict[int, Figures]] = {setting.name: {} for setting in settings}
    found: dict[str, Any] = {}
    for seed in seeds:
        for setting in settings:
            report(f"{setting.factor}, {setting.level}, seed {seed}")
            folder = places[setting.name, seed]
            recipe = replace(base, seed=seed)
            one = figures_of(pool, chosen, setting, settings, folder, recipe, seeds[0], device, report)
            base = replace(base, precision=one["precision"]) if base.precision == AUTO else base
            runs[setting.name][seed] = one
            found = {
                "seeds": list(seeds),
                "factors": list(dict.fromkeys(s.factor for s in settings if s.factor != BASE)),
                **machine(device),
                "people": people,
                "photos": BASE_PHOTOS,
                "recipe": {name: value for name, value in as_stored(asdict(base)).items() if name != "seed"},
                "missing": len(settings) * len(seeds) - sum(map(len, runs.values())),
                "settings": [
                    entry
                    for s in settings
                    if runs[s.name]
                    for entry in summary(s, runs[s.name], runs[settings[0].name], pool.rows)
                ],
            }
            write_json(results, found)
            if results.name == FIGURES:
                render_factors(results.parent)
    return found
