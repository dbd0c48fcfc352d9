"""``mint lab evaluate``, ``mint lab controls`` and ``mint lab plots``: what a bundle's scores say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.table import Table

from mint.cli.console import cell, err, json_text, out
from mint.doctor.extras import POOL_PACKAGES, needs
from mint.errors import MintError
from mint.i18n.figures import interval, percent
from mint.report.story.phrases import auc

if TYPE_CHECKING:
    from mint.bundles.bundle import Bundle

NO_MEMBER = "Reference tier: no member is known, so neither its strength nor a control can be measured."
BundleDir = Annotated[Path, typer.Argument(help="A bundle's folder, such as weights/twin-a.")]
Level = Annotated[
    Literal["sample", "identity"] | None,
    typer.Option(
        help="sample: against other pictures of the same people. identity: against other people. "
        "The harder one that the bundle can be measured at, unless given."
    ),
]

AsJson = Annotated[bool, typer.Option("--json", help="The whole result as JSON.")]


def evaluate(
    bundle: BundleDir,
    level: Level = None,
    protocol: Annotated[
        Literal["same-source", "cross-database"],
        typer.Option(help="cross-database is the papers', where non-members are real faces."),
    ] = "same-source",
    as_json: AsJson = False,
    pool_dir: Annotated[
        Path | None, typer.Option("--pool", help="Recompute the test scores from the pictures of this pool first.")
    ] = None,
    most: Annotated[
        int | None,
        typer.Option(
            help="Recompute only so many test scores of each kind; without --pool, of pictures made again for it.",
            min=1,
        ),
    ] = None,
) -> None:
    """Recompute every figure of a bundle from the scores that ship with it."""
    from mint.bundles.files import load_bundle
    from mint.lab.evaluation.evaluate import evaluate as compute
    from mint.types import REFERENCE

    loaded = load_bundle(bundle)
    asked = _level(loaded, level)
    if pool_dir is not None or most is not None:
        needs("lab", "pyarrow", *(() if pool_dir is not None else POOL_PACKAGES))
        from mint.lab.twin_bundles.compare import compare_scores

        compared = compare_scores(loaded, pool_dir, bundle.parent / "ledger.csv", most, lambda line: err.print(line))
        counts = ", ".join(f"{count} {source}" for source, count in compared.photos.items())
        for column, difference in compared.worst.items():
            err.print(f"{column}: {difference:.2g} standard deviations", highlight=False)
        err.print(f"scores recomputed of {counts}: largest difference {compared.largest:.2g}", highlight=False)
    found = compute(loaded, asked, protocol)
    if as_json:
        typer.echo(json_text(found, 1))
        return
    if loaded.tier == REFERENCE:
        out.print(_suspected(found["network"], found["verdicts"]))
        out.print(NO_MEMBER, highlight=False)
        return
    out.print(_rows(f"{found['network']}, {protocol}, {asked} level", found["rows"], protocol != "same-source"))
    out.print(_controls(found["controls"]))


def controls(bundle: BundleDir, level: Level = None, as_json: AsJson = False) -> None:
    """Print what the controls say, how exposure shows, and which auditors may speak.

    Exit code 1 if the combined score did not beat its controls.
    """
    from mint.bundles.files import load_bundle
    from mint.evidence.score_table import PHOTO
    from mint.lab.evaluation.control_figures import control_report
    from mint.types import REFERENCE

    loaded = load_bundle(bundle)
    if loaded.tier == REFERENCE:
        raise MintError(f"{loaded.name} has no controls. {NO_MEMBER}")
    found = control_report(loaded, _level(loaded, level))
    if as_json:
        typer.echo(json_text(found, 1))
    else:
        out.print(_controls(found["controls"]))
        if found["dose_response"]:
            out.print(_doses(found["dose_response"]))
        out.print(_gates(found["gates"]))
    if not found["gates"][PHOTO]["passes"]:
        raise typer.Exit(1)


def _level(bundle: Bundle, level: str | None) -> str:
    """Return the requested level, or the harder one that the bundle has."""
    from mint.bundles.evaluation import LEVELS
    from mint.lab.evaluation.evaluate import check_level, levels_of

    level = level or next(iter(levels_of(bundle)), LEVELS[0])
    check_level(bundle, level)
    return level


def _rows(title: str, rows: list[dict[str, Any]], crossed: bool) -> Table:
    more = ("AUC without membership",) if crossed else ()
    table = _table(title, "layer", "auditor", "AUC (95 %)", *more, "accuracy", "TPR at 1 % FPR", "members", "others")
    for r in rows:
        without = (_interval(r["without_membership"], "auc"),) if crossed else ()
        table.add_row(
            r["layer"], r["auditor"], _interval(r, "auc"), *without, _interval(r, "accuracy"),
            _interval(r, "tpr_at_1pct_fpr"), str(r["members"]), str(r["non_members"]),
        )  # fmt: skip
    return table


def _suspected(network: str, verdicts: Mapping[str, Any]) -> Table:
    table = _table(f"{network}, reference tier: how often non-members are suspected", "question", "α", "share (95 %)")
    for question, found in verdicts.items():
        for source, rate in found.items():
            if source != "alpha":
                share = cell(f"{percent(rate['value'])} ({interval(rate)})")
                table.add_row(f"this {question}", f"{found['alpha']}", share)
    return table


def _controls(found: Mapping[str, Any]) -> Table:
    table = _table("controls", "control", "auditor", "AUC (95 %)", "members", "others")
    for name, row in found.items():
        for part in (row, *row["rows"]):
            table.add_row(
                name,
                part.get("auditor", "combined"),
                _interval(part, "auc"),
                str(part["members"]),
                str(part["non_members"]),
            )
    return table


def _doses(found: list[dict[str, Any]]) -> Table:
    table = _table(
        "dose and response: AUC by how often an epoch showed the picture", "shown", "auditor", "AUC (95 %)", "members"
    )
    for dose in found:
        for row in dose["rows"]:
            table.add_row(f"× {dose['exposure']}", row["auditor"], _interval(row, "auc"), str(row["members"]))
    return table


def _gates(found: Mapping[str, Any]) -> Table:
    table = _table(
        "gates: AUC above the best of pixels and the untrained network", "auditor", "may speak", "margin (95 %)"
    )
    for column, gate in found.items():
        margin = (
            "no controls"
            if gate["margin"] is None
            else f"{gate['margin']:+.3f} ({gate['low']:+.3f} to {gate['high']:+.3f})"
        )
        table.add_row(
            "combined" if column == "photo" else column, "yes" if gate["passes"] else "no: cannot say", margin
        )
    return table


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    return table


def _interval(row: Mapping[str, Any], name: str) -> str:
    value, within = auc(row, name)
    return cell(f"{value} ({within})") if within else "too few"


def plots(
    bundle: Annotated[Path, typer.Argument(help="A bundle's folder, such as weights/twin-a.")],
    folder: Annotated[Path, typer.Option("--out", help="Gets four drawings.")],
    suffix: Annotated[Literal["svg", "png"], typer.Option("--format")] = "svg",
) -> None:
    """Draw a bundle's ROC at both levels, its scores by kind of picture, and its reliability."""
    needs("lab", "matplotlib")
    from mint.bundles.files import load_bundle
    from mint.lab.evaluation.bundle_plots import plot_bundle

    for path in plot_bundle(load_bundle(bundle), folder, f".{suffix}"):
        typer.echo(path)
