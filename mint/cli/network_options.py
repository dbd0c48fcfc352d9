"""The options of every command that opens a network: how its graph is read, where MINT is not to find that out; and the opening."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mint.errors import MintError

if TYPE_CHECKING:
    from mint.bundles.find import BundleRef
    from mint.membership import MembershipTest
    from mint.networks.base import AuditedNetwork, GraphReading, Values

Mean = Annotated[
    str | None,
    typer.Option(
        "--mean",
        help="Of an ONNX graph: what to subtract from RGB in [0, 255], such as 127.5 or 123.7,116.3,103.5; with --scale. "
        "Found by what the graph does itself, if not given.",
        show_default=False,
    ),
]
Scale = Annotated[
    str | None,
    typer.Option("--scale", help="And what to multiply the difference with, such as 1/127.5.", show_default=False),
]
Bgr = Annotated[
    bool | None, typer.Option("--bgr/--rgb", help="Of an ONNX graph: it takes blue first.", show_default=False)
]
Output = Annotated[
    str | None,
    typer.Option(
        "--output", help="Of an ONNX graph: the tensor that is the embedding; chosen by shape, if not given.",
        show_default=False,
    ),
]  # fmt: skip


def reading_of(mean: str | None, scale: str | None, bgr: bool | None, output: str | None) -> GraphReading:
    """Return how a graph is read as the options say.

    Raises:
        MintError: one of ``--mean`` and ``--scale`` without the other, or no numbers.
    """
    from mint.networks.base import GraphReading

    if (mean is None) != (scale is None):
        raise MintError(
            "--mean and --scale belong together: --mean 0 where nothing is subtracted, --scale 1 where nothing is multiplied."
        )
    if mean is None or scale is None:
        return GraphReading(None, bgr, output)
    return GraphReading((_values("--mean", mean), _values("--scale", scale)), bgr, output)


def _values(option: str, text: str) -> Values:
    """Parse one number, or three with commas for red, green and blue; each may be a fraction, such as 1/255."""
    try:
        numbers = tuple(_number(part) for part in text.split(","))
    except (ValueError, ZeroDivisionError):
        numbers = ()
    wrong = len(numbers) not in (1, 3) or not all(map(math.isfinite, numbers))
    if wrong or (option == "--scale" and 0.0 in numbers):
        raise MintError(
            f"{option} is a number, or three with commas for red, green and blue, such as 127.5 or 1/255; got {text[:50]!r}."
        )
    return numbers[0] if len(numbers) == 1 else numbers


def _number(text: str) -> float:
    above, *below = text.split("/")
    if len(below) > 1:
        raise ValueError(text)
    return float(above) / float(below[0]) if below else float(above)


def open_test(wanted: list[BundleRef], reading: GraphReading) -> MembershipTest:
    """Load the bundles that the command line names, with their networks."""
    from mint.membership import MembershipTest
    from mint.networks.base import GraphReading

    if reading != GraphReading() and all(one.network is None for one in wanted):
        raise MintError("--mean, --scale, --bgr and --output say how a network is read: give it with --network FILE.")
    audited: list[AuditedNetwork | None] = []
    for one in wanted:
        if one.network is None:
            audited.append(None)
            continue
        from mint.networks.open import open_network  # imports torch: only for a network of the user's own
        from mint.networks.reopen import recorded_reading, recorded_taps

        folder = Path(one.bundle)
        how = asdict(reading.over(recorded_reading(folder)))
        audited.append(open_network(one.network, recorded_taps(folder), **how))
    return MembershipTest.load([one.bundle for one in wanted], audited=audited)
