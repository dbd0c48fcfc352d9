"""Choose the arithmetic of training by measuring a step: bfloat16 is fast only where the processor has instructions for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch

AUTO, FLOAT32, BFLOAT16 = "auto", "float32", "bfloat16"
MEASURED = (FLOAT32, BFLOAT16)
PRECISIONS = (AUTO, *MEASURED)


def mixed_precision(device: str, precision: str) -> torch.autocast:
    """Return the context of a forward pass: autocast to bfloat16, or nothing."""
    return torch.autocast(device, torch.bfloat16, enabled=precision == BFLOAT16)


def step_seconds(step: Callable[[str], None], clock: Callable[[], float] = time.perf_counter) -> dict[str, float]:
    """Time one training step in each precision.

    Args:
        step: runs a whole step in the precision that it is given, always on the same batch.
        clock: returns seconds.

    Returns:
        Precision to seconds. Each runs once untimed first: the first call allocates memory and chooses kernels.
    """
    found = {}
    for precision in MEASURED:
        step(precision)
        started = clock()
        step(precision)
        found[precision] = clock() - started
    return found


def faster(seconds: dict[str, float]) -> tuple[str, str]:
    """Return the precision of the shortest step, and a line that says why."""
    chosen = min(seconds, key=lambda precision: seconds[precision])
    told = ", ".join(f"{taken:.3g} s in {precision}" for precision, taken in seconds.items())
    return chosen, f"a training step takes {told}: training in {chosen}"


def machine(device: str = "cpu") -> dict[str, Any]:
    """Return what figures hang on beside recipe and seed, as a card's command names it: device, and threads, which round."""
    return {"device": device, "threads": torch.get_num_threads()}
