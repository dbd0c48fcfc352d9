"""``mint lab bound``: what differential privacy allows an attacker, and the least ε that a bundle's scores show."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from mint.cli.console import json_text, out
from mint.errors import BadInput
from mint.i18n.figures import at_least, percent
from mint.report.story.phrases import whole

EPSILONS = (0.5, 1.0, 2.0, 3.0, 4.0, 8.0)
CONTRADICTED = 1


def bound(
    bundle: Annotated[
        Path | None, typer.Argument(help="A bundle's folder: measure the least ε that fits its test scores.")
    ] = None,
    epsilon: Annotated[
        list[float] | None, typer.Option(help="ε of the promise, for one photo; may be given several times.")
    ] = None,
    delta: Annotated[float | None, typer.Option(help="δ of the promise; what the bundle claims, or 1e-5.")] = None,
    prior: Annotated[float, typer.Option(help="Chance that a photo was used, before any test.")] = 0.1,
    alpha: Annotated[float, typer.Option(help="False-positive rate of the test.")] = 0.01,
    photos: Annotated[int, typer.Option(help="Photos of one person in the training set: ε holds for each.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="All figures as JSON.")] = False,
) -> None:
    """Say what (ε, δ)-differential privacy allows any membership test, or which ε a bundle disproves.

    With a bundle, each promise gets its verdict: those given, or the one that it claims. The exit code is 1 if its scores contradict
    any of them.
    """
    from mint.evidence.privacy_bound import PrivacyBudget

    if not (0 < alpha < 1 and 0 <= prior <= 1):
        raise BadInput("--alpha must lie between 0 and 1, --prior from 0 to 1.")
    if photos < 1:
        raise BadInput("--photos is 1 at least.")
    loaded, claim = _asked(bundle) if bundle is not None else (None, None)
    if delta is None:
        from mint.judging.privacy import USUAL_DELTA

        delta = claim.delta if claim is not None else USUAL_DELTA
    wanted = epsilon or ([claim.epsilon] if claim is not None else [] if loaded is not None else list(EPSILONS))
    try:
        budgets = [PrivacyBudget(e, delta) for e in wanted]
        PrivacyBudget(0, delta)
    except ValueError as error:
        raise BadInput(f"{str(error).capitalize()}.") from error
    rows = [_allowed(budget, prior, alpha, photos) for budget in budgets]
    found: dict[str, Any] = {"prior": prior, "alpha": alpha, "delta": delta, "photos": photos, "bounds": rows}
    contradicted = False
    if loaded is not None:
        from mint.judging.privacy import contradiction, measured_epsilons

        measured = measured_epsilons(loaded, alpha, delta)
        for budget, row in zip(budgets, rows, strict=True):
            row["contradiction"] = contradiction(budget, measured) is not None
        contradicted = any(row["contradiction"] for row in rows)
        found["network"] = loaded.network.name
        found["claimed"] = None if claim is None else asdict(claim)
        found["measured"] = [asdict(m) for m in measured]
        found["contradiction"] = contradicted
    if as_json:
        typer.echo(json_text(found, 1))
    else:
        _print(found)
    if contradicted:
        raise typer.Exit(CONTRADICTED)


def _asked(folder: Path) -> tuple[Any, Any]:
    """Load a bundle and what it claims."""
    from mint.bundles.files import load_bundle
    from mint.judging.privacy import claimed_budget

    loaded = load_bundle(folder)
    return loaded, claimed_budget(loaded)


def _allowed(budget: Any, prior: float, alpha: float, photos: int) -> dict[str, Any]:
    """Return the most that any attacker can reach, of one promise."""
    group = budget.of_group(photos)
    tpr = group.tpr(alpha)
    return {
        "epsilon": budget.epsilon,
        "group_epsilon": group.epsilon,
        "group_delta": group.delta,
        "tpr": tpr,
        "precision": group.precision(prior, tpr),
        "balanced_accuracy": group.balanced_accuracy(),
    }


def _print(found: dict[str, Any]) -> None:
    """Print the tables and what they mean."""
    if found["bounds"]:
        about = f"the most that any membership test can reach (δ = {found['delta']:g})"
        if found["photos"] > 1:
            about += f", of a person with {found['photos']} photos"
        table = Table(title=about)
        for name in (
            "ε a photo", "ε in all", f"found at {whole(found['alpha'])} false alarms", f"right, prior {whole(found['prior'])}",
            "balanced accuracy",
        ):  # fmt: skip
            table.add_column(name, justify="right")
        for row in found["bounds"]:
            table.add_row(
                f"{row['epsilon']:g}", f"{row['group_epsilon']:g}",
                *(percent(row[name]) for name in ("tpr", "precision", "balanced_accuracy")),
            )  # fmt: skip
        out.print(table)
    if "measured" not in found:
        return
    if not found["measured"]:
        out.print("No test member and non-member are known, so no ε can be measured.", highlight=False)
        return
    table = Table(
        title=f"{found['network']}: least ε that fits, 95 % confidence, at {whole(found['alpha'])} false alarms"
    )
    for name in ("against", "ε, pooled over photos", "ε, by people", "members found", "n", "false alarms", "of "):
        table.add_column(name, justify="left" if name == "against" else "right")
    for m in found["measured"]:
        found_, alarms = m["found"], m["alarms"]
        table.add_row(
            m["against"], at_least(m["pooled"]), at_least(m["by_people"]), f"{found_['value']:.1%}", str(found_["n"]),
            f"{alarms['value']:.1%}", str(alarms["n"]),
        )  # fmt: skip
    out.print(table)
    out.print("Siblings tell of one photo; the other kinds tell of all photos of a person together.", highlight=False)
    several = len(found["bounds"]) > 1
    for row in found["bounds"]:
        promise = f"the promise of ε = {row['epsilon']:g}" if several else "the promise"
        if row["contradiction"]:
            out.print(f"CONTRADICTION: {promise} cannot be true; photos are told apart better than it allows.")
        else:
            out.print(f"These scores do not contradict {promise}, which does not prove it.")
    if not found["bounds"]:
        out.print("The bundle claims no privacy. Name a promise with --epsilon to compare.")
