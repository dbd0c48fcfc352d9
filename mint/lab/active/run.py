"""Choose the weight of the auditor's loss, train all networks, and write all figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from mint.errors import BadInput
from mint.evidence.score_table import OUTSIDERS, TEST, VALIDATION
from mint.lab.active.card import FIGURES, render_active
from mint.lab.active.groups import (
    EXTERNAL,
    GHOST,
    KNOWN,
    KNOWN_SIBLINGS,
    SECRET,
    SECRET_SIBLINGS,
    Groups,
    Sizes,
    draw_groups,
)
from mint.lab.active.measure import (
    ACTIVE,
    CONTESTS,
    EDITED,
    HONEST,
    KNOWN_UNSEEN,
    LEDGER,
    LOST,
    PASSIVE,
    REACHED,
    SECRET_UNSEEN,
    SHUFFLED,
    Scored,
    called_used,
    contest_row,
    gate,
    validation_auc,
)
from mint.lab.active.networks import BLIND, Network, Photos, Report, check_network, ledger, network_figures
from mint.lab.active.training import ActiveRecipe
from mint.lab.training.on_record import Figures
from mint.lab.twins.pool import Pool
from mint.lab.twins.precision import machine
from mint.storage.files import as_stored, write_json

CALLED = (KNOWN, EDITED, SECRET, GHOST, EXTERNAL, KNOWN_SIBLINGS, SECRET_SIBLINGS, OUTSIDERS)
Systems = Mapping[str, Sequence[Scored]]


def measure_active(
    pool: Pool,
    out: Path,
    results: Path,
    sizes: Sizes,
    seeds: Sequence[int],
    ratios: Sequence[float],
    recipe: ActiveRecipe,
    choice_epochs: int,
    report: Report = lambda line: None,
) -> dict[str, Any]:
    """Measure everything; a run that was cut off goes on behind its last network.

    Args:
        pool: made by ``make_pool``; the groups are drawn from it anew, whatever its ledger says.
        out: gets a folder a network.
        results: the JSON of all figures, written anew after each seed, and the card with it where it has the usual name.
        sizes: of the groups.
        seeds: of the networks; the first also draws the groups, and chooses the ratio.
        ratios: λ2/λ1 to choose from.
        recipe: of all networks but for the seed.
        choice_epochs: of the networks that the ratio is chosen by.
        report: told a line now and then.

    Returns:
        What was written.

    Raises:
        BadInput: there is no ratio, or no seed.
        BadPool: the pool is too small, or ``out`` holds other networks.
    """
    if not (seeds and ratios and min(ratios) > 0):
        raise BadInput("Active MINT needs a seed and a ratio above 0.")
    groups = draw_groups(pool.rows, sizes, seeds[0])
    photos = Photos.of(pool, groups, recipe.input_size, seeds[0])

    def asked(kind: str, seed: int, ratio: float = 0.0, epochs: int = recipe.epochs) -> Network:
        return Network(kind, replace(recipe, seed=seed, epochs=epochs), ratio)

    def check(networks: Iterable[Network]) -> None:
        for network in networks:
            check_network(photos, network, out / network.name)

    def measured(network: Network) -> Figures:
        return network_figures(photos, network, out / network.name, report)

    # A run that is refused on the way would have written over the figures of another one: all are looked at before.
    choice = [asked(ACTIVE if ratio else PASSIVE, seeds[0], ratio, choice_epochs) for ratio in (0.0, *ratios)]
    check([*choice, *(asked(kind, seed) for seed in seeds for kind in (PASSIVE, BLIND))])
    tried = [_choice(photos, network.ratio, measured(network)) for network in choice]
    chosen = choose(tried)
    report(f"chosen: ratio {chosen:g}")
    kinds = ((PASSIVE, 0.0), (ACTIVE, chosen), (SHUFFLED, chosen), (HONEST, chosen), (BLIND, 0.0))
    check(asked(kind, seed, ratio) for seed in seeds for kind, ratio in kinds)
    listed = ledger(photos)
    runs: dict[str, list[Figures]] = {}
    systems: dict[str, list[Scored]] = {}
    found: dict[str, Any] = {}
    for seed in seeds:
        for kind, ratio in kinds:
            figures = measured(asked(kind, seed, ratio))
            runs.setdefault(kind, []).append(figures)
            for system, scores in figures["scores"].items():
                systems.setdefault(system, []).append(photos.scored_as(scores["scores"], scores["edited"]))
        systems.setdefault(LEDGER, []).append(listed)
        found = {
            "seeds": list(seeds[: len(runs[ACTIVE])]),
            "missing": len(seeds) - len(runs[ACTIVE]),
            **machine(),
            "sizes": {**asdict(sizes), EXTERNAL: sizes.external},
            "photos": {name: len(rows) for name, rows in groups.rows.items()},
            "recipe": {name: value for name, value in as_stored(asdict(recipe)).items() if name != "seed"},
            "choice": {"epochs": choice_epochs, "tried": tried, "chosen": chosen},
            **figures_of(systems, runs, groups),
        }
        write_json(results, found)
        if results.name == FIGURES:
            render_active(results.parent)
    return found


def figures_of(systems: Systems, runs: Mapping[str, Sequence[Figures]], groups: Groups) -> dict[str, Any]:
    """Return all figures of test photos.

    Args:
        systems: auditor to its scores, one entry a seed.
        runs: kind of network to what ``network_figures`` returned, one entry a seed.
        groups: who is who.

    Returns:
        ``networks`` (recognition and cost), ``rows`` (a contest and auditor each), ``called`` (share called used, by auditor
        and group), ``gate``, and ``accepted``: whether each line of acceptance holds.
    """
    rows = [
        {"system": system, **contest_row(scored, groups, contest)}
        for contest in CONTESTS
        for system, scored in systems.items()
    ]
    called = [
        {"system": system, "group": group, **called_used(scored, groups, group)}
        for system, scored in systems.items()
        for group in CALLED
    ]
    networks = {
        kind: {name: [one[name] for one in runs[kind]] for name in ("accuracy", "seconds", "strangers")}
        for kind in (PASSIVE, ACTIVE, SHUFFLED, HONEST)
    }
    lost = [
        plain[TEST]["accuracy"] - active[TEST]["accuracy"]
        for plain, active in zip(networks[PASSIVE]["strangers"], networks[ACTIVE]["strangers"], strict=True)
    ]
    known, shuffled = _row(rows, ACTIVE, KNOWN_UNSEEN), _row(rows, SHUFFLED, SECRET_UNSEEN)
    return {
        "networks": networks,
        "rows": rows,
        "called": called,
        "gate": gate(systems, groups),
        "lost": lost,
        "accepted": {
            "known": known["accuracy"] >= REACHED,
            "recognition": sum(lost) / len(lost) <= LOST,
            "shuffled": shuffled["auc_low"] <= 0.5 <= shuffled["auc_high"],
        },
    }


def choose(tried: Sequence[Mapping[str, Any]]) -> float:
    """Return the ratio that tells known from unseen validation people best, of those that lose little recognition.

    Args:
        tried: the first without an auditor's loss; ``ratio``, ``auc`` and ``strangers`` of validation people. Where every
            ratio loses more than ``LOST``, that which loses least is taken.
    """
    plain, *others = tried
    kept = [one for one in others if one["strangers"] >= plain["strangers"] - LOST]
    best = max(kept, key=lambda one: one["auc"]) if kept else max(others, key=lambda one: one["strangers"])
    return float(best["ratio"])


def _choice(photos: Photos, ratio: float, figures: Figures) -> dict[str, Any]:
    (scores,) = figures["scores"].values()
    scored = photos.scored_as(scores["scores"], scores["edited"])
    return {
        "ratio": ratio,
        "auc": validation_auc(scored, photos.groups),
        "strangers": figures["strangers"][VALIDATION]["accuracy"],
        "accuracy": figures["accuracy"],
    }


def _row(rows: Sequence[dict[str, Any]], system: str, contest: str) -> dict[str, Any]:
    return next(row for row in rows if (row["system"], row["contest"]) == (system, contest))
