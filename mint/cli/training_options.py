"""Options of the lab's commands that train networks, alike for all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mint.errors import BadInput
from mint.networks.modules.light_names import NAMES

PoolDir = Annotated[Path, typer.Option("--pool", help="A folder made by `mint lab pool`.")]
NetworksOut = Annotated[Path, typer.Option("--out", help="Gets one folder a network; a run that was cut off goes on.")]
InputSize = Annotated[int, typer.Option(help="Side of the networks' input in pixels, a multiple of 16.", min=16)]
Threads = Annotated[int, typer.Option(help="Threads; other numbers round differently.", min=1)]
Device = Annotated[str, typer.Option(help="To train on: cpu or cuda.")]
Precision = Annotated[
    str, typer.Option(help="float32, bfloat16, or auto: whichever is faster here, for all networks alike.")
]
Light = Annotated[
    str, typer.Option(help="Canonical form of light: standardised (each channel), or equalised (luminance, smoothed).")
]
CardWeights = Annotated[Path, typer.Option(help="Its cards get the figures, unless --results says where.")]


def check_size(size: int, step: int = 16) -> None:
    """Refuse an input that the network's stages do not divide. Raises BadInput."""
    if size % step:
        raise BadInput(f"--size is a multiple of {step}, not {size}.")


def check_precision(precision: str) -> None:
    """Refuse a precision that nothing is trained in. Raises BadInput."""
    from mint.lab.twins.precision import PRECISIONS

    if precision not in PRECISIONS:
        raise BadInput(f"--precision is one of {', '.join(PRECISIONS)}, not {precision}.")


def check_light(light: str) -> None:
    """Refuse a form of light that there is not. Raises BadInput."""
    if light not in NAMES:
        raise BadInput(f"--light is {' or '.join(NAMES)}, not {light}.")
