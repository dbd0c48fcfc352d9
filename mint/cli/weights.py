"""``mint weights …``: shipped files, networks of the catalog, and bundles on the Hub."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from mint.cli.console import err, out
from mint.errors import LicenceNotAccepted
from mint.storage.licences import Licence, accept, accepted, require


def register(app: typer.Typer) -> None:
    """Register the commands."""
    commands: dict[str, Callable[..., None]] = {
        "list": list_weights,
        "get": get,
        "verify": verify,
        "graph": graph,
        "bounds": bounds,
        "push": push,
        "pull": pull,
    }
    for name, command in commands.items():
        app.command(name=name)(command)


def list_weights(
    files: Annotated[bool, typer.Option("--files", help="Every file of weights/ instead, with its source.")] = False,
) -> None:
    """List the networks that MINT knows by name: where they are, their licence, what they were trained on."""
    if files:
        _list_files()
        return
    from mint.networks.catalog import ENTRIES
    from mint.networks.locate import state

    table = Table()
    for heading in ("name", "state", "size", "licence", "training set"):
        table.add_column(heading, overflow="fold")
    for entry in ENTRIES:
        size = sum(file.bytes for file in entry.files)
        licence = entry.licence.name + ("" if accepted(entry.licence) else " (to be accepted)")
        table.add_row(entry.name, state(entry), f"{size / 1e6:.0f} MB" if size else "", licence, entry.training_set)
    out.print(table)


def get(
    name: Annotated[str, typer.Argument(help="A network of the catalog; mint weights list shows them.")],
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="Accept the licence that is shown, without being asked.")
    ] = False,
) -> None:
    """Download a network after showing its licence; one that is here already is not downloaded again."""
    from mint.networks.catalog import entry_of
    from mint.networks.locate import ABSENT, find_file, state

    entry = entry_of(name)
    if state(entry) == ABSENT:
        _ask(entry.licence, name, accept_licence)
    for file in entry.files:
        out.print(f"{find_file(entry, file)}", soft_wrap=True, markup=False, highlight=False)
    out.print(f"{name} is {state(entry)}.", markup=False, highlight=False)


def verify(
    bundles: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Folders of bundles, or names in weights/: these alone, against the hashes of their bundle.json."
        ),
    ] = None,
) -> None:
    """Compare every file that ships with MINT with its sha256, and load every bundle; or bundles wherever they lie.

    Exit code 1 if anything is wrong.
    """
    from mint.bundles.find import INDEX, find_bundle
    from mint.bundles.manifest import bundle_problems, problems, read_manifest
    from mint.storage.files import sha256_of

    folders = [find_bundle(str(bundle)) for bundle in bundles or ()]
    found = [line for folder in folders for line in bundle_problems(folder)] if folders else problems()
    for line in found:
        err.print(line, style="red", highlight=False, markup=False, soft_wrap=True)
    if found:
        raise typer.Exit(1)
    for folder in folders:
        said = f"{folder}: its files are as its {INDEX} promises, whose SHA-256 is {sha256_of(folder / INDEX)}"
        out.print(said, soft_wrap=True, markup=False, highlight=False)
    if not folders:
        out.print(f"{len(read_manifest())} files are as promised.")


def graph(
    bundles: Annotated[list[Path], typer.Argument(help="Folders of bundles that hold their networks.")],
) -> None:
    """Make a bundle's graph, or make it again: answers then need no torch. Nothing else of the bundle changes."""
    from mint.bundles.graph_export import add_graph
    from mint.bundles.manifest import relist

    for folder in bundles:
        apart = add_graph(folder)
        relist(folder)
        said = f"{folder}: its scores lie at most {apart:.1e} standard deviations from torch's."
        out.print(said, soft_wrap=True, markup=False, highlight=False)


def bounds(bundles: Annotated[list[Path], typer.Argument(help="Folders of bundles.")]) -> None:
    """Compute a bundle's bounds of false alarms, or compute them again: answers then need no SciPy, and stay the same."""
    from mint.bundles.files import add_bounds
    from mint.bundles.manifest import relist

    for folder in bundles:
        add_bounds(folder)
        relist(folder)
        out.print(f"{folder}: its bounds are stored.", soft_wrap=True, markup=False, highlight=False)


def push(
    bundle: Annotated[Path, typer.Argument(help="A bundle's folder, such as weights/twin-a.")],
    repository: Annotated[str, typer.Argument(help="owner/name on the Hub; made if there is none.")],
    private: Annotated[bool, typer.Option("--private", help="Only for its owner's eyes.")] = False,
) -> None:
    """Upload a bundle with its model card, evaluation and licence. Refuses one without control results."""
    from mint.bundles.share import push as push_bundle

    out.print(push_bundle(bundle, repository, private), soft_wrap=True, markup=False, highlight=False)


def pull(
    repository: Annotated[str, typer.Argument(help="owner/name on the Hub.")],
    revision: Annotated[str | None, typer.Option(help="A commit, branch or tag; else the newest.")] = None,
    folder: Annotated[Path | None, typer.Option("--out", help="The new folder; else its name, here.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace another bundle that lies there.")] = False,
) -> None:
    """Download a bundle, and check every file against bundle.json."""
    from mint.bundles.share import pull as pull_bundle

    found = pull_bundle(repository, revision, folder, replace)
    out.print(f"mint audit PHOTO --network {found}", soft_wrap=True, markup=False, highlight=False)


def _ask(licence: Licence, name: str, accept_now: bool) -> None:
    """Show a licence that is not accepted yet, and ask for consent unless a flag gives it."""
    if accepted(licence):
        return
    terminal = sys.stdin.isatty()
    if not accept_now and not terminal:
        require(licence, name)
    err.print(licence.text, soft_wrap=True, markup=False, highlight=False)
    if not accept_now:
        typed = typer.prompt(f"To accept it, type {licence.name}", default="", show_default=False, err=True)
        if typed.strip() != licence.name:
            raise LicenceNotAccepted("Not accepted; nothing was downloaded.")
    err.print(f"Accepted, and remembered in {accept(licence)}", soft_wrap=True, markup=False, highlight=False)


def _list_files() -> None:
    from mint.bundles.manifest import read_manifest

    table = Table()
    for heading in ("name", "file", "size", "licence", "source"):
        table.add_column(heading)
    for entry in read_manifest():
        table.add_row(entry.name, entry.file, f"{entry.bytes / 1e6:.2f} MB", entry.licence, entry.source)
    out.print(table)
