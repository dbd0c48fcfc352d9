"""Run all checks. A check that crashes is a finding, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mint.doctor import machine, packages, weights
from mint.doctor.finding import Finding, State
from mint.errors import MintError

Check = Callable[[], Finding | list[Finding]]


def checks() -> dict[str, Check]:
    """Return all checks by name, in the order in which they depend on each other."""
    there, wanted = packages.installed(), packages.pinned()
    return {
        "python": packages.python,
        "packages": lambda: packages.packages(there, wanted),
        "opencv": lambda: packages.opencv(there, wanted),
        "onnx runtime": lambda: packages.runtimes(there, wanted),
        "insightface": lambda: packages.insightface(there),
        "processors": machine.processor,
        "torch": machine.torch_device,
        "onnx networks": machine.runtime_device,
        "memory": machine.memory,
        "disk": lambda: machine.disk(weights.folder_of_cache()),
        "hub cache": weights.cache,
        "weights": weights.shipped,
        "networks": weights.networks,
    }


def examine(asked: dict[str, Check] | None = None) -> Iterator[Finding]:
    """Run the checks and yield what they find."""
    for name, check in (asked or checks()).items():
        try:
            found = check()
        except MintError as error:
            found = Finding(name, State.BROKEN, f"cannot be checked: {error}")
        except Exception as error:  # the doctor is asked when things are broken, in whatever way
            words = " ".join(str(error).split()) or type(error).__name__
            found = Finding(name, State.BROKEN, f"cannot be checked: {type(error).__name__}: {words}")
        yield from found if isinstance(found, list) else [found]
