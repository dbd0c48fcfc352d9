"""Describe an opened network in lines that people read before they trust what is measured on it."""

from __future__ import annotations

from mint.networks.base import AuditedNetwork, Values


def describe_lines(network: AuditedNetwork) -> list[str]:
    """Return what was found and what was assumed about a network.

    Lines on its input, scaling, order of colours, output, batch, taps and detector, and on what looks wrong with it.
    """
    taps = ", ".join(f"{tap.name} = {tap.module or 'the input'}" for tap in network.taps)
    return [
        f"{network.name}: {network.input_size} × {network.input_size} pixels, {network.kind}, sha256 {network.fingerprint[:16]}",
        *(network.reading or (f"scaling: {_arithmetic(network)}", colour_line(network))),
        f"taps: {taps or 'none'}",
        f"faces: found by {network.finder.name.partition(':')[0]}",
        *(f"WARNING: {concern}" for concern in network.concerns),
    ]


def colour_line(network: AuditedNetwork) -> str:
    """Return the line on what pictures go in: order of the colours and range of their values."""
    order = "BGR, blue first" if network.bgr else "RGB"
    return f"input: {order}, {_arithmetic(network)}"


def _arithmetic(network: AuditedNetwork) -> str:
    if network.mean == 0 and network.scale == 1:
        return "values in [0, 255] as they are"
    return f"(x - {_shown(network.mean)}) × {_shown(network.scale)} of values in [0, 255]"


def _shown(values: Values) -> str:
    return "(" + ", ".join(f"{value:g}" for value in values) + ")" if isinstance(values, tuple) else f"{values:g}"
