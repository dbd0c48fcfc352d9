"""``mint lab series``: calibrate the test over successive versions of a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mint.cli.console import err, out
from mint.doctor.extras import needs


def series(
    bundles: Annotated[list[Path], typer.Argument(help="Bundles of the versions, the oldest first.")],
    photos: Annotated[
        Path,
        typer.Option(
            help="A CSV with the columns photo, person, first and out: which version, from 1, first used a photo, and which "
            "was the first without it again; empty where none did. Its people must not be those that auditors were fitted on."
        ),
    ],
    folder: Annotated[Path, typer.Option("--out", help="Gets versions.json and versions.safetensors.")],
    seed: Annotated[int, typer.Option(help="Of who is calibrated on and who is tested.")] = 0,
) -> None:
    """Calibrate over versions of one network, for `mint audit PHOTO --versions`.

    Every photo is shown to every version. Seven tenths of the people calibrate; what is printed was measured on the others.
    """
    needs("lab", "scikit-learn")
    from mint.bundles.series import save_series
    from mint.lab.versions.series import make_series
    from mint.storage.files import check_writable

    check_writable(folder)

    def tell(line: str) -> None:
        err.print(line, style="yellow", markup=False, highlight=False, soft_wrap=True)

    made = make_series(bundles, photos, seed, tell)
    save_series(made, folder)
    for name, words in (("right", "the version named is right"), ("covered", "the set of versions holds it")):
        rate = made.measured[name]
        out.print(
            f"{words}: {rate['value']:.1%} ({rate['low']:.1%}–{rate['high']:.1%}), n = {rate['n']}",
            highlight=False,
            soft_wrap=True,
        )
    out.print(
        f"used against unused photos: AUC {made.auc[0]:.3f} ({made.auc[1]:.3f}–{made.auc[2]:.3f})", highlight=False
    )
    out.print(f"{folder}: {', '.join(made.names)}", highlight=False, soft_wrap=True)
