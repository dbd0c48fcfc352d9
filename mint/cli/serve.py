"""``mint serve`` and ``python app.py``: the page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mint.cli.console import err, out
from mint.doctor.extras import needs

if TYPE_CHECKING:
    from mint.bundles.series import Series


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command(name="serve")(serve)


def serve(
    bundle: Annotated[
        list[Path] | None,
        typer.Option(
            "--bundle", help="A bundle's folder, asked beside the pair that is chosen; may be given several times."
        ),
    ] = None,
    offer: Annotated[
        list[str] | None,
        typer.Option(
            "--offer",
            envvar="MINT_OFFER",
            help="What visitors may choose to ask instead: a bundle's folder, a folder of bundles, or OWNER/NAME[@REVISION] "
            "on the Hub; may be given several times. Nothing else can be chosen, and all of it is loaded at the start.",
            show_default=False,
        ),
    ] = None,
    versions: Annotated[
        Path | None,
        typer.Option(
            "--versions",
            envvar="MINT_VERSIONS",
            help="A series of versions of one network, a folder made by mint lab series: the details of an answer and the report "
            "say since which of them the photo was used as well.",
            show_default=False,
        ),
    ] = None,
    kiosk: Annotated[
        bool,
        typer.Option("--kiosk", help="For a screen in public: large type, no way out, starts over when left alone."),
    ] = False,
    mcp: Annotated[
        bool, typer.Option("--mcp", help="Let language models audit photos over the Model Context Protocol.")
    ] = False,
    static: Annotated[
        Path | None,
        typer.Option(
            "--static",
            help="Serve nothing: write the first screen with its stored answers into this folder, as one file that any host "
            "can show.",
            show_default=False,
        ),
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(
            help="Address to listen at; GRADIO_SERVER_NAME or 127.0.0.1 otherwise. 0.0.0.0 lets other machines in. "
            "For a reverse proxy, see above.",
            show_default=False,
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            help="Port to listen at; the first that is free from GRADIO_SERVER_PORT or 7860 on otherwise.",
            min=1,
            max=65535,
            show_default=False,
        ),
    ] = None,
) -> None:
    """Serve the page.

    Behind a reverse proxy, the page must be told the address that visitors see, or it refuses them: let the proxy pass on
    Host as it came, port included, or send X-Forwarded-Host; and X-Forwarded-Proto where visitors come by HTTPS.
    """
    if static is not None:
        _check_static(bundle, offer, versions, kiosk=kiosk, mcp=mcp, host=host, port=port)
        from mint.ui.stored_page import write_stored_page

        out.print(f"Written: {write_stored_page(static)}", highlight=False, markup=False, soft_wrap=True)
        return
    if kiosk and offer:
        raise typer.BadParameter("A kiosk offers no choice. Leave out --offer, or --kiosk.")
    if mcp:
        needs("mcp", "mcp")
    from mint.ui.server.process import check_address

    check_address(host, port)  # before torch and gradio are imported, which takes seconds
    from mint.bundles.find import DEFAULT_NETWORKS
    from mint.ui.loading import Loading, load, offers, other_pairs, versions_of
    from mint.ui.serve import serve as run

    series = None if versions is None else _series(versions)

    networks = [*DEFAULT_NETWORKS, *map(str, bundle or ())]
    first = Loading(lambda: load(networks))
    others = {} if kiosk else other_pairs(first)
    if offer:
        others |= offers(first, _offered(offer))
    asked_as_well = None if series is None else versions_of(first, series)
    run(first, kiosk=kiosk, mcp=mcp, host=host, port=port, others=others, versions=asked_as_well)


def _check_static(bundle: list[Path] | None, offer: list[str] | None, versions: Path | None, **others: object) -> None:
    """Refuse ``--static`` beside options of a page that is served; what the environment says of one is left alone."""
    given = {
        "bundle": bundle,
        "offer": None if os.environ.get("MINT_OFFER") else offer,
        "versions": None if os.environ.get("MINT_VERSIONS") else versions,
    } | others
    if beside := [f"--{name}" for name, value in given.items() if value]:
        raise typer.BadParameter(
            f"--static writes the first screen as it ships and serves nothing: leave out {', '.join(beside)}."
        )


def _series(folder: Path) -> Series:
    """Read a series before the page starts: one that is damaged is said at once."""
    from mint.bundles.series import load_series

    return load_series(folder)


def _offered(places: list[str]) -> dict[str, Path]:
    """Return name to folder; say in one line each what cannot be offered."""
    from mint.bundles.offered import find_offered

    found = find_offered(places)
    for line in found.left_out:
        err.print(f"not offered: {line}", style="red", highlight=False, markup=False, soft_wrap=True)
    return found.folders
